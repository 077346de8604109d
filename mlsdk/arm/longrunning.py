"""Long-running operations: azure-core's poller and ARM's rules, over any backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from azure.core import PipelineClient
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import ContentDecodePolicy, RequestIdPolicy
from azure.core.polling import LROPoller, PollingMethod
from azure.mgmt.core.polling.arm_polling import ARMPolling

from mlsdk.arm.errors import error_of
from mlsdk.arm.transport import BackendTransport, azure_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.arm.connection import Connection
    from mlsdk.backends import Request

T = TypeVar("T")


def pipeline_client(connection: Connection) -> PipelineClient[Any, Any]:
    """azure-core's client whose network is the connection's backend."""
    pipeline: Pipeline[Any, Any] = Pipeline(
        BackendTransport(connection.backend), [RequestIdPolicy(), ContentDecodePolicy()]
    )
    return PipelineClient("https://management.azure.com", pipeline=pipeline)


def begin(connection: Connection, request: Request, load: Callable[[Any], T] | None) -> LROPoller[T]:
    """Send `request` and follow what it started. `load` makes the result of the final body; without it the result is None.

    A refusal of the request raises here; a failure later is raised by `result()` with the service's code and message.
    """
    client = pipeline_client(connection)
    first = client.send_request(azure_request(request), _return_pipeline_response=True)
    if first.http_response.status_code >= 400:
        raise error_of(first.http_response)

    def result(response: Any) -> Any:
        body = response.context.get(ContentDecodePolicy.CONTEXT_NAME)
        return load(body) if load is not None and body else None

    return LROPoller(client, first, result, ARMPolling(connection.polling_interval))


class _Work(PollingMethod[T]):
    """Work of several steps that azure-core's poller runs in its own thread."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._status = "InProgress"
        self._result: T | None = None

    def initialize(self, *_: Any) -> None:
        """Nothing was sent yet."""

    def run(self) -> None:
        try:
            self._result = self._work()
        except BaseException:
            self._status = "Failed"
            raise
        self._status = "Succeeded"

    def status(self) -> str:
        return self._status

    def finished(self) -> bool:
        return self._status != "InProgress"

    def resource(self) -> T:
        return cast("T", self._result)

    def get_continuation_token(self) -> str:
        """Empty: another process cannot go on with it. azure-core asks for it, and warns without it, when work fails."""
        return ""


def in_background(work: Callable[[], T]) -> LROPoller[T]:
    """A poller of work that is started now and goes on beside the caller; `result()` raises what made it fail."""
    return LROPoller(None, None, lambda value: value, _Work(work))
