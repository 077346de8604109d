"""One client shared by threads, from its first use on."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import azure.identity as azure_identity
import pytest
from azure.core.credentials import AccessTokenInfo
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest
from azure_answers import ARM, BASE, Credential, connect, model_body

from mlsdk.backends import Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.backends.azure.policies import SharedTokenPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    import responses

THREADS = 16


class SlowCredential(Credential):
    """A credential that takes as long as a real one, so that the threads meet there."""

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token, after a while."""
        token = super().get_token(*scopes, **options)
        time.sleep(0.03)
        return token


def at_once(call: Callable[[int], Any], times: int = THREADS) -> list[Any]:
    """What `call` gives, called by as many threads at the same moment."""
    barrier = threading.Barrier(THREADS)

    def one(number: int) -> Any:
        if number < THREADS:
            barrier.wait(10)
        return call(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(times)))


def answer_by_name(request: Any) -> tuple[int, dict[str, str], str]:
    """The model that was asked for, with the token that came along."""
    name, version = request.path_url.partition("?")[0].split("/")[-3::2]
    body = model_body(name, version)
    body["properties"]["description"] = f"{name} {version} {request.headers['Authorization']}"
    return 200, {}, json.dumps(body)


@pytest.fixture
def models(azure: responses.RequestsMock) -> responses.RequestsMock:
    """A workspace that has every model."""
    azure.add_callback("GET", re.compile(re.escape(f"{BASE}/models/")), answer_by_name, content_type="application/json")
    return azure


def test_each_thread_gets_its_own_answer_and_all_share_one_token(models: responses.RequestsMock) -> None:
    """Though the client had not been used before: one sign-in, no mixed answers."""
    credential = SlowCredential()
    client = connect(credential)
    found = at_once(lambda number: client.models.get(f"m{number}", str(number)), 200)
    assert [model.description for model in found] == [f"m{number} {number} Bearer token-1" for number in range(200)]
    assert (len(credential.asked), len(models.calls)) == (1, 200)


