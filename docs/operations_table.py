"""Writes `docs/operations.md`: every operation of the official client's groups, and the tests that show its effect.

    python docs/operations_table.py          # write the page
    python docs/operations_table.py --check  # exit 1 where the page is not what the tests say

A test says what it shows by `@pytest.mark.shows("models.get")`; a name that exists counts for nothing.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent / "tests"
PAGE = HERE / "operations.md"

OFFICIAL = {
    "components": "archive create_or_update download get list prepare_for_sign restore validate",
    "compute": (
        "begin_attach begin_create_or_update begin_delete begin_restart begin_start begin_stop begin_update enable_sso get "
        "list list_nodes list_sizes list_usage"
    ),
    "data": "archive create_or_update get import_data list list_materialization_status mount restore share",
    "datastores": "create_or_update delete get get_default list mount",
    "environments": "archive create_or_update get list restore share",
    "models": "archive create_or_update download get list package restore share",
    "workspaces": (
        "begin_create begin_delete begin_diagnose begin_provision_network begin_sync_keys begin_update get get_keys list"
    ),
}
"""The operations of azure-ai-ml 1.35.2 in the groups of this version."""

NOTES = {
    "data.import_data": "not yet: it submits a job",
    "data.list_materialization_status": "not yet: it lists jobs",
    "data.mount": "says that there is no FUSE driver, and what to do instead",
    "datastores.mount": "says that there is no FUSE driver, and what to do instead",
    "models.package": "not yet: it comes with deployments",
}


def shown() -> dict[str, list[str]]:
    """The tests that show each operation, as `file::test`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.shows":
                    for argument in mark.args:
                        found[ast.literal_eval(argument)].append(f"{path.stem}::{node.name}")
    return found


def page() -> str:
    """The page as it should be."""
    tests = shown()
    official = {f"{group}.{name}" for group, names in OFFICIAL.items() for name in names.split()}
    unknown = sorted(set(tests) - official)
    if unknown:
        message = f"tests show operations that are not there: {', '.join(unknown)}"
        raise SystemExit(message)
    count = len(official & set(tests))
    lines = [
        "# Operations",
        "",
        "Every operation of the official client in the groups of this version. One counts as working where a test shows its",
        f"effect through `MLClient`: {count} of {len(official)}. This page is written from the tests by",
        "`python docs/operations_table.py`.",
        "",
        "| operation | tests that show it | |",
        "|---|---|---|",
    ]
    for name in sorted(official):
        proofs = tests.get(name, [])
        cell = ", ".join(f"`{proof.partition('::')[2]}`" for proof in proofs[:2])
        more = f" and {len(proofs) - 2} more" if len(proofs) > 2 else ""
        lines.append(f"| `{name}` | {cell + more if proofs else 'none'} | {NOTES.get(name, '')} |")
    return "\n".join([*lines, ""])


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    wanted = page()
    if arguments == ["--check"]:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted
        print(
            "docs/operations.md is current"
            if same
            else "docs/operations.md is not: run python docs/operations_table.py"
        )
        return 0 if same else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
