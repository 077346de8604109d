"""Versioned assets: versions, labels, archiving, what may change, anonymous ones, code snapshots."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

DATA = {"properties": {"dataUri": "https://a.blob.core.windows.net/c/a.csv", "dataType": "uri_file"}}
ENVIRONMENT = {"properties": {"image": "ubuntu:22.04", "condaFile": "name: x"}}
SPEC = {
    "name": "train",
    "version": "1",
    "type": "command",
    "command": "echo",
    "environment": "azureml:AzureML-sklearn-1.5:1",
}
COMPONENT = {"properties": {"componentSpec": SPEC}}
CODE = {"properties": {"codeUri": "https://a.blob.core.windows.net/c/src"}}
BODIES: dict[str, dict[str, Any]] = {
    "models": {"properties": {"modelUri": "https://a.blob.core.windows.net/c/m"}},
    "data": DATA,
    "environments": ENVIRONMENT,
    "components": COMPONENT,
    "codes": CODE,
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_version_makes_its_container(azure: Any, kind: str) -> None:
    """A PUT of a version is all it takes: 201 first, 200 when repeated, and the container is there."""
    assert azure("PUT", f"{kind}/mine/versions/1", BODIES[kind]).status == 201
    assert azure("PUT", f"{kind}/mine/versions/1", BODIES[kind]).status == 200
    container = azure.get(f"{kind}/mine")
    assert container["properties"]["latestVersion"] == "1"
    assert container["properties"]["nextVersion"] == "2"
    assert container["properties"]["isArchived"] is False
    version = azure.get(f"{kind}/mine/versions/1")
    assert version["id"] == f"{azure.workspace}/{kind}/mine/versions/1"
    assert version["properties"]["provisioningState"] == "Succeeded"
    for key, value in BODIES[kind]["properties"].items():
        assert version["properties"][key] == value


def test_what_the_service_fills_in(azure: Any) -> None:
    """Models get flavors, environments an operating system, and everything the dates of its making."""
    azure.put("models/m/versions/1", BODIES["models"])
    azure.put("environments/e/versions/1", ENVIRONMENT)
    model = azure.get("models/m/versions/1")
    assert model["properties"]["flavors"] == {}
    assert model["properties"]["modelType"] == "custom_model"
    assert model["properties"]["tags"] == {}
    assert set(model["systemData"]) >= {"createdAt", "createdBy", "lastModifiedAt", "lastModifiedBy"}
    assert azure.get("environments/e/versions/1")["properties"]["osType"] == "Linux"
    assert azure.get("environments/e/versions/1")["properties"]["environmentType"] == "UserCreated"


def test_the_type_of_data_is_known_to_its_container(azure: Any) -> None:
    """A data container says of which type its versions are."""
    azure.put("data/d/versions/1", {"properties": {"dataUri": "azureml://x", "dataType": "mltable"}})
    assert azure.get("data/d")["properties"]["dataType"] == "mltable"


def test_next_version_follows_the_highest_number(azure: Any) -> None:
    """Versions that are no numbers do not count, gaps are not filled."""
    for version in ("5", "beta", "2", "1.5"):
        azure.put(f"models/m/versions/{version}", BODIES["models"])
    properties = azure.get("models/m")["properties"]
    assert properties["nextVersion"] == "6"
    assert properties["latestVersion"] == "1.5"


def test_next_version_starts_at_one(azure: Any) -> None:
    """A container without versions that are numbers comes to `1` next."""
    azure.put("models/m/versions/alpha", BODIES["models"])
    assert azure.get("models/m")["properties"]["nextVersion"] == "1"


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("models", {"modelUri": "azureml://other"}),
        ("models", {"modelType": "mlflow_model"}),
        ("data", {"dataUri": "azureml://other"}),
        ("data", {"dataType": "uri_folder"}),
        ("environments", {"image": "ubuntu:24.04"}),
        ("environments", {"condaFile": "name: y"}),
        ("environments", {"condaFile": None}),
        ("environments", {"osType": "Windows"}),
        ("components", {"componentSpec": {**SPEC, "command": "ls"}}),
        ("components", {"componentSpec": {**SPEC, "inputs": {"a": {"type": "string"}}}}),
        ("codes", {"codeUri": "https://a.blob.core.windows.net/c/other"}),
    ],
)
def test_a_version_cannot_be_defined_anew(azure: Any, kind: str, changed: dict[str, Any]) -> None:
    """Another definition for a version that exists is a conflict, and the stored one stays."""
    azure.put(f"{kind}/mine/versions/1", BODIES[kind])
    before = azure.get(f"{kind}/mine/versions/1")
    other = {"properties": {**BODIES[kind]["properties"], **changed}}
    status, code, message = azure.error("PUT", f"{kind}/mine/versions/1", other)
    assert (status, code) == (409, "UserError")
    assert "exists already" in message
    assert next(iter(changed)) in message
    assert azure.get(f"{kind}/mine/versions/1") == before


@pytest.mark.parametrize("kind", BODIES)
def test_tags_description_and_archiving_may_change(azure: Any, kind: str) -> None:
    """Tags are replaced as a whole, the description is set, and what a PUT leaves out stays."""
    azure.put(f"{kind}/mine/versions/1", {"properties": {**BODIES[kind]["properties"], "tags": {"a": "1", "b": "2"}}})
    changed = {**BODIES[kind]["properties"], "tags": {"b": "3"}, "description": "new", "isArchived": True}
    azure.put(f"{kind}/mine/versions/1", {"properties": changed})
    properties = azure.get(f"{kind}/mine/versions/1")["properties"]
    assert properties["tags"] == {"b": "3"}
    assert properties["description"] == "new"
    assert properties["isArchived"] is True
    azure.put(f"{kind}/mine/versions/1", BODIES[kind])
    assert azure.get(f"{kind}/mine/versions/1")["properties"]["description"] == "new"


def test_the_definition_of_a_component_carries_its_name_and_version(azure: Any) -> None:
    """Clients read both from there, so the service fills them in."""
    spec = {key: value for key, value in SPEC.items() if key not in ("name", "version")}
    azure.put("components/train/versions/7", {"properties": {"componentSpec": spec}})
    shown = azure.get("components/train/versions/7")["properties"]["componentSpec"]
    assert (shown["name"], shown["version"]) == ("train", "7")


def test_how_a_component_is_shown_may_change(azure: Any) -> None:
    """The display name and the client's own notes in a component's definition are not part of what it does."""
    azure.put("components/train/versions/1", COMPONENT)
    spec = {**SPEC, "display_name": "Train", "_source": "YAML.COMPONENT", "tags": {"a": "b"}}
    azure.put("components/train/versions/1", {"properties": {"componentSpec": spec}})
    assert azure.get("components/train/versions/1")["properties"]["componentSpec"]["display_name"] == "Train"


def test_the_stage_survives_an_archiving_that_leaves_it_out(azure: Any) -> None:
    """The official client drops `stage` when it archives a model: it is not lost."""
    azure.put("models/m/versions/1", {"properties": {**BODIES["models"]["properties"], "stage": "Production"}})
    azure.put("models/m/versions/1", {"properties": {**BODIES["models"]["properties"], "isArchived": True}})
    assert azure.get("models/m/versions/1")["properties"]["stage"] == "Production"


def test_properties_can_only_be_added(azure: Any) -> None:
    """A property that is set stays as it is; leaving it out does not remove it."""
    base = BODIES["models"]["properties"]
    azure.put("models/m/versions/1", {"properties": {**base, "properties": {"a": "1"}}})
    azure.put("models/m/versions/1", {"properties": {**base, "properties": {"b": "2"}}})
    assert azure.get("models/m/versions/1")["properties"]["properties"] == {"a": "1", "b": "2"}
    status, code, message = azure.error(
        "PUT", "models/m/versions/1", {"properties": {**base, "properties": {"a": "9"}}}
    )
    assert (status, code) == (400, "UserError")
    assert "'a'" in message


@pytest.mark.parametrize(
    ("kind", "properties", "says"),
    [
        ("models", {}, "properties.modelUri"),
        ("data", {"dataType": "uri_file"}, "properties.dataUri"),
        ("data", {"dataUri": "x", "dataType": "uri_flie"}, "uri_file,uri_folder,mltable"),
        ("environments", {}, "Image and Build"),
        ("environments", {"image": "a", "build": {"contextUri": "b"}}, "mutually exclusive"),
        ("environments", {"build": {}}, "contextUri"),
        ("environments", {"image": "a", "osType": "Solaris"}, "Linux,Windows"),
        ("components", {}, "properties.componentSpec"),
        ("components", {"componentSpec": {"name": "x"}}, "type"),
        ("codes", {}, "properties.codeUri"),
        ("models", {"modelUri": "x", "isArchived": "yes"}, "true or false"),
    ],
)
def test_what_is_incomplete_or_wrong_is_refused(azure: Any, kind: str, properties: dict[str, Any], says: str) -> None:
    """The error names the field, and nothing is half written: there is not even a container."""
    status, _, message = azure.error("PUT", f"{kind}/mine/versions/1", {"properties": properties})
    assert status == 400
    assert says in message
    assert azure("GET", f"{kind}/mine").status == 404


@pytest.mark.parametrize("name", ["-bad", "with space", "a" * 256, "ä"])
def test_names_that_are_not_allowed(azure: Any, model: dict[str, Any], name: str) -> None:
    """Names follow the service's rule, and the error says the rule."""
    status, code, message = azure.error("PUT", f"models/{name}/versions/1", model)
    assert (status, code) == (400, "UserError")
    assert "1 to 255" in message


