"""What a service says of a failure, in whatever form it says it: ARM's envelope, the ML front end's, a page, nothing.

The forms are those of public traces: Azure Resource Manager's `{"error": {"code", "message", "details",
"additionalInfo"}}`, the ML front end's entries of `additionalInfo` in it (ComponentName, Correlation, Environment,
Location, Time, InnerError), and the same facts at the top of the body, where Azure Machine Learning's own services answer
(`{"error": {…, "innerError"}, "correlation", "environment", "location", "time", "componentName"}`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from azure.core.exceptions import AzureError
from azure.mgmt.core.exceptions import ARMErrorFormat

from mlsdk.exceptions import ServiceDetails
from mlsdk.redaction import redacted, redacted_json

TOLD_ELSEWHERE = frozenset(
    {
        "ComponentName",
        "Correlation",
        "Environment",
        "InnerError",
        "Location",
        "MessageFormat",
        "MessageParameters",
        "Time",
    }
)
"""Additional information that the text of an error leaves out: `ServiceDetails` has it, or the message repeats it."""

ENDED_BADLY = frozenset({"canceled", "cancelled", "failed"})

PAGE_WORDS = 300
"""Characters of a page that is not JSON which an error shows; the whole stays in `error.response`."""

PAGE_READ = 20_000
"""Characters of it in which they are looked for."""

BODY_WORDS = 1000
"""Characters of a JSON body in which no error was found."""


class ServiceErrorFormat(ARMErrorFormat):
    """A service's error, read forgivingly and without the secrets it may echo; its text says each thing once."""

    def __init__(self, json_object: Mapping[str, Any]) -> None:
        """Read `{"error": {…}}` or what stands in it. ValueError when it has neither a code nor a message."""
        error = _mapping(json_object.get("error", json_object))
        shape = {name[:1].lower() + name[1:]: part for name, part in redacted_json(error).items() if name != "error"}
        super().__init__(
            {
                **shape,
                "details": [part for part in _rows(shape.get("details")) if isinstance(part, Mapping)],
                "innererror": shape.get("innererror") or {},
                "additionalInfo": [
                    {"type": str(part["type"]), "info": part.get("info")}
                    for part in _rows(shape.get("additionalInfo"))
                    if isinstance(part, Mapping) and "type" in part
                ],
            }
        )

    def __str__(self) -> str:
        """`(Code) message`, then the details, each further in, and what else the service adds."""
        lines = [f"({self.code}) {self.message}" if self.code else str(self.message)]
        if self.target:
            lines.append(f"Target: {self.target}")
        lines.extend(f"  {line}" for part in self.details for line in str(part).splitlines())
        if self.innererror:
            lines.append(f"Inner error: {json.dumps(self.innererror)}")
        lines.extend(
            f"{part.type}: {json.dumps(part.info)}" for part in self.additional_info if part.type not in TOLD_ELSEWHERE
        )
        return "\n".join(lines)


def codes_of(error: ServiceErrorFormat) -> Iterator[str]:
    """The codes of an error and of its details, the outer ones first."""
    if error.code:
        yield str(error.code)
    for part in error.details:
        if isinstance(part, ServiceErrorFormat):
            yield from codes_of(part)


def text_of(response: Any) -> str:
    """The content of a response as text; empty when it was never read."""
    try:
        return str(response.text())
    except (AzureError, UnicodeError):
        # A stream that nobody read, or bytes that are no text: the status and the headers have to do.
        return ""


def json_of(text: str) -> Any:
    """The JSON in a text, None when it is something else."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def envelope_of(response: Any, reason: str) -> ServiceErrorFormat | None:
    """The error in a response, None when it is empty. `reason` says what is wrong where the content does not."""
    text = text_of(response)
    if not text.strip():
        return None
    body = json_of(text)
    if isinstance(body, Mapping):
        try:
            return ServiceErrorFormat(body)
        except ValueError:
            state = _state(body)
            if state.lower() in ENDED_BADLY:
                message = f"the operation ended as {state}; the service does not say why"
                return ServiceErrorFormat({"code": state, "message": message})
    if body is not None:
        return ServiceErrorFormat({"message": f"{reason}; the answer holds no error: {json.dumps(body)[:BODY_WORDS]}"})
    kind = (response.headers.get("content-type") or "text").partition(";")[0]
    message = f"{reason}; the answer is not JSON but {kind}: {_words(text)}"
    return ServiceErrorFormat({"code": response.headers.get("x-ms-error-code"), "message": message})


def is_page(response: Any) -> bool:
    """Whether the content is neither JSON nor an error of Azure Storage: something between here and Azure answered."""
    text = text_of(response)
    return bool(text.strip()) and json_of(text) is None and not response.headers.get("x-ms-error-code")


def details_of(response: Any) -> ServiceDetails:
    """Where, when and under which ids the service failed."""
    body = _mapping(redacted_json(json_of(text_of(response))))
    error = _mapping(body.get("error")) or body
    told: dict[str, Any] = {}
    for kind, value in _told(error):
        told.setdefault(kind, value)
    correlation = _mapping(told.get("Correlation") or body.get("correlation"))
    headers = {**_headers(getattr(response, "request", None)), **_headers(response)}
    return ServiceDetails(
        component=_text(told.get("ComponentName") or body.get("componentName")),
        operation_id=_text(correlation.get("operation")),
        request_id=_text(correlation.get("request")),
        environment=_text(told.get("Environment") or body.get("environment")),
        location=_text(told.get("Location") or body.get("location")),
        time=_text(told.get("Time") or body.get("time") or headers.get("date")),
        inner_codes=tuple(_inner_codes(told.get("InnerError") or error.get("innerError"))),
        arm_request_id=headers.get("x-ms-request-id"),
        arm_correlation_id=headers.get("x-ms-correlation-request-id"),
        client_request_id=headers.get("x-ms-client-request-id"),
    )


def _told(error: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The additional information of an error and of its details, the outer ones first."""
    for part in _rows(error.get("additionalInfo")):
        if isinstance(part, Mapping):
            info = part.get("info")
            yield str(part.get("type")), info.get("value", info) if isinstance(info, Mapping) else info
    for detail in _rows(error.get("details")):
        if isinstance(detail, Mapping):
            yield from _told(detail)


def _inner_codes(error: Any) -> Iterator[str]:
    """The codes inside `{"code", "innerError": {"code", …}}`, the outer one first."""
    while isinstance(error, Mapping):
        if error.get("code"):
            yield str(error["code"])
        error = error.get("innerError")


def _state(body: Mapping[str, Any]) -> str:
    """How a long-running operation says it stands, empty when the body is not of one."""
    return str(body.get("status") or _mapping(body.get("properties")).get("provisioningState") or "")


def _words(page: str) -> str:
    """What a page says, without its markup."""
    shown = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", page[:PAGE_READ])
    return redacted(" ".join(shown.split()))[:PAGE_WORDS]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _headers(message: Any) -> dict[str, str]:
    """The headers of a request or a response, their names in lower case."""
    return {str(name).lower(): str(value) for name, value in dict(getattr(message, "headers", None) or {}).items()}
