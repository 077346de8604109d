"""Backends by name: those that are built in, and those that packages add."""

from __future__ import annotations

import importlib.metadata
from types import SimpleNamespace

import pytest

import mlsdk
from mlsdk import MLClient
from mlsdk.backends.choosing import by_name
from mlsdk.backends.memory import MemoryBackend
from mlsdk.exceptions import ValidationException


def test_memory_is_the_one_instance_of_the_process() -> None:
    """Asked for twice, it is the same."""
    assert by_name("memory") is mlsdk.memory_backend()


def test_azure_is_what_answers_when_nothing_is_said() -> None:
    """`MLClient(credential, …)` reaches Azure; making it sends nothing."""
    client = MLClient(SimpleNamespace(get_token=None), "s", "rg", "ws")  # type: ignore[arg-type]
    assert "AzureBackend" in repr(client)


def test_a_package_adds_a_backend_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets the whole name and the credential."""
    seen = []

    def make(name: str, credential: object) -> MemoryBackend:
        seen.append((name, credential))
        return MemoryBackend()

    entry = SimpleNamespace(name="sqlite", load=lambda: make)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [entry] if group == "mlsdk.backends" else [])
    MLClient("me", "s", "rg", backend="sqlite:///file")  # type: ignore[arg-type]
    assert seen == [("sqlite:///file", "me")]


@pytest.mark.parametrize("name", ["azur", "memroy", ""])
def test_an_unknown_name_lists_what_there_is(name: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValidationException, match="there is 'azure', 'memory'"):
        by_name(name)
