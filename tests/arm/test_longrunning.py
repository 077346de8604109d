"""Long-running operations: every manner in which ARM tells of them, failures, waits that are given up."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from arm.scripted import COMPUTE, HOST, Answer, Scripted, connect, operation, started, state
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
)

from mlsdk import MLClient
from mlsdk.arm.longrunning import subject
from mlsdk.backends import Options, Reply
from mlsdk.backends.memory import ManualClock, MemoryBackend
from mlsdk.entities import AmlCompute

if TYPE_CHECKING:
    from azure.core.polling import LROPoller

STATUS = f"{HOST}/operations/1?api-version=v"
RESULT = f"{HOST}/results/1?api-version=v"


def name_of(body: dict[str, Any]) -> str:
    """What the tests make of a body."""
    return str(body.get("name"))


def begin(backend: Scripted, method: str = "PUT", url: str = COMPUTE, **more: Any) -> LROPoller[str]:
    """Begin something long."""
    return connect(backend, **more).begin(method, url, "v", body={} if method != "DELETE" else None, load=name_of)


# -- the manners -----------------------------------------------------------------------------------------------


def test_an_operation_address_is_polled_and_the_resource_fetched_at_the_end() -> None:
    """`Azure-AsyncOperation` on a PUT: the result is the resource, not the state of the operation."""
    backend = Scripted(
        started({"name": "cpu"}, 201, azure_asyncoperation=STATUS),
        operation("InProgress"),
        operation("succeeded"),
        state("Succeeded"),
    )
    poller = begin(backend)
    assert (poller.result(), poller.status(), poller.done()) == ("cpu", "succeeded", True)
    assert backend.asked == [f"PUT {COMPUTE}", "GET /operations/1", "GET /operations/1", f"GET {COMPUTE}"]
    assert "api-version=v" in backend.requests[-1].url
    assert backend.sleeps == [5.0]


def test_an_action_with_an_operation_address_gives_what_its_location_holds() -> None:
    """POST with both headers: the final GET goes to `Location`."""
    backend = Scripted(
        started(azure_asyncoperation=STATUS, location=RESULT), operation("Succeeded"), Reply(200, {"name": "answer"})
    )
    assert begin(backend, "POST", f"{COMPUTE}/start").result() == "answer"
    assert backend.asked[-1] == "GET /results/1"


def test_a_location_is_polled_until_it_is_no_longer_202_and_may_move() -> None:
    """`Location` alone: the 200 body is the result, nothing else is asked."""
    backend = Scripted(
        started(location=RESULT), started(location=f"{HOST}/results/2"), started(), Reply(200, {"name": "cpu"})
    )
    assert begin(backend).result() == "cpu"
    assert backend.asked[1:] == ["GET /results/1", "GET /results/2", "GET /results/2"]


def test_a_resource_is_polled_itself_where_no_address_is_given() -> None:
    """`provisioningState` in the body of a PUT."""
    backend = Scripted(
        Reply(201, {"properties": {"provisioningState": "Creating"}}), state("Creating"), state("Succeeded")
    )
    assert begin(backend).result() == "cpu"
    assert backend.asked == [f"PUT {COMPUTE}", f"GET {COMPUTE}", f"GET {COMPUTE}"]


@pytest.mark.parametrize(
    ("method", "first", "result"),
    [
        ("PUT", state("Succeeded"), "cpu"),
        ("PUT", Reply(200, {"name": "cpu"}), "cpu"),
        ("PATCH", Reply(200, {"name": "cpu"}), "cpu"),
        ("PATCH", Reply(204), None),
        ("DELETE", Reply(200), None),
        ("DELETE", Reply(202), None),
        ("DELETE", Reply(204), None),
        ("POST", Reply(200, {"name": "answer"}), "answer"),
        ("POST", Reply(202), None),
    ],
)
def test_what_is_done_at_once_asks_for_nothing_more(method: str, first: Reply, result: str | None) -> None:
    """200 and 204, and 202 of a DELETE or POST without an address."""
    backend = Scripted(first)
    poller = begin(backend, method)
    assert poller.done()
    assert poller.result() == result
    assert len(backend.requests) == 1


def test_an_accepted_change_without_an_address_polls_the_resource() -> None:
    """PATCH answered by an empty 202."""
    backend = Scripted(Reply(202), state("Updating"), state("Succeeded"))
    assert begin(backend, "PATCH").result() == "cpu"


def test_an_address_may_be_a_path() -> None:
    """A root-relative `Location` leads to the host that gave it, a registry's for example."""
    for host in ("", "https://region.example"):
        backend = Scripted(started(location="/results/1"), started(location="/results/2"), Reply(204))
        assert begin(backend, "DELETE", f"{host}{COMPUTE}").result() is None
        assert [one.url for one in backend.requests[1:]] == [f"{host or HOST}/results/{number}" for number in (1, 2)]


