"""What opens the storage behind a datastore, or the service behind a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mlsdk.schema.fields import Entity, Mapped, choice, constant, entity, tag, wire

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHORITY = "https://login.microsoftonline.com"
"""Where Microsoft Entra ID gives tokens, in the public cloud."""


@entity
class NoneCredentialConfiguration(Mapped, Entity):
    """Nothing is kept: who reads the storage does so with an identity of their own."""

    type: Literal["None"] = tag("credentialsType", default="None", file=None)


@entity(constants=(constant("secrets.secretsType", "AccountKey"),))
class AccountKeyConfiguration(Mapped, Entity):
    """The key of a storage account: `AccountKeyConfiguration(account_key="…")`."""

    type: Literal["account_key"] = tag("credentialsType", default="account_key", wire="AccountKey", file=None)
    account_key: str | None = wire("secrets.key", secret=True)
    """One of the account's two keys. The service never tells it: it is None after `get`."""


@entity(constants=(constant("secrets.secretsType", "Sas"),))
class SasTokenConfiguration(Mapped, Entity):
    """A shared access signature for a container: `SasTokenConfiguration(sas_token="?sv=…")`."""

    type: Literal["sas"] = tag("credentialsType", default="sas", wire="Sas", file=None)
    sas_token: str | None = wire("secrets.sasToken", secret=True)
    """The signature. The service never tells it: it is None after `get`."""


@entity
class TenantCredentials(Mapped, Entity):
    """An application in Microsoft Entra ID; how it proves itself is said by the classes below."""

    authority_url: str | None = wire("authorityUrl", default=AUTHORITY)
    """Where its tokens come from."""
    resource_url: str | None = wire("resourceUrl", default=None)
    """What its tokens are for; the storage service when None."""
    tenant_id: str | None = wire("tenantId", default=None, required=True)
    """The directory it lives in, a GUID."""
    client_id: str | None = wire("clientId", default=None, required=True)
    """The application's own id, a GUID."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """The older spelling `authority_uri` as `authority_url`; ValueError when both are given."""
        if "authority_uri" not in data:
            return data
        if "authority_url" in data:
            message = "authority_url and authority_uri are the same thing; give authority_url only"
            raise ValueError(message)
        return {"authority_url" if key == "authority_uri" else key: value for key, value in data.items()}


@entity(constants=(constant("secrets.secretsType", "ServicePrincipal"),))
class ServicePrincipalConfiguration(TenantCredentials):
    """An application with its password.

    >>> ServicePrincipalConfiguration(tenant_id="…", client_id="…", client_secret="…")
    """

    type: Literal["service_principal"] = tag(
        "credentialsType", default="service_principal", wire="ServicePrincipal", file=None
    )
    client_secret: str | None = wire("secrets.clientSecret", secret=True)
    """The password. The service never tells it: it is None after `get`."""


@entity(constants=(constant("secrets.secretsType", "Certificate"),))
class CertificateConfiguration(TenantCredentials):
    """An application with its certificate."""

    type: Literal["Certificate"] = tag("credentialsType", default="Certificate", file=None)
    certificate: str | None = wire("secrets.certificate", default=None, secret=True, kw_only=False)
    """The certificate with its private key. The service never tells it: it is None after `get`."""
    thumbprint: str | None = wire("thumbprint", default=None, required=True, kw_only=False)
    """The hexadecimal SHA-1 that names the certificate."""


@entity
class UnsupportedCredentials(Mapped, Entity):
    """Credentials of a kind that this version does not know, kept as they came."""

    type: str | None = wire("credentialsType", default=None, file=None)
    """The service's word for the kind."""


choice(
    AccountKeyConfiguration
    | SasTokenConfiguration
    | ServicePrincipalConfiguration
    | CertificateConfiguration
    | NoneCredentialConfiguration,
    at="credentialsType",
    file=None,
    fallback=UnsupportedCredentials,
)