def test_missing_ones_are_named(azure: Any, model: dict[str, Any]) -> None:
    """The front end's 404 has the code `UserError` and says what was not found where."""
    status, code, message = azure.error("GET", "models/none")
    assert (status, code, message) == (404, "UserError", "Model 'none' not found in workspace 'ws'.")
    azure.put("models/m/versions/1", model)
    status, code, message = azure.error("GET", "models/m/versions/7")
    assert (status, code, message) == (404, "UserError", "Model version '7' not found in model 'm' in workspace 'ws'.")
    assert azure("GET", "models/none/versions").status == 404
    inner = [one for one in azure("GET", "models/none").body["error"]["additionalInfo"] if one["type"] == "InnerError"]
    assert inner[0]["info"]["value"]["code"] == "NotFoundError"


@pytest.mark.parametrize("label", ["latest", "default"])
def test_labels_name_the_latest_version(azure: Any, model: dict[str, Any], label: str) -> None:
    """A label is read like a version; the latest is the one created last that is not archived."""
    for version in ("1", "3", "2"):
        azure.put(f"models/m/versions/{version}", model)
    assert azure.get(f"models/m/labels/{label}")["name"] == "2"
    azure.put("models/m/versions/2", {"properties": {**model["properties"], "isArchived": True}})
    assert azure.get(f"models/m/labels/{label}")["name"] == "3"
    assert azure.get("models/m")["properties"]["latestVersion"] == "3"
    assert azure("GET", "models/m/labels/newest").status == 404


