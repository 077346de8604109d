"""Environments: the image that jobs and deployments run in, and what is installed on it."""

from __future__ import annotations

import marshal
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.entities.artifact import AutoDeleteSetting, IntellectualProperty, VersionedAsset, is_url, named
from mlsdk.entities.kind import ASSET_NAME, REGISTRY_VERSION, Kind
from mlsdk.entities.resource import own
from mlsdk.schema import codecs, documents, files
from mlsdk.schema.fields import Codec, Entity, Mapped, constant, entity, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from typing_extensions import Self

ANONYMOUS = "CliV2AnonymousEnvironment"
"""The name of every environment that was given none; its version says what is in it."""


# -- conda ---------------------------------------------------------------------------------------------------
class CondaFile(dict[str, Any]):
    """The content of a conda file from the service, which remembers its text: unchanged, it is sent back as it came."""

    def __init__(self, content: Mapping[str, Any], text: str) -> None:
        """Hold `content`, read from `text`."""
        super().__init__(content)
        self.text = text


def conda_text(content: Any) -> str:
    """The YAML text of a conda file that a body carries: its keys sorted, as the official client writes it."""
    if isinstance(content, str):
        return content
    if isinstance(content, CondaFile) and _conda_content(content.text) == content:
        return content.text
    plain = _plain(content)
    try:
        return _written(marshal.dumps(plain))
    except ValueError:  # something in it that only YAML may know
        return _dumped(plain)


@lru_cache(maxsize=64)
def _written(content: bytes) -> str:
    """The text of a content, remembered: its name, its version and its body each ask for it, and writing it takes long."""
    return _dumped(marshal.loads(content))  # noqa: S302 - bytes that were made above


def _dumped(content: Any) -> str:
    """The text as the official client writes it, so that both give an anonymous environment the same version."""
    import yaml

    return yaml.safe_dump(content, sort_keys=True)


def _plain(content: Any) -> Any:
    """Mappings and lists of any class as those that YAML knows."""
    if isinstance(content, Mapping):
        return {key: _plain(item) for key, item in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(item) for item in content]
    return documents.plain(content)


def _conda_content(text: str) -> Any:
    """What a text from the service says; the text itself when it is not a conda file."""
    try:
        return CondaFile(documents.plain(documents.parse(text, "conda file")), text)
    except documents.Malformed:
        return text


def _read_conda(given: Any, environment: Environment) -> Any:
    """The content of the conda file at a path that starts from the environment's `base_path`; a mapping as it is."""
    if given is None or isinstance(given, Mapping):
        return given
    if not given:
        return None
    path = Path(environment.base_path, given).resolve()
    try:
        return documents.plain(documents.parse(path.read_text(encoding="utf-8-sig"), str(path)))
    except OSError as error:
        message = f"conda_file: cannot read {path}: {error.strerror}"
    except (documents.Malformed, UnicodeDecodeError) as error:
        message = f"conda_file: {error}"
    raise wrong(message)


# -- build context -------------------------------------------------------------------------------------------
_ADDRESS = re.compile(r"(?:https?|ftps?)://[^\s/]", re.IGNORECASE)


@entity
class BuildContext(Entity):
    """A folder with a Dockerfile: `BuildContext(path="./docker")`."""

    dockerfile_path: str | None = wire("dockerfilePath", default=None)
    """The Dockerfile's path in the folder; `Dockerfile` when None."""
    path: Field[str | None, str | os.PathLike[str] | None] = wire("contextUri", default=None)
    """A folder of this machine, or the address of one, a git repository's included."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; ValueError when the folder is neither there nor an address."""
        path = data.get("path")
        if isinstance(path, str) and not _ADDRESS.match(path) and not Path(base, path).exists():
            message = f"path: no such file or folder: {Path(base, path).resolve()}"
            raise ValueError(message)
        return data


# -- inference -----------------------------------------------------------------------------------------------
@entity
class Route(Mapped, Entity):
    """Where a server in the image answers."""

    port: int | None = wire("port", default=None, required=True)
    path: str | None = wire("path", default=None, required=True)
    """For example `/score`."""


@entity
class InferenceConfig(Mapped, Entity):
    """How an image with a server of its own is asked: whether it lives, whether it is ready, and to score."""

    liveness_route: Route | None = wire("livenessRoute", default=None, required=True)
    readiness_route: Route | None = wire("readinessRoute", default=None, required=True)
    scoring_route: Route | None = wire("scoringRoute", default=None, required=True)


