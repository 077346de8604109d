"""Imports go one way through the layers of the package; this reads every import and holds it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mlsdk

PACKAGE = Path(mlsdk.__file__).parent

EVERYONE = {"_exports", "_version", "clouds", "constants", "exceptions", "ids", "redaction"}
"""What any layer may import: the list of public names, the version, words, error classes, resource ids, what is secret."""

SEAM = "backends!"
"""`mlsdk.backends` itself, which is the seam, without the backends in it."""

LAYERS: dict[str, set[str]] = {
    # the ground, which imports nothing of ours but itself
    "_exports": set(),
    "_version": set(),
    "clouds": set(),
    "constants": set(),
    "exceptions": set(),
    "ids": set(),
    "redaction": set(),
    "configuration": set(),
    # what people look at: pipelines and jobs as they are, told apart by what they have
    "display": set(),
    # left of the seam, each on those before it
    "schema": set(),
    "sources": {"ignore"},
    "ignore": {"sources"},
    "hashing": {"ignore", "sources"},
    "transfers": set(),
    "uploads": {"sources", "transfers", SEAM},
    "downloads": {"transfers", SEAM},
    "entities": {"schema", "hashing", "ignore", "sources", "display"},
    "arm": {SEAM},
    "assets": {"schema", "entities", "arm", "downloads", "hashing", "sources", "transfers", "uploads", SEAM},
    "operations": {"schema", "entities", "arm", "assets", "display", SEAM},
    # right of the seam
    "local": set(),
    "backends": {"local"},
    # above both
    "testing": {"backends", "local"},
    "client": {"arm", "configuration", "schema", "entities", "operations", "assets", "backends"},
}
"""What each part of the package may import beside itself and EVERYONE; a part that is not here may import anything,
and is imported by none of them: the public names, the command line, what tests are written with."""


def module_name(path: Path) -> str:
    """The dotted name of the module in a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def part(module: str) -> str:
    """The part of the package a module belongs to: `schema` for `mlsdk.schema.files`, nothing for `mlsdk`."""
    return module.split(".")[1] if "." in module else ""


def imports(module: str) -> set[str]:
    """The modules of ours that a module imports, wherever in it, for running or only for checking types."""
    base = module.split(".") if FILES[module].name == "__init__.py" else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = base[: len(base) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            # `from mlsdk import X` counts as `mlsdk.X` whatever X is, so that no layer leans on the public names.
            found.update(
                name if (name := f"{source}.{alias.name}") in FILES or source == "mlsdk" else source
                for alias in node.names
            )
    return {name for name in found if name == "mlsdk" or name.startswith("mlsdk.")}


def allowed(module: str, imported: str) -> bool:
    """Whether a module of one layer may import one of another."""
    target = part(imported)
    may = LAYERS[part(module)] | EVERYONE | {part(module)}
    return target in may or (imported == "mlsdk.backends" and SEAM in may)


@pytest.mark.parametrize("module", [name for name in FILES if part(name) in LAYERS])
def test_a_module_imports_only_its_own_layer_and_those_below(module: str) -> None:
    """Schema knows no entity, a backend nothing above it, an operation no backend but the seam."""
    above = sorted(imported for imported in imports(module) if not allowed(module, imported))
    assert above == [], f"{module} may not import these; a new part of the package gets its own line in LAYERS"


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_exists(layer: str) -> None:
    """A layer that was renamed is held under its new name, not forgotten."""
    assert f"mlsdk.{layer}" in FILES


def test_the_ground_stands_alone() -> None:
    """What everyone may import imports nothing of ours, so that no circle can close through it."""
    assert {(module, name) for module in FILES if part(module) in EVERYONE for name in imports(module)} == set()
