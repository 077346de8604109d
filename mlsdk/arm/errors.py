"""A refusal of the service as azure-core's own error, so that `except` clauses of existing code keep working."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)
from azure.mgmt.core.exceptions import ARMErrorFormat

from mlsdk.arm.transport import BackendResponse, azure_request

if TYPE_CHECKING:
    from mlsdk.backends import Reply, Request

BY_STATUS: dict[int, type[HttpResponseError]] = {
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    304: ResourceNotModifiedError,
}


def error_of(response: Any) -> HttpResponseError:
    """The error for a response of azure-core's shape, with `status_code`, `error.code` and `response`."""
    made = BY_STATUS.get(response.status_code, HttpResponseError)
    return made(response=response, error_format=ARMErrorFormat)


def refused(request: Request, reply: Reply) -> HttpResponseError:
    """The error for a backend's reply."""
    return error_of(BackendResponse(azure_request(request), reply))
