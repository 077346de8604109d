"""Steps that decide which other steps of a pipeline run: what they have in common, and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

from mlsdk.entities.bindings import Reference, expressions, is_binding
from mlsdk.entities.component_spec import UNSHOWN
from mlsdk.entities.inputs import PARAMETERS
from mlsdk.entities.node_ports import NodeOutput
from mlsdk.schema.fields import JSON, Entity, entity, tag, wire
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described, did_you_mean

Problems = Iterator[tuple[str, str]]


# -- references to steps ---------------------------------------------------------------------------------------
def step_text(step: Any) -> str:
    """The expression for a step: `${{parent.jobs.train}}`."""
    return step if isinstance(step, str) else f"${{{{parent.jobs.{step.name}}}}}"


def step_name(text: Any) -> str | None:
    """The name of the step that an expression stands for; None when it is no such expression."""
    path = next(expressions(text), "") if isinstance(text, str) and is_binding(text) else ""
    parts = path.split(".")
    return parts[2] if len(parts) == 3 and parts[:2] == ["parent", "jobs"] else None


def found_step(value: Any, steps: Mapping[str, Any]) -> Any:
    """The step that an expression stands for, where there is one."""
    name = step_name(value)
    return steps.get(name, value) if name is not None else value


def is_step(value: Any) -> bool:
    """Whether a value is a step that does work, rather than one that decides about others."""
    return hasattr(value, "node_body") and not isinstance(value, ControlFlow)


# -- the base --------------------------------------------------------------------------------------------------
@entity(eq=False, keeps="")
class ControlFlow(Entity):
    """A step of a pipeline that decides which other steps run, and how often."""

    name: str | None = wire(None, default=None, file=None)
    """Its name in the pipeline."""
    _source: str = wire(None, default="DSL", missing=lambda: "DSL", file="_source", file_codec=UNSHOWN, alias="_source")
    steps: Any = attrs.field(default=None, init=False, eq=False, repr=False)
    """The steps of the pipeline that it is one of."""

    def link(self, steps: Mapping[str, Any]) -> None:
        """Know the steps that it names, now that all of them are there."""
        self.steps = steps

    def form(self) -> JSON:
        """What bodies and files say of it alike."""
        raise NotImplementedError

    def node_body(self, components: dict[int, Any] | None = None) -> JSON:  # noqa: ARG002 - as of all steps
        """What the `jobs` of a pipeline's body say of the step."""
        return {**self.form(), "_source": self._source, **(self._extra or {})}

    def to_dict(self) -> JSON:
        """The file form."""
        return self.form()

    def to_step_dict(self) -> JSON:
        """The file form as a step."""
        return self.to_dict()

    def __sendable__(self) -> None:
        """It is a part of a pipeline."""
        message = f"{type(self).__name__} cannot be submitted alone; it is a step of a pipeline"
        raise wrong(message)

    @classmethod
    def of_node_body(cls, body: Mapping[str, Any]) -> Any:
        """The step that the `jobs` of a pipeline's body describe."""
        said = cls._arguments(body)
        made = cls(**said, name=body.get("name"), _source=body.get("_source") or "REMOTE.WORKSPACE.JOB")
        known = {"type", "name", "_source", *said}
        made._extra = {key: item for key, item in body.items() if key not in known and item is not None} or None
        return made

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        """The constructor's arguments for a step's body."""
        raise NotImplementedError

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, and that a file said it."""
        return {**data, "_source": "YAML.JOB"}

    # -- checks --------------------------------------------------------------------------------------------------
    def unknown_step(self, where: str, value: Any) -> Problems:
        """What is wrong with a place that has to name a step."""
        if is_step(value):
            if self.steps is not None and all(step is not value for step in self.steps.values()):
                yield where, f"{value.name or type(value).__name__} is no step of this pipeline"
            return
        name = step_name(value)
        if name is None:
            yield where, f"{described(value)} is no step; name one as ${{{{parent.jobs.train}}}}"
        elif self.steps is not None:
            hint = did_you_mean(name, self.steps) or f"; there are {', '.join(self.steps) or 'none'}"
            yield where, f"there is no step {name!r}{hint}"

    def supplied(self) -> Iterator[tuple[str, str]]:
        """The inputs of other steps that it gives values to: pairs of a step's name and an input's."""
        return iter(())


# -- conditions ------------------------------------------------------------------------------------------------
def _blocks(given: Any, _: Any) -> list[Any] | None:
    if given is None:
        return None
    return list(given) if isinstance(given, (list, tuple)) else [given]


@entity(eq=False, keeps="")
class ConditionNode(ControlFlow):
    """Runs some steps where something is true, and others where it is not; `dsl.condition` makes one.

    >>> ConditionNode(check.outputs.is_good, true_block=[deploy], false_block=[train_again])
    """

    type: Literal["if_else"] = tag(None, default="if_else")
    condition: Any = wire(None, default=None, kw_only=False)
    """True, False, or an output of another step, also as `${{parent.jobs.check.outputs.is_good}}`."""
    true_block: Any = wire(None, default=None, given=_blocks)
    """The steps that run where it is true."""
    false_block: Any = wire(None, default=None, given=_blocks)
    """The steps that run where it is not."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; ValueError where a condition is no expression, or a block no step."""
        condition = data.get("condition")
        if condition is not None and not isinstance(condition, bool) and not is_binding(str(condition)):
            message = f"condition: expected true, false or an expression, got {described(condition)}"
            raise ValueError(message)
        for key in ("true_block", "false_block"):
            for one in _blocks(data.get(key), None) or ():
                if not isinstance(one, str) or not is_binding(one):
                    message = f"{key}: expected steps such as ${{{{parent.jobs.train}}}}, got {described(one)}"
                    raise ValueError(message)
        return super().__from_file__(data, base, top=top)

    def link(self, steps: Mapping[str, Any]) -> None:
        """Know the steps that it names."""
        super().link(steps)
        for name in ("true_block", "false_block"):
            blocks = getattr(self, name)
            if blocks is not None:
                setattr(self, name, [found_step(one, steps) for one in blocks])

    def form(self) -> JSON:
        """What bodies and files say of it alike; ValidationException where it decides about nothing."""
        blocks = {key: [step_text(one) for one in getattr(self, key) or ()] for key in ("true_block", "false_block")}
        if not any(blocks.values()):
            message = f"the condition {self.name or ''!r} has neither a true_block nor a false_block"
            raise wrong(message)
        both = sorted({*blocks["true_block"]} & {*blocks["false_block"]})
        if both:
            message = f"the condition {self.name or ''!r} has {', '.join(both)} in both of its blocks"
            raise wrong(message)
        found: JSON = {"type": self.type}
        if self.condition is not None:
            found["condition"] = str(self.condition) if isinstance(self.condition, Reference) else self.condition
        for key, texts in blocks.items():
            if texts:
                found[key] = texts[0] if len(texts) == 1 else texts
        return found

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {key: body.get(key) for key in ("condition", "true_block", "false_block")}

    def problems(self) -> Problems:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        for key in ("true_block", "false_block"):
            for one in getattr(self, key) or ():
                yield from self.unknown_step(key, one)
        condition = self.condition
        kind = getattr(condition, "type", None) if isinstance(condition, Reference) else None
        if kind is not None and kind not in PARAMETERS:
            yield "condition", f"is of type {kind!r}; an output that is true or false is needed"
        if isinstance(condition, (bool, Reference)):
            if isinstance(condition, NodeOutput):
                yield from self.unknown_step("condition", condition.owner)
            return
        if not isinstance(condition, str) or not is_binding(condition):
            yield "condition", f"expected true, false or an output of a step, got {described(condition)}"
            return
        parts = next(expressions(condition)).split(".")
        if len(parts) > 2 and parts[:2] == ["parent", "jobs"] and self.steps is not None and parts[2] not in self.steps:
            yield "condition", f"there is no step {parts[2]!r}{did_you_mean(parts[2], self.steps)}"
        elif parts[0] != "parent" or len(parts) < 3:
            yield (
                "condition",
                f"{condition!r} names nothing of the pipeline, as ${{{{parent.jobs.check.outputs.good}}}} does",
            )
