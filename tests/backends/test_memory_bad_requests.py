"""What is not emulated and what is malformed: always a 4xx that says what, never a 5xx or a silent success."""

from __future__ import annotations

from enum import Enum
from io import BytesIO
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend

REGISTRY = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/registries/reg"
WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/subscriptions/sub/nothing",
        "/subscriptions/sub/tagNames",
        "/subscriptions/sub/providers/Microsoft.Web",
        "/subscriptions/sub/providers/Microsoft.Web/register",
        "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Web/sites/a",
        f"{WORKSPACE}/nothing",
        f"{WORKSPACE}/models/m/nothing",
        f"{WORKSPACE}/computes/c/nothing/x",
        "https://eastus.api.azureml.ms/unknown/v1.0/x",
        "https://eastus.api.azureml.ms/mferp/managementfrontend/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_path_that_is_not_emulated(azure: Any, method: str, path: str) -> None:
    """The error is a 4xx which says what is not known."""
    reply = azure(method, path, {})
    assert 400 <= reply.status < 500
    if reply.status != 405 and not reply.body["error"]["message"].startswith(("The Resource", "Model ")):
        assert "does not emulate" in reply.body["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "models"),
        ("PUT", "models"),
        ("PATCH", "models/m"),
        ("POST", "models/m"),
        ("GET", "listKeys"),
        ("PUT", "environments/e/labels/latest"),
        ("BREW", ""),
        ("GET", "models/m/labels"),
    ],
)
def test_a_method_that_is_not_emulated(azure: Any, method: str, path: str) -> None:
    """405, or 404 where the thing itself is missing, naming method and path."""
    reply = azure(method, path, {})
    assert reply.status in (404, 405)
    if reply.status == 405:
        assert method in reply.body["error"]["message"]


def test_an_api_version_is_required_and_known(azure: Any) -> None:
    """Without one, with one that is none, or with one that is not emulated."""
    for path in (azure.workspace, f"{azure.workspace}/models", f"{azure.workspace}/listKeys"):
        method = "POST" if path.endswith("listKeys") else "GET"
        reply = azure.backend.send(Request(method, path))
        assert (reply.status, reply.body["error"]["code"]) == (400, "MissingApiVersionParameter")
        reply = azure.backend.send(Request(method, path, {"api-version": "1999-01-01"}))
        assert (reply.status, reply.body["error"]["code"]) == (400, "NoRegisteredProviderFound")
        assert "2024-10-01-preview" in reply.body["error"]["message"]
    reply = azure.backend.send(Request("GET", "/subscriptions/sub", {"api-version": "latest"}))
    assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidApiVersionParameter")
    assert azure.backend.send(Request("GET", azure.workspace, {"API-Version": "2023-04-01"})).status == 200
    assert azure.backend.send(Request("GET", f"{azure.workspace}?api-version=2023-04-01")).status == 200


class Word(str, Enum):
    """Text that is more than text."""

    GOOD = "ubuntu"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        b"{not json",
        b"[1]",
        {"properties": []},
        {"properties": "text"},
        {"properties": {1: "x"}},
        {"properties": {"modelUri": object()}},
        {"properties": {"modelUri": float("nan")}},
        {"properties": {"modelUri": {"a": "b"}}},
        {"properties": {"modelUri": "x", "tags": [1]}},
        {"properties": {"modelUri": "x", "flavors": "y"}},
        {"properties": {"modelUri": "x", "properties": 3}},
        {"properties": {"modelUri": "x", "isAnonymous": 1}},
    ],
)
def test_malformed_bodies(azure: Any, body: Any) -> None:
    """The service's 400, and nothing is stored."""
    assert azure("PUT", "models/m/versions/1", body).status == 400
    assert azure("GET", "models/m").status == 404


def test_bodies_may_come_as_bytes_or_as_a_stream(azure: Any) -> None:
    """JSON that is still text is read; text of a special type is stored as plain text."""
    content = b'{"properties": {"modelUri": "azureml://x"}}'
    assert azure("PUT", "models/m/versions/1", content).status == 201
    assert azure("PUT", "models/m/versions/2", BytesIO(content)).status == 201
    azure.put("environments/e/versions/1", {"properties": {"image": Word.GOOD}})
    assert type(azure.get("environments/e/versions/1")["properties"]["image"]) is str


