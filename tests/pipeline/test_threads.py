"""One client shared by threads: nothing is mixed up, and nothing that is made once is made twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure_answers import Credential
from pipeline.making import CHALLENGE, REMOTE, SIZE, component, datastore
from pipelines import PipelineBackend

from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import AmlCompute, Data, Environment, Model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

THREADS = 16


class SlowCredential(Credential):
    """One that takes its time, so that all threads need a token before the first one has it."""

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token, after a while."""
        time.sleep(0.05)
        return super().get_token(*scopes, **options)


@pytest.fixture
def slow_credential() -> SlowCredential:
    """A credential that takes its time."""
    return SlowCredential()


@pytest.fixture(params=["sync", "async"])
def memory(request: pytest.FixtureRequest) -> MemoryBackend:
    """An Azure on the machine's own clock, whose threads wait as they do."""
    memory = MemoryBackend(long_running=request.param)
    memory.add_workspace("s", "rg", "wks", location="eastus")
    return memory


@pytest.fixture
def shared(memory: MemoryBackend, slow_credential: SlowCredential) -> MLClient:
    """A client that nobody has used yet."""
    return MLClient(None, "s", "rg", "wks", backend=PipelineBackend(memory, slow_credential), polling_interval=0.01)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What `work` gives in each of many threads that begin at the same moment; raises what one of them raised."""
    gate = threading.Barrier(THREADS)

    def begin(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def test_each_thread_gets_what_it_asked_for(shared: MLClient, slow_credential: SlowCredential, folder: Path) -> None:
    """Mixed operations, the first use of every group among them; one token for all."""

    def work(number: int) -> None:
        name, tags = f"n{number}", {"thread": str(number)}
        made = shared.models.create_or_update(Model(name=name, path=f"{REMOTE}{number}/", tags=tags))
        assert (made.name, made.version, made.tags) == (name, "1", tags)
        shared.datastores.create_or_update(datastore(name, f"s3cret{number}"))
        whole = shared.datastores.get(name, include_secrets=True)
        assert whole.credentials.account_key == f"s3cret{number}"  # type: ignore[union-attr]
        cluster = AmlCompute(name=f"cluster{number}", size=SIZE, max_instances=number + 1)
        assert shared.compute.begin_create_or_update(cluster).result().max_instances == number + 1  # type: ignore[attr-defined]
        shared.data.create_or_update(Data(name=name, path=folder, tags=tags))
        assert shared.data.get(name, "1").tags == tags
        shared.environments.create_or_update(Environment(name=name, image=f"image:{number}"))
        assert shared.environments.get(name, label="latest").image == f"image:{number}"
        described = component(code=folder, version=name, description=name)
        assert shared.components.create_or_update(described).description == name

    at_once(work)
    names = {f"n{number}" for number in range(THREADS)}
    assert {model.name: model.latest_version for model in shared.models.list()} == dict.fromkeys(names, "1")
    assert {data.name for data in shared.data.list()} == names
    assert {component.version for component in shared.components.list("train")} == names
    assert names < {environment.name for environment in shared.environments.list()}
    assert names < {store.name for store in shared.datastores.list()}
    assert Counter(compute.name for compute in shared.compute.list()) == Counter(
        f"cluster{number}" for number in range(THREADS)
    )
    assert len(slow_credential.asked) == 1


def test_threads_that_need_a_new_token_at_once_share_it(
    shared: MLClient, memory: MemoryBackend, slow_credential: SlowCredential
) -> None:
    """What one of them is told of a revoked token holds for the others; each call succeeds."""
    shared.datastores.get_default()
    memory.fail(status=401, headers={"WWW-Authenticate": CHALLENGE})
    assert at_once(lambda _: shared.datastores.get_default().name) == ["workspaceblobstore"] * THREADS
    assert len(slow_credential.asked) == 2


def test_every_thread_makes_a_version_of_its_own(shared: MLClient) -> None:
    """Where they all ask for the next one, none is lost and none is written over, or its thread is told."""

    def work(number: int) -> Model | None:
        try:
            return shared.models.create_or_update(Model(name="iris", path=f"{REMOTE}{number}/"))
        except ResourceExistsError:
            return None

    made = [model for model in at_once(work) if model is not None]
    assert made
    assert Counter((model.version, model.path) for model in shared.models.list("iris")) == Counter(
        (model.version, model.path) for model in made
    )


def test_code_that_many_register_at_once_is_whole(shared: MLClient, folder: Path, tmp_path: Path) -> None:
    """Whoever's snapshot a component names, its files are all there."""

    def work(number: int) -> Any:
        return shared.components.create_or_update(component(code=folder, version=str(number)))

    at_once(work)
    for number in (0, THREADS - 1):
        shared.components.download("train", tmp_path / str(number), version=str(number))
        assert (tmp_path / str(number) / "code" / "deep" / "weights.bin").read_bytes() == bytes(1000)


def test_clients_made_of_one_for_some_calls_share_its_token(shared: MLClient, slow_credential: SlowCredential) -> None:
    """`with_options` in each thread, while others use the client itself."""
    seen: list[int] = []

    def hook(response: Any) -> None:
        seen.append(response.http_response.status_code)

    def work(number: int) -> None:
        used = shared if number % 2 else shared.with_options(timeout=30, raw_response_hook=hook)
        assert used.workspaces.get().name == "wks"

    at_once(work)
    assert seen == [200] * (THREADS // 2)
    assert len(slow_credential.asked) == 1
