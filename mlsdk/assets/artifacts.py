"""Models and data before they are sent."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from mlsdk.assets.places import long_uri, upload_to_datastore, upload_to_registry
from mlsdk.assets.references import is_remote, local_path, versioned
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.assets.session import Session
    from mlsdk.entities.data import Data
    from mlsdk.entities.model import Model


def resolve_model(model: Model, session: Session) -> Model:
    """A model whose files are in the workspace's storage; without a name it is anonymous and named by its content."""
    if model.path is None or str(model.path) == "":
        message = f"model {model.name!r} has no path"
        raise wrong(message)
    path = str(model.path)
    if is_remote(path):
        _refuse_mlflow_file(model, path)
        return versioned(model.evolve(path=long_uri(path, session)), session)
    from mlsdk import hashing

    here = local_path(path, model.base_path)
    _refuse_mlflow_file(model, here.name)
    name, version = model.name, model.version
    source = hashing.asset_source(here)
    if name is None:
        name, version = hashing.model_name(source.digest), "1"
        model = model.evolve(name=name, version=version).anonymous()
    model = versioned(model, session)
    if session.in_registry:
        return model.evolve(path=upload_to_registry(session, source, "models", str(name), str(model.version)))
    where, stored = upload_to_datastore(session, source, datastore=model.datastore, name=str(name), version=version)
    return model.evolve(path=long_uri(f"azureml://datastores/{where.datastore}/paths/{stored}", session))


def resolve_data(data: Data, session: Session) -> Data:
    """Data whose files are in the workspace's storage, of the type that it says; without a name it is anonymous."""
    if data.path is None or str(data.path) == "":
        message = f"data {data.name!r} has no path"
        raise wrong(message)
    if data.name is None:
        data = data.evolve(name=str(uuid.uuid4()), version="1").anonymous()
    path = str(data.path)
    if is_remote(path):
        return versioned(data, session)
    from mlsdk import hashing

    here = local_path(path, data.base_path)
    if data.type == "uri_file" and not here.is_file():
        message = f"data {data.name!r} is of type uri_file, but {here} is a folder"
        raise wrong(message)
    if data.type != "uri_file" and not here.is_dir():
        message = f"data {data.name!r} is of type {data.type}, but {here} is a file"
        raise wrong(message)
    data = versioned(data, session)
    if data.type == "mltable":
        data = data.evolve(referenced_uris=_mltable_uris(here))
    source = hashing.asset_source(here)
    if session.in_registry:
        return data.evolve(path=upload_to_registry(session, source, "data", str(data.name), str(data.version)))
    where, stored = upload_to_datastore(
        session, source, datastore=data.datastore, name=str(data.name), version=data.version
    )
    return data.evolve(path=f"azureml://datastores/{where.datastore}/paths/{stored}")


def _refuse_mlflow_file(model: Model, path: str) -> None:
    """ValidationException for an MLflow model that is a file: it is always a folder."""
    if model.type == "mlflow_model" and "." in path.rstrip("/").rpartition("/")[2]:
        message = f"model {model.name!r} is of type mlflow_model, which is a folder; {path} is a file"
        raise wrong(message)


def _mltable_uris(folder: Path) -> list[str]:
    """The paths that an MLTable file names; ValidationException when there is none, or it cannot be read."""
    from mlsdk.schema import documents

    file = folder / "MLTable"
    if not file.is_file():
        message = f"{folder} is no MLTable: it has no file MLTable"
        raise wrong(message)
    try:
        content = documents.parse(file.read_text(encoding="utf-8-sig"), str(file))
    except documents.Malformed as error:
        raise wrong(str(error)) from None
    paths = content.get("paths") or []
    return [str(value) for row in paths if isinstance(row, dict) for value in row.values()]
