"""How Sphinx builds the documentation: `nox -s docs`."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import defaultdict
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "mlsdk"
copyright = "2026, mlsdk contributors"
version = release = version_of("mlsdk")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = False  # the types of Azure's own packages have no pages here
suppress_warnings = ["ref.python"]  # `type` in a signature: many entities have an attribute of that name

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "mlsdk"
html_copy_source = False

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
maximum_signature_line_length = 100
python_use_unqualified_type_names = True

HERE = Path(__file__).parent
ENTITY_PAGES = HERE / "reference" / "entities"


def write_entity_pages(_app: Sphinx) -> None:
    """Each file of `mlsdk.entities` gets a page with its public classes, headed by the first line of the file."""
    entities = importlib.import_module("mlsdk.entities")
    by_file: dict[str, list[str]] = defaultdict(list)
    for name in entities.__all__:
        by_file[getattr(entities, name).__module__].append(name)
    ENTITY_PAGES.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for module, names in by_file.items():
        title, *rest = (inspect.getdoc(importlib.import_module(module)) or module).split("\n")
        directives = [
            f"```{{eval-rst}}\n.. autoclass:: mlsdk.entities.{name}\n   :inherited-members:\n```\n" for name in names
        ]
        page = ENTITY_PAGES / f"{module.rpartition('.')[2]}.md"
        text = "\n".join([f"# {title.rstrip('.')}", *rest, "", *directives])
        # A page that stays as it was is not read again by Sphinx.
        if not page.exists() or page.read_text() != text:
            page.write_text(text)
        wanted.add(page)
    for page in set(ENTITY_PAGES.glob("*.md")) - wanted:
        page.unlink()


def read_as_markdown(_app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """What our docstrings write as Markdown does becomes reStructuredText: code, headings, and lists in lists."""
    text = re.sub(r"(?<![`:\w])`([^`]+)`(?!`)", r"``\1``", "\n".join(lines))
    text = re.sub(r"^(\S.*)\n-{3,}$", r".. rubric:: \1\n", text, flags=re.MULTILINE)
    out: list[str] = []
    for line in text.split("\n"):
        depth = re.match(r" *(?=\* )", line)
        before = re.match(r" *(?=\* )", out[-1]) if out else None
        if depth and out and out[-1].strip() and (before is None or before[0] != depth[0]):
            out.append("")
        out.append(line)
    lines[:] = out


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("builder-inited", write_entity_pages)
    app.connect("autodoc-process-docstring", read_as_markdown)
