"""What the service answers when a workspace is asked for its keys or to look for problems."""

from __future__ import annotations

from typing import Any

from mlsdk.schema.fields import Entity, entity, wire


# -- keys ------------------------------------------------------------------------------------------------------
@entity
class ContainerRegistryCredential(Entity):
    """How to log in to the container registry of a workspace."""

    location: str | None = wire("location", default=None)
    username: str | None = wire("username", default=None)
    passwords: list[Any] | None = wire("passwords", default=None, secret=True)
    """Either of them logs in: `[{"name": "password", "value": "…"}, …]`."""


@entity
class NotebookAccessKeys(Entity):
    """The keys of a workspace's notebook resource."""

    primary_access_key: str | None = wire("primaryAccessKey", default=None, secret=True)
    secondary_access_key: str | None = wire("secondaryAccessKey", default=None, secret=True)


@entity
class WorkspaceKeys(Entity):
    """The keys of the resources around a workspace."""

    user_storage_key: str | None = wire("userStorageKey", default=None, secret=True)
    user_storage_resource_id: str | None = wire("userStorageArmId", default=None)
    """The id of the storage account."""
    app_insights_instrumentation_key: str | None = wire("appInsightsInstrumentationKey", default=None, secret=True)
    container_registry_credentials: ContainerRegistryCredential | None = wire(
        "containerRegistryCredentials", default=None
    )
    notebook_access_keys: NotebookAccessKeys | None = wire("notebookAccessKeys", default=None)


# -- diagnosis -------------------------------------------------------------------------------------------------
@entity
class DiagnoseRequestProperties(Entity):
    """What to look at; each is a mapping of the service's own settings, and all are looked at when none is given."""

    udr: dict[str, Any] | None = wire("udr", default=None)
    """User-defined routes."""
    nsg: dict[str, Any] | None = wire("nsg", default=None)
    """Network security groups."""
    resource_lock: dict[str, Any] | None = wire("resourceLock", default=None)
    dns_resolution: dict[str, Any] | None = wire("dnsResolution", default=None)
    storage_account: dict[str, Any] | None = wire("storageAccount", default=None)
    key_vault: dict[str, Any] | None = wire("keyVault", default=None)
    container_registry: dict[str, Any] | None = wire("containerRegistry", default=None)
    application_insights: dict[str, Any] | None = wire("applicationInsights", default=None)
    others: dict[str, Any] | None = wire("others", default=None)


@entity
class DiagnoseWorkspaceParameters(Entity):
    """The request for a diagnosis."""

    value: DiagnoseRequestProperties | None = wire("value", default=None)


@entity
class DiagnoseResult(Entity):
    """One thing that was found."""

    code: str | None = wire("code", default=None)
    level: str | None = wire("level", default=None)
    """`Warning`, `Error` or `Information`."""
    message: str | None = wire("message", default=None)


@entity
class DiagnoseResponseResultValue(Entity):
    """What a diagnosis found, by where it looked."""

    user_defined_route_results: list[DiagnoseResult] | None = wire("userDefinedRouteResults", default=None)
    network_security_rule_results: list[DiagnoseResult] | None = wire("networkSecurityRuleResults", default=None)
    resource_lock_results: list[DiagnoseResult] | None = wire("resourceLockResults", default=None)
    dns_resolution_results: list[DiagnoseResult] | None = wire("dnsResolutionResults", default=None)
    storage_account_results: list[DiagnoseResult] | None = wire("storageAccountResults", default=None)
    key_vault_results: list[DiagnoseResult] | None = wire("keyVaultResults", default=None)
    container_registry_results: list[DiagnoseResult] | None = wire("containerRegistryResults", default=None)
    application_insights_results: list[DiagnoseResult] | None = wire("applicationInsightsResults", default=None)
    other_results: list[DiagnoseResult] | None = wire("otherResults", default=None)


@entity
class DiagnoseResponseResult(Entity):
    """The answer to a request for a diagnosis."""

    value: DiagnoseResponseResultValue | None = wire("value", default=None)
