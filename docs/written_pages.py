"""Writes what the documentation takes from the tests, so that it is true.

    python docs/written_pages.py          # write
    python docs/written_pages.py --check  # exit 1 where a page is not what the tests say

`emulated.md` lists every operation of the official client and whether the memory backend answers it, from the marks
`@pytest.mark.emulates("jobs.get")` and `simulates` of the tests that run that client. `operations.md` lists every operation
of the official client's groups and the tests that show its effect; a test says what it shows by
`@pytest.mark.shows("models.get")`, and a name that exists counts for nothing. The table at the end of `departures.md` comes
from the tables `DEPARTURES` beside the cases that are compared with the official client. `runs-here.md` lists what a job may
ask for (`features_here.py`), and whether tests marked by `runs_here` or `not_here` show that it has its effect on this machine.
"""

from __future__ import annotations

import ast
import runpy
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from features_here import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent / "tests"
sys.path.insert(0, str(TESTS))  # cases may take what they build from files beside them

OFFICIAL = {
    "components": "archive create_or_update download get list prepare_for_sign restore validate",
    "compute": (
        "begin_attach begin_create_or_update begin_delete begin_restart begin_start begin_stop begin_update enable_sso get "
        "list list_nodes list_sizes list_usage"
    ),
    "data": "archive create_or_update get import_data list list_materialization_status mount restore share",
    "datastores": "create_or_update delete get get_default list mount",
    "environments": "archive create_or_update get list restore share",
    "jobs": (
        "archive begin_cancel begin_delete create_or_update download get list restore show_services stream update validate"
    ),
    "models": "archive create_or_update download get list package restore share",
    "workspaces": (
        "begin_create begin_delete begin_diagnose begin_provision_network begin_sync_keys begin_update get get_keys list"
    ),
}
"""The operations of azure-ai-ml 1.35.2 in the groups of this version."""

OTHERS = {
    "azure_openai_deployments": "list",
    "batch_deployments": "begin_create_or_update begin_delete get list list_jobs",
    "batch_endpoints": "begin_create_or_update begin_delete get invoke list list_jobs",
    "capability_hosts": "begin_create_or_update begin_delete get",
    "connections": "create_or_update delete get list",
    "deployment_templates": "archive create_or_update delete get list restore",
    "evaluators": "create_or_update download get list",
    "feature_sets": (
        "archive begin_backfill begin_create_or_update get get_feature list list_features list_materialization_operations "
        "restore"
    ),
    "feature_store_entities": "archive begin_create_or_update get list restore",
    "feature_stores": "begin_create begin_delete begin_provision_network begin_update get list",
    "indexes": "build_index create_or_update get list",
    "marketplace_subscriptions": "begin_create_or_update begin_delete get list",
    "online_deployments": "begin_create_or_update begin_delete get get_logs list",
    "online_endpoints": "begin_create_or_update begin_delete begin_regenerate_keys get get_keys invoke list",
    "registries": "begin_create begin_delete get list",
    "schedules": "begin_create_or_update begin_delete begin_disable begin_enable get list trigger",
    "serverless_endpoints": "begin_create_or_update begin_delete begin_regenerate_keys get get_keys list",
    "workspace_outbound_rules": "begin_create begin_remove begin_update get list",
}
"""The operations of azure-ai-ml 1.35.2 in its other groups."""

LIMITS = {
    "components.create_or_update": "what a component does is kept as it is, not run",
    "components.prepare_for_sign": "asks nothing of Azure",
    "compute.list_nodes": "as many as the smallest size of the cluster",
    "compute.list_sizes": "a fixed list",
    "compute.list_usage": "the limits of a new subscription",
    "data.list_materialization_status": "in this version it fails before it asks anything of Azure",
    "data.mount": "needs a driver of the operating system",
    "datastores.mount": "needs a driver of the operating system",
    "data.import_data": "the pipeline that imports is run like any other: nothing is fetched",
    "jobs.create_or_update": (
        "every type; code is run [where that is asked for](run-here.md), else `run_jobs_with` says what becomes of jobs, steps "
        "and trials"
    ),
    "workspaces.begin_create": "workspaces, hubs and projects",
    "workspaces.begin_diagnose": "finds resources that were deleted",
}
"""What to know of an operation, where a word is not enough."""

NOTES = {
    "data.import_data": "not yet: it submits a job",
    "data.list_materialization_status": "not yet: it lists jobs",
    "data.mount": "says that there is no FUSE driver, and what to do instead",
    "datastores.mount": "says that there is no FUSE driver, and what to do instead",
    "models.package": "not yet: it comes with deployments",
}


def marked(word: str) -> Iterator[tuple[str, list[str]]]:
    """Each test that has a mark, as `file::test`, with what the mark says; those of classes too."""
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if f"pytest.mark.{word}" not in text:
            continue
        body = ast.parse(text).body
        texts = _texts(body)
        for node in [*body, *(inner for outer in body if isinstance(outer, ast.ClassDef) for inner in outer.body)]:
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{word}":
                    yield f"{path.stem}::{node.name}", list(_flat(mark.args, texts))


