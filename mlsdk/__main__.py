"""The command `mlsdk`, which is also `python -m mlsdk`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import mlsdk

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """What may be written after `mlsdk`."""
    made = argparse.ArgumentParser(prog="mlsdk", description="Azure Machine Learning, on Azure or in memory.")
    made.add_argument("--version", action="version", version=f"mlsdk {mlsdk.__version__}")
    words = made.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    demo = words.add_parser(
        "demo",
        help="run a pipeline on this machine, in a workspace that lives in memory",
        description="Make a workspace in memory from a folder of YAML, run the folder's pipeline, or its training "
        "component on its data, as processes of this machine, register the model and show what came of it. Nothing "
        "leaves this machine, and nothing is left on it.",
    )
    demo.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="holds pipeline.yml, and those of the following that it needs; or all of workspace.yml, compute.yml, "
        "datastore.yml, environment.yml, data.yml and component.yml. The pipeline of three steps that comes with mlsdk "
        "when left out",
    )
    demo.add_argument("--debug", action="store_true", help="show the traceback when something fails")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0, or 1 with a sentence on the standard error when it fails."""
    chosen = parser().parse_args(arguments)
    if chosen.command is None:
        parser().print_help()
        return 0
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot show is no reason to stop.
        sys.stdout.reconfigure(errors="replace")
    try:
        _demo(chosen.folder)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read along has seen enough, as `head` has. What is still buffered would raise once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if chosen.debug:
            raise
        sys.stdout.flush()
        if isinstance(error.__cause__, KeyboardInterrupt):
            # The job that was watched has gone with its Azure, whatever is said of jobs that go on.
            print("mlsdk demo: stopped, with all that ran", file=sys.stderr)
            return 130
        print(f"mlsdk demo: {_sentence(error)}", file=sys.stderr)
        return 1
    return 0


def _demo(folder: Path | None) -> None:
    from mlsdk.command_line import demo

    for line in demo.run(folder or demo.example()):
        print(line, flush=True)


def _sentence(error: Exception) -> str:
    """What an error says; one that was not meant for a user is named and leads to `--debug`."""
    from azure.core.exceptions import AzureError, HttpResponseError

    if isinstance(error, HttpResponseError) and error.error is not None:
        return f"{error.error.message} ({error.error.code})"
    if isinstance(error, AzureError):
        return str(error.message)
    if isinstance(error, OSError):
        return str(error)
    return f"{type(error).__name__}: {error} (--debug shows where)"


if __name__ == "__main__":
    sys.exit(main())
