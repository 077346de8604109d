"""Datastores and their credentials, as arguments, as files and as answers of the service."""

from __future__ import annotations

from typing import Any

ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/ws/datastores/"
)
BLOB: dict[str, Any] = {"name": "x", "account_name": "acct", "container_name": "data"}
FILE: dict[str, Any] = {"name": "x", "account_name": "acct", "file_share_name": "share"}
GEN2: dict[str, Any] = {"name": "x", "account_name": "acct", "filesystem": "fs"}
GEN1: dict[str, Any] = {"name": "x", "store_name": "store"}
LAKE: dict[str, Any] = {"name": "x", "one_lake_workspace_name": "ws", "endpoint": "onelake.dfs.fabric.microsoft.com"}
APPLICATION = {"tenant_id": "t", "client_id": "c"}

CASES = [
    ("AzureBlobDatastore", lambda m: BLOB),
    ("AzureBlobDatastore", lambda m: {**BLOB, "description": "d", "tags": {"a": "b"}}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "description": "", "tags": {}, "container_name": ""}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "endpoint": "core.chinacloudapi.cn", "protocol": "http"}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "endpoint": "", "protocol": ""}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "endpoint": None, "protocol": None, "tags": None, "credentials": None}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "properties": {"a": "b"}}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "credentials": m.AccountKeyConfiguration(account_key="k")}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "credentials": m.AccountKeyConfiguration(account_key="")}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "credentials": m.AccountKeyConfiguration(account_key=None)}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "credentials": m.SasTokenConfiguration(sas_token="?sv=1")}),
    ("AzureBlobDatastore", lambda m: {**BLOB, "credentials": m.NoneCredentialConfiguration()}),
    ("AzureBlobDatastore", lambda m: {k: v for k, v in BLOB.items() if k != "account_name"}),
    ("AzureFileDatastore", lambda m: FILE),
    (
        "AzureFileDatastore",
        lambda m: {**FILE, "endpoint": "e", "protocol": "http", "description": "d", "tags": {"a": "b"}},
    ),
    ("AzureFileDatastore", lambda m: {**FILE, "endpoint": None, "protocol": None}),
    ("AzureFileDatastore", lambda m: {**FILE, "endpoint": "", "protocol": "", "description": ""}),
    ("AzureFileDatastore", lambda m: {**FILE, "credentials": m.AccountKeyConfiguration(account_key="k")}),
    ("AzureFileDatastore", lambda m: {**FILE, "credentials": m.SasTokenConfiguration(sas_token="s")}),
    ("AzureDataLakeGen2Datastore", lambda m: GEN2),
    (
        "AzureDataLakeGen2Datastore",
        lambda m: {**GEN2, "endpoint": "e", "protocol": "abfss", "description": "d", "tags": {"a": "b"}},
    ),
    ("AzureDataLakeGen2Datastore", lambda m: {**GEN2, "endpoint": None, "protocol": None}),
    (
        "AzureDataLakeGen2Datastore",
        lambda m: {**GEN2, "credentials": m.ServicePrincipalConfiguration(client_secret="s", **APPLICATION)},
    ),
    (
        "AzureDataLakeGen2Datastore",
        lambda m: {
            **GEN2,
            "credentials": m.ServicePrincipalConfiguration(
                client_secret="", tenant_id="", client_id="", authority_url="", resource_url=""
            ),
        },
    ),
    (
        "AzureDataLakeGen2Datastore",
        lambda m: {
            **GEN2,
            "credentials": m.ServicePrincipalConfiguration(
                client_secret="s", authority_url="https://login.chinacloudapi.cn", resource_url="r", **APPLICATION
            ),
        },
    ),
    (
        "AzureDataLakeGen2Datastore",
        lambda m: {**GEN2, "credentials": m.CertificateConfiguration(certificate="c", thumbprint="0f", **APPLICATION)},
    ),
    (
        "AzureDataLakeGen2Datastore",
        lambda m: {**GEN2, "credentials": m.CertificateConfiguration("c", "0f", resource_url="r")},
    ),
    ("AzureDataLakeGen1Datastore", lambda m: GEN1),
    ("AzureDataLakeGen1Datastore", lambda m: {**GEN1, "description": "d", "store_name": ""}),
    (
        "AzureDataLakeGen1Datastore",
        lambda m: {**GEN1, "credentials": m.ServicePrincipalConfiguration(client_secret="s", **APPLICATION)},
    ),
    ("OneLakeDatastore", lambda m: {**LAKE, "artifact": m.OneLakeArtifact(name="z", type="lake_house")}),
    ("OneLakeDatastore", lambda m: {**LAKE, "artifact": m.OneLakeArtifact(name="z")}),
    ("OneLakeDatastore", lambda m: {**LAKE, "artifact": {"name": "z"}, "description": "d", "tags": {"a": "b"}}),
    ("OneLakeDatastore", lambda m: {**LAKE, "endpoint": None, "artifact": {"name": "z", "type": "lake_house"}}),
    (
        "OneLakeDatastore",
        lambda m: {
            **LAKE,
            "artifact": {"name": "z"},
            "credentials": m.ServicePrincipalConfiguration(client_secret="s", **APPLICATION),
        },
    ),
    ("OneLakeDatastore", lambda m: LAKE),
]

