"""Models: files that a job made or somebody brought, ready to be deployed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from mlsdk.entities.artifact import IntellectualProperty, VersionedAsset, located, named
from mlsdk.entities.kind import ASSET_NAME, REGISTRY_VERSION, Kind
from mlsdk.entities.resource import Resource, own
from mlsdk.schema import codecs
from mlsdk.schema.fields import Codec, Entity, constant, entity, output, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

CUSTOM = "custom_model"
_TEXTS = Codec(
    lambda given: {key: str(value) for key, value in given.items() if value is not None}, lambda found: found
)
"""A mapping whose values the service keeps as text; what is None is left out."""


class _Flavor(dict[str, Any]):
    """The content of a flavor from the service, with the body around it, in which a newer service may say more."""

    body: Mapping[str, Any]


def _flavor_to_body(flavor: Any) -> Any:
    if not isinstance(flavor, dict):
        return flavor
    around = flavor.body if isinstance(flavor, _Flavor) else {}
    return {**around, "data": dict(flavor)} if flavor or "data" in around or not around else dict(around)


def _flavor_of_body(body: Any) -> Any:
    if not isinstance(body, dict) or not isinstance(body.get("data", {}), dict):
        return body
    flavor = _Flavor(body.get("data", {}))
    flavor.body = body
    return flavor


_FLAVORS = Codec(
    lambda flavors: {name: _flavor_to_body(one) for name, one in flavors.items()},
    lambda found: {name: _flavor_of_body(one) for name, one in found.items()},
)
"""A body has the content of each flavor below `data`."""
_TYPE = Codec(lambda value: value, codecs.file_words(CUSTOM, "mlflow_model", "triton_model").load)


@entity
class DeploymentTemplateReference(Entity):
    """A deployment template of a registry, by its id."""

    asset_id: str | None = wire("assetId", default=None)
    """`azureml://registries/<registry>/deploymenttemplates/<name>/versions/<version>`."""


@entity(constants=(constant("properties.isArchived", False),))
class Model(VersionedAsset):
    """A file or folder under a name and a version.

    >>> Model(name="credit", path="./model", type="mlflow_model", tags={"stage": "trial"})

    Without a version it gets the next one; without a name its content names it.
    """

    name: str | None = wire("id", default=None, codec=codecs.segment("models"), sent=False)
    path: Field[str | None, str | os.PathLike[str] | None] = wire("properties.modelUri", default=None, given=located)
    """A file or folder of this machine, or where it is already: `azureml://datastores/…/paths/…`, `runs:/…`."""
    type: Field[str, str | None] = wire(
        "properties.modelType", default=None, file_codec=_TYPE, given=lambda value, _: value or CUSTOM
    )
    """How it is stored: `custom_model`, `mlflow_model` or `triton_model`."""
    flavors: dict[str, Any] | None = wire(
        "properties.flavors", default=None, codec=_FLAVORS, empty=False, given=lambda value, _: value or None
    )
    """How an MLflow model may be loaded: `{"python_function": {…}}`."""
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own, codec=_TEXTS
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own, codec=_TEXTS
    )
    stage: str | None = wire("properties.stage", default=None)
    """How far it has come: `Development`, `Production`, `Archived`, or a word of your own."""
    default_deployment_template: Field[
        DeploymentTemplateReference | None, DeploymentTemplateReference | dict[str, Any] | None
    ] = wire("properties.defaultDeploymentTemplate", default=None)
    allowed_deployment_templates: Field[
        list[DeploymentTemplateReference] | None, Sequence[DeploymentTemplateReference | dict[str, Any]] | None
    ] = wire("properties.allowedDeploymentTemplates", default=None, empty=False, given=lambda value, _: value or None)
    utc_time_created: str | None = wire(None, default=None, read=False)
    system_metadata: dict[str, Any] | None = wire(None, default=None)
    intellectual_property: IntellectualProperty | None = wire(
        "properties.intellectualProperty", default=None, sent=False, read=False
    )
    job_name: str | None = output("properties.jobName", file="job_name")
    """The job that made it."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; ValueError when a file about a model does not name it."""
        return named(data, top=top)


@entity(constants=(constant("properties.referenceType", "Id"),))
class WorkspaceAssetReference(Resource):
    """A model of a workspace that a registry is to take over, by its id, under a name and version of the registry's."""

    name: str | None = wire("properties.destinationName", default=None)
    version: str | None = wire("properties.destinationVersion", default=None)
    asset_id: str | None = wire("properties.sourceAssetId", default=None, absent=None)
    """`azureml://locations/<region>/workspaces/<workspace id>/models/<name>/versions/<version>`."""
    properties: dict[str, Any] = wire(None, factory=dict, missing=dict, file=None)

    def __attrs_post_init__(self) -> None:
        if self.version is not None and not self.name:
            message = f"WorkspaceAssetReference(version={self.version!r}) needs a name too"
            raise wrong(message)


MODEL = Kind(
    label="model",
    entity=Model,
    collection="models",
    api_version="2023-08-01-preview",
    schema="workspaces_models_versions",
    versioned=True,
    name_rule=ASSET_NAME,
    registry_api_version=REGISTRY_VERSION,
)