@pytest.mark.parametrize("long_running", ["sync", "async", "location", "body"])
def test_hours_pass_in_no_time_on_a_clock_moved_by_hand(long_running: Any) -> None:
    """Waiting goes through the backend's clock, in each of the memory backend's manners."""
    clock = ManualClock()
    backend = MemoryBackend(clock=clock, long_running=long_running, operation_seconds=7200)
    backend.add_workspace("s", "g", "demo")
    before = clock.now()
    client = MLClient(None, "s", "g", "demo", backend=backend)
    made = client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2")).result()
    assert (made.name, made.provisioning_state) == ("cpu", "Succeeded")
    assert clock.now() - before >= (0 if long_running == "sync" else 7200)
    assert client.compute.begin_delete("cpu").result() is None


# -- how often -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17),
        ({"retry-after": "0"}, 5),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "40"}, 0.04),
        ({"retry-after": "2", "x-ms-retry-after-ms": "250"}, 2),
        ({}, 5),
    ],
)
def test_the_service_says_when_to_ask_again(headers: dict[str, str], seconds: float) -> None:
    """`Retry-After` in seconds, in milliseconds by its other names, else the client's interval."""
    backend = Scripted(started(location=RESULT), Reply(202, None, headers), Reply(204))
    begin(backend, "DELETE").result()
    assert backend.sleeps == [seconds]


def test_the_service_may_name_the_time_to_ask_again() -> None:
    """`Retry-After` as a date."""
    when = datetime.now(timezone.utc) + timedelta(seconds=100)
    header = {"retry-after": format_datetime(when, usegmt=True)}
    backend = Scripted(started(location=RESULT), Reply(202, None, header), Reply(204))
    begin(backend, "DELETE").result()
    assert 90 < backend.sleeps[0] <= 100


def test_an_interval_of_nothing_never_waits() -> None:
    """`polling_interval=0`, where the service proposes none."""
    backend = Scripted(started(location=RESULT), Reply(202), Reply(204))
    begin(backend, "DELETE", polling_interval=0).result()
    assert backend.sleeps == [0]


# -- what goes with a poll -------------------------------------------------------------------------------------


def test_options_and_headers_go_with_the_request_and_with_every_poll() -> None:
    """The timeout and the hook, each poll for itself; whether it may be repeated is the first request's alone."""
    options = Options(timeout=3, raw_response_hook=print)
    backend = Scripted(
        started(azure_asyncoperation=STATUS), operation("InProgress"), operation("Succeeded"), state("Succeeded")
    )
    connection = connect(backend, options=options, headers={"x-mine": "1"})
    connection.begin("PUT", COMPUTE, "v", body={}, load=name_of, repeatable=False).result()
    assert [one.options.timeout for one in backend.requests] == [3, 3, 3, 3]
    assert {one.options.raw_response_hook for one in backend.requests} == {print}
    assert [one.options.repeatable for one in backend.requests] == [False, None, None, None]
    assert {one.headers["x-mine"] for one in backend.requests} == {"1"}
    assert {one.audience for one in backend.requests} == {"arm"}
    assert len({one.headers["x-ms-client-request-id"] for one in backend.requests}) == 1


# -- failures --------------------------------------------------------------------------------------------------

