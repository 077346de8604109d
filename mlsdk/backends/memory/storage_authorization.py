"""Who may do what in a storage account: a signed request, a shared access signature, or somebody's token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory import signatures
from mlsdk.backends.memory.storage_errors import StorageError, storage_not_emulated

if TYPE_CHECKING:
    from mlsdk.backends.memory.blobs import Account
    from mlsdk.backends.memory.storage_exchange import Exchange


CHALLENGED = "2019-12-12"
"""From this version on the blob service tells who says nothing of themselves how to sign in; before, that nothing is open to
everybody."""


def authorize(exchange: Exchange, account: Account, permission: str) -> None:
    """Let a request through or raise StorageError (401, 403).

    `permission` holds letters of shared access signatures, any of which is enough. Every token is as good as any other: who
    has which role is not emulated. Nothing is checked against a date in the request, only against the backend's clock.
    """
    scheme, _, given = exchange.header("authorization").partition(" ")
    if scheme.lower() == "bearer" and given.strip():
        return
    if scheme == "SharedKey":
        _check_key(exchange, account, given)
    elif scheme == "SharedKeyLite":
        raise storage_not_emulated(400, "requests signed as SharedKeyLite; SharedKey is understood")
    elif scheme:
        raise StorageError(400, "InvalidAuthenticationInfo")
    elif "sig" in exchange.params:
        _check_signature(exchange, account, permission)
    elif exchange.header("x-ms-version") < CHALLENGED and exchange.address.service == "blob":
        raise StorageError(409, "PublicAccessNotPermitted")
    else:
        tenant = f"https://login.microsoftonline.com/{exchange.backend.tenant_id}/oauth2/authorize"
        challenge = f"Bearer authorization_uri={tenant} resource_id=https://storage.azure.com"
        raise StorageError(401, "NoAuthenticationInformation", headers={"www-authenticate": challenge})


def _check_key(exchange: Exchange, account: Account, given: str) -> None:
    name, _, signature = given.partition(":")
    if name == account.name and (
        account.trusting
        or signatures.signed_by_key(
            account.name,
            account.keys,
            signature,
            exchange.method,
            exchange.address.raw_path,
            exchange.query,
            exchange.headers,
        )
    ):
        return
    raise _failed(403, "The MAC signature found in the HTTP request is not that of a key of this account.")


def _check_signature(exchange: Exchange, account: Account, permission: str) -> None:
    fields = exchange.params
    if account.trusts(fields):
        return
    if not signatures.in_force(fields, exchange.now):
        raise _failed(403, "Signature not valid in the specified time frame.")
    if not account.trusting and not signatures.genuine(account.name, account.keys, fields, exchange.target):
        raise _failed(403, "Signature did not match what a key of this account makes of the string to sign.")
    mismatch = signatures.mismatch(fields, exchange.target, permission, exchange.address.scheme)
    if mismatch is not None:
        raise StorageError(403, f"Authorization{mismatch}Mismatch")


def _failed(status: int, why: str) -> StorageError:
    return StorageError(status, "AuthenticationFailed", details={"AuthenticationErrorDetail": why})