_BLOB = "name: x\ntype: azure_blob\naccount_name: a\ncontainer_name: c\n"
_GEN1 = "name: x\ntype: azure_data_lake_gen1\nstore_name: s\n"
_GEN2 = "name: x\ntype: azure_data_lake_gen2\naccount_name: a\nfilesystem: f\n"
_LAKE = "name: x\ntype: one_lake\none_lake_workspace_name: w\n"
FILES = [
    *(
        ("datastore", _BLOB + f"{key}:\n")
        for key in ("description", "tags", "credentials", "endpoint", "id", "$schema")
    ),
    ("datastore", _BLOB + "tags: {a: }\n"),
    ("datastore", _BLOB + "credentials: {account_key: }\n"),
    *(
        ("datastore", _BLOB.replace("azure_blob", word))
        for word in ("AZURE_BLOB", "Azure_Blob", "azure-blob", "azureblob")
    ),
    *(
        ("datastore", _LAKE + f"endpoint: e\nartifact: {{name: a, type: {word}}}\n")
        for word in ("LakeHouse", "lakeHouse", "LAKE_HOUSE", "Lake_House", "lake-house", "lakehouse", "")
    ),
    ("datastore", _BLOB),
    ("datastore", "$schema: https://azuremlschemas.azureedge.net/latest/azureBlob.schema.json\n" + _BLOB),
    ("datastore", _BLOB + "description: d\ntags: {a: b}\nprotocol: http\nendpoint: e\n"),
    ("datastore", _BLOB + "id: passed-over\n"),
    ("datastore", _BLOB + "credentials: {}\n"),
    ("datastore", _BLOB + "credentials: {account_key: k}\n"),
    ("datastore", _BLOB + "credentials: {sas_token: s}\n"),
    ("datastore", _BLOB + "credentials: {account_key: k, sas_token: s}\n"),
    ("datastore", _BLOB + "credentials: {tenant_id: t, client_id: c, client_secret: s}\n"),
    ("datastore", _BLOB + "credentials: {acount_key: k}\n"),
    ("datastore", _BLOB + "credentials: key\n"),
    ("datastore", _BLOB + "properties: {a: b}\n"),
    ("datastore", _BLOB + "file_share_name: s\n"),
    ("datastore", _BLOB.replace("azure_blob", "AzureBlob")),
    ("datastore", _BLOB.replace("type: azure_blob\n", "")),
    ("datastore", _BLOB.replace("azure_blob", "hdfs")),
    ("datastore", "name: x\ntype: azure_blob\naccount_name: a\n"),
    ("datastore", "type: azure_blob\naccount_name: a\ncontainer_name: c\n"),
    ("datastore", "name: x\ntype: azure_file\naccount_name: a\nfile_share_name: s\ncredentials: {sas_token: t}\n"),
    ("datastore", "name: x\ntype: azure_file\naccount_name: a\nfile_share_name: s\nendpoint: ''\nprotocol: ''\n"),
    ("datastore", _GEN2),
    ("datastore", _GEN2 + "credentials: {tenant_id: t, client_id: c, client_secret: s}\n"),
    (
        "datastore",
        _GEN2 + "credentials: {tenant_id: t, client_id: c, client_secret: s, authority_uri: u, resource_url: r}\n",
    ),
    (
        "datastore",
        _GEN2 + "credentials: {tenant_id: t, client_id: c, client_secret: s, authority_uri: u, authority_url: u}\n",
    ),
    ("datastore", _GEN2 + "credentials: {tenant_id: t, client_id: c, thumbprint: 0f, certificate: c}\n"),
    ("datastore", _GEN2 + "credentials: {tenant_id: t, client_id: c, certificate: c}\n"),
    ("datastore", _GEN2 + "credentials: {client_id: c, client_secret: s}\n"),
    ("datastore", _GEN2 + "credentials: {account_key: k}\n"),
    ("datastore", "name: x\ntype: azure_data_lake_gen1\nstore_name: s\n"),
    (
        "datastore",
        _GEN1 + "credentials: {tenant_id: t, client_id: c, client_secret: s}\n",
    ),
    ("datastore", "name: x\ntype: azure_data_lake_gen1\nstore_name: s\nendpoint: e\n"),
    ("datastore", _LAKE + "endpoint: e\nartifact: {name: z, type: lake_house}\n"),
    ("datastore", _LAKE + "endpoint: e\nartifact: {name: z, type: LakeHouse}\ntags: {a: b}\n"),
    (
        "datastore",
        _LAKE + "endpoint: e\nartifact: {name: z}\ncredentials: {tenant_id: t, client_id: c, client_secret: s}\n",
    ),
    ("datastore", _LAKE + "endpoint: e\nartifact: {name: z, type: warehouse}\n"),
    ("datastore", _LAKE + "artifact: {name: z}\n"),
    ("datastore", _LAKE + "endpoint: e\n"),
    (
        "datastore",
        _LAKE + "endpoint: e\nartifact: {name: z}\ncredentials: {tenant_id: t, client_id: c, thumbprint: 0f}\n",
    ),
]


