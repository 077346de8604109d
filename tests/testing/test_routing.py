"""Where requests go while `azure_ml()` is active, and that everything is as before when it is left."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
from azure.core import PipelineClient
from azure.core.exceptions import ResourceNotFoundError, ServiceResponseTimeoutError
from azure.core.polling import LROPoller
from azure.core.rest import HttpRequest
from azure.mgmt.core.polling.arm_polling import ARMPolling
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.storage.blob import BlobServiceClient
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from mlsdk.backends.memory import ManualClock, MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml
from mlsdk.testing.exchange import content

if TYPE_CHECKING:
    from collections.abc import Iterator

ARM = "https://management.azure.com"
GROUP = f"{ARM}/subscriptions/sub/resourceGroups/rg"
VERSION = {"api-version": "2021-04-01"}
ML_VERSION = {"api-version": "2024-10-01-preview"}
COMPUTES = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws/computes"


def test_requests_of_this_process_are_answered_from_memory() -> None:
    """A plain request, azure-mgmt-resource and azure-core speak to the backend that the context gives."""
    with azure_ml() as azure:
        azure.add_resource_group("sub", "rg", location="westeurope")
        assert requests.get(GROUP, params=VERSION, timeout=1).json()["location"] == "westeurope"
        groups = ResourceManagementClient(FakeCredential(), "sub").resource_groups
        assert groups.get("rg").location == "westeurope"
        with pytest.raises(ResourceNotFoundError):
            groups.get("other")
        with PipelineClient(ARM) as client:
            found = client.send_request(HttpRequest("GET", GROUP, params=VERSION))
        assert (found.status_code, found.reason, found.content_type) == (200, "OK", "application/json")


def test_our_own_backend_for_azure_is_answered_too() -> None:
    """`MLClient` with `backend="azure"` speaks HTTP, and so meets the memory backend by its other door."""
    from azure.identity import DefaultAzureCredential

    from mlsdk import MLClient
    from mlsdk.entities import AmlCompute

    with azure_ml(MemoryBackend(long_running="async")) as azure:
        azure.add_workspace("sub", "rg", "ws")
        client = MLClient(DefaultAzureCredential(), "sub", "rg", "ws", backend="azure")
        client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2")).result()
        assert [found.name for found in client.compute.list()] == ["cpu"]


def test_blobs_come_back_as_they_went() -> None:
    """azure-storage-blob writes and reads files of the backend, streamed or whole."""
    content = bytes(range(256)) * 1000
    with azure_ml() as azure:
        azure.add_storage_account("acct", containers=["data"])
        service = BlobServiceClient("https://acct.blob.core.windows.net", credential=FakeCredential())
        blob = service.get_blob_client("data", "folder/file.bin")
        blob.upload_blob(io.BytesIO(content))
        assert b"".join(blob.download_blob().chunks()) == content
        assert blob.get_blob_properties().size == len(content)
        assert azure.container("https://acct.blob.core.windows.net/data").get("folder/file.bin") == content


@pytest.mark.parametrize(
    "body", [b"abc", "abc", io.BytesIO(b"abc"), bytearray(b"abc"), iter([b"ab", b"c"]), io.StringIO("abc")]
)
def test_a_body_is_read_whatever_it_is(body: Any) -> None:
    """Bytes, text, an open file, pieces."""
    assert content(body) == b"abc"


def test_a_body_that_is_no_json_is_the_services_400() -> None:
    """What a client sends wrong is refused in the service's words, not in Python's."""
    with azure_ml() as azure:
        azure.add_workspace("sub", "rg", "ws")
        headers = {"Content-Type": "application/json"}
        reply = requests.put(f"{COMPUTES}/cpu", params=ML_VERSION, data=b"{", headers=headers, timeout=1)
        assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidRequestContent")


def test_everything_is_put_back_after_an_error() -> None:
    """Leaving by an exception undoes what entering did."""
    before = HTTPAdapter.send

    @azure_ml()
    def fail() -> None:
        assert HTTPAdapter.send is not before
        message = "the test failed"
        raise LookupError(message)

    with pytest.raises(LookupError, match="the test failed"):
        fail()
    assert HTTPAdapter.send is before


def test_a_context_can_be_entered_again() -> None:
    """Also while it is active; each time with an empty Azure when none was given."""
    context = azure_ml()
    with context as one:
        one.add_resource_group("sub", "rg")
        with context as other:
            assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 404
        assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 200
    assert other is not one


def test_what_only_begins_when_it_is_called_is_not_decorated() -> None:
    """A generator or a class would be used when the context has long ended, and would ask the real Azure."""

    def generator() -> Iterator[int]:
        yield 1

    for function in (generator, type("Class", (), {})):
        with pytest.raises(TypeError, match="with azure_ml"):
            azure_ml()(function)


def test_a_context_that_cannot_be_entered_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was exchanged before entering failed is put back."""
    from mlsdk.testing import routing

    exchanged = routing.all_stand_ins

    def broken() -> Iterator[Any]:
        yield from exchanged()
        raise AttributeError

    monkeypatch.setattr(routing, "all_stand_ins", broken)
    before, sleep = HTTPAdapter.send, time.sleep
    with pytest.raises(AttributeError), azure_ml():
        pass
    assert (HTTPAdapter.send, time.sleep) == (before, sleep)
    assert routing._process.innermost() is None