def _texts(body: list[ast.stmt]) -> dict[str, str]:
    """The texts that a module gives a name."""
    return {
        node.targets[0].id: node.value.value
        for node in body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _flat(arguments: list[ast.expr], texts: dict[str, str]) -> Iterator[str]:
    """The texts that a mark is given, by their names and in `*(…)` too."""
    for each in arguments:
        if isinstance(each, ast.Starred):
            yield from ast.literal_eval(each.value)
        elif isinstance(each, ast.Name):
            yield texts[each.id]
        else:
            yield ast.literal_eval(each)


def shown(word: str = "shows") -> dict[str, list[str]]:
    """The tests that show each operation by a mark, as `file::test`."""
    found: dict[str, list[str]] = defaultdict(list)
    for test, names in marked(word):
        for name in names:
            found[name].append(test)
    return found


def operations() -> str:
    """The page of the operations as it should be."""
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
        "`python docs/written_pages.py`.",
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


def emulated() -> str:
    """The page of what the memory backend answers the official client, as it should be."""
    groups = {**OFFICIAL, **OTHERS}
    official = [f"{group}.{name}" for group in sorted(groups) for name in groups[group].split()]
    emulates, simulates = shown("emulates"), shown("simulates")
    unknown = sorted((set(emulates) | set(simulates)) - set(official))
    if unknown:
        message = f"tests run operations that are not there: {', '.join(unknown)}"
        raise SystemExit(message)
    words = {
        name: "emulated" if name in emulates else "simulated" if name in simulates else "not yet" for name in official
    }
    counts = ", ".join(f"{list(words.values()).count(word)} {word}" for word in ("emulated", "simulated", "not yet"))
    lines = [
        "# What is emulated for azure-ai-ml",
        "",
        f"Every operation of azure-ai-ml 1.35.2, and what the memory backend does when it is called: {counts}.",
        "",
        "* **emulated**: it has its effect, which a test shows by running the unmodified client",
        "* **simulated**: it is answered as it should be, and nothing is done behind it",
        "* **not yet**: no test shows it; a route, an api-version or a kind of body that is not emulated is answered with a",
        "  400 which says so, and changes nothing",
        "",
        "This page is written from the tests by `python docs/written_pages.py`.",
        "",
        "| operation | | |",
        "|---|---|---|",
        *(f"| `{name}` | {word} | {LIMITS.get(name, '')} |" for name, word in words.items()),
    ]
    return "\n".join([*lines, ""])


def runs_here() -> str:
    """The page of what runs on this machine, as it should be."""
    proofs = shown("runs_here")
    reasons: dict[str, list[str]] = defaultdict(list)
    for _, (name, why) in marked("not_here"):
        if why not in reasons[name]:
            reasons[name].append(why)
    known = {name for rows in FEATURES.values() for name in rows}
    unknown = sorted((set(proofs) | set(reasons)) - known)
    if unknown:
        message = f"tests mark what docs/features_here.py does not list: {', '.join(unknown)}"
        raise SystemExit(message)
    lines = [
        "# What runs here",
        "",
        "What a job may ask for, and whether it has its effect when the job runs on this machine, as in",
        f"[Run it here, then on Azure](run-here.md): {len(known & set(proofs))} of {len(known)} do, each shown by a test.",
        "Where something is not to be had here, the table says what happens instead. This page is written from the tests by",
        "`python docs/written_pages.py`.",
    ]
    for title, rows in FEATURES.items():
        lines += ["", f"## {title}", "", "| | here | tests that show it, or why not |", "|---|---|---|"]
        for name, words in rows.items():
            tests, why = proofs.get(name, []), reasons.get(name, [])
            word = "yes" if tests else "no" if why else "not yet"
            named = ", ".join(f"`{test.partition('::')[2]}`" for test in tests[:2])
            more = f" and {len(tests) - 2} more" if len(tests) > 2 else ""
            said = "; ".join(filter(None, [named + more, *why])) or "no test shows it"
            lines.append(f"| {words} | {word} | {said} |")
    return "\n".join([*lines, ""])


MARK = "<!-- written from the tests by docs/written_pages.py -->\n"


def declared() -> list[tuple[str, str, str]]:
    """Class, place and reason of each departure that the compared cases declare."""
    rows = []
    for path in sorted((TESTS / "conformance").glob("cases_*.py")):
        table = runpy.run_path(str(path)).get("DEPARTURES", {})
        rows += [(name, place, reason) for (name, place), reason in table.items()]
    return rows


def departures() -> str:
    """The page of the departures, its table as it should be."""
    written = (HERE / "departures.md").read_text(encoding="utf-8").partition(MARK)[0]
    lines = ["| class or file | where | why |", "|---|---|---|"]
    above = ""
    for name, place, reason in declared():
        told = above if reason == "the same" else reason
        above = told
        where = place.replace("$.", "").replace("|", "\\|")
        lines.append(f"| `{name}` | `{where}` | {told.replace('|', chr(92) + '|')} |")
    return "\n".join([written + MARK.rstrip(), "", *lines, ""])


PAGES = {
    "emulated.md": emulated,
    "operations.md": operations,
    "departures.md": departures,
    "runs-here.md": runs_here,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    stale = []
    for name, make in PAGES.items():
        page, wanted = HERE / name, make()
        if not page.exists() or page.read_text(encoding="utf-8") != wanted:
            stale.append(name)
            if arguments != ["--check"]:
                page.write_text(wanted, encoding="utf-8")
    if arguments != ["--check"]:
        return 0
    print(f"not current: {', '.join(stale)}; run python docs/written_pages.py" if stale else "all pages are current")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