ERROR = {"code": "QuotaExceeded", "message": "12 cores are left", "details": [{"code": "Family", "message": "DSv2"}]}


@pytest.mark.parametrize(
    "answers",
    [
        [started(azure_asyncoperation=STATUS), operation("InProgress"), operation("Failed", error=ERROR)],
        [started(location=RESULT), Reply(202), Reply(400, {"error": ERROR})],
        [started({"properties": {}}, 201), state("Creating"), state("Failed", provisioningErrors=[{"error": ERROR}])],
        [started({"properties": {}}, 201), state("Failed", error=ERROR)],
        [state("Failed", provisioningErrors=[{"error": ERROR}])],
        [started({"status": "Failed", "error": ERROR}, azure_asyncoperation=STATUS)],
        [started(azure_asyncoperation=STATUS), operation("Succeeded"), Reply(500, {"error": ERROR})],
    ],
    ids=["operation", "location", "resource list", "resource", "at once", "operation at once", "final"],
)
def test_a_failure_has_the_services_code_message_and_details(answers: list[Answer]) -> None:
    """In every manner, also when the first answer tells of it; the official client is silent then."""
    poller = begin(Scripted(*answers))
    with pytest.raises(HttpResponseError, match="12 cores are left") as caught:
        poller.result()
    error = caught.value.error
    assert error is not None
    assert (error.code, error.details[0].message) == ("QuotaExceeded", "DSv2")
    assert poller.done()
    with pytest.raises(HttpResponseError):
        poller.wait()
    assert isinstance(poller.polling_method().get_continuation_token(), str)


@pytest.mark.parametrize(
    "answers",
    [
        [started(azure_asyncoperation=STATUS), operation("Canceled")],
        [started({"properties": {}}, 201), state("Canceled")],
        [state("Canceled")],
    ],
    ids=["operation", "resource", "at once"],
)
def test_a_cancelled_operation_fails_though_the_service_gives_no_reason(answers: list[Answer]) -> None:
    """The error then says that it was cancelled."""
    poller = begin(Scripted(*answers))
    with pytest.raises(HttpResponseError, match="Canceled") as caught:
        poller.result()
    assert caught.value.error is not None
    assert caught.value.error.code == "Canceled"
    assert poller.status() == "Canceled"


@pytest.mark.parametrize(
    ("status", "error"), [(404, ResourceNotFoundError), (409, ResourceExistsError), (403, HttpResponseError)]
)
def test_a_refusal_raises_where_the_operation_is_begun(status: int, error: type[HttpResponseError]) -> None:
    """Nothing was started, so there is no poller."""
    with pytest.raises(error, match="12 cores"):
        begin(Scripted(Reply(status, {"error": ERROR})))


def test_a_resource_that_disappears_while_it_is_made_is_not_found() -> None:
    """azure-core's own poller raises its base class for it."""
    backend = Scripted(started({"properties": {}}, 201), state("Creating"), Reply(404, {"error": ERROR}))
    with pytest.raises(ResourceNotFoundError):
        begin(backend).result()


@pytest.mark.parametrize("header", ["azure_asyncoperation", "location"])
def test_a_deletion_that_is_no_longer_found_is_done_when_the_resource_is_gone(header: str) -> None:
    """The address of the operation may go with what it deletes."""
    gone = Reply(404, {"error": {"code": "ResourceNotFound", "message": "gone"}})
    backend = Scripted(started(**{header: STATUS}), gone, gone)
    poller = begin(backend, "DELETE")
    assert (poller.result(), poller.status()) == (None, "Succeeded")
    assert backend.asked[-1] == f"GET {COMPUTE}"


def test_a_deletion_that_is_no_longer_found_has_failed_when_the_resource_stands() -> None:
    """Then nobody knows how it ended."""
    lost = Reply(404, {"error": {"code": "OperationNotFound", "message": "unknown operation"}})
    with pytest.raises(ResourceNotFoundError, match="unknown operation"):
        begin(Scripted(started(location=RESULT), lost, state("Succeeded")), "DELETE").result()


