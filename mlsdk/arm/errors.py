"""A refusal of the service as azure-core's own error, so that `except` clauses of existing code keep working.

Its text is the service's own words, then what to do where that is known (`advice.py`), then the ids that support asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)

from mlsdk.arm.advice import NOT_JSON, advice
from mlsdk.arm.envelopes import codes_of, details_of, envelope_of, is_page
from mlsdk.arm.transport import BackendResponse, azure_request
from mlsdk.backends import Request
from mlsdk.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends import Reply

E = TypeVar("E", bound=HttpResponseError)

BY_STATUS: dict[int, type[HttpResponseError]] = {
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    304: ResourceNotModifiedError,
}

SECRET_HEADERS = frozenset({"authorization", "api-key", "x-ms-authorization-auxiliary", "aml-user-token"})


def error_of(response: Any) -> HttpResponseError:
    """The error for a response of azure-core's shape, with `status_code`, `error.code` and `response`."""
    made = BY_STATUS.get(response.status_code, HttpResponseError)
    return enriched(made(response=response))


def refused(request: Request, reply: Reply) -> HttpResponseError:
    """The error for a backend's reply. It keeps the question without what was sent, which may be secret, or a stream."""
    asked = Request(request.method, request.url, request.params, _public(request.headers))
    return error_of(BackendResponse(azure_request(asked), reply))


def _public(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}


def enriched(error: E) -> E:
    """The same error, its text completed and without secrets; `mlsdk.exceptions.service_details` finds its ids.

    For errors that azure-core made itself, as its pollers do. One that came without a response, or was here before, is left
    as it is.
    """
    response: Any = error.response
    if response is None or "service_details" in vars(error):
        return error
    url = str(getattr(response.request, "url", ""))
    # What a poller found wrong stands in the inner exception.
    reason = str(error.inner_exception or "") or " ".join(
        filter(None, (f"{error.status_code}", error.reason, "from", redacted(urlsplit(url).path)))
    )
    envelope = envelope_of(response, reason)
    text = str(envelope) if envelope is not None else redacted(f"{reason}; the answer is empty")
    codes = list(codes_of(envelope)) if envelope is not None else []
    details = details_of(response)
    hint = advice(
        error.status_code or 0,
        [*codes, *details.inner_codes, *([NOT_JSON] if is_page(response) else [])],
        text,
        url,
        response.headers.get("retry-after"),
    )
    if hint:
        text += f"\nWhat to do: {hint}"
    if str(details):
        text += f"\nFor support: {details}"
    # An envelope is kept also where the content is no error, since azure-core shows the content of an error without one.
    error.error = envelope
    error.message = text
    error.args = (text, *error.args[1:])
    error.exc_msg = redacted(f"{text}, {getattr(error.exc_type, '__name__', None)}: {error.exc_value}")
    # A traceback cannot go to another process; that of the error itself is untouched.
    error.exc_traceback = None
    vars(error)["service_details"] = details
    return error
