"""Spark jobs, and the steps of pipelines that run on a Spark cluster: one class for both."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.bindings import unmet
from mlsdk.entities.building import register
from mlsdk.entities.command import ENVIRONMENT, ENVIRONMENT_FILE, JobIdentity, tell
from mlsdk.entities.command_component import bare, environment_form
from mlsdk.entities.environment import Environment
from mlsdk.entities.identity import ManagedIdentityConfiguration, UserIdentityConfiguration
from mlsdk.entities.inline import inline_component
from mlsdk.entities.job_ports import JOB_INPUTS
from mlsdk.entities.node import Node, called
from mlsdk.entities.port_types import component_inputs, component_outputs
from mlsdk.entities.spark_component import LISTS, SparkComponent, code_problems
from mlsdk.entities.spark_settings import (
    CONF_KEYS,
    INSTANCE_TYPES,
    SparkJobEntry,
    SparkResourceConfiguration,
    conf_body,
    conf_form,
    conf_problems,
    entry_problems,
    is_dynamic,
    mode_problems,
    nodes_of_step,
    repeated,
    resource_problems,
    spark_environment,
    take_conf,
)
from mlsdk.schema.bodies import to_body
from mlsdk.schema.fields import JSON, entity, tag, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.entities.component_spec import Component

_ANY_IDENTITY: Any = JobIdentity
_STATIC = ("entry", *LISTS, "args", "environment")
"""What a step has of its component."""
_COMPONENT_KEYS = ("code", *_STATIC, "conf")
"""What a file says of a job in one place, and Python of its component."""
_SETTINGS = (*CONF_KEYS, "conf")


def _environment(given: Any, _: Any) -> Any:
    return spark_environment(given)


@entity(eq=False, keeps="")
class Spark(Node):
    """Code that runs on a Spark cluster, as a job or as a step of a pipeline.

    `spark(...)`, `load_job` and a component that is called make them; this constructor takes a component, or what that would
    say. A job runs on an attached Synapse pool (`compute`) or on nodes that the service brings (`resources`).

    >>> Spark(
    ...     component=wrangle_component,
    ...     inputs={"data": Input(type="uri_file", path="azureml:titanic:1", mode="direct")},
    ...     resources={"instance_type": "standard_e4s_v3", "runtime_version": "3.4"},
    ... )
    """

    __settings__ = ("entry", "resources")
    type: Literal["spark"] = tag("properties.jobType", default="spark", wire="Spark")
    if TYPE_CHECKING:
        component: Field[SparkComponent | str | None, Component | str | None]  # pyright: ignore[reportGeneralTypeIssues]
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire("properties.identity", default=None)
    """Who it runs as; on a compute the compute's managed identity when None, else the user."""
    driver_cores: int | str | None = wire(None, default=None, file=None)
    driver_memory: str | None = wire(None, default=None, file=None)
    """With its unit: `2g`."""
    executor_cores: int | str | None = wire(None, default=None, file=None)
    executor_memory: str | None = wire(None, default=None, file=None)
    executor_instances: int | str | None = wire(None, default=None, file=None)
    """How many executors; those at the start where they come and go."""
    dynamic_allocation_enabled: bool | str | None = wire(None, default=None, file=None)
    """Whether executors come and go with the work."""
    dynamic_allocation_min_executors: int | str | None = wire(None, default=None, file=None)
    dynamic_allocation_max_executors: int | str | None = wire(None, default=None, file=None)
    conf: dict[str, Any] | None = wire("properties.conf", default=None)
    """Settings under Spark's names: `{"spark.driver.cores": 1}`; attributes say some of them too, and win."""
    resources: Field[SparkResourceConfiguration | None, SparkResourceConfiguration | dict[str, Any] | None] = wire(
        "properties.resources", default=None
    )
    """The nodes that the service brings, where there is no compute."""
    entry: Field[SparkJobEntry | None, SparkJobEntry | dict[str, Any] | None] = wire("properties.entry", default=None)
    """What it starts: `{"file": "main.py"}`, within the code."""
    py_files: list[str] | None = wire("properties.pyFiles", default=None)
    """Python modules that are put on the path of all nodes."""
    jars: list[str] | None = wire("properties.jars", default=None)
    files: list[str] | None = wire("properties.files", default=None)
    """Files that are put into the working folder of all executors."""
    archives: list[str] | None = wire("properties.archives", default=None)
    """Archives that are unpacked there."""
    args: str | None = wire("properties.args", default=None)
    """What the entry is given; `${{inputs.x}}` and `${{outputs.x}}` stand for values and addresses."""
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        "properties.environmentId", default=None, codec=ENVIRONMENT, file_codec=ENVIRONMENT_FILE, given=_environment
    )
    """What it runs in, where that is not Spark's own."""
    _code: str | os.PathLike[str] | None = wire(None, default=None, file=None, alias="code")

    def __attrs_post_init__(self) -> None:
        take_conf(self)
        if self.component is None:
            self.component = self._written_out()
        self._code = None
        super().__attrs_post_init__()
        component = self.component
        if isinstance(component, SparkComponent):
            for name in (*_STATIC, *_SETTINGS):
                if getattr(self, name) is None:
                    setattr(self, name, deepcopy(getattr(component, name)))
        if self.executor_instances is None and is_dynamic(self):
            self.executor_instances = self.dynamic_allocation_min_executors

    def _written_out(self) -> SparkComponent:
        """The component of a job that was given none: what the job says."""
        component = SparkComponent(
            code="." if self._code is None else self._code,
            **{name: deepcopy(getattr(self, name)) for name in (*_STATIC, *_SETTINGS)},
            description=self.description,
            tags=self.tags,
            properties=self.properties,
            inputs=component_inputs({name: value for name, value in self.inputs.items() if value is not None}),
            outputs=component_outputs({name: port.data for name, port in self.outputs.items()}),
            base_path=self.base_path,
            _source=self._source or "CLASS",
        )
        for name, port in self.outputs.items():
            port.meta = component.outputs.get(name)
        return component

    # -- a part of the component -----------------------------------------------------------------------------------
    @property
    def code(self) -> str | os.PathLike[str] | None:
        """The code; None when there is none, or the component is known by its name only."""
        return self.component.code if isinstance(self.component, SparkComponent) else None

    @code.setter
    def code(self, value: str | os.PathLike[str] | None) -> None:
        if not isinstance(self.component, SparkComponent):
            message = (
                f"the code of {self.component!r} cannot be set: it is a part of that component, which is registered"
            )
            raise wrong(message)
        self.component.code = value

    def filter_conf_fields(self) -> dict[str, Any]:
        """What `conf` says under other names than those of attributes."""
        return {name: value for name, value in (self.conf or {}).items() if name not in CONF_KEYS}

    # -- other steps -------------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Spark:
        """Another step of the same component and settings, whose inputs are given anew by name where they differ."""
        if not isinstance(self.component, SparkComponent):
            message = f"{self.component!r} is known by its name only; a component that is called has to be at hand"
            raise wrong(message)
        given = {name: value for name, value in self.inputs.items() if value is not None}
        step = Spark(
            component=self.component,
            name=self.name,
            inputs={**given, **called(self.component, args, kwargs)},
            outputs={name: deepcopy(port.data) for name, port in self.outputs.items() if port.data is not None},
            compute=self.compute,
            **{name: deepcopy(getattr(self, name)) for name in (*_SETTINGS, "environment", "resources", "identity")},
        )
        register(step)
        return step

    # -- bodies --------------------------------------------------------------------------------------------------------
    def effective_identity(self) -> JobIdentity | None:
        """Who it runs as, also where that is not said."""
        if self.identity is not None:
            return self.identity
        if self.compute is not None:
            return ManagedIdentityConfiguration()
        return UserIdentityConfiguration() if self.resources is not None else None

    def _job_problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it, alone or as a step."""
        yield from resource_problems(self.compute, self.resources)
        yield from mode_problems(
            self.inputs, self.outputs, self.component if isinstance(self.component, SparkComponent) else None
        )
        if isinstance(self.component, SparkComponent):
            yield from conf_problems(self)
        yield from entry_problems(self.entry)
        missing = unmet(self.args, self.inputs)
        if missing:
            yield "args", f"names inputs that are not given: {', '.join(missing)}"

    def __sendable__(self) -> None:
        """A job that the service would not run is not sent."""
        if not isinstance(self.component, SparkComponent):
            message = (
                f"a Spark job that is no step of a pipeline has to have its component at hand, not {self.component!r}"
            )
            raise wrong(message)
        problems = [*self._job_problems()]
        if problems:
            raise wrong("\n".join(f"{where}: {what}" for where, what in problems))

    def __complete__(self, body: JSON) -> None:
        """Code is a part of the component; what the cluster is like are texts; an identity follows from the rest."""
        properties: JSON = body["properties"]
        properties["inputs"] = JOB_INPUTS.dump({name: one for name, one in self.inputs.items() if one is not None})
        properties["conf"] = conf_body(self)
        if self.code is not None:
            properties["codeId"] = bare(os.fspath(self.code))
        identity = self.effective_identity()
        if identity is not None:
            properties["identity"] = to_body(identity)

    def __loaded__(self, body: JSON) -> None:
        """The component that the parts of a job amount to."""
        super().__loaded__(body)
        take_conf(self)
        properties = body.get("properties") or {}
        self.component = SparkComponent(
            code=bare(properties.get("codeId")),
            **{name: getattr(self, name) for name in (*_STATIC, *_SETTINGS)},
            inputs=component_inputs(self.inputs),
            outputs=component_outputs({name: port.data for name, port in self.outputs.items()}),
            _source="REMOTE.WORKSPACE.JOB",
        )

    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step; see `Node.node_body`."""
        from mlsdk.entities.node import node_part

        body = super().node_body(components)
        for name, part in (
            *((name, getattr(self, name)) for name in (*LISTS, "args")),
            ("conf", conf_form(self)),
            ("identity", node_part(self.effective_identity())),
        ):
            if part is not None and part not in ({}, []):
                body[name] = part
        return body

    @classmethod
    def _known_in_node(cls) -> set[str]:
        return {*LISTS, "args", "conf", "identity"}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        from mlsdk.entities.node import job_part
        from mlsdk.schema.bodies import from_body

        identity = body.get("identity")
        return {
            **super()._arguments(body),
            **{name: body.get(name) for name in (*LISTS, "args", "conf")},
            "identity": None if identity is None else from_body(_ANY_IDENTITY, job_part(identity)),
        }

    # -- files -----------------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """A job written out in one place as the component that it is, and what is given to it."""
        from mlsdk.schema.files import Misstated, Problem

        problems = [Problem((name,), what) for name, what in repeated(data, LISTS)] if "component" in data else []
        if "component" in data and "resources" in data:
            try:
                data = {**data, "resources": nodes_of_step(data["resources"])}
            except ValueError as error:
                problems.append(Problem(("resources",), str(error)))
        found = inline_component(cls, SparkComponent, data, base, keys=_COMPONENT_KEYS, shared=(*_STATIC, "conf"))
        if problems:
            raise Misstated(problems, found)
        found.pop("code", None)
        component = found.get("component")
        if "component" in data or not isinstance(component, SparkComponent):
            return found
        names = ("name", "display_name", "description", "tags") if top else ("description", "tags")
        tell(component, {key: found[key] for key in names if found.get(key)}, None)
        if isinstance(found.get("properties"), Mapping):
            component.properties = dict(found["properties"])
        if top and "code" not in data:
            component.code = None
        return found

    def to_dict(self) -> JSON:
        """The file form: its component whole, what is given to it, and how it is run."""
        form = super().to_dict()
        identity = self.effective_identity()
        if self.resources is not None and self.resources.instance_type is not None:
            kind = self.resources.instance_type.lower()
            form["resources"]["instance_type"] = kind if kind in INSTANCE_TYPES else self.resources.instance_type
        for key, part in (
            ("conf", conf_form(self)),
            ("entry", None if self.entry is None else self.entry.to_dict()),
            ("environment", environment_form(self.environment)),
            ("identity", None if identity is None else identity.to_dict()),
        ):
            form.pop(key, None)
            if part:
                form[key] = part
        return form

    # -- checks ------------------------------------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        yield from self._job_problems()
        if isinstance(self.component, SparkComponent):
            for where, what in code_problems(self.component.code, self.entry, self.component.base_path):
                yield f"component.{where}", what


SparkJob = Spark
"""The class under the name that the official client gives to jobs."""