def _answer(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": ID + name,
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/datastores",
        "systemData": {
            "createdAt": "2024-01-02T03:04:05.1234567+00:00",
            "createdBy": "someone",
            "createdByType": "User",
        },
        "properties": {"isDefault": False, "tags": {"a": "b"}, "properties": {}, "description": "d", **properties},
    }


_STORAGE = {
    "accountName": "acct",
    "endpoint": "core.windows.net",
    "protocol": "https",
    "serviceDataAccessAuthIdentity": "WorkspaceSystemAssignedIdentity",
    "subscriptionId": "s",
    "resourceGroup": "rg",
}
_PRINCIPAL = {
    "credentialsType": "ServicePrincipal",
    "authorityUrl": "u",
    "resourceUrl": "r",
    "tenantId": "t",
    "clientId": "c",
}
ANSWERS = [
    (
        "AzureBlobDatastore",
        "Datastore",
        _answer(
            "b",
            datastoreType="AzureBlob",
            containerName="data",
            credentials={"credentialsType": "AccountKey"},
            **_STORAGE,
        ),
    ),
    (
        "AzureBlobDatastore",
        "Datastore",
        _answer(
            "b",
            datastoreType="AzureBlob",
            containerName="data",
            credentials={"credentialsType": "AccountKey", "secrets": {"secretsType": "AccountKey", "key": "k"}},
            **_STORAGE,
        ),
    ),
    (
        "Datastore",
        "Datastore",
        _answer(
            "b", datastoreType="AzureBlob", containerName="data", credentials={"credentialsType": "None"}, **_STORAGE
        ),
    ),
    (
        "Datastore",
        "Datastore",
        _answer("b", datastoreType="AzureBlob", accountName="acct", credentials={"credentialsType": "None"}),
    ),
    (
        "Datastore",
        "Datastore",
        _answer(
            "f",
            datastoreType="AzureFile",
            fileShareName="s",
            credentials={"credentialsType": "Sas", "secrets": {"secretsType": "Sas", "sasToken": "t"}},
            **_STORAGE,
        ),
    ),
    (
        "Datastore",
        "Datastore",
        _answer("g", datastoreType="AzureDataLakeGen2", filesystem="f", credentials=_PRINCIPAL, **_STORAGE),
    ),
    (
        "Datastore",
        "Datastore",
        _answer(
            "g",
            datastoreType="AzureDataLakeGen1",
            storeName="s",
            credentials={"credentialsType": "Certificate", "tenantId": "t", "clientId": "c", "thumbprint": "0f"},
        ),
    ),
    (
        "Datastore",
        "Datastore",
        _answer(
            "o",
            datastoreType="OneLake",
            endpoint="e",
            oneLakeWorkspaceName="w",
            credentials={"credentialsType": "None"},
            artifact={"artifactType": "LakeHouse", "artifactName": "z"},
        ),
    ),
]

DEPARTURES = {
    ("AzureBlobDatastore", "body:$.properties.properties"): "what the user set is sent; the official client drops it",
    (
        "OneLakeDatastore",
        "dict:$.artifact.type",
    ): "an unset value is left out, here as everywhere; the official client writes null",
    ("Datastore", "attribute:$.endpoint"): "what the service leaves out is None, never a default of this client's",
    ("Datastore", "attribute:$.creation_context"): "the official client drops who made a datastore and when",
    ("AzureBlobDatastore", "attribute:$.creation_context"): "the same",
}
