"""What a backend remembers: copies, snapshots, clocks, threads, and the cost of remembering much."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pytest

from mlsdk.backends import Backend, Request
from mlsdk.backends.memory import ManualClock, MemoryBackend, SystemClock, memory_backend


def test_it_is_a_backend(azure: Any) -> None:
    """It has the methods of the seam, closes twice, and is a context."""
    assert isinstance(azure.backend, Backend)
    with azure.backend as backend:
        backend.close()
    azure.backend.close()
    assert azure("GET").status == 200


def test_nothing_is_shared_with_the_caller(azure: Any) -> None:
    """Changing what was sent or what came back does not change what is stored."""
    body = {
        "properties": {"modelUri": "azureml://x", "tags": {"a": "b"}, "flavors": {"f": {"data": {"l": [{"m": 1}]}}}}
    }
    made = azure.put("models/m/versions/1", body)
    before = azure.get("models/m/versions/1")
    body["properties"]["tags"]["a"] = "changed"  # type: ignore[index]
    for shown in (made, azure.get("models/m/versions/1"), azure.get("models/m/versions")["value"][0]):
        shown["properties"]["flavors"]["f"]["data"]["l"][0]["m"] = 2
        shown["properties"]["tags"]["c"] = "d"
    assert azure.get("models/m/versions/1") == before


def test_a_snapshot_brings_everything_back(wired: Any, model: dict[str, Any]) -> None:
    """Resources, files, secrets, counters and running operations are as they were, more than once."""
    clock = ManualClock()
    azure = wired(MemoryBackend(clock=clock, long_running="async"))
    account = azure.get()["properties"]["storageAccount"].rpartition("/")[2]
    container = azure.backend.container(f"https://{account}.blob.core.windows.net/azureml")
    container.put("a", BytesIO(b"1"))
    azure.put("models/m/versions/1", model)
    cluster = {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2"}}}
    azure.put("computes/cpu", cluster)
    keys = azure.post("listKeys")
    snapshot = azure.backend.snapshot()
    for _ in range(2):
        azure.put("models/m/versions/2", model)
        azure("DELETE", "models/m/versions/1")
        container.put("b", BytesIO(b"2"))
        azure.backend.reset()
        assert azure("GET").status == 404
        azure.backend.restore(snapshot)
        assert azure.names("models/m/versions") == ["1"]
        assert azure.get("models/m")["properties"]["nextVersion"] == "2"
        assert [info.name for info in container.list()] == ["a"]
        assert azure.post("listKeys") == keys
        assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Creating"
    clock.advance(121)
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Succeeded"
    assert "bytes" in repr(snapshot)


def test_reset_forgets_everything(azure: Any, model: dict[str, Any]) -> None:
    """Nothing is left, not even in the log."""
    azure.put("models/m/versions/1", model)
    azure.backend.reset()
    assert len(azure.backend.requests) == 0
    assert azure.error("GET", "models/m")[:2] == (404, "ResourceGroupNotFound")


def test_one_instance_is_shared_in_a_process(model: dict[str, Any]) -> None:
    """`memory_backend()` is always the same, provisions, and can be emptied."""
    shared = memory_backend()
    assert memory_backend() is shared
    workspace = "/subscriptions/x/resourceGroups/y/providers/Microsoft.MachineLearningServices/workspaces/zz"
    path = f"{workspace}/models/m/versions/1"
    query = {"api-version": "2023-08-01-preview"}
    try:
        assert shared.send(Request("PUT", path, query, {}, model)).status == 201
        assert MemoryBackend().send(Request("GET", path, query)).status == 404
    finally:
        shared.reset()
    assert shared.send(Request("GET", path, query)).status == 404
    shared.reset()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/subscriptions/x/resourceGroups/rg/providers/{ml}/workspaces/z/models", "workspace name 'z' is not valid"),
        ("/subscriptions/x/resourceGroups/a<b/providers/{ml}/workspaces/zz/models", "group name 'a<b' is not valid"),
        ("/registrymanagement/v1.0/registries/r/discovery", "registry name 'r' is not valid"),
    ],
)
def test_what_cannot_be_provisioned_is_refused_as_by_the_service(path: str, told: str) -> None:
    """A name that nothing can have is answered with 400, not with an error of Python's."""
    url = path.format(ml="Microsoft.MachineLearningServices")
    reply = MemoryBackend(provision=True).send(Request("GET", url, {"api-version": "2023-08-01-preview"}))
    assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidResourceName")
    assert told in reply.body["error"]["message"]


