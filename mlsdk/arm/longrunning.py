"""Long-running operations: azure-core's poller and ARM's rules, over any backend."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import ContentDecodePolicy, HeadersPolicy, RequestIdPolicy
from azure.core.polling import LROPoller, PollingMethod
from azure.core.polling.base_polling import BadStatus, OperationFailed
from azure.mgmt.core.polling.arm_polling import ARMPolling

from mlsdk.arm import progress
from mlsdk.arm.errors import enriched, error_of
from mlsdk.arm.transport import BackendResponse, BackendTransport, azure_request
from mlsdk.backends import Options, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.arm.connection import Connection
    from mlsdk.backends import Request

T = TypeVar("T")
JSON = dict[str, Any]

FAILED = frozenset({"failed", "canceled"})
LOOK = 0.25
"""Seconds between two looks of one who waits and is told how it goes."""
VERBS = {"PUT": "making", "PATCH": "changing", "DELETE": "deleting"}


def begin(connection: Connection, request: Request, load: Callable[[Any], T] | None) -> LROPoller[T]:
    """Send `request` and follow what it started. `load` makes the result of the final body; without it the result is None.

    A refusal of the request raises here; a failure later, or one that the first answer already tells of, is raised by
    `result()` with the service's code, message and details.
    """
    client = _client(connection)
    first = client.send_request(
        azure_request(request, connection.backend.cloud),
        options=request.options,
        audience=request.audience,
        _return_pipeline_response=True,
    )
    if first.http_response.status_code >= 400:
        raise error_of(first.http_response)
    method = polling_method(connection, request.audience, request.options)
    return Poller(client, first, _result(load), method, subject(request.method, request.url), connection.show_progress)


class Poller(LROPoller[T]):
    """azure-core's poller; whoever waits with it at a terminal or in a notebook is told how it goes.

    `result(timeout)` and `wait(timeout)` come back after `timeout` seconds without an error, whether the operation has ended
    or not: ask `done()`. What `result` gives then is the resource as far as it is known, else None. Giving up a wait, by a
    timeout or Ctrl-C, leaves the operation running: wait again.
    """

    def __init__(
        self,
        client: Any,
        initial_response: Any,
        deserialization_callback: Callable[[Any], T],
        polling_method: PollingMethod[T],
        what: str = "",
        show: bool | None = False,
    ) -> None:
        self._what, self._show, self._began = what, show, time.monotonic()
        # Waited for in place of the thread: one whose join is interrupted is taken for ended by Python up to 3.12.
        self._ended = threading.Event()
        super().__init__(client, initial_response, deserialization_callback, polling_method)

    def _start(self) -> None:
        try:
            super()._start()  # type: ignore[no-untyped-call]
        finally:
            self._ended.set()

    def done(self) -> bool:
        """Whether the operation has ended, well or not."""
        return self._thread is None or self._ended.is_set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the operation has ended or `timeout` seconds have passed; raises what made it fail."""
        if not self.done():
            ends = None if timeout is None else time.monotonic() + timeout
            with progress.line(self._what, self._show) as line:
                if line is None:
                    self._ended.wait(timeout)
                else:
                    self._watch(line, ends)
        if self.done():
            super().wait()

    def _watch(self, line: progress.Line, ends: float | None) -> None:
        def rest() -> str:
            return f"{self.status()}, {progress.duration(time.monotonic() - self._began)}"

        try:
            while (left := LOOK if ends is None else min(LOOK, ends - time.monotonic())) > 0:
                if self._ended.wait(left):
                    return
                line.tell(rest)
        finally:
            line.end(rest)


