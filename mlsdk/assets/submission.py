"""What one submission needs of the workspace: asked for, uploaded or registered once, however many steps need it."""

from __future__ import annotations

import os
import re
import uuid
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlsdk import hashing, ids
from mlsdk.assets.code import code_id
from mlsdk.assets.environments import environment_id
from mlsdk.assets.once import Once
from mlsdk.assets.places import upload_to_datastore
from mlsdk.assets.references import local_path, parse_reference
from mlsdk.entities.bindings import is_binding
from mlsdk.entities.environment import Environment
from mlsdk.entities.inputs import PARAMETERS, Input
from mlsdk.entities.job import LOCAL
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlsdk.assets.session import Session

T = TypeVar("T")
PREFIX = "azureml:"
MODEL_TYPES = ("custom_model", "mlflow_model", "triton_model")
"""The types of inputs that are models; all others are data."""
_VIRTUAL_CLUSTER = "virtualclusters/"
_VERSIONED = re.compile(r"[^:@/\\]+[:@][^:@/\\]+")
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def changed(entity: T, **values: Any) -> T:
    """A copy with other values, which were found out here and so are not checked as if a user had given them."""
    made = copy(entity)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def plain_id(text: str) -> str:
    """The id of a resource without `azureml:`; what is known by another address as it is."""
    plain = text.removeprefix(PREFIX)
    return plain if ids.is_arm_id(plain) else text