def test_a_clock_moved_by_hand() -> None:
    """It starts where it is told, moves by seconds and by timedeltas, never backwards, and sleeping moves it."""
    clock = ManualClock(datetime(2024, 5, 1, tzinfo=timezone.utc))
    assert clock.now() == ManualClock(datetime(2024, 5, 1)).now() == ManualClock(1714521600).now()  # noqa: DTZ001
    clock.advance(timedelta(days=1))
    clock.advance(1)
    clock.sleep(2)
    assert clock.now() == 1714521600 + 86400 + 3
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


def test_bodies_carry_the_time_of_the_clock(wired: Any, model: dict[str, Any]) -> None:
    """The time of making stays, the time of the last change moves on."""
    clock = ManualClock(datetime(2024, 5, 1, tzinfo=timezone.utc))
    azure = wired(MemoryBackend(clock=clock, user="someone@example.com"))
    azure.put("models/m/versions/1", model)
    clock.advance(60)
    azure.put("models/m/versions/1", {"properties": {**model["properties"], "description": "d"}})
    times = azure.get("models/m/versions/1")["systemData"]
    assert times["createdAt"] == "2024-05-01T00:00:00.000000+00:00"
    assert times["lastModifiedAt"] == "2024-05-01T00:01:00.000000+00:00"
    assert times["createdBy"] == "someone@example.com"


def test_the_systems_clock() -> None:
    """It is the time of this machine, and sleeping really waits."""
    clock = SystemClock()
    before = clock.now()
    clock.sleep(0.01)
    assert 0.005 < clock.now() - before < 60
    assert abs(clock.now() - time.time()) < 60


@pytest.mark.parametrize(
    ("argument", "says"), [({"long_running": "soon"}, "sync, async"), ({"page_size": 0}, "at least 1")]
)
def test_wrong_arguments(argument: dict[str, Any], says: str) -> None:
    """The error names what would do."""
    with pytest.raises(ValueError, match=says):
        MemoryBackend(**argument)


def test_threads_lose_and_duplicate_nothing(azure: Any, model: dict[str, Any]) -> None:
    """Eight threads that create, read and delete leave exactly what they should."""

    def work(worker: int) -> None:
        for number in range(40):
            path = f"models/w{worker}/versions/{number}"
            assert azure("PUT", path, model).status == 201
            assert azure.get(path)["name"] == str(number)
            if number % 2:
                assert azure("DELETE", path).status == 200
            azure.get("models")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert sorted(azure.names("models")) == [f"w{worker}" for worker in range(8)]
    for worker in range(8):
        assert azure.names(f"models/w{worker}/versions") == [str(number) for number in range(38, -1, -2)]


def test_much_costs_no_more_than_little(azure: Any, model: dict[str, Any]) -> None:
    """Creating, reading and paging cost about the same with 20,000 resources as with 200."""
    names = iter(range(10**6))

    def create() -> None:
        azure.backend.send(Request("PUT", f"{azure.workspace}/models/m{next(names)}/versions/1", query, {}, model))

    def read() -> None:
        azure.backend.send(Request("GET", f"{azure.workspace}/models/m5/versions/1", query))

    def turn() -> None:
        azure.backend.send(Request("GET", f"{azure.workspace}/models", query))

    def cost(action: Any, times: int) -> float:
        best = 1e9
        for _ in range(7):
            start = time.process_time()
            for _ in range(times):
                action()
            best = min(best, time.process_time() - start)
        return best

    query = {"api-version": "2023-08-01-preview"}
    gc.disable()
    try:
        for _ in range(200):
            create()
        little = [cost(create, 50), cost(read, 200), cost(turn, 10)]
        while next(names) < 20_000:
            create()
        much = [cost(create, 50), cost(read, 200), cost(turn, 10)]
    finally:
        gc.enable()
    for few, many in zip(little, much, strict=True):
        assert many < 3 * few
