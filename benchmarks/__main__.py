"""Measure what mlsdk promises of its speed, beside the official client and moto, and print the table.

    python benchmarks [--write] [GROUP ...]

A group is one of `processes`, `local_runs`, `memory`, `hashing`, `entities`, `pipelines`, `testing`, `calls`, `uploads`; all
when none is named. `--write` puts the table into `docs/performance.md`. The exit status is 1 when a figure is not reached.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from figures import Figure, table

GROUPS = ("processes", "local_runs", "memory", "hashing", "entities", "pipelines", "testing", "calls", "uploads")
"""Modules of this folder, in an order in which none is slowed by what those before it imported."""
PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
TESTS = Path(__file__).resolve().parent.parent / "tests"
"""Where the module is that writes certificates for servers on loopback."""
BEGIN, END = "<!-- begin: python benchmarks --write -->", "<!-- end -->"


def measured(groups: tuple[str, ...]) -> list[Figure]:
    """The figures of these groups."""
    found: list[Figure] = []
    for group in groups:
        print(f"{group} …", flush=True)
        begin = perf_counter()
        found += importlib.import_module(group).figures()
        print(f"  {perf_counter() - begin:.0f} s", flush=True)
    return found


def surroundings() -> str:
    """What the figures were measured with: versions, not the machine, which has no say in a ratio."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("azure-ai-ml", "moto", "boto3"))
    return f"Python {platform.python_version()} on {platform.system()}, beside {packages}."


def write(page: Path, text: str) -> None:
    """Replace what stands between the markers of a page. ValueError when it has none."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"{page} does not have the markers {BEGIN!r} and {END!r}"
        raise ValueError(message)
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure what mlsdk promises of its speed.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all when none is named")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    unknown = [group for group in options.groups if group not in GROUPS]
    if unknown:
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(GROUPS)}")
    if options.write and options.groups:
        parser.error("--write takes all groups: the page shows one run")
    sys.path.append(str(TESTS))
    found = measured(tuple(options.groups) or GROUPS)
    text = f"{table(found)}\n\n{surroundings()}"
    print(f"\n{text}")
    if options.write:
        write(PAGE, text)
    return 0 if all(figure.reached for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
