"""Components that work on data in mini-batches, on several nodes at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.command_component import is_elsewhere
from mlsdk.entities.component_ports import without_unknown
from mlsdk.entities.component_spec import Component
from mlsdk.entities.job_resources import JobResourceConfiguration
from mlsdk.entities.parallel_task import ParallelTask, RetrySettings, mini_batch_size
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, Codec, Entity, entity, tag, wire
from mlsdk.schema.forms import form_of
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.entities.environment import Environment

SPEC = "properties.componentSpec"
LOGGING_LEVELS = ("DEBUG", "INFO", "WARNING")
LOGGING = codecs.exact_words(*LOGGING_LEVELS)


def _keys_of_form(form: Any) -> Any:
    """Keys as a list; bodies have it as JSON in a text."""
    return json.loads(form) if isinstance(form, str) else form


def keys_to_body(keys: Any) -> Any:
    """Keys as bodies have them: JSON in a text."""
    return json.dumps(keys) if isinstance(keys, list) else keys


def _size(given: Any, _: Any) -> Any:
    return 0 if given is None else mini_batch_size(given)


@entity
class ParallelComponent(Component):
    """A component whose script is given data in mini-batches, on several nodes at once.

    >>> ParallelComponent(
    ...     name="score",
    ...     task=ParallelTask(type="run_function", code="./src", entry_script="score.py", environment="azureml:sklearn:1"),
    ...     inputs={"data": Input(type="mltable")},
    ...     outputs={"scores": Output(type="uri_file")},
    ...     input_data="${{inputs.data}}",
    ...     mini_batch_size="10kb",
    ... )
    """

    type: Literal["parallel"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        f"{SPEC}.type", default="parallel"
    )
    retry_settings: Field[RetrySettings | None, RetrySettings | dict[str, Any] | None] = wire(
        f"{SPEC}.retry_settings", default=None, sent=False, codec=form_of(RetrySettings)
    )
    logging_level: str | None = wire(f"{SPEC}.logging_level", default=None, file_codec=LOGGING)
    """`DEBUG`, `INFO` or `WARNING`."""
    max_concurrency_per_instance: int | None = wire(f"{SPEC}.max_concurrency_per_instance", default=None)
    """How many processes work on each node."""
    error_threshold: int | None = wire(f"{SPEC}.error_threshold", default=None)
    """How many items (rows or files) may fail; all when -1."""
    mini_batch_error_threshold: int | None = wire(f"{SPEC}.mini_batch_error_threshold", default=None)
    """How many mini-batches may fail; all when -1."""
    task: Field[ParallelTask | None, ParallelTask | dict[str, Any] | None] = wire(
        f"{SPEC}.task", default=None, sent=False, codec=form_of(ParallelTask)
    )
    """What is done with each mini-batch."""
    mini_batch_size: Field[str | int, str | int | None] = wire(
        f"{SPEC}.mini_batch_size",
        default=None,
        given=_size,
        codec=Codec(str, mini_batch_size),
        file_codec=Codec(str, lambda found: found),
    )
    """Files of one mini-batch, or, of tables, its size in bytes, given as `"10"` or `"10kb"`."""
    partition_keys: list[str] | None = wire(
        f"{SPEC}.partition_keys", default=None, codec=Codec(lambda keys: keys, _keys_of_form)
    )
    """Columns: rows that have the same values there are in the same mini-batch."""
    input_data: str | None = wire(f"{SPEC}.input_data", default=None)
    """The input that is cut into mini-batches: `${{inputs.data}}`."""
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        f"{SPEC}.resources", default=None, sent=False, codec=form_of(JobResourceConfiguration)
    )
    """The nodes it runs on."""
    _code: str | os.PathLike[str] | None = wire(None, default=None, file=None, alias="code")
    _instance_count: int | None = wire(None, default=None, file=None, alias="instance_count")

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self._instance_count is not None and self.resources is not None:
            message = "ParallelComponent() takes instance_count or resources, not both"
            raise wrong(message)
        self.instance_count, self._instance_count = self._instance_count, None
        self.code, self._code = self._code, None

    # -- parts of its parts --------------------------------------------------------------------------------------
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

    @property
    def code(self) -> str | os.PathLike[str] | None:
        """The code, a part of `task`."""
        return self.task.code if self.task is not None else None

    @code.setter
    def code(self, value: str | os.PathLike[str] | None) -> None:
        self._tell_task(code=value)

    @property
    def environment(self) -> str | Environment | None:
        """What it runs in, a part of `task`."""
        return self.task.environment if self.task is not None else None

    @environment.setter
    def environment(self, value: str | Environment | None) -> None:
        self._tell_task(environment=value)

    def _tell_task(self, **said: Any) -> None:
        for name, value in said.items():
            if value and self.task is None:
                self.task = ParallelTask(**said)
            elif value:
                setattr(self.task, name, value)

    # -- files -----------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, its parts without what nobody knows."""
        said = {**super().__from_file__(data, base, top=top)}
        for key, kind in (
            ("resources", JobResourceConfiguration),
            ("retry_settings", RetrySettings),
            ("task", ParallelTask),
        ):
            if isinstance(said.get(key), Mapping):
                said[key] = without_unknown(said[key], kind, key)
        return said

    # -- forms -------------------------------------------------------------------------------------------------------
    def _parts(self, form: Callable[[Entity], JSON]) -> JSON:
        resources = {} if self.resources is None else form(self.resources)
        return {
            **super()._parts(form),
            "task": None if self.task is None else self.task.form(self.base_path),
            "retry_settings": None if self.retry_settings is None else form(self.retry_settings),
            "resources": {key: value for key, value in resources.items() if value != {}},
        }

    def __complete__(self, body: JSON) -> None:
        """Keys are a list in the form that is hashed, and a text in the body."""
        super().__complete__(body)
        if self.partition_keys:
            body["properties"]["componentSpec"]["partition_keys"] = keys_to_body(self.partition_keys)

    # -- what operations ask -----------------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        if self.task is None:
            yield "task", "is required"
            return
        for name in ("type", "environment"):
            if getattr(self.task, name) is None:
                yield f"task.{name}", "is required"
        code = None if self.code is None else os.fspath(self.code)
        if code is not None and not is_elsewhere(code, self.base_path) and not Path(self.base_path, code).exists():
            yield "task.code", f"no such file or folder: {Path(self.base_path, code).resolve()}"
