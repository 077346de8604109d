"""Scripts for the official client are run with it first: where it is not installed, there is nothing to compare with."""

from __future__ import annotations

from importlib.util import find_spec

try:
    official = find_spec("azure.ai.ml")
except ModuleNotFoundError:  # not even the package above it
    official = None
if official is None:
    collect_ignore_glob = ["test_*.py"]
