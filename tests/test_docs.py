"""The examples of the README, of the manual and of the docstrings run as they stand."""

from __future__ import annotations

import ast
import doctest
import importlib
import logging
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import at_hand
import pytest

import mlsdk
from mlsdk import entities
from mlsdk.arm.roles import ROLES, roles_with
from mlsdk.client import LATER
from mlsdk.operations.session import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
PUBLIC = {name: getattr(home, name) for home in (entities, mlsdk) for name in home.__all__}
"""What an example may use without importing it."""
MODULES = sorted(found.name for found in pkgutil.walk_packages(mlsdk.__path__, "mlsdk."))


def examples(page: Path) -> list[tuple[int, str]]:
    """The blocks of a page marked as Python, each with the number of its first line."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, block.start(1)) + 1, block[1]) for block in found]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder with the repository's examples in it, and the memory backend, empty, as the one chosen."""
    logger = logging.getLogger("azure.core.pipeline.policies.http_logging_policy")
    level = logger.level
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLSDK_BACKEND", "memory")
    mlsdk.memory_backend().reset()
    yield tmp_path
    logger.setLevel(level)


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=lambda page: page.name)
def test_the_examples_of_a_page_run_one_after_the_other(page: Path) -> None:
    """A reader who pastes a page's Python from top to bottom meets no error."""
    names: dict[str, object] = {"__name__": "__main__"}
    for line, source in examples(page):
        # Empty lines put the numbers of a traceback where the page has them.
        exec(compile("\n" * (line - 1) + source, str(page), "exec"), names)  # noqa: S102 - our own pages


