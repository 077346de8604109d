"""Bodies of datastores and assets beside the published ARM schema: no property that no published version knows."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance.official import OURS, our_body

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(os.environ.get("MLSDK_SHARED") or Path(__file__).resolve().parents[3] / "shared")
GUID = "00000000-0000-0000-0000-000000000000"
SOME = {"name": "n", "version": "1", "description": "d", "tags": {"a": "b"}, "properties": {"p": "q"}}
STORE = {"name": "x", "description": "d", "tags": {"a": "b"}}
ACCOUNT = {"account_name": "acct", "endpoint": "core.windows.net", "protocol": "https"}
APPLICATION = {
    "tenant_id": GUID,
    "client_id": GUID,
    "authority_url": "https://login.microsoftonline.com",
    "resource_url": "https://storage.azure.com",
}
ROUTE = {"port": 5001, "path": "/score"}
MODELS, DATA, ENVIRONMENTS = (
    "workspaces_models_versions",
    "workspaces_data_versions",
    "workspaces_environments_versions",
)
DATASTORES = "workspaces_datastores"

SENT = [
    (MODELS, lambda m: m.Model(**SOME, path="azureml://datastores/d/paths/p", type="mlflow_model", stage="Production")),
    (MODELS, lambda m: m.Model(path="azureml://datastores/d/paths/p", tags={"a": 1, "b": True})),
    (DATA, lambda m: m.Data(**SOME, path="azureml://datastores/d/paths/p")),
    (DATA, lambda m: m.Data(**SOME, path="https://x/y", type="uri_file")),
    (DATA, lambda m: m.Data(**SOME, path="azureml://datastores/d/paths/p", type="mltable", referenced_uris=["u"])),
    (
        ENVIRONMENTS,
        lambda m: m.Environment(
            **SOME,
            image="i",
            os_type="linux",
            conda_file={"dependencies": ["python"]},
            inference_config={"liveness_route": ROUTE, "readiness_route": ROUTE, "scoring_route": ROUTE},
        ),
    ),
    (
        ENVIRONMENTS,
        lambda m: m.Environment(name="n", build=m.BuildContext(path="https://x/y/", dockerfile_path="Dockerfile")),
    ),
    ("workspaces_codes_versions", lambda m: m.Code(name="n", version="1", path="https://x/y")),
    (
        DATASTORES,
        lambda m: m.AzureBlobDatastore(
            **STORE, **ACCOUNT, container_name="c", credentials=m.AccountKeyConfiguration(account_key="k")
        ),
    ),
    (
        DATASTORES,
        lambda m: m.AzureFileDatastore(
            **STORE, **ACCOUNT, file_share_name="s", credentials=m.SasTokenConfiguration(sas_token="t")
        ),
    ),
    (
        DATASTORES,
        lambda m: m.AzureDataLakeGen2Datastore(
            **STORE,
            **ACCOUNT,
            filesystem="f",
            credentials=m.ServicePrincipalConfiguration(client_secret="s", **APPLICATION),
        ),
    ),
    (
        DATASTORES,
        lambda m: m.AzureDataLakeGen2Datastore(
            **STORE,
            **ACCOUNT,
            filesystem="f",
            credentials=m.CertificateConfiguration(certificate="c", thumbprint="0f", **APPLICATION),
        ),
    ),
    (
        DATASTORES,
        lambda m: m.AzureDataLakeGen1Datastore(
            **STORE, store_name="s", credentials=m.NoneCredentialConfiguration(), properties={"a": "b"}
        ),
    ),
    (
        DATASTORES,
        lambda m: m.OneLakeDatastore(
            **STORE, one_lake_workspace_name="w", endpoint="onelake.dfs.fabric.microsoft.com", artifact={"name": "z"}
        ),
    ),
]
"""Each class with all that it can send, as the service would get it once files are uploaded."""

STRAYS = [
    (
        MODELS,
        lambda m: m.Model(name="n", path="https://x/y", flavors={"sklearn": {"pickled_model": "m.pkl"}}),
        r"flavors\.sklearn\.data: .* is not of type 'string'",
        "the stored schema takes the mapping in FlavorData for a text",
    ),
    (
        MODELS,
        lambda m: m.Model(name="n", path="https://x/y", default_deployment_template={"asset_id": "i"}),
        r"'defaultDeploymentTemplate' was unexpected",
        "registries only, whose API is not published",
    ),
    (
        MODELS,
        lambda m: m.Model(name="n", path="https://x/y", allowed_deployment_templates=[{"asset_id": "i"}]),
        r"'allowedDeploymentTemplates' was unexpected",
        "the same",
    ),
    (
        DATA,
        lambda m: m.Data(name="n", path="https://x/y", tags={"a": 1}),
        r"tags\.a: 1 is not of type 'string'|'tags' were unexpected",
        "the official client sends the numbers in tags as they are",
    ),
    (
        DATA,
        lambda m: m.Data(name="n", path="https://x/y", auto_delete_setting={"value": "30d"}),
        r"'autoDeleteSetting' was unexpected",
        "2023-04-01-preview, which it is sent with, has it; the stored versions do not",
    ),
    (
        ENVIRONMENTS,
        lambda m: m.Environment(name="n", image="i", tags={"a": 1.5}),
        r"tags\.a: 1\.5 is not of type 'string'",
        "the official client sends the numbers in tags as they are",
    ),
    (
        ENVIRONMENTS,
        lambda m: m.Environment(
            name="n",
            image="i",
            inference_config={
                "liveness_route": {"port": 1, "path": "/"},
                "readiness_route": ROUTE,
                "scoring_route": ROUTE,
            },
        ),
        r"livenessRoute\.path: '/' does not match",
        "Azure's own examples have this path",
    ),
]
"""Where our bodies, as the official client's, do not meet the schema, each with its reason."""


@pytest.fixture(scope="module")
def problems() -> Callable[[str, dict[str, Any]], list[str]]:
    """The check of a body by the published schema."""
    tool = SHARED / "tools" / "arm_schema.py"
    if not tool.is_file():
        pytest.skip(f"the published ARM schema is not here: {tool} does not exist")
    spec = importlib.util.spec_from_file_location("arm_schema", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.problems  # type: ignore[no-any-return]


@pytest.mark.parametrize(("schema", "build"), SENT)
def test_a_body_has_only_what_the_published_schema_knows(
    problems: Callable[[str, dict[str, Any]], list[str]], schema: str, build: Callable[[Any], Any]
) -> None:
    """A published version of the API takes each body: every property known, every word allowed."""
    assert problems(schema, our_body(build(OURS))) == []


@pytest.mark.parametrize(("schema", "build", "told", "reason"), STRAYS)
def test_where_bodies_stray_from_the_schema_is_known(
    problems: Callable[[str, dict[str, Any]], list[str]],
    schema: str,
    build: Callable[[Any], Any],
    told: str,
    reason: str,
) -> None:
    """The schema objects to nothing but what is listed here with a reason, and still objects to that."""
    assert reason
    found = problems(schema, our_body(build(OURS)))
    assert found
    assert [line for line in found if not re.search(told, line)] == []
