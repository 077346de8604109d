"""Hashing a folder of 10,000 files, beside the official functions in the same process.

python benchmarks/hashing.py                       where azure-ai-ml is installed
python benchmarks/hashing.py --official PYTHON     with the Python of another environment, which has it, and attrs
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figure, table
from timing import in_turn

REPOSITORY = Path(__file__).resolve().parent.parent
FILES, FOLDERS, LARGEST = 10_000, 100, 4096
PATTERNS = "__pycache__/\n*.pyc\n.git/\noutputs/**\n!outputs/keep.txt\n"


def figures() -> list[Figure]:
    """Both hashes, without and with an ignore file. AssertionError where they are not the official ones."""
    from azure.ai.ml._utils._asset_utils import get_content_hash, get_ignore_file, get_object_hash

    from mlsdk.hashing import asset_hash, code_hash

    kinds = (("asset hash", asset_hash, get_object_hash, 0.5), ("code hash", code_hash, get_content_hash, 0.7))
    found = []
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base).resolve()
        write_folder(folder)
        for addition in ("", ", with an ignore file"):
            if addition:
                (folder / ".amlignore").write_text(PATTERNS)
            for name, ours, theirs, limit in kinds:
                if ours(folder) != theirs(folder, get_ignore_file(folder)):
                    message = f"{name}{addition}: the hashes differ"
                    raise AssertionError(message)
                pair = in_turn(
                    lambda ours=ours: ours(folder),
                    lambda theirs=theirs: theirs(folder, get_ignore_file(folder)),
                    rounds=9,
                )
                found.append(Figure(f"{name} of a folder of 10,000 files{addition}", pair.ratio, limit))
    return found


def write_folder(folder: Path) -> None:
    """Make 10,000 files of up to 4 KiB, 100 in a folder, the same ones each time."""
    content = random.Random(1)  # noqa: S311 -- to be the same each time is what is wanted
    for number in range(FILES):
        path = folder / f"part_{number % FOLDERS:02}" / f"file_{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.randbytes(content.randint(0, LARGEST)))


def main() -> int:
    """Print the table; 1 when a ratio is not reached."""
    parser = argparse.ArgumentParser(description="Hashing a folder of 10,000 files, beside the official functions.")
    parser.add_argument("--official", metavar="PYTHON", help="a Python whose environment has azure-ai-ml and attrs")
    options = parser.parse_args()
    if options.official:
        return subprocess.call([options.official, __file__], env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    found = figures()
    print(table(found))
    return 0 if all(figure.reached for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
