"""What a program loads, seen in an interpreter of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PROBE = """
import sys
before = set(sys.modules)
{code}
loaded = sorted(set(sys.modules) - before)
import json
print(json.dumps(loaded))
"""


def loaded_by(code: str) -> set[str]:
    """The modules that `code` loads in a fresh interpreter, beyond those it starts with."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTHON"))}
    printed = subprocess.run(
        [sys.executable, "-c", PROBE.format(code=code)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ).stdout
    return set(json.loads(printed))
