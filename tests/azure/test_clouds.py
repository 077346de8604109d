"""Which cloud a client works in, said by name, by the environment or by metadata; and that every address follows from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import azure.identity as azure_identity
import pytest
from azure.core import AzureClouds
from azure.core.exceptions import DecodeError, HttpResponseError
from azure_answers import ARM, PATH, Credential, asked, connect, model_body, sent_body, sent_headers

from mlsdk import MLClient
from mlsdk.backends.azure import AzureBackend
from mlsdk.clouds import CHINA, PUBLIC, US_GOVERNMENT, Cloud
from mlsdk.entities import AzureBlobDatastore
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    import responses

MODEL_PATH = f"{PATH}/models/iris/versions/1"
LOCAL_ARM = "https://management.azure.local"
METADATA_URL = f"{LOCAL_ARM}/metadata/endpoints?api-version=2019-05-01"


def metadata(name: str = "AzureLocal", arm: str = LOCAL_ARM) -> dict[str, Any]:
    """What the Azure Resource Manager of another cloud publishes."""
    return {
        "name": name,
        "portal": "https://portal.azure.local/",
        "resourceManager": f"{arm}/",
        "authentication": {"loginEndpoint": "https://login.azure.local/", "audiences": [f"{arm}/"]},
        "suffixes": {"storage": "core.azure.local", "keyVaultDns": "vault.azure.local"},
        "graph": "https://graph.azure.local/",
    }


LOCAL = Cloud(
    "AzureLocal",
    LOCAL_ARM,
    "https://login.azure.local",
    "https://ml.azure.local",
    "core.azure.local",
    "https://azurelocalwest.api.ml.azure.local",
    "https://portal.azure.local",
)
DESCRIBED = {
    "resource_manager": f"{LOCAL_ARM}/",
    "active_directory": "https://login.azure.local/",
    "aml_resource_id": "https://ml.azure.local/",
    "storage_endpoint": "core.azure.local",
    "registry_discovery_endpoint": "https://azurelocalwest.api.ml.azure.local/",
    "azure_portal": "https://portal.azure.local/",
}

SPELLINGS = [
    *((name, PUBLIC) for name in ("AzureCloud", "azurecloud", "AZURE_CLOUD", "AzurePublicCloud", "AZURE_PUBLIC_CLOUD")),
    *((name, CHINA) for name in ("AzureChinaCloud", "azurechinacloud", "AZURE_CHINA_CLOUD")),
    *(
        (name, US_GOVERNMENT)
        for name in ("AzureUSGovernment", "azureusgovernment", "AZURE_US_GOVERNMENT", "AzureUSGovernmentCloud")
    ),
    (AzureClouds.AZURE_PUBLIC_CLOUD, PUBLIC),
    (AzureClouds.AZURE_CHINA_CLOUD, CHINA),
    (AzureClouds.AZURE_US_GOVERNMENT, US_GOVERNMENT),
]


def cloud_of(client: MLClient) -> Cloud:
    """The cloud that a client works in."""
    return client._session.connection.backend.cloud


@pytest.mark.parametrize("cloud", [PUBLIC, CHINA, US_GOVERNMENT], ids=lambda cloud: cloud.name)
def test_what_is_built_in_is_reached_by_encrypted_addresses_alone(cloud: Cloud) -> None:
    """Without a slash at the end, since paths follow."""
    addresses = (cloud.resource_manager, cloud.active_directory, cloud.machine_learning, cloud.registry_discovery)
    for address in (*addresses, cloud.portal):
        assert address.startswith("https://")
        assert not address.endswith("/")


def test_it_is_the_public_cloud_when_nothing_is_said(credential: Credential) -> None:
    """Nothing is looked up."""
    assert cloud_of(connect(credential)) == PUBLIC


@pytest.mark.parametrize(("name", "cloud"), SPELLINGS)
def test_a_cloud_of_microsofts_is_known_by_each_of_its_names(credential: Credential, name: str, cloud: Cloud) -> None:
    """As Azure's command line, azure-core and others write it, whatever the case; no address is asked."""
    assert cloud_of(connect(credential, cloud=name)) == cloud


@pytest.mark.parametrize(("name", "cloud"), SPELLINGS[:-3])
def test_the_environment_names_a_cloud(
    credential: Credential, monkeypatch: pytest.MonkeyPatch, name: str, cloud: Cloud
) -> None:
    """By the official client's variable; the argument wins over it."""
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", name)
    assert cloud_of(connect(credential)) == cloud
    assert cloud_of(connect(credential, cloud="AzureCloud")) == PUBLIC


