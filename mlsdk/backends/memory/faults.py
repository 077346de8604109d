"""Faults on demand: a pattern of requests, what goes wrong with them, and how many times."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NoReturn

import attrs

from mlsdk.backends.memory.errors import ServiceError

CODES = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


@attrs.define(kw_only=True)
class Fault:
    """Something that goes wrong with the requests it matches; `left` counts down to none."""

    method: str
    """A method, or `*` for all."""
    path: str
    """A pattern with `*` and `?` for the path, or for all of the address before the query, compared without case:
    `*/computes/*`, `https://*.blob.*`."""
    status: int
    code: str
    message: str
    headers: Mapping[str, str]
    left: int | None
    """How often it still strikes; None is always."""
    after: bool
    """Whether the request is carried out first and only its answer is lost."""
    operation: bool
    """Whether the request is accepted and the long-running operation it begins fails."""
    exception: BaseException | type[BaseException] | None

    def strikes(self, method: str, host: str, path: str) -> bool:
        """Whether a request is struck; counts it when it is."""
        if self.left == 0 or self.method not in ("*", method):
            return False
        pattern = self.path.lower()
        if not (fnmatchcase(path.lower(), pattern) or fnmatchcase(f"{host}{path}".lower(), pattern)):
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def error(self) -> ServiceError:
        """The answer of the service for it."""
        return ServiceError(self.status, self.code, self.message, headers=self.headers)

    def strike(self) -> NoReturn:
        """Raise what goes wrong: the exception it was made with, else the service's refusal."""
        if self.exception is not None:
            raise self.exception
        raise self.error()