@pytest.fixture
def led_to_memory(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same place, where what is said to Azure goes the whole way: only network, files and sign-in are the memory's."""
    from azure_answers import Credential

    from mlsdk.arm.transport import BackendTransport
    from mlsdk.backends.azure import AzureBackend

    memory = mlsdk.memory_backend()

    class LedToMemory(AzureBackend):
        def __init__(self, credential: Any = None, *, session: Any = None, **options: Any) -> None:
            """`session` is left out: nothing is sent by HTTP."""
            del session
            super().__init__(credential, transport=BackendTransport(memory), **options)

        def container(self, url: str, credential: Any = None) -> Any:
            return memory.container(url, credential)

        def sleep(self, seconds: float) -> None:
            memory.sleep(seconds)

    class SignedIn(Credential):
        def __init__(self, **_: Any) -> None:
            """Whatever azure-identity's takes."""
            super().__init__()

    monkeypatch.setattr("mlsdk.backends.azure.AzureBackend", LedToMemory)
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", SignedIn)
    monkeypatch.delenv("MLSDK_BACKEND")
    # The memory makes a workspace for the client that asks for its own; what comes over the network does not say so.
    for name in ("my-workspace", "iris"):
        there = mlsdk.MLClient(None, "00000000-0000-0000-0000-000000000001", "my-group", name, backend="memory")
        there.workspaces.get()
    return workplace


@pytest.mark.usefixtures("led_to_memory")
@pytest.mark.parametrize("name", ["connect-to-azure.md", "move-from-azure-ai-ml.md"])
def test_what_the_manual_says_to_azure_arrives_there(name: str) -> None:
    """The pages on Azure run through azure-core's pipeline too, with the keywords that they give it."""
    test_the_examples_of_a_page_run_one_after_the_other(REPOSITORY / "docs" / name)


def sides(page: Path) -> tuple[str, str]:
    """The script that a page shows as a comparison: before and after."""
    block = re.search(r"^```diff\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    before, after = ([line[1:] for line in lines if line[:1] != other] for other in "+-")
    return "\n".join(before), "\n".join(after)


def test_the_script_that_moved_runs_in_memory(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the page shows it, twice: its second run finds its cluster and registers the next versions."""
    for name, value in {"SUBSCRIPTION_ID": "sub", "RESOURCE_GROUP": "rg", "WORKSPACE": "team"}.items():
        monkeypatch.setenv(name, value)
    _, after = sides(REPOSITORY / "docs" / "move-from-azure-ai-ml.md")
    for _ in range(2):
        exec(compile(after, "after", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own page
    client = mlsdk.MLClient(None, "sub", "rg", "team")
    assert [compute.name for compute in client.compute.list()] == ["cpu-cluster"]
    assert [model.version for model in client.models.list("iris")] == ["2", "1"]
    table = (workplace / "examples" / "iris" / "data" / "iris.csv").read_bytes()
    assert (workplace / "downloaded" / "iris.csv").read_bytes() == table
    assert (workplace / "downloaded" / "iris" / "src" / "train.py").is_file()


def test_what_the_script_imported_before_is_the_official_clients() -> None:
    """And each of its public names is here under the same name, in the module of the same name."""
    before, after = sides(REPOSITORY / "docs" / "move-from-azure-ai-ml.md")
    imported = [
        {
            (node.module, alias.name)
            for node in ast.walk(ast.parse(script))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for script in (before, after)
    ]
    for module, name in imported[0]:
        assert hasattr(importlib.import_module(str(module)), name), f"{module}.{name}"
    moved = {
        (str(module).replace("azure.ai.ml", "mlsdk"), name) for module, name in imported[0] if "._" not in str(module)
    }
    assert moved == imported[1]


def test_the_groups_that_are_not_there_yet_are_named() -> None:
    """All of them, where someone who moves looks."""
    page = (REPOSITORY / "docs" / "move-from-azure-ai-ml.md").read_text(encoding="utf-8")
    section = page.partition("## What is not there yet")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", section)) >= LATER


def roles_table() -> list[list[str]]:
    """The rows of the table of roles: operations, role, role on the data, actions."""
    section = (REPOSITORY / "docs" / "connect-to-azure.md").read_text(encoding="utf-8").partition("## Roles")[2]
    rows = re.findall(r"^\|(.*)\|$", section.partition("\n## ")[0], re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows[2:]]


def test_every_operation_stands_in_the_table_of_roles() -> None:
    """Once, except those that send nothing."""
    silent = {
        "components.prepare_for_sign",
        "components.validate",
        "data.mount",
        "datastores.mount",
        "datastores.secrets",
    }
    there = {
        f"{group}.{name}"
        for group, (module, cls) in GROUPS.items()
        for name in dir(getattr(importlib.import_module(module), cls))
        if not name.startswith("_") and name != "kind"
    }
    named = [name for row in roles_table() for name in re.findall(r"`(\w+\.\w+)`", row[0])]
    assert sorted(named) == sorted(there - silent)


@pytest.mark.parametrize("row", roles_table(), ids=lambda row: row[0])
def test_the_role_that_the_manual_names_allows_the_actions(row: list[str]) -> None:
    """All of them, and no role that allows less does."""
    provider = "Microsoft.MachineLearningServices"
    actions = []
    for action in re.findall(r"`([\w./]+/\w+)`", row[3]):
        above = action.startswith(("workspaces/", "registries/", "locations/"))
        actions.append(
            action if action.startswith("Microsoft.") else f"{provider}/{'' if above else 'workspaces/'}{action}"
        )
    names = [role.name for role in ROLES]
    said = [name for name in names if re.search(rf"\b{name}\b", row[1])]
    assert actions
    assert all(set(said) & set(roles_with(action)) for action in actions), actions
    for smaller in names[: names.index(said[0])]:
        assert not all(smaller in roles_with(action) for action in actions), smaller
    assert row[2].partition(":")[0] in ("", "none", "Storage Blob Data Reader", "Storage Blob Data Contributor")


class RunOrShow(doctest.OutputChecker):
    """An example that shows no result only has to run; one that does has to give it."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        """Whether what came out is what the example shows, if it shows anything."""
        return not want or super().check_output(want, got, optionflags)


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_give_what_they_show(name: str) -> None:
    """What a docstring shows after `>>>` is what happens."""
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(checker=RunOrShow(), optionflags=doctest.ELLIPSIS)
    given = at_hand.tables() if "automl" in name else at_hand.steps()
    for example in doctest.DocTestFinder().find(module, globs={**at_hand.OFFICIAL, **PUBLIC, **given, **vars(module)}):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_what_the_documentation_takes_from_the_tests_is_current() -> None:
    """The table of operations and that of departures were written from the tests of today."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "docs" / "written_pages.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
