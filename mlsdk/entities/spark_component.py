"""Components that run on a Spark cluster."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.additional_includes import together
from mlsdk.entities.command_component import (
    PREFIX,
    bare,
    code_form,
    environment_form,
    environment_from_form,
    is_elsewhere,
    problems_of_sources,
)
from mlsdk.entities.component_spec import Component
from mlsdk.entities.environment import Environment
from mlsdk.entities.spark_settings import (
    SparkJobEntry,
    conf_form,
    entry_problems,
    repeated,
    spark_environment,
    take_conf,
)
from mlsdk.schema.fields import JSON, Codec, Entity, entity, tag, wire
from mlsdk.schema.forms import form_of
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlsdk.schema.files import Problem

SPEC = "properties.componentSpec"
LISTS = ("py_files", "jars", "files", "archives")
"""The files that go to the cluster beside the code."""


def _texts(paths: Any, _: Any) -> list[str] | None:
    return None if paths is None else list(paths)


@entity
class SparkComponent(Component):
    """A component that runs on a Spark cluster.

    >>> SparkComponent(
    ...     name="wrangle",
    ...     code="./src",
    ...     entry={"file": "wrangle.py"},
    ...     inputs={"data": Input(type="uri_file", mode="direct")},
    ...     outputs={"clean": Output(type="uri_folder", mode="direct")},
    ...     args="--data ${{inputs.data}} --clean ${{outputs.clean}}",
    ...     driver_cores=1, driver_memory="2g", executor_cores=2, executor_memory="2g", executor_instances=2,
    ... )
    """

    type: Literal["spark"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        f"{SPEC}.type", default="spark"
    )
    code: str | os.PathLike[str] | None = wire(f"{SPEC}.code", default=".", sent=False, codec=Codec(str, bare))
    """A folder or file of this machine, or a snapshot's id."""
    entry: Field[SparkJobEntry | None, SparkJobEntry | dict[str, Any] | None] = wire(
        f"{SPEC}.entry", default=None, sent=False, required=True, codec=form_of(SparkJobEntry)
    )
    """What it starts: `{"file": "main.py"}`, within the code."""
    py_files: list[str] | None = wire(f"{SPEC}.py_files", default=None, given=_texts)
    """Python modules that are put on the path of all nodes: `.zip`, `.egg` or `.py`."""
    jars: list[str] | None = wire(f"{SPEC}.jars", default=None, given=_texts)
    files: list[str] | None = wire(f"{SPEC}.files", default=None, given=_texts)
    """Files that are put into the working folder of all executors."""
    archives: list[str] | None = wire(f"{SPEC}.archives", default=None, given=_texts)
    """Archives that are unpacked there."""
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
    conf: dict[str, Any] | None = wire(f"{SPEC}.conf", default=None, sent=False)
    """Settings under Spark's names: `{"spark.driver.cores": 1}`; attributes say some of them too, and win."""
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        f"{SPEC}.environment", default=None, sent=False, nullable=True, codec=Codec(str, environment_from_form)
    )
    """What it runs in, where that is not Spark's own: a conda file, or `azureml:name:version`."""
    args: str | None = wire(f"{SPEC}.args", default=None)
    """What the entry is given; `${{inputs.x}}` and `${{outputs.x}}` stand for values and addresses."""
    additional_includes: Field[list[str], list[str] | None] = wire(
        f"{SPEC}.additional_includes",
        default=None,
        missing=list,
        empty=False,
        given=lambda paths, _: list(paths or ()),
    )
    """Files and folders that go into the code folder, relative to the component's file."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        take_conf(self)

    def __loaded__(self, body: JSON) -> None:
        """The settings that the attributes say."""
        take_conf(self)

    # -- files -----------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, references without their prefix."""
        said = {**super().__from_file__(data, base, top=top)}
        code, environment = said.get("code"), said.get("environment")
        if isinstance(code, str) and code.startswith(PREFIX):
            said["code"] = bare(code_form(code, base))
        if isinstance(environment, str) and environment.startswith(PREFIX):
            said["environment"] = bare(environment)
        return said

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        from mlsdk.schema.files import Problem

        yield from super()._problems_of_file(data, base)
        yield from problems_of_sources(data, base)
        yield from (Problem((name,), what) for name, what in repeated(data, LISTS))

    # -- forms -------------------------------------------------------------------------------------------------------
    def _parts(self, form: Callable[[Entity], JSON]) -> JSON:
        return {
            **super()._parts(form),
            "additional_includes": self.additional_includes,
            "code": None if self.code is None else code_form(self.code, self.base_path),
            "entry": None if self.entry is None else form(self.entry),
            "conf": conf_form(self),
            "environment": environment_form(spark_environment(self.environment)),
        }

    # -- what operations ask -------------------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        if self.entry is None:
            yield "entry", "is required"
        yield from entry_problems(self.entry)
        yield from code_problems(self.code, self.entry, self.base_path)

    def code_folder(self) -> AbstractContextManager[Path | None]:
        """A new folder with the code and its additional includes, while it is used; None when there are no includes."""
        if not self.additional_includes or (
            self.code is not None and is_elsewhere(os.fspath(self.code), self.base_path)
        ):
            return nullcontext()
        return together(self.code, self.additional_includes, self.base_path)


def code_problems(code: Any, entry: SparkJobEntry | None, base: str) -> Iterator[tuple[str, str]]:
    """What is wrong with code on this machine: it is not there, or the entry is not in it."""
    if code is None or is_elsewhere(os.fspath(code), base):
        return
    folder = Path(base, os.fspath(code))
    if not folder.exists():
        yield "code", f"no such file or folder: {folder.resolve()}"
    elif entry is not None and not any(entry_problems(entry)) and not (folder / str(entry.entry)).exists():
        yield "entry", f"no such file: {(folder / str(entry.entry)).resolve()}"
