"""What stands for a value that is known only when a job runs: `${{parent.jobs.prepare.outputs.data}}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.schema.values import Expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXPRESSION = re.compile(r"\$\{\{\s*([^\s{}]+)\s*\}\}")
"""One expression, its path as the group."""
_INPUT = re.compile(r"\$\{\{inputs\.([\w.-]+)\}\}")
_OPTIONAL = re.compile(r"\[[\w.\s-]*\$\{\{inputs\.([\w.-]+)\}\}\]")
_WHOLE = re.compile(r"\s*\$\{\{\s*[^\s{}]+\s*\}\}\s*")


def is_binding(text: str) -> bool:
    """Whether a text is one expression and nothing else."""
    return "${{" in text and _WHOLE.fullmatch(text) is not None


def expressions(text: str) -> Iterator[str]:
    """The paths of the expressions in a text: `inputs.rate`, `parent.jobs.prepare.outputs.data`."""
    return (found[1] for found in EXPRESSION.finditer(text)) if "${{" in text else iter(())


def unmet(command: str | None, inputs: Mapping[str, Any]) -> list[str]:
    """The inputs that a command names and that have no value; what stands within `$[[…]]` may be missing."""
    optional = _OPTIONAL.findall(command or "")
    named = dict.fromkeys(_INPUT.findall(command or ""))
    return [name for name in named if inputs.get(name) is None and name not in optional]


class Reference:
    """A value of a pipeline that is wired to an input; its text is the expression for it."""

    __slots__ = ()


class NodeInput(Reference):
    """What a step takes of another step or of its pipeline, and how the data comes to this step.

    >>> score.inputs.images.mode = "eval_mount"

    Everything but the mode is that of the source.
    """

    __slots__ = ("mode", "source")

    def __init__(self, source: Reference, mode: str | None = None) -> None:
        """An input that stands for `source`."""
        self.source, self.mode = source, mode

    def __str__(self) -> str:
        return str(self.source)

    def __repr__(self) -> str:
        return f"NodeInput({self.source!r})" if self.mode is None else f"NodeInput({self.source!r}, mode={self.mode!r})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in NodeInput.__slots__:
            raise AttributeError(name)
        return getattr(self.source, name)


@attrs.define(eq=False, repr=False)
class PipelineInput(Reference, Expression):
    """An input of the pipeline that is being written, given to its steps: `${{parent.inputs.rate}}`."""

    name: str
    meta: Any = None
    """What the pipeline says of the input: an `Input`, or None."""
    value: Any = None
    """What it was called with, where it was."""

    def __str__(self) -> str:
        return f"${{{{parent.inputs.{self.name}}}}}"

    def __repr__(self) -> str:
        return f"PipelineInput({self.name!r})"

    @property
    def type(self) -> str | None:
        """The type that the pipeline says it has."""
        return getattr(self.meta, "type", None)

    def result(self) -> Any:
        """The value that the pipeline is called with, for code that has to know it while the pipeline is written."""
        return self.value

    def __bool__(self) -> bool:
        return True
