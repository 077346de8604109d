"""What Azure Storage answers when it refuses: a status, a code in a header, and a body that says it again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.storage_exchange import Exchange

CODES = {
    400: "InvalidInput",
    401: "NoAuthenticationInformation",
    403: "AuthorizationFailure",
    404: "ResourceNotFound",
    409: "ResourceAlreadyExists",
    412: "ConditionNotMet",
    416: "InvalidRange",
    429: "TooManyRequests",
    500: "InternalError",
    502: "BadGateway",
    503: "ServerBusy",
    504: "GatewayTimeout",
}
"""The code that goes with a status when nobody says another one."""

MESSAGES = {
    "AccountRequiresHttps": "The account being accessed does not support http.",
    "AccessTierNotSupportedForBlobType": "The specified access tier is not supported for blobs of this type.",
    "AppendPositionConditionNotMet": "The append position condition specified was not met.",
    "AuthenticationFailed": "Server failed to authenticate the request. Make sure the value of Authorization header is "
    "formed correctly including the signature.",
    "AuthorizationPermissionMismatch": "This request is not authorized to perform this operation using this permission.",
    "AuthorizationProtocolMismatch": "This request is not authorized to perform this operation using this protocol.",
    "AuthorizationResourceTypeMismatch": "This request is not authorized to perform this operation using this resource "
    "type.",
    "AuthorizationServiceMismatch": "This request is not authorized to perform this operation using this service.",
    "BlobAlreadyExists": "The specified blob already exists.",
    "BlobArchived": "This operation is not permitted on an archived blob.",
    "BlobNotFound": "The specified blob does not exist.",
    "BlockListTooLong": "The block list may not contain more than 50,000 blocks.",
    "CannotVerifyCopySource": "The specified blob does not exist.",
    "ConditionNotMet": "The condition specified using HTTP conditional header(s) is not met.",
    "ContainerAlreadyExists": "The specified container already exists.",
    "ContainerNotFound": "The specified container does not exist.",
    "DirectoryIsNotEmpty": "This operation is not permitted on a non-empty directory.",
    "DirectoryNotEmpty": "The recursive query parameter value must be true to delete a non-empty directory.",
    "EmptyMetadataKey": "The key for one of the metadata key-value pairs is empty.",
    "FilesystemAlreadyExists": "The specified filesystem already exists.",
    "FilesystemNotFound": "The specified filesystem does not exist.",
    "HierarchicalNamespaceNotEnabled": "This operation is only supported on a hierarchical namespace account.",
    "InvalidAuthenticationInfo": "Authentication information is not given in the correct format. Check the value of "
    "Authorization header.",
    "InvalidBlobOrBlock": "The specified blob or block content is invalid.",
    "InvalidBlobType": "The blob type is invalid for this operation.",
    "InvalidBlockList": "The specified block list is invalid.",
    "InvalidFlushPosition": "The uploaded data is not contiguous or the position query parameter value is not equal to "
    "the length of the file after appending the uploaded data.",
    "InvalidMd5": "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.",
    "InvalidMetadata": "The metadata specified is invalid. It has characters that are not permitted.",
    "InvalidQueryParameterValue": "Value for one of the query parameters specified in the request URI is invalid.",
    "InvalidRange": "The range specified is invalid for the current size of the resource.",
    "InvalidRenameSourcePath": "The source directory cannot be the same as the destination directory, nor can the "
    "destination be a subdirectory of the source directory.",
    "InvalidResourceName": "The specified resource name contains invalid characters.",
    "InvalidSourceOrDestinationResourceType": "The source and destination resource type must be identical.",
    "InvalidXmlDocument": "XML specified is not syntactically valid.",
    "LeaseNotPresentWithBlobOperation": "There is currently no lease on the blob.",
    "LeaseNotPresentWithContainerOperation": "There is currently no lease on the container.",
    "MaxBlobSizeConditionNotMet": "The max blob size condition specified was not met.",
    "Md5Mismatch": "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
    "MetadataTooLarge": "The metadata specified exceeds the maximum permissible limit (8KB).",
    "NoAuthenticationInformation": "Server failed to authenticate the request. Please refer to the information in the "
    "www-authenticate header.",
    "NoPendingCopyOperation": "There is currently no pending copy operation.",
    "OperationNotSupportedOnDirectory": "The requested operation is not supported on a directory.",
    "OutOfRangeInput": "The specified resource name length is not within the permissible limits.",
    "OutOfRangeQueryParameterValue": "One of the query parameters specified in the request URI is outside the permissible "
    "range.",
    "PathAlreadyExists": "The specified path already exists.",
    "PathConflict": "The specified path, or an element of the path, exists and its resource type is invalid for this "
    "operation.",
    "PathNotFound": "The specified path does not exist.",
    "PublicAccessNotPermitted": "Public access is not permitted on this storage account.",
    "RenameDestinationParentPathNotFound": "The parent directory of the destination path does not exist.",
    "ResourceTypeMismatch": "The specified resource type does not match the type of the existing resource.",
    "SourceConditionNotMet": "The source condition specified using HTTP conditional header(s) is not met.",
    "SourcePathNotFound": "The source path for a rename operation does not exist.",
    "UnsatisfiableCondition": "The request includes an unsatisfiable condition for this operation.",
}


class StorageError(Exception):
    """A refusal of the storage service's. Raised anywhere below `serve_storage`, it becomes the reply."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str | None = None,
        *,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message or MESSAGES[code]
        self.details = dict(details or {})
        """What more the body says, in the service's own words: `HeaderName`, `AuthenticationErrorDetail`."""
        self.headers = dict(headers or {})
        super().__init__(self.message)

    def xml(self, trace: str) -> bytes:
        """The body as the blob service writes it; `trace` says which request it was, and when."""
        more = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in self.details.items())
        text = f"<Code>{self.code}</Code><Message>{escape(self.message)}{trace}</Message>{more}"
        return f'<?xml version="1.0" encoding="utf-8"?><Error>{text}</Error>'.encode()

    def json(self, trace: str) -> dict[str, dict[str, str]]:
        """The body as the data lake writes it."""
        return {"error": {"code": self.code, "message": self.message + trace, **self.details}}


def storage_not_emulated(status: int, what: str) -> StorageError:
    """Something the real service may know and this backend does not: never a silent success, never a 5xx."""
    return StorageError(status, "NotEmulated", f"The memory backend does not emulate {what}.")


def header_refused(exchange: Exchange, name: str) -> StorageError:
    """A header with a value that cannot be understood."""
    message = "The value for one of the HTTP headers is not in the correct format."
    return StorageError(
        400, "InvalidHeaderValue", message, details={"HeaderName": name, "HeaderValue": exchange.header(name)}
    )


def parameter_refused(
    exchange: Exchange, name: str, code: str = "InvalidQueryParameterValue", more: Mapping[str, str] | None = None
) -> StorageError:
    """A query parameter with a value that cannot be understood, or (by its `code`) is too small or too large."""
    details = {"QueryParameterName": name, "QueryParameterValue": exchange.param(name), **(more or {})}
    return StorageError(400, code, details=details)