@pytest.mark.parametrize("answer", [Reply(200, {}), Reply(200)], ids=["no status", "empty"])
def test_an_answer_that_tells_nothing_is_an_error(answer: Reply) -> None:
    """Rather than a wait without end."""
    with pytest.raises(HttpResponseError, match=r"status|body"):
        begin(Scripted(started(azure_asyncoperation=STATUS), answer)).result()


def test_a_lost_connection_comes_out_of_the_wait() -> None:
    """The operation goes on at the service, and the poller does not say that it has ended."""
    backend = Scripted(
        started({"name": "cpu"}, 201, azure_asyncoperation=STATUS), ServiceRequestError("no route to host")
    )
    poller = begin(backend)
    with pytest.raises(ServiceRequestError, match="no route"):
        poller.result()
    assert poller.status() == "InProgress"


# -- waits that are given up -----------------------------------------------------------------------------------


def test_a_wait_that_is_given_up_leaves_the_operation_and_the_poller_going() -> None:
    """`result(timeout)` comes back in silence, with the resource as far as it is known; wait again for the end."""
    backend = Scripted(
        started({"name": "half"}, 201, azure_asyncoperation=STATUS),
        operation("InProgress"),
        operation("Succeeded"),
        state("Succeeded"),
    )
    backend.held.clear()
    poller = begin(backend)
    assert poller.result(timeout=0.05) == "half"
    assert (poller.done(), poller.status()) == (False, "InProgress")
    backend.held.set()
    assert poller.result() == "cpu"


def test_an_unfinished_action_has_no_result_yet() -> None:
    """The state of an operation is not taken for its answer."""
    backend = Scripted(
        started({"name": "state"}, azure_asyncoperation=STATUS), operation("InProgress"), operation("Succeeded")
    )
    backend.held.clear()
    poller = begin(backend, "POST")
    assert poller.result(timeout=0.05) is None
    backend.held.set()
    poller.wait()


def test_callbacks_are_called_once_it_is_done() -> None:
    """With the polling method; one that was taken back is not, one that comes late is called at once."""
    backend = Scripted(started(location=RESULT), Reply(202), Reply(204))
    backend.held.clear()
    poller = begin(backend, "DELETE")
    called: list[Any] = []
    done = threading.Event()

    def never(_: Any) -> None:
        called.append("never")

    poller.add_done_callback(called.append)
    poller.add_done_callback(lambda _: done.set())
    poller.add_done_callback(never)
    poller.remove_done_callback(never)
    backend.held.set()
    poller.wait()
    assert done.wait(5)
    poller.add_done_callback(called.append)
    assert called == [poller.polling_method()] * 2
    with pytest.raises(ValueError, match="complete"):
        poller.remove_done_callback(never)


PROGRAM = """
import signal, sys, time
# A shell starts what it runs in the background deaf to Ctrl-C, and so all that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:0] = {path!r}
from arm.scripted import Scripted, connect, started
from mlsdk.backends import Reply

class Endless(Scripted):
    def send(self, request):
        return started(location="/results/1")
    def sleep(self, seconds):
        print("polling", flush=True)
        time.sleep(seconds)

connect(Endless(), polling_interval=60).begin("DELETE", "/a/b", "v").result()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_the_wait_and_the_program() -> None:
    """The thread that polls does not hold up the interpreter."""
    program = PROGRAM.format(path=sys.path)
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "polling\n"
        time.sleep(0.1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert time.monotonic() - began < 10
    assert "KeyboardInterrupt" in errors
    assert process.returncode != 0


# -- words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "url", "words"),
    [
        ("PUT", f"{HOST}{COMPUTE}?api-version=v", "making compute cpu"),
        ("PATCH", "/w/onlineEndpoints/my%20one", "changing online endpoint my one"),
        ("DELETE", "/w/registries/r", "deleting registry r"),
        ("PUT", "/w/x/models/m/versions/3", "making version 3 of model m"),
        ("POST", f"{COMPUTE}/start", "start compute cpu"),
    ],
)
def test_a_request_says_in_words_what_it_does(method: str, url: str, words: str) -> None:
    """For the line that tells what is being waited for."""
    assert subject(method, url) == words
