"""Who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from mlsdk.clouds import Cloud


def check(credential: Any) -> Any:
    """The credential as it is, None included; TypeError for what gives no token, with no word of what it is."""
    if credential is None or hasattr(credential, "get_token") or hasattr(credential, "get_token_info"):
        return credential
    message = (
        f"a {type(credential).__name__} is no credential for Azure: expected an object with get_token(), for example "
        "azure.identity.DefaultAzureCredential()"
    )
    raise TypeError(message)


def default_credential(cloud: Cloud) -> TokenCredential:
    """azure-identity's `DefaultAzureCredential` for a cloud: environment, managed identity, Azure CLI and so on, in turn."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(authority=cloud.active_directory)
