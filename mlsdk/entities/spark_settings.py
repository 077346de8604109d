"""What Spark jobs and components say of the cluster, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlsdk.entities.bindings import is_binding
from mlsdk.entities.environment import Environment
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.node_ports import NodeOutput
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, Entity, Mapped, entity, wire
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import did_you_mean

CONF_KEYS = {
    "driver_cores": "spark.driver.cores",
    "driver_memory": "spark.driver.memory",
    "executor_cores": "spark.executor.cores",
    "executor_memory": "spark.executor.memory",
    "executor_instances": "spark.executor.instances",
    "dynamic_allocation_enabled": "spark.dynamicAllocation.enabled",
    "dynamic_allocation_min_executors": "spark.dynamicAllocation.minExecutors",
    "dynamic_allocation_max_executors": "spark.dynamicAllocation.maxExecutors",
}
"""The settings that are attributes too, and what Spark calls them."""
_ALWAYS = ("driver_cores", "driver_memory", "executor_cores", "executor_memory")
_DYNAMIC = ("dynamic_allocation_min_executors", "dynamic_allocation_max_executors")
INSTANCE_TYPES = ("standard_e4s_v3", "standard_e8s_v3", "standard_e16s_v3", "standard_e32s_v3", "standard_e64s_v3")
"""The sizes of nodes on which the service runs Spark by itself."""
_IN_FILE = codecs.file_words(*INSTANCE_TYPES)
_IMAGE = "conda/miniconda3"
"""Stands in an environment that is a conda file alone; Spark brings an image of its own."""


# -- classes -------------------------------------------------------------------------------------------------
class SparkJobEntryType:
    """What the entry of a Spark job is: a Python file, or a class of a jar."""

    SPARK_JOB_FILE_ENTRY = "SparkJobPythonEntry"
    SPARK_JOB_CLASS_ENTRY = "SparkJobScalaEntry"


_FILE = SparkJobEntryType.SPARK_JOB_FILE_ENTRY
_CLASS = SparkJobEntryType.SPARK_JOB_CLASS_ENTRY


@entity
class SparkJobEntry(Entity):
    """What a Spark job starts: `SparkJobEntry(entry="main.py")`, in files `{file: main.py}`."""

    entry: str | None = wire(None, default=None, file="file")
    """The Python file, within the code."""
    entry_type: str | None = wire("sparkJobEntryType", default=_FILE, file=None, alias="type")
    """One of `SparkJobEntryType`; the service takes Python files only."""
    _class_name: str | None = wire(None, default=None, file="class_name", alias="class_name")

    def __attrs_post_init__(self) -> None:
        if self._class_name is not None and self.entry is None:
            self.entry, self.entry_type, self._class_name = self._class_name, _CLASS, None
        if self.entry is None:
            message = "SparkJobEntry() needs its entry: the name of a Python file"
            raise wrong(message)

    @property
    def _key(self) -> str:
        return "className" if self.entry_type == _CLASS else "file"

    def __complete__(self, body: JSON) -> None:
        """The entry stands where its type has it."""
        body[self._key] = self.entry

    def __loaded__(self, body: JSON) -> None:
        """The entry, from where its type has it."""
        self.entry = body.get(self._key)
        if self._extra is not None:
            self._extra.pop(self._key, None)

    def to_dict(self) -> JSON:
        """The file form."""
        return {"class_name" if self.entry_type == _CLASS else "file": self.entry}


@entity
class SparkResourceConfiguration(Mapped, Entity):
    """The nodes on which the service runs a Spark job by itself.

    >>> SparkResourceConfiguration(instance_type="standard_e4s_v3", runtime_version="3.4")
    """

    instance_type: str | None = wire("instanceType", default=None)
    """`standard_e4s_v3`, or 8, 16, 32 or 64 in the place of 4."""
    runtime_version: str | None = wire("runtimeVersion", default=None)
    """The version of Spark."""


# -- conf ----------------------------------------------------------------------------------------------------
def take_conf(holder: Any) -> None:
    """Let the attributes of a job or component say what its `conf` says of them."""
    conf = holder.conf or {}
    for name, key in CONF_KEYS.items():
        if getattr(holder, name) is None:
            said = conf.get(key)
            setattr(holder, name, conf.get(name) if said is None else said)


def conf_form(holder: Any) -> JSON:
    """The settings of a job or component under Spark's names."""
    conf = {key: value for key, value in (holder.conf or {}).items() if key not in CONF_KEYS and value is not None}
    for name, key in CONF_KEYS.items():
        value = getattr(holder, name)
        if value is not None:
            conf[key] = int(value) if isinstance(value, str) and value.isdigit() else value
    return conf


def is_dynamic(holder: Any) -> bool:
    """Whether executors come and go with the work."""
    return str(holder.dynamic_allocation_enabled).lower() == "true"


