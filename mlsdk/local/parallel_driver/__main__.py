"""`python …/parallel_driver --entry-script score.py --input FOLDER … -- ARGUMENTS`, and the processes which that starts."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the driver, or one of its processes: the exit code."""
    # Only the program's own modules are found here: scripts may have modules that are called as its neighbours are.
    sys.path[0] = str(HERE.parent)
    name, arguments = "driver", sys.argv[1:]
    if arguments[:1] == ["--process"]:
        name, arguments = "worker", arguments[1:]
    module = importlib.import_module(f"{HERE.name}.{name}")
    del sys.path[0]
    code: int = module.main(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
