"""`load_…`: an entity from its `az ml` YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlsdk.schema import files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from typing import IO

    from mlsdk.entities import (
        Component,
        Compute,
        Data,
        Datastore,
        Environment,
        Job,
        Model,
        Workspace,
    )

    Source = str | PathLike[str] | IO[Any]
    Overrides = Sequence[Mapping[str, Any]] | None


def _load(kind: Any, source: Any, relative_origin: str | None, params_override: Any, more: dict[str, Any]) -> Any:
    """Read `source` as `kind`; `path` is the older name of `source`, and nothing else is taken by keyword."""
    if source is None:
        source = more.pop("path", None)
    if source is None or more:
        what = f"has no argument {next(iter(more))!r}" if more else "needs the path of a file, or an open one"
        message = f"load_{kind.__name__.lower()}() {what}"
        raise TypeError(message)
    overrides = params_override or ()
    if not isinstance(overrides, (list, tuple)) or not all(isinstance(one, Mapping) for one in overrides):
        message = "params_override has to be a list of mappings such as [{'tags.team': 'vision'}]"
        raise TypeError(message)
    return files.load(source, kind, relative_origin=relative_origin, overrides=overrides)


def load_component(
    source: Source | None = None,
    *,
    relative_origin: str | None = None,
    params_override: Overrides = None,
    **kwargs: Any,
) -> Component:
    """A component of the type that the file names, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Component

    return _load(Component, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_compute(
    source: Source, *, relative_origin: str | None = None, params_override: Overrides = None, **kwargs: Any
) -> Compute:
    """A compute of the type that the file names, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Compute

    return _load(Compute, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_data(
    source: Source, *, relative_origin: str | None = None, params_override: Overrides = None, **kwargs: Any
) -> Data:
    """A data asset, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Data

    return _load(Data, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_datastore(
    source: Source, *, relative_origin: str | None = None, params_override: Overrides = None, **kwargs: Any
) -> Datastore:
    """A datastore of the type that the file names, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Datastore

    return _load(Datastore, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_environment(
    source: Source, *, relative_origin: str | None = None, params_override: Overrides = None, **kwargs: Any
) -> Environment:
    """An environment, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Environment

    return _load(Environment, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_model(
    source: Source, *, relative_origin: str | None = None, params_override: Overrides = None, **kwargs: Any
) -> Model:
    """A model, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Model

    return _load(Model, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_workspace(
    source: Source, *, relative_origin: str | None = None, params_override: Overrides = None, **kwargs: Any
) -> Workspace:
    """A workspace, read from its YAML file.

    `source` is a path or an open file; relative paths in it start from its folder, or from that of `relative_origin`.
    `params_override` replaces values by dotted path: `[{"tags.owner": "me"}]`. ValidationException lists every problem with
    its line and column.
    """
    from mlsdk.entities import Workspace

    return _load(Workspace, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]


def load_job(
    source: Source | None = None,
    *,
    relative_origin: str | None = None,
    params_override: Overrides = None,
    **kwargs: Any,
) -> Job:
    """A job of the type that the file names (a command when it names none), read from its YAML file.

    `source`, `relative_origin` and `params_override` are those of `load_component`.
    """
    from mlsdk.entities import Job

    return _load(Job, source, relative_origin, params_override, kwargs)  # type: ignore[no-any-return]
