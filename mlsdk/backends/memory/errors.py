"""What the service answers when it refuses: status, code, text, and the two shapes of an error body."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from mlsdk.backends import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping


class ServiceError(Exception):
    """A refusal. Raised anywhere inside the memory backend, it becomes the `Reply` of the request.

    `inner` set (even to the general `"BadRequest"`) gives the shape of Azure Machine Learning's own front end, with its
    `additionalInfo`; without it the error is one of Azure Resource Manager.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The error body, `{"error": {"code": …, "message": …}}` and what the front end adds to it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.inner is not None:
            operation, request = uuid.uuid4().hex, uuid.uuid4().hex[:16]
            error["details"] = []
            error["additionalInfo"] = [
                {"type": "ComponentName", "info": {"value": "managementfrontend"}},
                {"type": "Correlation", "info": {"value": {"operation": operation, "request": request}}},
                {"type": "InnerError", "info": {"value": {"code": self.inner, "innerError": None}}},
            ]
        return {"error": error}

    def reply(self) -> Reply:
        """The refusal as the answer to a request."""
        return Reply(self.status, self.body(), {"content-type": "application/json", **self.headers})


CODES = {400: "InvalidRequestContent", 404: "ResourceNotFound", 409: "Conflict"}
"""The code of a refusal by its status, where nothing more particular is said."""


def refusal(status: int, message: str, code: str | None = None) -> ServiceError:
    """What Azure Resource Manager answers to a request it does not carry out."""
    return ServiceError(status, code or CODES[status], message)


def user_error(status: int, message: str, *, inner: str | None = None) -> ServiceError:
    """What Azure Machine Learning's front end answers to a request it does not carry out."""
    return ServiceError(status, "UserError", message, inner=inner or INNER[status])


INNER = {400: "BadRequest", 404: "NotFoundError", 409: "Conflict"}


def resource_not_found(resource: str, group: str) -> ServiceError:
    """What Azure Resource Manager says of a missing resource, named as ids do, `{provider}/workspaces/ws`."""
    return refusal(
        404,
        f"The Resource '{resource}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def not_emulated(status: int, what: str) -> ServiceError:
    """Something real Azure may know and this backend does not: never a silent success, never a 5xx."""
    return ServiceError(status, "NotEmulated", f"The memory backend does not emulate {what}.")