# -- environment ---------------------------------------------------------------------------------------------
@entity(constants=(constant("properties.isArchived", False),))
class Environment(VersionedAsset):
    """What code runs in: an image, or a build context for one, and the packages of a conda file on top.

    >>> Environment(name="training", image="mcr.microsoft.com/azureml/base", conda_file="examples/iris/conda.yml")

    Without a name it is anonymous, and its version is the hash of its definition.
    """

    name: str | None = wire("id", default=None, codec=codecs.segment("environments"), sent=False)
    image: str | None = wire("properties.image", default=None, given=lambda value, _: value or None)
    """A Docker image, with its registry: `mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest`."""
    build: Field[BuildContext | None, BuildContext | dict[str, Any] | None] = wire("properties.build", default=None)
    """What to build the image from; in the place of `image`."""
    conda_file: Field[dict[str, Any] | str | None, dict[str, Any] | str | os.PathLike[str] | None] = wire(
        "properties.condaFile", default=None, codec=Codec(conda_text, _conda_content), empty=False, given=_read_conda
    )
    """What conda installs on the image: the path of a conda file, which is read at once, or its content."""
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own, empty=False
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own, empty=False, file=None
    )
    auto_delete_setting: Field[AutoDeleteSetting | None, AutoDeleteSetting | dict[str, Any] | None] = wire(
        "properties.autoDeleteSetting", default=None, sent=False
    )
    inference_config: Field[InferenceConfig | None, InferenceConfig | dict[str, Any] | None] = wire(
        "properties.inferenceConfig", default=None
    )
    """The routes of an image that brings its own server; given as a mapping or as InferenceConfig."""
    os_type: str | None = wire("properties.osType", default=None, file_codec=codecs.file_words("linux", "windows"))
    """`linux` or `windows`."""
    intellectual_property: IntellectualProperty | None = wire(
        "properties.intellectualProperty", default=None, sent=False, read=False
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.is_anonymous and not self.name:
            self._name_by_content()

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; ValueError when it is a conda file, or when a file about an environment does not name it.

        One that is written into a component or a job is anonymous: its name counts for nothing.
        """
        if "channels" in data or "dependencies" in data:
            message = "this is the content of a conda file; write it to a file of its own and name that as conda_file"
            raise ValueError(message)
        return (
            named(data, top=True)
            if top
            else {key: item for key, item in data.items() if key not in ("name", "version")}
        )

    def validate(self) -> None:
        """ValidationException unless there is either an image or a build context."""
        if self.image is None and self.build is None:
            message = f"environment {self.name!r} needs an image or a build context"
            raise wrong(message)
        if self.image and self.build is not None:
            message = f"environment {self.name!r} has an image and a build context; give one of them"
            raise wrong(message)

    def __sendable__(self) -> None:
        self.validate()

    def named(self) -> Self:
        """The environment; an anonymous one as a copy whose version is the hash of what is in it now.

        The build context of an anonymous environment is read for that. ValidationException when it is not there.
        """
        if not self.is_anonymous or self.name not in (None, "", ANONYMOUS):
            return self
        new = self.evolve()
        new._name_by_content()  # noqa: SLF001 - a copy of our own
        return new

    def _name_by_content(self) -> None:
        """Take the anonymous name, and the hash of the definition as the version."""
        from mlsdk import hashing

        context = self.build.path if self.build is not None else None
        if self.build is not None and context and not is_url(os.fspath(context)):
            folder = Path(self.base_path, context).resolve()
            if not folder.exists():
                message = f"build.path: no such file or folder: {folder}"
                raise wrong(message)
            version = hashing.build_context_version(hashing.asset_hash(folder), self.build.dockerfile_path)
        elif self.image:
            version = hashing.environment_version(
                self.image, conda_text(self.conda_file) if self.conda_file else None, self._inference_text()
            )
        else:
            return
        self.name, self.version = ANONYMOUS, version

    def _inference_text(self) -> str | None:
        if self.inference_config is None:
            return None
        import yaml

        return yaml.safe_dump(files.to_dict(self)["inference_config"], sort_keys=True)

    def to_dict(self) -> dict[str, Any]:
        """The YAML form, a build context of this machine with its path from the root."""
        made = super().to_dict()
        context = (made.get("build") or {}).get("path")
        if context and (folder := Path(self.base_path, context).resolve()).exists():
            made["build"]["path"] = str(folder)
        return made


ENVIRONMENT = Kind(
    label="environment",
    entity=Environment,
    collection="environments",
    api_version="2023-04-01-preview",
    schema="workspaces_environments_versions",
    versioned=True,
    name_rule=ASSET_NAME,
    registry_api_version=REGISTRY_VERSION,
)