def test_of_contexts_in_one_another_the_innermost_answers() -> None:
    """Each has its own Azure, and the outer one is back when the inner one is left."""
    with azure_ml() as outer:
        outer.add_resource_group("sub", "rg")
        with azure_ml() as inner:
            assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 404
        assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 200
        with azure_ml(outer):
            assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 200
    assert (len(inner.requests), len(outer.requests)) == (1, 2)


def test_somebody_elses_exchange_is_left_alone() -> None:
    """What another library put over ours stays, and lets requests through to the network below both."""
    before = HTTPAdapter.send
    try:
        with azure_ml() as azure:
            ours = HTTPAdapter.send

            def theirs(self: HTTPAdapter, request: Any, *args: Any, **options: Any) -> Any:
                return ours(self, request, *args, **options)

            HTTPAdapter.send = theirs
            requests.get(GROUP, params=VERSION, timeout=1)
            assert len(azure.requests) == 1
        assert HTTPAdapter.send is theirs
        with azure_ml() as again:
            requests.get(GROUP, params=VERSION, timeout=1)
            assert len(again.requests) == 1
        with pytest.raises(pytest.fail.Exception, match=r"management\.azure\.com"):
            requests.get(GROUP, params=VERSION, timeout=1)
    finally:
        HTTPAdapter.send = before


def test_threads_share_one_azure() -> None:
    """What eight threads create at once is all there, each once."""
    with azure_ml() as azure:
        azure.add_resource_group("sub", "rg")

        def make(number: int) -> int:
            url = f"{ARM}/subscriptions/sub/resourceGroups/g{number}"
            return requests.put(url, params=VERSION, json={"location": "eastus"}, timeout=5).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(make, range(200))) == {201}
        groups = list(ResourceManagementClient(FakeCredential(), "sub").resource_groups.list())
        assert len({group.name for group in groups}) == len(groups) == 201
        assert azure.requests.writes == 200


def test_contexts_may_be_entered_and_left_by_several_threads_at_once() -> None:
    """Whoever is last puts everything back, whatever the order."""

    def use(_: int) -> None:
        for _ in range(50):
            with azure_ml():
                pass

    before = HTTPAdapter.send
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert HTTPAdapter.send is before


def test_what_is_not_emulated_is_a_400_that_says_so() -> None:
    """A service of Azure that the backend knows nothing of, and one of a storage account."""
    with azure_ml() as azure:
        azure.add_storage_account("acct")
        vault = requests.get("https://v.vault.azure.net/secrets/s", timeout=1)
        assert vault.status_code == 400
        assert vault.json()["error"]["message"].endswith("GET of https://v.vault.azure.net/secrets/s.")
        queue = requests.get("https://acct.queue.core.windows.net/q", timeout=1)
        assert 400 <= queue.status_code < 500
        assert "not emulate" in queue.text


def test_the_clouds_are_told() -> None:
    """The document by which clients find the addresses of a cloud."""
    with azure_ml():
        url = f"{ARM}/metadata/endpoints"
        found = {cloud["name"]: cloud for cloud in requests.get(url, params=VERSION, timeout=1).json()}
        assert set(found) == {"AzureCloud", "AzureChinaCloud", "AzureUSGovernment"}
        assert found["AzureCloud"]["resourceManager"] == f"{ARM}/"
        assert requests.post(url, params=VERSION, timeout=1).status_code == 405
        assert requests.get(f"{url}/more", params=VERSION, timeout=1).status_code == 400


