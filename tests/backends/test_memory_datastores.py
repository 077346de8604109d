"""Datastores: what each type needs, their secrets, the default one, those of the workspace itself."""

from __future__ import annotations

from typing import Any

import pytest

KEY = {"credentialsType": "AccountKey", "secrets": {"secretsType": "AccountKey", "key": "k3y-secret"}}
SAS = {"credentialsType": "Sas", "secrets": {"secretsType": "Sas", "sasToken": "sig=s3cret"}}
PRINCIPAL = {
    "credentialsType": "ServicePrincipal",
    "clientId": "00000000-0000-0000-0000-00000000000c",
    "tenantId": "00000000-0000-0000-0000-00000000000d",
    "secrets": {"secretsType": "ServicePrincipal", "clientSecret": "s3cret"},
}
CERTIFICATE = {
    "credentialsType": "Certificate",
    "clientId": "00000000-0000-0000-0000-00000000000c",
    "tenantId": "00000000-0000-0000-0000-00000000000d",
    "thumbprint": "th",
    "secrets": {"secretsType": "Certificate", "certificate": "s3cret"},
}
NONE = {"credentialsType": "None"}
BLOB = {"datastoreType": "AzureBlob", "accountName": "acc", "containerName": "con"}
TYPES = [
    BLOB,
    {"datastoreType": "AzureFile", "accountName": "acc", "fileShareName": "share"},
    {"datastoreType": "AzureDataLakeGen1", "storeName": "store"},
    {"datastoreType": "AzureDataLakeGen2", "accountName": "acc", "filesystem": "fs"},
    {
        "datastoreType": "OneLake",
        "artifact": {"artifactType": "LakeHouse", "artifactName": "a"},
        "oneLakeWorkspaceName": "w",
    },
]


@pytest.mark.parametrize("properties", TYPES, ids=lambda one: str(one["datastoreType"]))
def test_each_type_of_datastore(azure: Any, properties: dict[str, Any]) -> None:
    """It is made with 201, comes back as it was, and needs every one of its fields."""
    assert azure("PUT", "datastores/mine", {"properties": {**properties, "credentials": NONE}}).status == 201
    shown = azure.get("datastores/mine")["properties"]
    assert {key: shown[key] for key in properties} == properties
    assert shown["isDefault"] is False
    for key in properties:
        if key != "datastoreType":
            less = {name: value for name, value in properties.items() if name != key}
            status, _, message = azure.error("PUT", "datastores/other", {"properties": {**less, "credentials": NONE}})
            assert status == 400
            assert key in message


@pytest.mark.parametrize(
    ("credentials", "secret"),
    [(KEY, "key"), (SAS, "sasToken"), (PRINCIPAL, "clientSecret"), (CERTIFICATE, "certificate")],
)
def test_secrets_are_asked_for_not_shown(azure: Any, credentials: dict[str, Any], secret: str) -> None:
    """A read shows the type and the ids of the credentials, `listSecrets` the secret itself."""
    reply = azure("PUT", "datastores/mine", {"properties": {**BLOB, "credentials": credentials}})
    shown = azure.get("datastores/mine")["properties"]["credentials"]
    assert shown == {key: value for key, value in credentials.items() if key != "secrets"}
    assert reply.body["properties"]["credentials"] == shown
    assert credentials["secrets"][secret] not in str(azure.get("datastores"))
    assert azure.post("datastores/mine/listSecrets", {"expirableSecret": True}) == credentials["secrets"]
    without = {key: value for key, value in credentials.items() if key != "secrets"}
    azure.put("datastores/mine", {"properties": {**BLOB, "credentials": without, "tags": {"a": "b"}}})
    assert azure.post("datastores/mine/listSecrets") == credentials["secrets"]


def test_credentials_need_their_secret(azure: Any) -> None:
    """An account key without a key is refused, and the error does not quote what was sent."""
    bad = {"credentialsType": "AccountKey", "secrets": {"secretsType": "AccountKey", "kye": "k3y-secret"}}
    status, _, message = azure.error("PUT", "datastores/mine", {"properties": {**BLOB, "credentials": bad}})
    assert status == 400
    assert "properties.credentials.secrets.key" in message
    assert "k3y-secret" not in message