@pytest.mark.parametrize(
    "document", [metadata(), [metadata("Other", "https://arm.other.local"), metadata()]], ids=["one", "list"]
)
@pytest.mark.parametrize("named", [True, False])
def test_a_cloud_tells_of_itself(
    azure: responses.RequestsMock, credential: Credential, monkeypatch: pytest.MonkeyPatch, document: Any, named: bool
) -> None:
    """Alone or in a list, asked for once, without a token; without a name it is the one that published the list."""
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    azure.get(METADATA_URL, json=document)
    client = connect(credential, cloud="azurelocal" if named else None)
    assert len(azure.calls) == 0
    assert cloud_of(client) == LOCAL
    assert cloud_of(client) == LOCAL
    assert len(azure.calls) == 1
    assert "Authorization" not in sent_headers(azure)
    assert credential.asked == []


def test_the_variable_of_the_name_wins_over_that_of_the_metadata(
    credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the official client."""
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "AzureChinaCloud")
    assert cloud_of(connect(credential)) == CHINA


def test_metadata_of_a_cloud_of_microsofts_is_what_is_built_in(
    azure: responses.RequestsMock, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which has the addresses of Azure Machine Learning too."""
    url = f"{CHINA.resource_manager}/metadata/endpoints?api-version=2019-05-01"
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", url)
    azure.get(url, json=metadata("AzureChinaCloud", CHINA.resource_manager))
    assert cloud_of(connect(credential)) == CHINA


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("REGISTRY_DISCOVERY_ENDPOINT_URL", "https://registries.azure.local/", "https://registries.azure.local"),
        ("REGISTRY_DISCOVERY_ENDPOINT_REGION", "north", "https://azurelocalnorth.api.ml.azure.local"),
    ],
)
def test_the_registries_of_such_a_cloud_can_be_said(
    azure: responses.RequestsMock,
    credential: Credential,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    expected: str,
) -> None:
    """Since the metadata does not tell of them."""
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    monkeypatch.setenv(variable, value)
    azure.get(METADATA_URL, json=metadata())
    assert cloud_of(connect(credential)).registry_discovery == expected


