"""Tests of code that talks to Azure Machine Learning, without Azure.

With pytest nothing has to be set up: the fixture `azure_ml` is there once mlsdk is installed. Elsewhere:

    from mlsdk.testing import azure_ml

    with azure_ml() as azure:                  # a MemoryBackend
        azure.add_workspace("sub", "rg", "ws")
        ...                                    # azure-ai-ml, azure-storage-blob, azure-mgmt-resource talk to it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsdk.testing.credentials import FakeCredential
    from mlsdk.testing.hosts import HostRefusedError
    from mlsdk.testing.routing import azure_ml

__all__ = ["FakeCredential", "HostRefusedError", "azure_ml"]

# pytest imports this package in every run of everybody who has it installed, so it waits for its first use.
_HOMES = {"FakeCredential": "credentials", "HostRefusedError": "hosts", "azure_ml": "routing"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