@pytest.mark.parametrize(
    "properties",
    [
        {**BLOB, "datastoreType": "Floppy"},
        {**BLOB, "credentials": {"credentialsType": "Password"}},
        {**BLOB, "credentials": "k3y"},
        {"accountName": "acc"},
    ],
)
def test_datastores_that_cannot_be(azure: Any, properties: dict[str, Any]) -> None:
    """A wrong type, wrong credentials or none of both are a 400 and store nothing."""
    assert azure.error("PUT", "datastores/mine", {"properties": properties})[0] == 400
    assert azure("GET", "datastores/mine").status == 404


def test_without_secrets_there_are_none_to_list(azure: Any) -> None:
    """A datastore that is used with one's identity has no secrets; changing to it forgets the old ones."""
    azure.put("datastores/mine", {"properties": {**BLOB, "credentials": KEY}})
    azure.put("datastores/mine", {"properties": {**BLOB, "credentials": NONE}})
    assert azure.error("POST", "datastores/mine/listSecrets")[:2] == (400, "UserError")


def test_the_default_one(azure: Any) -> None:
    """There is exactly one; it is found by `isDefault`, handed over by a PUT, and cannot be deleted."""
    query = {"count": "30", "isDefault": "true", "orderByAsc": "false"}
    assert azure.names("datastores", **query) == ["workspaceblobstore"]
    azure.put("datastores/mine", {"properties": {**BLOB, "credentials": NONE, "isDefault": True}})
    assert azure.names("datastores", **query) == ["mine"]
    assert azure.get("datastores/workspaceblobstore")["properties"]["isDefault"] is False
    assert azure.error("DELETE", "datastores/mine")[:2] == (400, "UserError")
    azure.put("datastores/mine", {"properties": {**BLOB, "credentials": NONE, "isDefault": False}})
    assert azure.names("datastores", **query) == ["mine"]
    stores = azure.get("datastores")["value"]
    assert [one["name"] for one in stores if one["properties"]["isDefault"]] == ["mine"]


def test_lists_can_be_searched(azure: Any) -> None:
    """By names and by text; `count` is the size of a page."""
    assert azure.names("datastores", names="workspaceblobstore,workspacefilestore") == [
        "workspaceblobstore",
        "workspacefilestore",
    ]
    assert azure.names("datastores", searchText="artifact") == ["workspaceartifactstore"]
    first = azure.get("datastores", count="1")
    assert [one["name"] for one in first["value"]] == ["workspaceblobstore"]
    assert len(azure.names("datastores", count="1")) == 4


def test_those_of_the_workspace_stay(azure: Any) -> None:
    """They can be made the default and tagged, not deleted nor pointed elsewhere; their key opens the account."""
    assert azure.error("DELETE", "datastores/workspaceartifactstore")[:2] == (400, "UserError")
    properties = azure.get("datastores/workspaceartifactstore")["properties"]
    azure.put(
        "datastores/workspaceartifactstore", {"properties": {**properties, "isDefault": True, "tags": {"a": "b"}}}
    )
    assert azure.get("datastores/workspaceartifactstore")["properties"]["isDefault"] is True
    elsewhere = {**properties, "containerName": "other"}
    status, _, message = azure.error("PUT", "datastores/workspaceartifactstore", {"properties": elsewhere})
    assert status == 400
    assert "containerName" in message
    secrets = azure.post("datastores/workspaceartifactstore/listSecrets")
    assert secrets["secretsType"] == "AccountKey"
    url = f"https://{properties['accountName']}.blob.core.windows.net/{properties['containerName']}"
    assert list(azure.backend.container(url, secrets["key"]).list()) == []


def test_deleting_a_datastore(azure: Any) -> None:
    """200 first, 204 when it is not there."""
    azure.put("datastores/mine", {"properties": {**BLOB, "credentials": NONE}})
    assert azure("DELETE", "datastores/mine").status == 200
    assert azure("DELETE", "datastores/mine").status == 204
    status, code, message = azure.error("GET", "datastores/mine")
    assert (status, code, message) == (404, "UserError", "Datastore 'mine' not found in workspace 'ws'.")


def test_those_of_a_workspace_that_works_with_identities(azure: Any) -> None:
    """With `systemDatastoresAuthMode` set to `identity` there is no key to be had."""
    assert azure.get("datastores/workspaceblobstore")["properties"]["credentials"]["credentialsType"] == "AccountKey"
    azure("PATCH", "", {"properties": {"systemDatastoresAuthMode": "identity"}})
    assert azure.get("datastores/workspaceblobstore")["properties"]["credentials"] == {"credentialsType": "None"}
    assert azure.error("POST", "datastores/workspaceblobstore/listSecrets")[0] == 400