def begin_creation(backend: MemoryBackend) -> LROPoller[Any]:
    """A long-running operation, begun as azure-core's clients do: a cluster is created. Polls are 30 seconds apart."""
    backend.add_workspace("sub", "rg", "ws")
    body = {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2"}}}
    client = PipelineClient(ARM)
    request = HttpRequest("PUT", f"{COMPUTES}/cpu", params=ML_VERSION, json=body)
    first = client.send_request(request, _return_pipeline_response=True)
    return LROPoller(client, first, lambda last: last.http_response.json()["name"], ARMPolling(30))


@pytest.mark.parametrize("mode", ["async", "location", "body"])
def test_nobody_waits_for_an_operation(mode: Any) -> None:
    """The polls of azure-core, half a minute apart by default, come at once."""
    with azure_ml(MemoryBackend(long_running=mode)) as azure:
        begin = time.monotonic()
        assert begin_creation(azure).result() == "cpu"
        assert time.monotonic() - begin < 5
        assert len(azure.requests) > 1


def test_an_operation_that_takes_time_takes_it_and_no_more() -> None:
    """On the system's clock an operation of a fifth of a second is waited for, not polled without end."""
    with azure_ml(MemoryBackend(long_running="async", operation_seconds=0.2)) as azure:
        begin = time.monotonic()
        assert begin_creation(azure).result() == "cpu"
        assert 0.2 <= time.monotonic() - begin < 5
        assert len(azure.requests) < 20


def test_waiting_moves_a_clock_that_is_moved_by_hand() -> None:
    """An operation of minutes is over at once, and the clock shows the minutes."""
    clock = ManualClock()
    with azure_ml(MemoryBackend(clock=clock, long_running="async", operation_seconds=600)) as azure:
        start = clock.now()
        assert begin_creation(azure).result() == "cpu"
        assert clock.now() - start >= 600


def test_retries_do_not_wait() -> None:
    """azure-core tries again after a refusal of the moment, without its back-off."""
    with azure_ml() as azure:
        azure.add_resource_group("sub", "rg")
        azure.fail(status=503, times=3)
        begin = time.monotonic()
        groups = ResourceManagementClient(FakeCredential(), "sub").resource_groups
        assert groups.get("rg").name == "rg"
        assert time.monotonic() - begin < 2
        assert [request.status for request in azure.requests] == [503, 503, 503, 200]


def test_retries_of_a_session_are_its_own() -> None:
    """What `requests` repeats by itself is repeated, without its back-off, and ends as the session wants it."""
    session = requests.Session()
    with azure_ml() as azure:
        azure.add_resource_group("sub", "rg")
        azure.fail(status=503, times=5)
        session.mount("https://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=60)))
        with pytest.raises(requests.exceptions.RetryError):
            session.get(GROUP, params=VERSION, timeout=1)
        session.mount("https://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[503], raise_on_status=False)))
        assert session.get(GROUP, params=VERSION, timeout=1).status_code == 503
        assert session.get(GROUP, params=VERSION, timeout=1).status_code == 200
        assert [request.status for request in azure.requests] == [503] * 5 + [200]


def test_others_still_sleep() -> None:
    """Only modules of `azure` are spared their waits."""
    with azure_ml():
        begin = time.monotonic()
        time.sleep(0.05)
        assert time.monotonic() - begin >= 0.05


def test_an_injected_exception_reaches_the_client() -> None:
    """A lost answer is azure-core's own error, and the request was carried out."""
    with azure_ml() as azure:
        azure.fail(method="PUT", exception=ServiceResponseTimeoutError("lost"), after=True)
        groups = ResourceManagementClient(FakeCredential(), "sub", retry_total=0).resource_groups
        with pytest.raises(ServiceResponseTimeoutError):
            groups.create_or_update("rg", {"location": "eastus"})
        assert groups.get("rg").name == "rg"


def test_faults_strike_files_too() -> None:
    """By path or by host, as often as was said; azure-storage-blob tries again."""
    with azure_ml() as azure:
        azure.add_storage_account("acct", containers=["data"])
        azure.fail(method="PUT", path="https://acct.blob.*", status=503, times=2)
        blob = BlobServiceClient("https://acct.blob.core.windows.net", credential=FakeCredential())
        blob.get_blob_client("data", "x").upload_blob(b"1")
        statuses = [one.status for one in azure.requests if one.path == "/data/x"]
        assert statuses == [503, 503, 201]


def test_what_was_stored_can_be_brought_back() -> None:
    """A snapshot of everything, files included, undoes what clients did since."""
    with azure_ml() as azure:
        azure.add_resource_group("sub", "rg")
        azure.add_storage_account("acct", containers=["data"])
        blob = BlobServiceClient("https://acct.blob.core.windows.net", credential=FakeCredential())
        kept = azure.snapshot()
        requests.delete(GROUP, params=VERSION, timeout=1)
        blob.get_blob_client("data", "x").upload_blob(b"1")
        azure.restore(kept)
        assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 200
        assert not blob.get_blob_client("data", "x").exists()


def test_the_variable_of_the_official_client_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """azure-ai-ml writes its cloud into the process; the next test does not see it."""
    import os

    with azure_ml():
        monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "AzureChinaCloud")
    assert "AZUREML_CURRENT_CLOUD" not in os.environ
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "AzureCloud")
    with azure_ml():
        monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "AzureChinaCloud")
    assert os.environ["AZUREML_CURRENT_CLOUD"] == "AzureCloud"