class Submission:
    """What the parts of one job share while it is resolved; may be used by several threads."""

    def __init__(self, session: Session) -> None:
        """Nothing was asked for yet."""
        self.session = session
        self.once = Once().get

    # -- what runs ---------------------------------------------------------------------------------------------
    def code(
        self, code: Any, base: str, folder: Path | None = None, ignored: tuple[str, ...] = (), *, shared: bool = True
    ) -> str:
        """The id of a code snapshot, uploaded when there is none of its content; see `code_id`.

        Not `shared` where the same path stands for other content elsewhere, as with additional includes.
        """
        text = os.fspath(code)
        if _VERSIONED.fullmatch(text) and not Path(base, text).exists():
            name, _, version = text.partition(":")
            return f"{self.session.assets()}/codes/{name}/versions/{version}"

        def make() -> str:
            return plain_id(code_id(code, base, self.session, folder, ignored=ignored))

        if folder is not None or not shared:
            return make()
        return self.once(("code", os.path.abspath(Path(base, text)), text, ignored), make)  # type: ignore[no-any-return]  # noqa: PTH100

    def environment(self, environment: str | Environment) -> str:
        """The id of an environment: one that is written out is registered, a label looked up."""
        if isinstance(environment, Environment):
            if environment.id:
                return plain_id(str(environment.id))
            named = environment.named()
            key: Any = (named.name, named.version) if named is not environment else id(environment)
        else:
            key = environment
        return self.once(  # type: ignore[no-any-return]
            ("environment", key), lambda: plain_id(environment_id(environment, self.session))
        )

    def compute(self, name: Any) -> Any:
        """The id of a compute of the workspace; what runs elsewhere, and expressions, as they are."""
        if not isinstance(name, str) or not name or self.session.in_registry:
            return name
        plain = name.removeprefix(PREFIX)
        if ids.is_arm_id(plain):
            return plain
        if plain.lower() == LOCAL or is_binding(plain) or _REMOTE.match(name):
            return name
        scope = self.session.connection.scope
        if plain.lower().startswith(_VIRTUAL_CLUSTER):
            below = f"{scope.resource_group()}/providers/{ids.PROVIDER}"
            return f"{below}/{_VIRTUAL_CLUSTER}{plain[len(_VIRTUAL_CLUSTER) :]}"
        return f"{scope.workspace()}/computes/{plain}"

    def datastore(self, name: str | None) -> str | None:
        """The id of a datastore of the workspace."""
        if not name or is_binding(name):
            return name
        plain = name.removeprefix(PREFIX)
        return plain if ids.is_arm_id(plain) else f"{self.session.connection.scope.workspace()}/datastores/{plain}"

    def component(self, text: str) -> str:
        """The id of a registered component; a label other than `default` is looked up."""
        plain = plain_id(text)
        if ids.is_arm_id(plain) or _REMOTE.match(text) or is_binding(text):
            return plain
        name, version, label = parse_reference(plain)
        collection = f"{self.session.assets()}/components/{name}"
        if label == "default":
            return f"{collection}/labels/default"
        if version is None and label is None:
            message = f"component {text!r}: which one? Give {name}:<version>, {name}@latest or {name}@default"
            raise wrong(message)
        if version is None:
            version = self.once(
                ("component", name, label), lambda: self.session.components.get(name, label=label).version
            )
        return f"{collection}/versions/{version}"

    # -- data --------------------------------------------------------------------------------------------------
    def inputs(self, given: Mapping[str, Any], base: str) -> Mapping[str, Any]:
        """Inputs by name whose data is in the workspace; the same mapping where nothing had to be done."""
        found = {name: self.input(value, base, name) for name, value in given.items()}
        if all(found[name] is value for name, value in given.items()):
            return given
        made: Any = type(given)() if hasattr(given, "__getattr__") else {}
        for name, value in found.items():
            dict.__setitem__(made, name, value)
        return made  # type: ignore[no-any-return]

    def input(self, value: Any, base: str, name: str) -> Any:
        """An input whose data is in the workspace: a local path is uploaded, a registered version named by its id."""
        if not isinstance(value, Input) or isinstance(value.type, list) or value.type in PARAMETERS:
            return value
        if value.path is None or str(value.path) == "":
            message = f"input {name!r} is of type {value.type} and has no path"
            raise wrong(message)
        address = self._address(value, base, name)
        return value if address == value.path else changed(value, path=address)

    def _address(self, value: Input, base: str, name: str) -> str:
        text = os.fspath(value.path) if isinstance(value.path, os.PathLike) else str(value.path)
        plain = plain_id(text)
        if ids.is_arm_id(plain) or is_binding(text) or "${{" in text or _REMOTE.match(text):
            return plain
        if text.startswith(PREFIX) or _VERSIONED.fullmatch(text):
            collection = "models" if value.type in MODEL_TYPES else "data"
            return self._version(collection, text, name)
        return self.once(  # type: ignore[no-any-return]
            ("upload", os.path.abspath(Path(base, text)), value.datastore, value.type),  # noqa: PTH100
            lambda: self._uploaded(value, base, name),
        )

    def _version(self, collection: str, text: str, name: str) -> str:
        asset, version, label = parse_reference(text)
        if version is None and label is None:
            message = f"input {name!r}: which version of {asset!r}? Give azureml:{asset}:<version> or {asset}@latest"
            raise wrong(message)
        if version is None:
            group: Any = getattr(self.session, collection)
            version = self.once((collection, asset, label), lambda: group.get(asset, label=label).version)
        return f"{self.session.assets()}/{collection}/{asset}/versions/{version}"

    def _uploaded(self, value: Input, base: str, name: str) -> str:
        here = local_path(value.path, base)
        if value.type == "uri_file" and not here.is_file():
            message = f"input {name!r} is of type uri_file, but {here} is a folder"
            raise wrong(message)
        if value.type == "uri_folder" and not here.is_dir():
            message = f"input {name!r} is of type uri_folder, but {here} is a file"
            raise wrong(message)
        where, stored = upload_to_datastore(
            self.session,
            hashing.asset_source(here),
            datastore=value.datastore,
            name=str(uuid.uuid4()),
            version=str(uuid.uuid4()),
        )
        ending = "/" if value.type == "uri_folder" else ""
        return f"azureml://datastores/{where.datastore}/paths/{stored}{ending}"

    # -- all at once -------------------------------------------------------------------------------------------
    def each(self, items: Iterable[T], work: Any) -> None:
        """Do `work` for each item, several at once where the service is far away; the first failure is raised."""
        from mlsdk.transfers import move_each

        threads = None if self.session.connection.backend.distant else 1
        move_each([*items], lambda item, _: work(item), lambda _: 0, threads=threads)
