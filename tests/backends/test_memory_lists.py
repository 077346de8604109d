"""Pages of lists, and links to the next page that survive what happens in between."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend


@pytest.fixture
def paged(wired: Any) -> Any:
    """A backend with pages of two."""
    return wired(MemoryBackend(page_size=2))


def fill(azure: Any, model: dict[str, Any], count: int) -> None:
    """Register models `m1` to `m{count}`."""
    for number in range(1, count + 1):
        azure.put(f"models/m{number}/versions/1", model)


def test_all_pages_together_are_the_list(paged: Any, model: dict[str, Any]) -> None:
    """Every resource is on exactly one page, in the order of creation."""
    fill(paged, model, 5)
    assert paged.names("models") == ["m1", "m2", "m3", "m4", "m5"]
    assert len(paged.get("models")["value"]) == 2


def test_a_full_last_page_has_no_next(paged: Any, model: dict[str, Any]) -> None:
    """The last page has no link, also when it is full."""
    fill(paged, model, 4)
    first = paged.get("models")
    second = paged.backend.send(Request("GET", first["nextLink"])).body
    assert [one["name"] for one in second["value"]] == ["m3", "m4"]
    assert "nextLink" not in second


def test_a_link_keeps_the_query(paged: Any, model: dict[str, Any]) -> None:
    """The link is absolute and carries the api-version and the filter."""
    fill(paged, model, 3)
    link = paged.get("models", listViewType="All")["nextLink"]
    assert link.startswith("https://management.azure.com/subscriptions/")
    assert "listViewType=All" in link
    assert "api-version=" in link


def test_top_limits_all_pages_together(paged: Any, model: dict[str, Any]) -> None:
    """`$top` counts over the pages."""
    fill(paged, model, 6)
    assert paged.names("models", __top="3") == ["m1", "m2", "m3"]
    assert paged.names("models", __top="2") == ["m1", "m2"]


@pytest.mark.parametrize("query", [{"__skip": "not-a-token!"}, {"__top": "many"}, {"__top": "-1"}])
def test_a_token_of_ones_own_is_refused(paged: Any, query: dict[str, str]) -> None:
    """What is no token or no number is a 400, not an empty list."""
    assert paged.error("GET", "models", **query)[0] == 400


def test_changes_between_two_pages(paged: Any, model: dict[str, Any]) -> None:
    """What was deleted before it was reached is not shown, what was shown is not shown again, the new comes last."""
    fill(paged, model, 6)
    link = paged.get("models")["nextLink"]
    for gone in ("m1", "m2", "m3"):
        paged("DELETE", f"models/{gone}")
    paged.put("models/m7/versions/1", model)
    assert paged.names(link) == ["m4", "m5", "m6", "m7"]


@settings(max_examples=25, deadline=None)
@given(
    page_size=st.integers(1, 4),
    count=st.integers(0, 12),
    gone=st.lists(st.integers(0, 11), unique=True),
    order=st.sampled_from(["createdtime asc", "createdtime desc"]),
)
def test_paging_is_right_whatever_happens_meanwhile(page_size: int, count: int, gone: list[int], order: str) -> None:
    """Law: what is there all the time is listed exactly once and in order, whatever else comes and goes."""
    backend = MemoryBackend(page_size=page_size)
    versions = backend.add_workspace("sub", "rg", "ws") + "/models/m/versions"
    query = {"api-version": "2023-04-01-preview", "$orderBy": order}

    def change(method: str, version: int) -> None:
        backend.send(Request(method, f"{versions}/{version}", query, {}, {"properties": {"modelUri": "azureml://x"}}))

    for version in range(count):
        change("PUT", version)
    steady, added = {str(version) for version in range(count)} - {str(version) for version in gone}, 100
    change("PUT", 99)
    reply = backend.send(Request("GET", versions, query))
    seen = [one["name"] for one in reply.body["value"]]
    while "nextLink" in reply.body:
        if gone:
            change("DELETE", gone.pop())
            change("PUT", added)
            added += 1
        reply = backend.send(Request("GET", reply.body["nextLink"]))
        seen += [one["name"] for one in reply.body["value"]]
    assert steady <= set(seen)
    assert len(seen) == len(set(seen))
    assert [int(one) for one in seen] == sorted(map(int, seen), reverse="desc" in order)


def test_lists_stay_right_after_many_deletions(azure: Any, model: dict[str, Any]) -> None:
    """Sweeping out the places of deleted resources loses none of the others."""
    fill(azure, model, 150)
    for number in range(1, 121):
        azure("DELETE", f"models/m{number}")
    assert azure.names("models") == [f"m{number}" for number in range(121, 151)]
    azure.put("models/m1/versions/1", model)
    assert azure.names("models")[-1] == "m1"


def test_links_of_the_front_end_lead_back_to_it(paged: Any) -> None:
    """A list asked of the front end's own address goes on there."""
    reply = paged.backend.send(
        Request(
            "GET",
            f"https://eastus.api.azureml.ms/mferp/managementfrontend{paged.workspace}/environments",
            {"api-version": "2021-10-01-dataplanepreview"},
        )
    )
    assert reply.body["nextLink"].startswith("https://eastus.api.azureml.ms/mferp/managementfrontend/subscriptions/")
    assert paged.backend.send(Request("GET", reply.body["nextLink"])).status == 200