class Count(int):
    """A number that is more than a number."""


def test_odd_but_sound_values_are_stored_as_plain_json(azure: Any) -> None:
    """Tuples, mappings, numbers of special types and fractions come back as JSON has them."""
    odd = {"numbers": (Count(1), 2.5), "mapping": MappingProxyType({"a": Count(2)})}
    azure.put("models/m/versions/1", {"properties": {"modelUri": "azureml://x", "odd": odd}})
    shown = azure.get("models/m/versions/1")["properties"]["odd"]
    assert shown == {"numbers": [1, 2.5], "mapping": {"a": 2}}
    assert {type(shown["numbers"][0]), type(shown["mapping"])} == {int, dict}


def test_what_only_the_service_says_is_ignored(azure: Any) -> None:
    """An id, a type or dates in the body of a PUT change nothing."""
    body = {
        "id": "/x",
        "name": "y",
        "type": "z",
        "systemData": {"createdBy": "me"},
        "properties": {"modelUri": "azureml://x"},
    }
    made = azure.put("models/m/versions/1", body)
    assert (made["name"], made["type"]) == ("1", "Microsoft.MachineLearningServices/workspaces/models/versions")
    assert made["systemData"]["createdBy"] == "user@example.com"


def test_what_the_service_does_not_know_is_kept(azure: Any) -> None:
    """Fields of a newer service come back as they went in."""
    azure.put(
        "models/m/versions/1", {"properties": {"modelUri": "azureml://x", "brandNew": {"deep": [1, {"a": None}]}}}
    )
    assert azure.get("models/m/versions/1")["properties"]["brandNew"] == {"deep": [1, {"a": None}]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)
KEYS = [
    "computeType",
    "properties",
    "vmSize",
    "scaleSettings",
    "minNodeCount",
    "datastoreType",
    "credentials",
    "secrets",
    "tags",
    "credentialsType",
    "accountName",
    "containerName",
    "image",
    "build",
    "contextUri",
    "componentSpec",
    "type",
    "modelUri",
    "dataUri",
    "storageAccount",
    "keyVault",
    "applicationInsights",
    "hubResourceId",
    "managedNetwork",
    "outboundRules",
    "identity",
    "location",
    "kind",
    "userAssignedIdentities",
    "isArchived",
    "sshSettings",
    "destination",
    "regionDetails",
]
WORDS = st.sampled_from(
    ["AmlCompute", "ComputeInstance", "Standard_DS3_v2", "AzureBlob", "AccountKey", "eastus", "Hub", "FQDN", "/a/b"]
)
BODIES = st.recursive(
    JSON | WORDS, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=6), max_leaves=12
)
PATHS = st.sampled_from(
    [
        WORKSPACE,
        WORKSPACE + "2",
        *(f"{WORKSPACE}/{kind}/one" for kind in ("computes", "datastores", "outboundRules", "models", "environments")),
        *(f"{WORKSPACE}/{kind}/one/versions/1" for kind in ("models", "data", "environments", "components", "codes")),
        f"{WORKSPACE}/provisionManagedNetwork",
        f"{WORKSPACE}/computes/cpu/enableSso",
        f"{WORKSPACE}/computes/cpu",
        "/subscriptions/sub/resourceGroups/rg",
        "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/abc",
        REGISTRY,
        f"{REGISTRY}/tempdatarefs/a/versions/1",
        "/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/eastus/updateQuotas",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["PUT", "PATCH", "POST"]),
            PATHS,
            BODIES
            | st.fixed_dictionaries({"properties": BODIES})
            | st.fixed_dictionaries({"location": st.just("eastus"), "properties": BODIES}),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_no_body_breaks_the_service(steps: list[tuple[str, str, Any]]) -> None:
    """Law: whatever is sent to whatever path, the answer is one of the service, and everything can still be read."""
    backend = MemoryBackend()
    backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
    query = {"api-version": "2024-10-01-preview"}
    for method, path, body in steps:
        assert backend.send(Request(method, path, query, {}, body)).status < 500
        for shown in (
            path,
            WORKSPACE,
            f"{WORKSPACE}/computes",
            f"{WORKSPACE}/datastores",
            "/subscriptions/sub/resources",
        ):
            assert backend.send(Request("GET", shown, query)).status < 500