def test_components_have_a_default_version(azure: Any) -> None:
    """`azureml_default` reads the latest component version."""
    azure.put("components/train/versions/1", COMPONENT)
    azure.put("components/train/versions/2", COMPONENT)
    assert azure.get("components/train/versions/azureml_default")["name"] == "2"
    assert azure.get("components/train/versions/1")["name"] == "1"
    assert azure("GET", "components/train/versions/9").status == 404


def test_lists_show_active_ones_unless_asked(azure: Any, model: dict[str, Any]) -> None:
    """`listViewType` chooses among active, archived and all, for containers and for versions."""
    azure.put("models/kept/versions/1", model)
    azure.put("models/gone/versions/1", model)
    azure.put("models/gone", {"properties": {"isArchived": True}})
    azure.put("models/kept/versions/2", {"properties": {**model["properties"], "isArchived": True}})
    assert azure.names("models") == ["kept"]
    assert azure.names("models", listViewType="ActiveOnly") == ["kept"]
    assert azure.names("models", listViewType="ArchivedOnly") == ["gone"]
    assert azure.names("models", listViewType="All") == ["kept", "gone"]
    assert azure.names("models/kept/versions") == ["1"]
    assert azure.names("models/kept/versions", listViewType="ArchivedOnly") == ["2"]
    status, _, message = azure.error("GET", "models", listViewType="Some")
    assert status == 400
    assert "ActiveOnly,ArchivedOnly,All" in message


def test_archiving_a_container_keeps_its_versions_count(azure: Any, model: dict[str, Any]) -> None:
    """A PUT of a container without latest and next version leaves both as they were; restoring brings it back."""
    azure.put("models/m/versions/4", model)
    azure.put("models/m", {"properties": {"isArchived": True, "tags": {}, "properties": {}}})
    properties = azure.get("models/m")["properties"]
    assert (properties["isArchived"], properties["latestVersion"], properties["nextVersion"]) == (True, "4", "5")
    azure.put("models/m", {"properties": {"isArchived": False}})
    assert azure.names("models") == ["m"]


