"""What a parallel step does with each of its mini-batches, and how often it tries."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from mlsdk.entities.bindings import is_binding
from mlsdk.entities.command_component import (
    PREFIX,
    bare,
    code_form,
    environment_form,
    environment_from_form,
    problems_of_sources,
)
from mlsdk.entities.environment import Environment
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, Codec, Entity, Mapped, entity, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import Binding

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_FUNCTION = "run_function"
_TYPES = codecs.file_words(RUN_FUNCTION, "model", "function")
_SIZE = re.compile(r"(\d+)(?:([kmg])b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def mini_batch_size(value: Any) -> Any:
    """The number that a size such as `10kb` stands for; an expression stays as it is, ValidationException otherwise."""
    if not isinstance(value, str) or is_binding(value):
        return value
    found = _SIZE.fullmatch(value)
    if found is None:
        message = f"mini_batch_size={value!r} is neither a number of files nor a size such as '10kb', '2mb' or '1gb'"
        raise wrong(message)
    return int(found[1]) * _UNITS[(found[2] or "").lower()]


_ENVIRONMENT_FILE = Codec(lambda value: value, lambda found: bare(found) if isinstance(found, str) else found)


@entity(lenient=True)
class RetrySettings(Mapped, Entity):
    """How often a mini-batch is tried, and how long each time: `RetrySettings(max_retries=2, timeout=60)`."""

    timeout: int | Binding | None = wire("timeout", default=None)
    """Seconds of one call of `run()`."""
    max_retries: int | Binding | None = wire("max_retries", default=None)


@entity(lenient=True)
class ParallelTask(Mapped, Entity):
    """The script whose `run(mini_batch)` is called for each mini-batch, on several nodes at once.

    >>> ParallelTask(type="run_function", code="./src", entry_script="score.py", environment="azureml:sklearn:1")
    """

    type: str | None = wire("type", default=None, required=True, file_codec=_TYPES)
    """`run_function`, or `model`."""
    code: str | os.PathLike[str] | None = wire("code", default=None)
    """A folder or file of this machine, or a snapshot's id."""
    entry_script: str | None = wire("entry_script", default=None)
    """The script, within the code."""
    program_arguments: str | None = wire("program_arguments", default=None)
    """What the script is given: `--model ${{inputs.model}}`."""
    model: str | None = wire("model", default=None)
    append_row_to: str | None = wire("append_row_to", default=None)
    """The output that what `run()` returns is gathered in: `${{outputs.scores}}`; the script writes by itself when None."""
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        "environment",
        default=None,
        required=True,
        codec=Codec(lambda value: value, environment_from_form),
        file_codec=_ENVIRONMENT_FILE,
    )
    """What it runs in: `azureml:name:version`, or an `Environment`."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, references without their prefix."""
        from mlsdk.schema.files import Misstated

        problems = [*problems_of_sources(data, base)]
        said = {**data}
        code = said.get("code")
        if isinstance(code, str) and code.startswith(PREFIX):
            said["code"] = bare(code_form(code, base))
        if problems:
            raise Misstated(problems, said)
        return said

    def form(self, base: str) -> JSON:
        """The file form, its code from the root, where relative paths start from the folder `base`."""
        form = super().to_dict()
        if self.code is not None:
            form["code"] = code_form(self.code, base)
        if self.environment is not None:
            form["environment"] = environment_form(self.environment)
        return {**form, **(self._extra or {})}

    def to_dict(self) -> JSON:
        """The file form."""
        return self.form(os.curdir)


@entity(lenient=True)
class RunFunction(ParallelTask):
    """A script whose `run(mini_batch)` is called for each mini-batch.

    >>> RunFunction(code="./src", entry_script="score.py", environment="azureml:sklearn:1")
    """

    type: str | None = wire("type", default=RUN_FUNCTION, file_codec=_TYPES)