def test_a_look_for_a_cloud_that_fails_says_what_was_looked_for(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """A slip in the name is the likeliest cause."""
    azure.get(re.compile(r".*/metadata/endpoints.*"), status=404, json={"error": {"code": "NotFound", "message": "m"}})
    with pytest.raises(
        HttpResponseError, match=r"^cloud 'AzureMoon' is none of AzureCloud.*looked up at https://man.*: "
    ):
        connect(credential, cloud="AzureMoon").models.get("iris", "1")


@pytest.mark.parametrize("url", [METADATA_URL, None])
def test_an_unknown_name_tells_what_there_is(
    azure: responses.RequestsMock, credential: Credential, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    """After the metadata was asked: the public cloud's, where no address of it is given."""
    if url is None:
        url = f"{ARM}/metadata/endpoints?api-version=2019-05-01"
    else:
        monkeypatch.setenv("ARM_CLOUD_METADATA_URL", url)
    azure.get(url, json=[metadata()])
    with pytest.raises(ValidationException) as caught:
        connect(credential, cloud="AzureMoon").models.get("iris", "1")
    assert str(caught.value) == (
        f"there is no cloud 'AzureMoon': {url} tells of AzureLocal, and built in are AzureCloud, AzureChinaCloud, "
        "AzureUSGovernment. Give MLClient(…, cloud=…), or set AZUREML_CURRENT_CLOUD"
    )


def test_metadata_of_another_host_alone_is_not_taken(
    azure: responses.RequestsMock, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls do not go where nobody pointed to."""
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    azure.get(METADATA_URL, json=metadata(arm="https://arm.other.local"))
    with pytest.raises(
        ValidationException, match=r"no cloud stands at management\.azure\.local: .* tells of AzureLocal"
    ):
        connect(credential).models.get("iris", "1")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"name": "x"},
        [],
        ["AzureLocal"],
        "text",
        17,
        {**metadata(), "suffixes": None},
        {**metadata(), "portal": None},
    ],
)
def test_metadata_that_is_none_is_an_error_with_its_address(
    azure: responses.RequestsMock, credential: Credential, monkeypatch: pytest.MonkeyPatch, document: Any
) -> None:
    """And with what was expected there."""
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    azure.get(METADATA_URL, json=document)
    with pytest.raises(ValidationException, match=r"management\.azure\.local"):
        connect(credential).models.get("iris", "1")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"json": {}, "status": 404}, HttpResponseError),
        ({"body": "<html>sign in</html>", "content_type": "text/html"}, DecodeError),
        ({"body": "{", "content_type": "application/json"}, DecodeError),
        ({"body": ConnectionError("no route")}, ConnectionError),
    ],
    ids=["404", "page", "broken", "no answer"],
)
def test_metadata_that_cannot_be_had_is_an_error_and_asked_for_again(
    azure: responses.RequestsMock,
    credential: Credential,
    monkeypatch: pytest.MonkeyPatch,
    answer: dict[str, Any],
    error: type[Exception],
) -> None:
    """The public cloud is never taken instead; the next call looks again."""
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    azure.get(METADATA_URL, **answer)
    azure.get(METADATA_URL, json=metadata())
    client = connect(credential, retry_total=0)
    with pytest.raises(error):
        client.models.get("iris", "1")
    assert cloud_of(client) == LOCAL


def test_a_cloud_can_be_described(credential: Credential) -> None:
    """In the official client's words, with any name; what is left out is the public cloud's."""
    assert cloud_of(connect(credential, cloud="AzureLocal", cloud_metadata=DESCRIBED)) == LOCAL
    few = {key: DESCRIBED[key] for key in ("resource_manager", "active_directory")}
    assert cloud_of(connect(credential, cloud_metadata=few)).storage_suffix == "core.windows.net"


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"resource_manager": LOCAL_ARM}, "active_directory missing"),
        ({"resource_manager": "", "active_directory": ""}, "resource_manager, active_directory missing"),
        ({**DESCRIBED, "portal": "x"}, "portal unknown"),
    ],
)
def test_a_description_that_lacks_something_is_refused_at_once(
    credential: Credential, described: dict[str, str], words: str
) -> None:
    """With the words that are expected."""
    with pytest.raises(ValidationException, match=f"cloud_metadata: {words}; its keys are resource_manager, "):
        connect(credential, cloud="AzureLocal", cloud_metadata=described)


@pytest.mark.parametrize("cloud", [PUBLIC, CHINA, US_GOVERNMENT, LOCAL], ids=lambda cloud: cloud.name)
def test_calls_go_to_the_clouds_resource_manager_with_its_token(
    azure: responses.RequestsMock, credential: Credential, cloud: Cloud
) -> None:
    """A `Cloud` of one's own works as one that is built in."""
    azure.get(f"{cloud.resource_manager}{MODEL_PATH}", json=model_body())
    connect(credential, cloud=cloud).models.get("iris", "1")
    assert credential.scopes == [f"{cloud.resource_manager}/.default"]


@pytest.mark.parametrize("cloud", [PUBLIC, CHINA, US_GOVERNMENT, LOCAL], ids=lambda cloud: cloud.name)
def test_registries_are_asked_for_where_the_cloud_says(
    azure: responses.RequestsMock, credential: Credential, cloud: Cloud
) -> None:
    """And their assets where that answer says."""
    azure.get(
        f"{cloud.registry_discovery}/registrymanagement/v1.0/registries/shared/discovery?api-version=v1.0",
        json={
            "primaryRegionResourceProviderUri": "https://region.api.example/",
            "subscriptionId": "s",
            "resourceGroup": "g",
        },
    )
    base = "https://region.api.example/mferp/managementfrontend/subscriptions/s/resourceGroups/g/providers"
    azure.get(f"{base}/Microsoft.MachineLearningServices/registries/shared/models/iris/versions/1", json=model_body())
    client = MLClient(credential, registry_name="shared", cloud=cloud)
    assert client.models.get("iris", "1").name == "iris"
    client.models.get("iris", "1")
    assert len(asked(azure)) == 3


@pytest.mark.parametrize("cloud", [PUBLIC, CHINA, US_GOVERNMENT, LOCAL], ids=lambda cloud: cloud.name)
def test_a_datastore_of_no_endpoint_stands_in_the_clouds_storage(
    azure: responses.RequestsMock, credential: Credential, cloud: Cloud
) -> None:
    """As the official client has it; one that names its endpoint keeps it."""
    path = f"{cloud.resource_manager}{PATH}/datastores/store"
    azure.put(path, json={"id": path, "name": "store", "properties": {"datastoreType": "AzureBlob"}})
    datastores = connect(credential, cloud=cloud).datastores
    datastores.create_or_update(AzureBlobDatastore(name="store", account_name="account", container_name="files"))
    assert sent_body(azure)["properties"]["endpoint"] == cloud.storage_suffix
    datastores.create_or_update(
        AzureBlobDatastore(name="store", account_name="account", container_name="files", endpoint="core.other.example")
    )
    assert sent_body(azure)["properties"]["endpoint"] == "core.other.example"


def test_the_backend_names_its_cloud(credential: Credential) -> None:
    """In its `repr`, before and after it is looked up."""
    backend = AzureBackend(credential, cloud="azurechinacloud")
    assert repr(backend) == "AzureBackend(cloud='azurechinacloud')"
    assert backend.cloud == CHINA
    assert repr(backend) == "AzureBackend(cloud='AzureChinaCloud')"
    assert repr(AzureBackend(credential, cloud=US_GOVERNMENT)) == "AzureBackend(cloud='AzureUSGovernment')"


def test_the_default_credential_follows_metadata(
    azure: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It signs in where the cloud says."""
    authorities = []

    def default(*, authority: str) -> Credential:
        authorities.append(authority)
        return Credential()

    monkeypatch.setattr(azure_identity, "DefaultAzureCredential", default)
    monkeypatch.setenv("ARM_CLOUD_METADATA_URL", METADATA_URL)
    azure.get(METADATA_URL, json=metadata())
    azure.get(f"{LOCAL_ARM}{MODEL_PATH}", json=model_body())
    connect(None).models.get("iris", "1")
    assert authorities == ["https://login.azure.local"]