def conf_body(holder: Any) -> JSON:
    """The settings of a job in its body: texts, and of dynamic allocation only where it is on."""
    conf = {key: value for key, value in (holder.conf or {}).items() if key not in CONF_KEYS}
    conf.update({key: getattr(holder, name) for name, key in CONF_KEYS.items() if name in _ALWAYS})
    if is_dynamic(holder):
        conf[CONF_KEYS["dynamic_allocation_enabled"]] = True
        conf.update({CONF_KEYS[name]: getattr(holder, name) for name in _DYNAMIC})
    if holder.executor_instances is not None:
        conf[CONF_KEYS["executor_instances"]] = holder.executor_instances
    return {key: str(value) for key, value in conf.items() if value is not None}


def spark_environment(environment: Any) -> Any:
    """An environment as Spark takes it: a conda file alone, with an image that stands in."""
    if isinstance(environment, Environment) and environment.image is None:
        return Environment(conda_file=environment.conda_file, image=_IMAGE, base_path=environment.base_path)
    return environment


def nodes_of_step(said: Any) -> Any:
    """What a file says of the nodes of a step, their size in lower case; ValueError where it is not one of those known."""
    if not isinstance(said, Mapping):
        return said
    missing = [name for name in ("instance_type", "runtime_version") if said.get(name) is None]
    if missing:
        message = f"{' and '.join(missing)} required"
        raise ValueError(message)
    kind = said["instance_type"]
    return {**said, "instance_type": kind if is_binding(str(kind)) else _IN_FILE.load(kind)}


def repeated(data: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The lists of a file that say something twice, each with what."""
    for name in names:
        items: Any = data.get(name)
        for item in items if isinstance(items, list) else ():
            if items.count(item) > 1:
                yield name, f"{item!r} is there twice"
                break


# -- checks --------------------------------------------------------------------------------------------------
Problems = Iterator[tuple[str, str]]


def _count(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def conf_problems(holder: Any) -> Problems:
    """What is wrong with the settings of the cluster: pairs of an attribute and what is wrong with it."""
    for name in _ALWAYS:
        if getattr(holder, name) is None:
            yield name, f"is required, as {CONF_KEYS[name]} in conf"
    if not is_dynamic(holder):
        if holder.executor_instances is None:
            yield "executor_instances", "is required, unless dynamic allocation is enabled"
        for name in _DYNAMIC:
            if getattr(holder, name) is not None:
                yield name, "counts only where dynamic allocation is enabled"
        return
    least, most = (_count(getattr(holder, name)) for name in _DYNAMIC)
    for name in _DYNAMIC:
        if getattr(holder, name) is None:
            yield name, "is required where dynamic allocation is enabled"
    if least is None or most is None:
        return
    if not 0 < least <= most:
        yield _DYNAMIC[0], f"has to be at least 1 and at most {_DYNAMIC[1]}, {most}"
    instances = _count(holder.executor_instances)
    if instances and not least <= instances <= most:
        yield "executor_instances", f"has to be between {least} and {most}, the bounds of dynamic allocation"


def entry_problems(entry: SparkJobEntry | None) -> Problems:
    """What is wrong with what a job starts."""
    if entry is not None and entry.entry_type == _CLASS:
        yield "entry", "a class is not supported; name a Python file, as {file: main.py}"


def resource_problems(compute: Any, resources: SparkResourceConfiguration | None) -> Problems:
    """What is wrong with where a job runs."""
    if compute is None and resources is None:
        yield "resources", "is required where there is no compute"
    if compute and resources is not None:
        yield "resources", "and compute exclude one another"
    if resources is None:
        return
    kind = str(resources.instance_type or "").lower()
    if kind not in INSTANCE_TYPES and "${{" not in kind:
        known = ", ".join(INSTANCE_TYPES)
        yield "resources.instance_type", f"is one of {known}{did_you_mean(kind, INSTANCE_TYPES) if kind else ''}"


def mode_problems(inputs: Mapping[str, Any], outputs: Mapping[str, Any], declared: Any = None) -> Problems:
    """What is wrong with how data comes and goes: Spark reads and writes it itself.

    `declared` are the inputs and outputs of the component, which may say the mode; expressions stand for data of which
    another place tells.
    """
    for side, ports in (("inputs", inputs), ("outputs", outputs)):
        asked = getattr(declared, side, {})
        for name, port in ports.items():
            data = port.data if isinstance(port, NodeOutput) else port
            if not isinstance(data, (Input, Output)) or "${{parent" in str(data.path or ""):
                continue
            modes = [data.mode, getattr(asked.get(name), "mode", None)]
            if "direct" not in [mode.lower() if isinstance(mode, str) else mode for mode in modes]:
                yield f"{side}.{name}", f"its mode is {data.mode or 'not said'}; a Spark job needs mode 'direct'"
