"""Components that run a command."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlsdk import ids
from mlsdk.entities.additional_includes import folder_to_pack, together
from mlsdk.entities.component_ports import without_unknown
from mlsdk.entities.component_spec import UNSHOWN, Component
from mlsdk.entities.distribution import Distribution
from mlsdk.entities.environment import Environment
from mlsdk.entities.inputs import PARAMETERS
from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings
from mlsdk.schema.fields import JSON, Codec, Entity, entity, tag, wire
from mlsdk.schema.forms import form_of, to_form
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described, did_you_mean

if TYPE_CHECKING:
    from mlsdk.schema.files import Problem

PREFIX = "azureml:"
REGISTRY = "azureml://registries/"
_FEED = "azureml://feeds/"
_ADDRESS = re.compile(
    r"(?:https?|ftps?)://(?:[^\s/@]+@)?(?:[a-z0-9-]+\.)*(?:localhost|[a-z]{2,}|\d+)(?::\d+)?(?:[/?]\S*)?",
    re.IGNORECASE,
)
_VERSIONED = re.compile(r"[^/\\:@]+[:@][^/\\]+")
_BINDING = re.compile(r"\$\{\{\s*(\S*?)\s*\}\}")


# -- references ----------------------------------------------------------------------------------------------
def reference_form(value: str) -> str:
    """A reference as files and bodies have it: with `azureml:`."""
    return value if value.startswith(PREFIX) else PREFIX + value


def bare(value: Any) -> Any:
    """A reference as attributes have it: without `azureml:`; one into a registry as it is."""
    return value.removeprefix(PREFIX) if isinstance(value, str) and not value.startswith(REGISTRY) else value


def _is_versioned(text: str, collection: str) -> bool:
    """Whether `text` is the id of a version, or a name with a version or label."""
    if ids.is_arm_id(text):
        return re.fullmatch(rf".+/{collection}/[^/]+/versions/[^/]+", text, re.IGNORECASE) is not None
    return _VERSIONED.fullmatch(text) is not None


def code_form(code: str | os.PathLike[str], base: str) -> str:
    """Code as files and bodies have it: a local path from the root, which started at `base`; addresses as is."""
    text = os.fspath(code)
    path = Path(base, text)
    if path.exists():
        return path.resolve().as_posix()
    if text.startswith(_FEED):
        return REGISTRY + text.removeprefix(_FEED)
    if text.startswith((PREFIX, "git+")) or _ADDRESS.fullmatch(text):
        return text
    return PREFIX + text if _is_versioned(text, "codes") else path.resolve().as_posix()


def _is_code(text: str, base: str) -> bool:
    if Path(base, text).exists() or _ADDRESS.fullmatch(text) or text.startswith(("git+", REGISTRY, _FEED)):
        return True
    return text.startswith(PREFIX) and _is_versioned(text.removeprefix(PREFIX), "codes")


def is_elsewhere(text: str, base: str) -> bool:
    """Whether code is no path of this machine: an address, or a snapshot with all that it includes."""
    return not Path(base, text).exists() and (_is_code(text, base) or _is_versioned(text, "codes"))


def _is_environment(text: str) -> bool:
    if text.startswith(REGISTRY):
        return True
    name = text.removeprefix(PREFIX)
    if not text.startswith(PREFIX) or not name:
        return False
    return not ids.is_arm_id(name) or _is_versioned(name, "environments")


def problems_of_sources(data: Mapping[str, Any], base: str) -> Iterator[Problem]:
    """What is wrong with the `code` and the `environment` that a file in the folder `base` says."""
    from mlsdk.schema.files import FILE_PREFIX, Problem

    code, environment = data.get("code"), data.get("environment")
    if code is not None and not (isinstance(code, str) and _is_code(code, base)):
        wanted = "a file or folder, relative to this file, a URL, a git address, or azureml:name:version"
        yield Problem(("code",), f"{described(code)} is not {wanted}")
    if (
        environment is not None
        and not isinstance(environment, Mapping)
        and not (isinstance(environment, str) and (environment.startswith(FILE_PREFIX) or _is_environment(environment)))
    ):
        wanted = "azureml:name:version, azureml:name@label, azureml://registries/…, file:… or a mapping"
        yield Problem(("environment",), f"{described(environment)} is not {wanted}")


def environment_form(environment: Any) -> Any:
    """An environment in the YAML form: its reference, or written out."""
    if isinstance(environment, Environment):
        return _said(to_form(environment.named()))
    return None if environment is None else reference_form(environment)


def environment_from_form(form: Any) -> Any:
    """An environment from its YAML form in a body."""
    return bare(form) if isinstance(form, str) else form_of(Environment).load(form)


# -- the class -----------------------------------------------------------------------------------------------
@entity
class CommandComponent(Component):
    """A component that runs a command line in an environment.

    >>> CommandComponent(
    ...     name="train",
    ...     command="python train.py --data ${{inputs.data}} --rate ${{inputs.rate}}",
    ...     code="./src",
    ...     environment="azureml:sklearn:1",
    ...     inputs={"data": Input(type="uri_folder"), "rate": Input(type="number", default=0.1)},
    ... )
    """

    type: Literal["command"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "properties.componentSpec.type", default="command"
    )
    command: str | None = wire("properties.componentSpec.command", default=None, required=True)
    """The command line; `${{inputs.x}}` and `${{outputs.x}}` stand for values and paths, and what `$[[…]]` encloses is
    left out where an optional input is."""
    code: str | os.PathLike[str] | None = wire(
        "properties.componentSpec.code", default=None, sent=False, codec=Codec(str, bare)
    )
    """A folder or file of this machine, or a snapshot's id."""
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        "properties.componentSpec.environment",
        default=None,
        sent=False,
        required=True,
        codec=Codec(str, environment_from_form),
    )
    """What it runs in: `azureml:name:version`, `azureml:name@latest`, a registry's id, or an Environment."""
    distribution: Field[Distribution | None, Distribution | dict[str, Any] | None] = wire(
        "properties.componentSpec.distribution", default=None, sent=False, codec=form_of(Distribution)
    )
    """How it is spread over processes and nodes; None for one process."""
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        "properties.componentSpec.resources", default=None, sent=False, codec=form_of(JobResourceConfiguration)
    )
    """The nodes it runs on."""
    additional_includes: Field[list[str], list[str] | None] = wire(
        "properties.componentSpec.additional_includes",
        default=None,
        missing=list,
        empty=False,
        given=lambda paths, _: list(paths or ()),
    )
    """Files and folders that go into the code folder, relative to the component's file."""
    environment_variables: dict[str, Any] | None = wire(None, default=None, nullable=True, file_codec=UNSHOWN)
    """Known to sweep jobs, whose trial it may be; components of the service have none."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        "properties.componentSpec.queue_settings", default=None, sent=False, codec=form_of(QueueSettings)
    )
    _instance_count: int | None = wire(
        None, default=None, file="instance_count", nullable=True, file_codec=UNSHOWN, alias="instance_count"
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self._instance_count is not None and self.resources is not None:
            message = "CommandComponent() takes instance_count or resources, not both"
            raise wrong(message)
        self.instance_count, self._instance_count = self._instance_count, None

    @property
    def instance_count(self) -> int | None:
        """The number of nodes, a part of `resources`."""
        return self.resources.instance_count if self.resources is not None else None

    @instance_count.setter
    def instance_count(self, value: int | None) -> None:
        if not value:
            return
        if self.resources is None:
            self.resources = JobResourceConfiguration(instance_count=value)
        else:
            self.resources.instance_count = value

    # -- files -----------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, references without their prefix, resources and distribution without what nobody knows."""
        said = {**super().__from_file__(data, base, top=top)}
        for key, kind in (("resources", JobResourceConfiguration), ("distribution", Distribution)):
            if isinstance(said.get(key), Mapping):
                said[key] = without_unknown(said[key], kind, key)
        code, environment = said.get("code"), said.get("environment")
        if isinstance(code, str) and code.startswith(PREFIX):
            said["code"] = bare(code_form(code, base))
        if isinstance(environment, str) and environment.startswith(PREFIX):
            said["environment"] = bare(environment)
        return said

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        yield from super()._problems_of_file(data, base)
        yield from problems_of_sources(data, base)

    # -- forms -----------------------------------------------------------------------------------------------
    def _parts(self, form: Callable[[Entity], JSON]) -> JSON:
        return {
            **super()._parts(form),
            "additional_includes": self.additional_includes,
            "code": None if self.code is None else code_form(self.code, self.base_path),
            "environment": self._environment_form(form),
            "distribution": None if self.distribution is None else form(self.distribution),
            "resources": None if self.resources is None else _said(form(self.resources)),
            "queue_settings": None if self.queue_settings is None else form(self.queue_settings),
        }

    def _environment_form(self, form: Callable[[Entity], JSON]) -> Any:
        if isinstance(self.environment, Environment):
            return _said(form(self.environment.named()))
        return None if self.environment is None else reference_form(self.environment)

    # -- what operations ask -----------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        for name in ("command", "environment"):
            if getattr(self, name) is None:
                yield name, "is required"
        unknown = [text for text in _BINDING.findall(self.command or "") if not self._is_bound(text)]
        if unknown:
            yield "command", f"{', '.join(unknown)}: no such input or output{self._meant(unknown)}"
        yield from self._problems_of_code()
        for name, port in self.outputs.items():
            if port.early_available and port.type not in PARAMETERS:
                yield f"outputs.{name}", f"early_available is for {', '.join(PARAMETERS)}, not for {port.type}"

    def _is_bound(self, expression: str) -> bool:
        side, _, rest = expression.partition(".")
        if side in ("inputs", "outputs"):
            ports = getattr(self, side)
            return not rest or rest in ports or rest.split(".")[0] in ports
        return hasattr(self, side)

    def _meant(self, unknown: Sequence[str]) -> str:
        """What is near the first of the expressions that mean nothing."""
        known = [f"{side}.{name}" for side in ("inputs", "outputs") for name in getattr(self, side)]
        return did_you_mean(unknown[0], known, likeness=0.8)

    def _problems_of_code(self) -> Iterator[tuple[str, str]]:
        code = None if self.code is None else os.fspath(self.code)
        folder = None if code is None else Path(self.base_path, code)
        if code is not None and code.startswith("git+"):
            yield "code", "a git address is not supported; give a folder of this machine"
        if code is not None and is_elsewhere(code, self.base_path):
            return
        if folder is not None and not folder.exists():
            yield "code", f"no such file or folder: {folder.resolve()}"
        for include in self.additional_includes:
            source = Path(self.base_path, include).resolve()
            if not source.exists() and folder_to_pack(source) is None:
                yield "additional_includes", f"no such file or folder: {source}"
            elif folder is not None and folder.is_dir() and (folder / source.name).exists():
                yield "additional_includes", f"{source.name} is in the code folder already"

    def code_folder(self) -> AbstractContextManager[Path | None]:
        """A new folder with the code and its additional includes, while it is used; None when there are no includes."""
        if not self.additional_includes or (
            self.code is not None and is_elsewhere(os.fspath(self.code), self.base_path)
        ):
            return nullcontext()
        return together(self.code, self.additional_includes, self.base_path)


def _said(form: JSON) -> JSON:
    """A form without its parts that say nothing, which the official client does not write here."""
    return {key: value for key, value in form.items() if value != {}}
