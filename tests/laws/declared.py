"""What the laws do not hold for, each with its reason, and the values of attributes that are not free."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.entities import (
    AccountKeyConfiguration,
    CertificateConfiguration,
    NoneCredentialConfiguration,
    SasTokenConfiguration,
    ServicePrincipalConfiguration,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent

CANNOT_BE_SENT = {
    "UnsupportedCompute": "its class refuses to be sent; tests/test_compute_entities.py holds that",
}

_ID = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
_KEY = "https://vault.vault.azure.net/keys/key/1"

# -- what is drawn -------------------------------------------------------------------------------------------
_BY_ACCOUNT = AccountKeyConfiguration | SasTokenConfiguration | NoneCredentialConfiguration | None
_BY_APPLICATION = ServicePrincipalConfiguration | CertificateConfiguration | NoneCredentialConfiguration | None
TYPES: dict[str, Any] = {
    "AzureBlobDatastore.credentials": _BY_ACCOUNT,
    "AzureFileDatastore.credentials": _BY_ACCOUNT,
    "AzureDataLakeGen1Datastore.credentials": _BY_APPLICATION,
    "AzureDataLakeGen2Datastore.credentials": _BY_APPLICATION,
    "OneLakeDatastore.credentials": ServicePrincipalConfiguration | NoneCredentialConfiguration | None,
}
"""Types of attributes that are narrower than declared: files refuse credentials that cannot open the storage."""

VALUES: dict[str, list[Any]] = {
    "Workspace.storage_account": [None, _ID],
    "Workspace.container_registry": [None, _ID],
    "Workspace.key_vault": [None, _ID],
    "Workspace.application_insights": [None, _ID],
    "Workspace.workspace_hub": [None, _ID],
    "Workspace.kind": [None, "default", "featurestore"],
    "ServerlessComputeSettings.custom_subnet": [None, _ID],
    "CustomerManagedKey.key_uri": [None, _KEY],
    "VirtualMachineSshSettings.ssh_private_key_file": [None, str(HERE / "declared.py")],
    "EndpointsSettings.target": [1026, 8787, 65534],
    "EndpointsSettings.published": [1026, 8787, 65534],
    "VmSize.supported_compute_types": [None, [], ["AmlCompute"], ["AmlCompute", "ComputeInstance"]],
    "OutboundRule.type": [None, "", "Tomorrow"],
    "Data.type": ["uri_file", "uri_folder", "mltable"],
    "Model.type": [None, "custom_model", "mlflow_model", "triton_model"],
    "Environment.os_type": [None, "linux", "windows"],
    "Environment.conda_file": [None, {}, {"dependencies": ["python=3.10", {"pip": []}], "name": None}],
    "BuildContext.path": [None, str(HERE), "https://example.org/context.git"],
}
"""Values of attributes that are not free, by class and attribute; subclasses have the same."""


def _built(given: dict[str, Any]) -> dict[str, Any]:
    """An environment has an image or a build context, and not both."""
    if given.get("build") is not None:
        return {**given, "image": None}
    return {**given, "image": given.get("image") or "ubuntu"}


def _reached(given: dict[str, Any]) -> dict[str, Any]:
    """A service is reached by its tag, or by its addresses."""
    known = given.get("service_tag") is not None or given.get("address_prefixes") is not None
    return given if known else {**given, "service_tag": "DataFactory"}


COMPLETED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "Environment": _built,
    "ServiceTagDestination": _reached,
}
"""What is given together, by class."""

# -- what the laws do not hold for ---------------------------------------------------------------------------
LOADED, TOMORROW, FILES = (
    "loaded_bodies_are_sent_again", "fields_of_tomorrow_survive", "files_are_read_as_they_were_written")

DECLARED: dict[tuple[str, str, str], str] = {
    ("VirtualMachineSshSettings", LOADED, r"\.privateKeyData is lost"):
        "the attribute names the file of the key; from the key alone no file is known, and the service never tells it",
    ("VirtualMachineSshSettings", TOMORROW, r"\.privateKeyData is lost"): "the same",
    ("ComputeStartStopSchedule", FILES, r"\.(status|action) is changed: '[A-Z]"):
        "files have the words in lower case, Python takes those of the service too; the service reads them in any case",
    ("RecurrenceTrigger", FILES, r"\.frequency is changed: '[A-Z]"): "the same",
    ("RecurrencePattern", FILES, r"\.weekDays\[\d\] is changed: '[A-Z]"): "the same",
    ("ManagedNetwork", FILES, r"managed_?[nN]etwork\.firewall_?[sS]ku is added: '[sS]tandard'"):
        "a file that does not say which firewall means the standard one, as in the official client",
    ("ImageMetadata", FILES, r"'\w+' is required"): "told by the service about a compute instance; no file is about it",
    ("OutboundRule", FILES, r"'type' is required: one of fqdn|type: str '\w*' is not one of fqdn"):
        "it stands for types that this version does not know, which files refuse",
}
"""Class, law and what the law tells (a regular expression), with the reason why it may be so."""
