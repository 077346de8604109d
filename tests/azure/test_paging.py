"""Lists over HTTP: page by page as they are read, by links that are followed to the letter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure_answers import ARM, BASE, PATH, Credential, asked, compute_body, model_body, refusal, sent_headers

from mlsdk import MLClient

if TYPE_CHECKING:
    import responses

URL = f"{BASE}/models"
VERSION = "api-version=2023-08-01-preview"


def container(name: str) -> dict[str, Any]:
    """A model as a whole, as lists have it."""
    return {"id": f"{PATH}/models/{name}", "name": name, "properties": {"latestVersion": "3"}}


def page(azure: responses.RequestsMock, url: str, names: str, link: str | None = None) -> None:
    """One page of models, named by letters."""
    azure.get(url, json={"value": [container(name) for name in names], "nextLink": link})


def names(found: Any) -> str:
    """The names of models, one after another."""
    return "".join(model.name for model in found)


@pytest.mark.parametrize("prefix", [ARM, ""], ids=["absolute", "relative"])
def test_pages_follow_one_another(azure: responses.RequestsMock, client: MLClient, prefix: str) -> None:
    """By whole addresses, or by paths of the same host; an empty page in between ends nothing."""
    page(azure, URL, "ab", f"{prefix}{PATH}/models?{VERSION}&$skip=2")
    page(azure, f"{URL}?{VERSION}&$skip=2", "", f"{prefix}{PATH}/models?{VERSION}&$skip=4")
    page(azure, f"{URL}?{VERSION}&$skip=4", "c")
    assert names(client.models.list()) == "abc"
    assert len(azure.calls) == 3
    assert sent_headers(azure)["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    "token",
    ["a+b", "a%2Bb", "a%2Fb", "x%3D%3D", "eyJhIjoiYiJ9~", "a%20b", "a'b", "a;b,c", "$skip=a%26b=c"],
)
def test_a_link_is_followed_to_the_letter(azure: responses.RequestsMock, client: MLClient, token: str) -> None:
    """Its token may be signed, or mean `+` and `%2B` differently."""
    link = f"{URL}?{VERSION}&%24skipToken={token}&listViewType=ActiveOnly"
    azure.get(URL, json={"value": [container("a")], "nextLink": link})
    azure.get(URL, json={"value": [container("b")]})
    assert names(client.models.list()) == "ab"
    assert azure.calls[1].request.url == link


def test_a_list_is_read_as_far_as_it_is_needed(azure: responses.RequestsMock, client: MLClient) -> None:
    """Asking for a list sends nothing, its first item costs one request."""
    page(azure, URL, "ab", f"{URL}?page=2")
    found = client.models.list()
    assert len(azure.calls) == 0
    assert next(iter(found)).name == "a"
    assert len(azure.calls) == 1


def test_pages_can_be_read_one_by_one_and_from_a_token(azure: responses.RequestsMock, client: MLClient) -> None:
    """`by_page`, as azure-core has it."""
    page(azure, URL, "ab", f"{URL}?{VERSION}&page=2")
    page(azure, f"{URL}?{VERSION}&page=2", "cd")
    pages = client.models.list().by_page()
    assert names(next(pages)) == "ab"
    token = pages.continuation_token  # type: ignore[attr-defined]
    assert [names(one) for one in client.models.list().by_page(token)] == ["cd"]


@pytest.mark.parametrize("body", [{"value": []}, {"value": None}, {}, {"value": [], "nextLink": ""}])
def test_an_empty_list_is_empty(azure: responses.RequestsMock, client: MLClient, body: dict[str, Any]) -> None:
    """In whatever words."""
    azure.get(URL, json=body)
    assert list(client.models.list()) == []


def test_a_page_that_fails_for_a_moment_is_asked_for_again(azure: responses.RequestsMock, client: MLClient) -> None:
    """No item is lost, none comes twice."""
    page(azure, URL, "ab", f"{URL}?{VERSION}&page=2")
    azure.get(f"{URL}?{VERSION}&page=2", status=503)
    page(azure, f"{URL}?{VERSION}&page=2", "c")
    assert names(client.models.list()) == "abc"


def test_a_page_that_fails_raises_where_it_is_read(azure: responses.RequestsMock, client: MLClient) -> None:
    """After the items before it; the error holds the way to go on."""
    page(azure, URL, "ab", f"{URL}?{VERSION}&page=2")
    azure.get(f"{URL}?{VERSION}&page=2", json=refusal(), status=400)
    read = []
    with pytest.raises(HttpResponseError, match="the words") as caught:
        read.extend(model.name for model in client.models.list())
    assert caught.value.continuation_token == f"{URL}?{VERSION}&page=2"
    azure.replace("GET", f"{URL}?{VERSION}&page=2", json={"value": [container("c")]})
    assert [names(one) for one in client.models.list().by_page(caught.value.continuation_token)] == ["c"]


def test_a_list_of_many_pages(azure: responses.RequestsMock, client: MLClient, credential: Credential) -> None:
    """A thousand items in ten pages: ten requests, one token."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        number = int(request.params.get("page", 0))
        link = f"{URL}?{VERSION}&page={number + 1}" if number < 9 else None
        value = [container(f"m{number}-{row}") for row in range(100)]
        return 200, {}, json.dumps({"value": value, "nextLink": link})

    azure.add_callback("GET", URL, answer, content_type="application/json")
    found = [model.name for model in client.models.list()]
    assert found == [f"m{number}-{row}" for number in range(10) for row in range(100)]
    assert (len(azure.calls), len(credential.asked)) == (10, 1)


def test_a_filter_runs_over_all_pages(azure: responses.RequestsMock, client: MLClient) -> None:
    """Of computes by their type."""
    instance = compute_body("instance")
    instance["properties"] = {"computeType": "ComputeInstance", "properties": {}}
    azure.get(f"{BASE}/computes", json={"value": [instance, compute_body("a")], "nextLink": f"{BASE}/computes?page=2"})
    azure.get(f"{BASE}/computes", json={"value": [instance, compute_body("b")]})
    assert [one.name for one in client.compute.list(compute_type="AmlCompute")] == ["a", "b"]


def test_the_versions_of_an_asset_are_a_list_too(azure: responses.RequestsMock, client: MLClient) -> None:
    """With the list view that was asked for."""
    azure.get(f"{URL}/iris/versions", json={"value": [model_body(version="1"), model_body(version="2")]})
    assert [model.version for model in client.models.list("iris", list_view_type="All")] == ["1", "2"]
    assert "listViewType=All" in azure.calls[0].request.url
    assert asked(azure) == ["GET /models/iris/versions"]


@pytest.mark.parametrize("host", ["https://region.api.example", ""], ids=["absolute", "relative"])
def test_the_pages_of_a_registry_stay_at_its_host(
    azure: responses.RequestsMock, credential: Credential, slept: list[float], host: str
) -> None:
    """A path alone belongs to the host that gave it, not to Azure Resource Manager."""
    azure.get(
        "https://eastus.api.azureml.ms/registrymanagement/v1.0/registries/shared/discovery",
        json={
            "primaryRegionResourceProviderUri": "https://region.api.example",
            "subscriptionId": "s",
            "resourceGroup": "g",
        },
    )
    path = (
        "/mferp/managementfrontend/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices"
        "/registries/shared/models"
    )
    version = "api-version=2021-10-01-dataplanepreview"
    page(azure, f"https://region.api.example{path}", "a", f"{host}{path}?{version}&skip=1")
    page(azure, f"https://region.api.example{path}?{version}&skip=1", "b")
    assert names(MLClient(credential, registry_name="shared").models.list()) == "ab"
    assert slept == []