class _Polling(ARMPolling):
    """ARM's rules as azure-mgmt-core has them, and what they leave open.

    - A failure is raised as this package's error, also one that the first answer tells of.
    - A deletion whose operation is no longer found has succeeded when the resource is not found either.
    - While an operation goes on, its resource is what is known of the resource, not the state of the operation.
    """

    _over: bool
    """Whether the last answer is the final one."""
    _failed_at_once: bool = False

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        super().initialize(client, initial_response, deserialization_callback)
        self._failed_at_once = str(self._status).lower() in FAILED
        self._over = self.finished()

    def finished(self) -> bool:
        # What failed at once is not finished before `run` has raised it: azure-core does not look at it otherwise.
        return super().finished() and not self._failed_at_once

    def run(self) -> None:
        if self._failed_at_once:
            self._failed_at_once = False
            raise self._failure()
        try:
            super().run()
        except HttpResponseError as error:
            explained = self._explained(error)
            if explained is error:
                raise
            raise explained from None
        self._over = True

    def update_status(self) -> None:
        try:
            super().update_status()
        except BadStatus:
            if not self._is_gone():
                raise
            self._status = "Succeeded"

    def request_status(self, status_link: str) -> Any:
        # A path alone belongs to the host that gave it.
        return super().request_status(urljoin(self._pipeline_response.http_response.request.url, status_link))

    def resource(self) -> Any:
        response = self._pipeline_response
        if not self._over:
            response = self._initial_response
            if response.http_response.request.method not in ("PUT", "PATCH"):
                return None
        elif response.http_response.status_code >= 400:
            return None  # gone
        return self._parse_resource(response)

    def _is_gone(self) -> bool:
        first = self._initial_response.http_response.request
        if first.method != "DELETE" or self._pipeline_response.http_response.status_code != 404:
            return False
        return bool(self.request_status(first.url).http_response.status_code == 404)

    def _explained(self, error: HttpResponseError) -> HttpResponseError:
        """The error for what the last answer says, if that is what stopped the polling."""
        response = self._pipeline_response.http_response
        if response.status_code >= 400:
            return error_of(response)
        return self._failure() if isinstance(error.__cause__, OperationFailed) else enriched(error)

    def _failure(self) -> HttpResponseError:
        response: Any = self._pipeline_response.http_response
        told = _told(json.loads(response.text() or "{}"))
        if told is not None:
            made = Reply(response.status_code, {"error": told}, dict(response.headers))
            response = BackendResponse(response.request, made)
        return error_of(response)


def _told(body: JSON) -> Any:
    """The error that a resource carries inside: computes have a list of them. None where there is none."""
    properties = body.get("properties") or {}
    holders = [properties, *(properties.get("provisioningErrors") or [])]
    return next((holder["error"] for holder in holders if holder.get("error")), None)


def subject(method: str, url: str) -> str:
    """What a request does to what, in words: `making compute cpu`, `making version 3 of model m`, `start compute ci`."""
    path = urlsplit(url).path.strip("/")
    action = VERBS.get(method, method)
    if method == "POST":
        path, _, last = path.rpartition("/")
        action = _words(last)
    *_, outer, outer_name, kind, name = ["", "", "", "", *path.split("/")]
    inner = f"{_singular(kind)} {unquote(name)}"
    return (
        f"{action} {inner} of {_singular(outer)} {unquote(outer_name)}" if kind == "versions" else f"{action} {inner}"
    )


def _singular(kind: str) -> str:
    return re.sub(r"s$", "", re.sub(r"ies$", "y", _words(kind)))


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _client(connection: Connection) -> PipelineClient[Any, Any]:
    """azure-core's client whose network is the connection's backend."""
    pipeline: Pipeline[Any, Any] = Pipeline(
        BackendTransport(connection.backend), [RequestIdPolicy(), HeadersPolicy(), ContentDecodePolicy()]
    )
    return PipelineClient(connection.backend.cloud.resource_manager, pipeline=pipeline)


def polling_method(connection: Connection, audience: str | None, options: Options) -> _Polling:
    """How to poll: each poll has the timeout of the request for itself, its hook, and the headers of every call."""
    polls = Options(timeout=options.timeout, raw_response_hook=options.raw_response_hook)
    return _Polling(connection.polling_interval, options=polls, audience=audience, headers=dict(connection.headers))


def _result(load: Callable[[Any], T] | None) -> Callable[[Any], T]:
    def result(response: Any) -> Any:
        body = response.context.get(ContentDecodePolicy.CONTEXT_NAME)
        return load(body) if load is not None and body else None

    return result
