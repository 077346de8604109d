"""Importing mlsdk is cheap: what each first step of a user loads is held here by name."""

from __future__ import annotations

import sys

import pytest
from fresh_process import loaded_by

OURS = {"mlsdk", "mlsdk._exports", "mlsdk._version", "mlsdk.client"}
"""All of mlsdk that importing the client may load."""

STANDARD = {
    "__future__",
    "collections",
    "importlib",
    "typing",
    # what `typing` and `collections` load themselves
    "_collections",
    "_functools",
    "_locale",
    "_operator",
    "_sre",
    "_typing",
    "contextlib",
    "copyreg",
    "enum",
    "functools",
    "heapq",
    "_heapq",
    "itertools",
    "keyword",
    "operator",
    "re",
    "reprlib",
    "sre_compile",
    "sre_constants",
    "sre_parse",
    "types",
    "warnings",
}
"""All of the standard library that importing the client may load, by top-level name."""

HEAVY = {"azure", "cattrs", "cryptography", "msal", "requests", "urllib3", "yaml"}
"""Packages that are imported when first used and not before."""


def top(module: str) -> str:
    """The name of the package that a module belongs to."""
    return module.partition(".")[0]


def test_importing_the_client_loads_only_what_is_listed() -> None:
    """`from mlsdk import MLClient` loads two modules of ours, a little of the standard library, and nothing else."""
    loaded = loaded_by("from mlsdk import MLClient")
    standard = {module for module in loaded if top(module) in sys.stdlib_module_names}
    assert loaded - standard == OURS
    assert {top(module) for module in standard} - STANDARD == set()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("import mlsdk", id="the package"),
        pytest.param("import mlsdk.entities; mlsdk.entities.AmlCompute(name='a', size='b')", id="an entity"),
        pytest.param("from mlsdk import MLClient; MLClient(None, 's', 'g', 'w', backend='memory')", id="a client"),
        pytest.param("import mlsdk.constants", id="the constants"),
    ],
)
def test_heavy_packages_wait_for_their_first_use(statement: str) -> None:
    """The first steps of a user load neither azure, cattrs, yaml nor requests."""
    loaded = {top(module) for module in loaded_by(statement)}
    assert loaded & HEAVY == set()