def test_the_default_credential_is_made_once(models: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads need it first."""
    made: list[Any] = []

    def default(**_: Any) -> Credential:
        time.sleep(0.03)
        made.append(SlowCredential())
        return made[-1]  # type: ignore[no-any-return]

    monkeypatch.setattr(azure_identity, "DefaultAzureCredential", default)
    client = connect(None)
    at_once(lambda number: client.models.get("m", str(number)))
    assert (len(made), len(made[0].asked), len(models.calls)) == (1, 1, THREADS)
    backend = AzureBackend()
    assert len(set(map(id, at_once(lambda _: backend.credential)))) == 1
    assert len(made) == 2
    assert backend.credential is made[1]


def test_the_cloud_is_looked_up_once(azure: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads need it first."""
    url = "https://management.azure.local/metadata/endpoints"
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", url)

    def metadata(_: Any) -> tuple[int, dict[str, str], str]:
        time.sleep(0.03)
        told = {
            "name": "Local",
            "portal": "https://portal.azure.local",
            "resourceManager": "https://management.azure.local",
            "authentication": {"loginEndpoint": "https://login.azure.local"},
            "suffixes": {"storage": "core.azure.local"},
        }
        return 200, {}, json.dumps(told)

    azure.add_callback("GET", url, metadata, content_type="application/json")
    backend = AzureBackend(Credential())
    assert {cloud.name for cloud in at_once(lambda _: backend.cloud)} == {"Local"}
    assert len(azure.calls) == 1


def test_an_expired_token_is_renewed_once(models: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the first thread that comes, for all."""
    credential = SlowCredential()
    client = connect(credential)
    at_once(lambda number: client.models.get("m", str(number)))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4000)
    found = at_once(lambda number: client.models.get("m", str(number)))
    assert {model.description.partition("Bearer ")[2] for model in found} == {"token-2"}
    assert (len(credential.asked), len(models.calls)) == (2, 2 * THREADS)


def test_a_401_of_one_thread_does_not_disturb_the_others(azure: responses.RequestsMock) -> None:
    """While azure-core forgets the token that was refused, others put one on their requests."""
    statuses = iter([401, 200] * 400)

    def answer(_: Any) -> tuple[int, dict[str, str], str]:
        return next(statuses), {}, "{}"

    azure.add_callback("GET", f"{ARM}/x", answer, content_type="application/json")
    backend = AzureBackend(Credential())
    replies = at_once(lambda _: backend.send(Request("GET", "/x")).status, 400)
    assert set(replies) == {200, 401}


@pytest.mark.parametrize("way", ["on_request", "authorize_request"])
def test_a_token_is_not_forgotten_while_it_is_put_on_a_request(way: str) -> None:
    """A thread that is refused waits for one that signs its request, be it the first time or after a challenge."""
    inside, outside = threading.Event(), threading.Event()

    class Held(Credential):
        def get_token(self, *scopes: str, **options: Any) -> Any:
            inside.set()
            assert not outside.wait(0.1)
            return super().get_token(*scopes, **options)

    policy = SharedTokenPolicy(Held(), "scope")

    def forget() -> None:
        assert inside.wait(5)
        policy._token = None
        outside.set()

    thread = threading.Thread(target=forget)
    thread.start()
    request: Any = PipelineRequest(HttpRequest("GET", f"{ARM}/x"), PipelineContext(None))
    getattr(policy, way)(request)
    thread.join()
    assert request.http_request.headers["Authorization"] == "Bearer token-1"
    assert outside.is_set()


def test_clients_of_some_calls_are_made_by_threads_too(models: responses.RequestsMock) -> None:
    """Each with its own headers, over the same connections."""
    client = connect(Credential())
    at_once(lambda number: client.with_options(headers={"x-number": str(number)}).models.get(f"m{number}", "1"))
    seen = {
        (call.request.path_url.partition("?")[0].split("/")[-3], call.request.headers["x-number"])
        for call in models.calls
    }
    assert seen == {(f"m{number}", str(number)) for number in range(THREADS)}


def test_operations_run_side_by_side(azure: responses.RequestsMock, slept: list[float]) -> None:
    """Each poller follows its own."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        name = request.path_url.partition("?")[0].rsplit("/", 1)[-1]
        return (202, {"Location": f"{ARM}/done/{name}"}, "") if request.method == "DELETE" else (204, {}, "")

    azure.add_callback("DELETE", re.compile(re.escape(f"{BASE}/computes/")), answer)
    azure.add_callback("GET", re.compile(re.escape(f"{ARM}/done/")), answer)
    client = connect(Credential())
    at_once(lambda number: client.compute.begin_delete(f"c{number}").result())
    asked = sorted(call.request.path_url.partition("?")[0].rsplit("/", 1)[-1] for call in azure.calls)
    assert asked == sorted(f"c{number}" for number in range(THREADS) for _ in range(2))
    assert slept == []


class SlowNewCredential:
    """A credential that has only azure-core's newer way to be asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        """A token, after a while."""
        self.asked.append((scopes, options))
        time.sleep(0.03)
        return AccessTokenInfo("token", int(time.time()) + 3600)


@pytest.mark.parametrize("kind", [SlowCredential, SlowNewCredential])
def test_containers_share_one_token_too(azure: responses.RequestsMock, kind: type) -> None:
    """Though each client of azure-storage-blob keeps tokens for itself."""
    credential = kind()
    backend = AzureBackend(credential)
    missing = {"x-ms-error-code": "BlobNotFound"}
    azure.head(re.compile(r"https://account\.blob\.core\.windows\.net/.*"), status=404, headers=missing)

    def look(number: int) -> Any:
        return backend.container(f"https://account.blob.core.windows.net/c{number}").head("a")

    assert at_once(look, 64) == [None] * 64
    assert len(credential.asked if kind is SlowNewCredential else credential.scopes) == 1