def test_versions_come_newest_first_and_in_the_order_asked_for(azure: Any, model: dict[str, Any]) -> None:
    """`$orderBy=createdtime desc` with `$top=1` is how clients find the latest version."""
    for version in ("1", "3", "2"):
        azure.put(f"models/m/versions/{version}", model)
    assert azure.names("models/m/versions") == ["2", "3", "1"]
    assert azure.names("models/m/versions", __orderBy="createdtime desc", __top="1") == ["2"]
    assert azure.names("models/m/versions", __orderBy="createdtime asc") == ["1", "3", "2"]
    assert azure.error("GET", "models/m/versions", __orderBy="size")[0] == 400


def test_stage_filters_versions(azure: Any, model: dict[str, Any]) -> None:
    """Model versions can be listed by stage."""
    azure.put("models/m/versions/1", {"properties": {**model["properties"], "stage": "Production"}})
    azure.put("models/m/versions/2", {"properties": {**model["properties"], "stage": "Development"}})
    assert azure.names("models/m/versions", stage="Production") == ["1"]


@pytest.mark.parametrize("kind", ["data", "components", "environments", "models"])
def test_anonymous_ones_are_never_listed(azure: Any, kind: str) -> None:
    """Anonymous assets can be read by name but are in no list, until they are registered by name."""
    before = azure.names(kind)
    body = {"properties": {**BODIES[kind]["properties"], "isAnonymous": True}}
    azure.put(f"{kind}/azureml_anonymous/versions/1", body)
    assert azure.names(kind, listViewType="All") == before
    assert azure.names(f"{kind}/azureml_anonymous/versions", listViewType="All") == []
    assert azure.get(f"{kind}/azureml_anonymous/versions/1")["properties"]["isAnonymous"] is True
    azure.put(f"{kind}/azureml_anonymous/versions/2", BODIES[kind])
    assert azure.names(kind) == [*before, "azureml_anonymous"]
    assert azure.names(f"{kind}/azureml_anonymous/versions") == ["2"]


def test_versions_and_containers_can_be_deleted(azure: Any, model: dict[str, Any]) -> None:
    """A deletion answers 200, then 204; a container takes its versions along; numbers are not given twice."""
    azure.put("models/m/versions/1", model)
    azure.put("models/m/versions/2", model)
    assert azure("DELETE", "models/m/versions/2").status == 200
    assert azure("DELETE", "models/m/versions/2").status == 204
    assert azure.get("models/m")["properties"]["latestVersion"] == "1"
    assert azure.get("models/m")["properties"]["nextVersion"] == "3"
    assert azure("DELETE", "models/m").status == 200
    assert azure("GET", "models/m/versions/1").status == 404


def test_names_compare_without_case_and_keep_theirs(azure: Any, model: dict[str, Any]) -> None:
    """Whatever the case of the path, the stored casing comes back."""
    azure.put("models/Iris/versions/1", model)
    found = azure.get("MODELS/iris/VERSIONS/1".replace("ws", "WS"))
    assert found["id"] == f"{azure.workspace}/models/Iris/versions/1"
    shouted = azure.workspace.upper().replace("/SUBSCRIPTIONS", "/subscriptions")
    assert azure.get(f"{shouted}/models/IRIS")["name"] == "Iris"


def test_code_is_found_by_its_hash_in_the_whole_workspace(azure: Any) -> None:
    """The name in the path does not count: a snapshot with the same content is found under any."""
    properties = {"hash_sha256": "abc", "hash_version": 202208}
    body = {"properties": {**CODE["properties"], "isAnonymous": True, "properties": properties}}
    azure.put("codes/first/versions/1", body)
    found = azure.get("codes/other/versions", hash="abc", hashVersion="202208")["value"]
    assert [one["id"] for one in found] == [f"{azure.workspace}/codes/first/versions/1"]
    assert azure.get("codes/other/versions", hash="abc", hashVersion="1")["value"] == []
    assert azure.get("codes/other/versions", hash="xyz", hashVersion="202208")["value"] == []
    assert azure("GET", "codes/other").status == 404
    azure("DELETE", "codes/first/versions/1")
    assert azure.get("codes/other/versions", hash="abc", hashVersion="202208")["value"] == []


