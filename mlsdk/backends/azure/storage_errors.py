"""What went wrong with a storage account, in words that a person can act on, and never with a key or a signature in them.

The errors stay azure-core's own, with status, code and response; only their text changes. A missing or an existing file
is told by Python's own FileNotFoundError and FileExistsError.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs

import attrs
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ODataV4Format,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)

from mlsdk.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Generator

OpenedBy = Literal["key", "signature", "token", "nothing"]
"""What opens a container."""

THERE_ALREADY = ("BlobAlreadyExists", "ConditionNotMet", "ResourceAlreadyExists", "PathAlreadyExists")
NO_CONTAINER = ("ContainerNotFound", "FilesystemNotFound")

CLASSES: dict[int, type[HttpResponseError]] = {
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    412: ResourceModifiedError,
}

WRITER, READER = "Storage Blob Data Contributor", "Storage Blob Data Reader"
"""The roles that open the files of a storage account to an identity."""

_NETWORK = (
    "network rules of the account may keep this machine out (its firewall, or public access switched off in favour of a "
    "private endpoint): allow this machine's address, or work from inside the virtual network"
)


@attrs.frozen
class Place:
    """A container as errors speak of it."""

    address: str
    """Its URL, without a signature."""
    account: str
    container: str
    opened_by: OpenedBy
    until: datetime | None = None
    """When a signature ends."""

    def words(self, code: str | None, status: int) -> str | None:
        """What an error code of the storage service means here; None where the service's own words say it."""
        if code in NO_CONTAINER:
            return (
                f"container {self.container!r} does not exist in storage account {self.account!r}; create it, or name "
                "another one in the datastore"
            )
        if status not in (401, 403, 409) or (status == 409 and code != "PublicAccessNotPermitted"):
            return None
        return f"{self.address} did not let us in ({code or status}): {self._refusal(code)}"

    def _refusal(self, code: str | None) -> str:
        if code == "KeyBasedAuthenticationNotPermitted":
            return (
                "the account takes neither keys nor signatures; register the datastore without credentials, so that "
                f"identities are used, and give yours the role {WRITER!r}"
            )
        if code == "AccountIsDisabled":
            return f"storage account {self.account!r} is disabled; ask who owns the subscription"
        if self.opened_by == "signature":
            return self._signature(code)
        if self.opened_by == "key":
            wrong = "the account key is not one of this account, or was regenerated; update the datastore's credentials"
            return f"{_NETWORK}, or {wrong}" if code == "AuthorizationFailure" else wrong
        if self.opened_by == "nothing":
            return "it is not open to everyone; give an account key, a shared access signature or a credential"
        if code == "AuthorizationFailure":
            return _NETWORK
        if code in ("InvalidAuthenticationInfo", "AuthenticationFailed"):
            return "the token was not accepted: sign in again, to the tenant of the storage account"
        return (
            f"the signed-in identity needs the role {WRITER!r} (to read, {READER!r}) on storage account "
            f"{self.account!r}; a role takes some minutes to become effective"
        )

    def _signature(self, code: str | None) -> str:
        if self.until is not None and self.until <= datetime.now(timezone.utc):
            return f"the shared access signature has expired ({self.until:%Y-%m-%d %H:%M} UTC); get a new one"
        if code == "AuthorizationSourceIPMismatch":
            return "the shared access signature does not hold for this machine's address"
        if code in (
            "AuthorizationPermissionMismatch",
            "AuthorizationServiceMismatch",
            "AuthorizationResourceTypeMismatch",
        ):
            return (
                "the shared access signature does not allow this; on the container it needs rl to read, racwl to write"
            )
        wrong = "the shared access signature is not one of this account, has expired or was withdrawn; get a new one"
        return f"{wrong}; or {_NETWORK}" if code == "AuthorizationFailure" else wrong


def end_of(signature: str) -> datetime | None:
    """When a shared access signature ends (`se`), None where it does not say so."""
    for text in parse_qs(signature.lstrip("?")).get("se", []):
        try:
            found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    return None


@contextmanager
def explained(place: Place, name: str | None = None) -> Generator[None]:
    """Turn azure-core's errors about `place` into ones that say what to do; `name` is the file, None for the container."""
    try:
        yield
    except AzureError as error:
        raise told(error, place, name) from None


def told(error: AzureError, place: Place, name: str | None) -> Exception:
    """The error to raise: Python's own for a file that is missing or there already, else `error` with a better text."""
    _hide(error, set())
    if isinstance(error, ClientAuthenticationError) and error.response is None and place.opened_by == "key":
        error.args = (f"the account key of {place.account!r} is no base64 text; copy the whole key again",)
        error.message = error.args[0]
    if not isinstance(error, HttpResponseError):
        return error
    status, code = error.status_code or 0, code_of(error)
    if name is not None and status in (409, 412) and code in THERE_ALREADY:
        return FileExistsError(f"{place.address}/{name} exists already")
    if name is not None and status == 404 and code not in NO_CONTAINER:
        return FileNotFoundError(f"{place.address}/{name} does not exist")
    words = place.words(code, status)
    if words is not None:
        request = _header(error, "x-ms-request-id")
        error.message = f"{words}. (request {request})" if request else words
        error.args = (error.message,)
        # With this, azure-core leaves the service's own text out, which repeats what was signed.
        error.error = ODataV4Format({"code": code, "message": words})
    return error


def failure(response: Any) -> HttpResponseError:
    """The error for an answer that is none of success, of the class that azure-storage-blob would take."""
    return CLASSES.get(response.status_code, HttpResponseError)(response=response)


def code_of(error: HttpResponseError) -> str | None:
    """The storage service's own word for an error, for example `BlobNotFound`."""
    found: Any = getattr(error, "error_code", None)
    if found is None:
        return _header(error, "x-ms-error-code")
    return str(getattr(found, "value", found))


def _header(error: HttpResponseError, name: str) -> str | None:
    response: Any = error.response
    return None if response is None else response.headers.get(name)


def _hide(error: BaseException, seen: set[int]) -> None:
    """Take secrets out of the texts of an error and of those below it: requests and urllib3 put whole addresses there."""
    if id(error) in seen:
        return
    seen.add(id(error))
    for key, text in list(vars(error).items()):
        if isinstance(text, str):
            setattr(error, key, redacted(text))
    error.args = tuple(redacted(value) if isinstance(value, str) else value for value in error.args)
    request: Any = getattr(getattr(error, "response", None), "request", None)
    if isinstance(getattr(request, "url", None), str):
        request.url = redacted(request.url)
    below = (
        *error.args,
        error.__cause__,
        error.__context__,
        *(getattr(error, key, None) for key in ("inner_exception", "reason")),
    )
    for other in below:
        if isinstance(other, BaseException):
            _hide(other, seen)
