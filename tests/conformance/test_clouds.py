"""The clouds that are built in are the official client's, and others are read from their metadata as it reads them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.ml import _azure_environments as official

from mlsdk import clouds

ADDRESSES = {
    clouds.METADATA_KEYS[key]: key
    for key in (
        "resource_manager",
        "active_directory",
        "aml_resource_id",
        "storage_endpoint",
        "registry_discovery_endpoint",
        "azure_portal",
    )
}


def same(cloud: clouds.Cloud, table: dict[str, str]) -> None:
    """Each address is the official client's, a slash at the end aside."""
    assert {ours: getattr(cloud, ours) for ours in ADDRESSES} == {
        ours: table[theirs].rstrip("/") for ours, theirs in ADDRESSES.items()
    }


@pytest.mark.parametrize("name", sorted(official._environments))
def test_the_addresses_of_a_cloud_are_the_official_clients(name: str) -> None:
    """By the same name."""
    cloud = clouds.known(name)
    assert cloud is not None
    assert cloud.name == name
    same(cloud, official._environments[name])


def test_all_of_its_clouds_are_there() -> None:
    """And no other."""
    assert set(clouds.NAMES) == set(official._environments)


def test_a_cloud_is_described_in_its_words() -> None:
    """The keys of `cloud_metadata`."""
    words = {value for key, value in vars(official.EndpointURLS).items() if not key.startswith("_")}
    assert set(clouds.METADATA_KEYS) == words


@pytest.mark.parametrize(
    "portal", ["https://portal.azure.local/", "https://portal.azure.eaglex.ic.gov", "https://portal.azure.us"]
)
@pytest.mark.parametrize("discovery", [None, "https://registries.example/"])
def test_metadata_is_read_alike(monkeypatch: pytest.MonkeyPatch, portal: str, discovery: str | None) -> None:
    """One cloud or a list of them; what the metadata does not tell follows from the portal's host."""
    row: dict[str, Any] = {
        "name": "AzureLocal",
        "portal": portal,
        "resourceManager": "https://management.azure.local/",
        "authentication": {"loginEndpoint": "https://login.azure.local/"},
        "suffixes": {"storage": "core.azure.local"},
    }
    if discovery is not None:
        monkeypatch.setenv("REGISTRY_DISCOVERY_ENDPOINT_URL", discovery)
    theirs = official._convert_arm_to_cli(row)["AzureLocal"]
    for document in (row, [row]):
        (cloud,) = clouds.published(document, discovery)
        same(cloud, theirs)


def test_another_region_of_registries_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names it."""
    row = {
        "name": "AzureLocal",
        "portal": "https://portal.azure.local/",
        "resourceManager": "https://management.azure.local/",
        "authentication": {"loginEndpoint": "https://login.azure.local/"},
        "suffixes": {"storage": "core.azure.local"},
    }
    monkeypatch.setenv("REGISTRY_DISCOVERY_ENDPOINT_REGION", "north")
    (cloud,) = clouds.published(row, None, "north")
    same(cloud, official._convert_arm_to_cli(row)["AzureLocal"])