def test_code_versions_are_listed_like_others(azure: Any) -> None:
    """Without a hash the list is one of the container's versions."""
    azure.put("codes/c/versions/1", CODE)
    azure.put("codes/c/versions/2", CODE)
    assert azure.names("codes/c/versions") == ["2", "1"]
    assert azure("GET", "codes/none/versions").status == 404
    azure("DELETE", "codes/c")
    assert azure.names("codes") == []


def test_a_container_may_come_before_its_versions(azure: Any) -> None:
    """Then it has no latest version, no label leads anywhere, and version 1 is next."""
    azure.put("data/d", {"properties": {"description": "words"}})
    properties = azure.get("data/d")["properties"]
    assert "latestVersion" not in properties
    assert properties["nextVersion"] == "1"
    assert azure("GET", "data/d/labels/latest").status == 404
    azure.put("data/d/versions/1", DATA)
    azure("DELETE", "data/d/versions/1")
    assert azure("GET", "data/d/labels/latest").status == 404


def test_an_anonymous_version_can_become_a_registered_one(azure: Any) -> None:
    """Registering it without `isAnonymous` brings it into the lists."""
    azure.put("data/d/versions/1", {"properties": {**DATA["properties"], "isAnonymous": True}})
    assert azure.names("data") == []
    azure.put("data/d/versions/1", {"properties": {**DATA["properties"], "isAnonymous": False}})
    assert azure.names("data") == ["d"]
    assert azure.names("data/d/versions") == ["1"]


def test_an_upload_gets_a_place_of_its_own(azure: Any) -> None:
    """`startPendingUpload` gives a new container with a signature that opens it, and creates no asset."""
    first = azure.post("codes/c/versions/1/startPendingUpload", {"pendingUploadType": "TemporaryBlobReference"})
    second = azure.post("codes/c/versions/1/startPendingUpload", {"pendingUploadType": "TemporaryBlobReference"})
    reference = first["blobReferenceForConsumption"]
    assert reference["credential"]["credentialType"] == "SAS"
    assert reference["credential"]["sasUri"].startswith(reference["blobUri"] + "?")
    assert reference["blobUri"] != second["blobReferenceForConsumption"]["blobUri"]
    assert list(azure.backend.container(reference["credential"]["sasUri"]).list()) == []
    assert azure("GET", "codes/c").status == 404


def test_curated_environments_are_there_and_read_only(azure: Any) -> None:
    """The service's own environments are listed, labelled and readable, but nobody can register under their names."""
    name = "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu"
    assert name in azure.names("environments")
    assert azure.get(f"environments/{name}/labels/latest")["properties"]["environmentType"] == "Curated"
    assert azure.get(f"environments/{name}/versions/1")["properties"]["image"].startswith("mcr.microsoft.com/")
    for path in (f"environments/{name}/versions/99", "environments/Microsoft-mine/versions/1"):
        status, code, message = azure.error("PUT", path, ENVIRONMENT)
        assert (status, code) == (400, "UserError")
        assert "read-only" in message


def race(azure: Any, bodies: list[dict[str, Any]], headers: dict[str, str] | None = None) -> list[int]:
    """The statuses of creates of one version at the same time."""
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda body: azure("PUT", "data/d/versions/1", body, headers=headers), bodies))
    return sorted(reply.status for reply in replies)


def test_of_two_racing_definitions_one_wins(azure: Any) -> None:
    """Racing creates of a version with different definitions: one 201, the others 409, and the winner's is stored."""
    bodies = [{"properties": {**DATA["properties"], "dataUri": f"azureml://{number}"}} for number in range(24)]
    assert race(azure, bodies) == [201] + [409] * 23
    assert azure.get("data/d")["properties"]["nextVersion"] == "2"


def test_racing_creates_that_must_be_new(azure: Any) -> None:
    """With `If-None-Match: *` exactly one of the identical creates is the one that made it."""
    assert race(azure, [DATA] * 24, {"If-None-Match": "*"}) == [201] + [412] * 23


def test_racing_creates_of_many_versions_lose_none(azure: Any, model: dict[str, Any]) -> None:
    """Versions that are created at the same time are all there afterwards, and counted."""
    with ThreadPoolExecutor(8) as pool:
        paths = [f"models/m/versions/{number}" for number in range(1, 201)]
        assert {reply.status for reply in pool.map(lambda path: azure("PUT", path, model), paths)} == {201}
    assert sorted(map(int, azure.names("models/m/versions"))) == list(range(1, 201))
    assert azure.get("models/m")["properties"]["nextVersion"] == "201"
