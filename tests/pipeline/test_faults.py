"""Faults between the client and the service: nothing is lost and nothing is made twice."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceExistsError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline.making import FAULTS, MAKING, SLOW
from pipelines import PipelineBackend, UnsteadyNetwork, contents

from mlsdk import MLClient
from mlsdk.backends import Request
from mlsdk.backends.memory import ManualClock, MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Make = Callable[[MLClient, Path], Any]

HOUR = 3600
LOST = sorted(name for name, fault in FAULTS.items() if fault().get("after"))
"""The faults after which the service has done its part, and the client does not know."""
SOME = ("throttled", "broken after all", "never arrived", "answer lost", "token revoked")
"""One fault of each sort."""
UNHEARD_DELETIONS = list(product(["deleted cluster"], LOST))


class Run:
    """A fresh Azure in memory, a client of it, and a network with faults between them."""

    def __init__(self, mode: Any = "sync", faults: Mapping[int, str] | None = None, **options: Any) -> None:
        self.memory = MemoryBackend(clock=ManualClock(), long_running=mode, operation_seconds=12)
        self.memory.add_workspace("s", "rg", "wks", location="eastus")
        self.memory.add_registry("shop", subscription="s", resource_group="rg")
        self.network = UnsteadyNetwork(self.memory, {number: FAULTS[name] for number, name in (faults or {}).items()})
        backend = PipelineBackend(self.memory, transport=self.network, **options)
        self.client = MLClient(None, "s", "rg", "wks", backend=backend)

    def make(self, make: Make, folder: Path) -> list[str]:
        """What Azure holds afterwards."""
        make(self.client, folder)
        return self.outcome()

    def outcome(self) -> list[str]:
        """What Azure holds when nothing is at work any more."""
        self.memory.sleep(HOUR)
        self.memory.send(Request("GET", "/subscriptions/s", {"api-version": "2022-12-01"}))
        return contents(self.memory)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("made", MAKING)
def test_whatever_exchange_goes_wrong_the_outcome_is_the_same(made: str, fault: str, folder: Path) -> None:
    """Each exchange in turn: Azure then holds exactly what it holds when nothing goes wrong."""
    calm = Run()
    expected = calm.make(MAKING[made], folder)
    for number in range(calm.network.sent):
        unsteady = Run(faults={number: fault})
        assert unsteady.make(MAKING[made], folder) == expected, f"exchange {number}"
        assert unsteady.network.sent == calm.network.sent + 1, f"exchange {number}"


@pytest.mark.parametrize(("made", "fault"), [pair for pair in product(SLOW, SOME) if pair not in UNHEARD_DELETIONS])
@pytest.mark.parametrize("mode", ["async", "location", "body"])
def test_so_it_is_where_the_service_takes_its_time(made: str, fault: str, folder: Path, mode: str) -> None:
    """However the service lets itself be polled: what was begun and not heard of is followed, not begun a second time."""
    calm = Run(mode)
    expected = calm.make(MAKING[made], folder)
    for number in range(calm.network.sent):
        assert Run(mode, {number: fault}).make(MAKING[made], folder) == expected, f"exchange {number}"


@pytest.mark.parametrize(("made", "fault"), UNHEARD_DELETIONS)
@pytest.mark.parametrize("mode", ["async", "location"])
def test_a_deletion_that_was_begun_unheard_is_told_of(made: str, fault: str, folder: Path, mode: str) -> None:
    """It cannot be followed, since only the lost answer says where: the error tells that it is at work, and it ends well."""
    calm = Run(mode)
    expected = calm.make(MAKING[made], folder)
    unsteady = Run(mode)
    unsteady.memory.fail(method="DELETE", **FAULTS[fault]())
    with pytest.raises(ResourceExistsError, match="is in state Deleting") as error:
        MAKING[made](unsteady.client, folder)
    assert error.value.error is not None
    assert error.value.error.code == "AnotherOperationInProgress"
    assert unsteady.outcome() == expected


SCRIPT = (
    *("two models", "archived data", "component with code", "environment", "datastore", "deleted datastore"),
    *("scaled cluster", "model in a registry", "deleted cluster", "component with code", "two models"),
)


def script(client: MLClient, folder: Path) -> None:
    """One thing after another."""
    for made in SCRIPT:
        MAKING[made](client, folder)


def no_token_refused_twice(faults: dict[int, str]) -> bool:
    """A new token that is refused like the old one is an error."""
    revoked = {number for number, name in faults.items() if name == "token revoked"}
    return not any(number + 1 in revoked for number in revoked)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.dictionaries(st.integers(0, 60), st.sampled_from(sorted(FAULTS))).filter(no_token_refused_twice))
def test_whatever_goes_wrong_in_whatever_order_the_outcome_is_the_same(faults: dict[int, str], folder: Path) -> None:
    """A client that is patient enough leaves behind what one leaves that has no bad luck."""
    patient = {f"retry_{what}": 100 for what in ("total", "connect", "read", "status")}
    assert Run(faults=faults, **patient).make(script, folder) == Run().make(script, folder)
