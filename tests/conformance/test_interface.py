"""The public names of jobs and components beside the official client's: parameters, defaults, methods and attributes."""

from __future__ import annotations

import dis
import enum
import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

AREAS = ("", "automl", "data_transfer", "dsl", "exceptions", "finetuning", "model_customization", "parallel", "sweep")
"""The modules of which every name is compared; of `entities` those of jobs and components are."""
OF_JOBS = ("._job.", "._builders.", "._component.", "._inputs_outputs", "._assets._artifacts.code")
OF_OTHERS = (
    r"MLClient|ComputeConfiguration|load_(?!job|component)\w+|\w*(Local|Docker|VSCode|CloudArtifacts)\w*|logging"
)
"""The names in these modules that are about other things: their own kinds are compared elsewhere."""
GROUPS = {"JobOperations": "mlsdk.operations.jobs", "ComponentOperations": "mlsdk.operations.components"}
"""The operations that are compared, and where ours are."""

LEFT_OUT = {
    r"\w+\.kwargs": "the arguments that were not known, kept under a name that is no word of a step",
    r"\w*Component\.auto_delete_setting": "of data and models; it is read from no component and sent with none",
    r"ParallelComponent\.environment_variables": "of steps; it is sent with no component",
    r"Spark\w*\.CODE_ID_RE_PATTERN": "how the official client reads ids",
    r"SparkJob\.properties_sparkJob": "a second name of `properties`",
    r"SparkResourceConfiguration\.instance_type_list": "what the official client checks sizes by",
    r"CustomModelFineTuningJob\.inputs": "asking for it fails there: it is never set",
    r"NlpSearchSpace\.values": "no attribute: its constructor changes those of the `Choice` that it is given",
}
"""What there is no need of, by a pattern of its name."""


def _names(area: str) -> Iterator[tuple[str, Any]]:
    """The public names of the official client's module, without those that only passed through it."""
    module = importlib.import_module(f"azure.ai.ml.{area}".rstrip("."))
    for name in sorted(getattr(module, "__all__", None) or (one for one in vars(module) if not one.startswith("_"))):
        thing = getattr(module, name)
        if str(getattr(thing, "__module__", "azure.ai.ml")).startswith("azure.ai.ml") and not re.fullmatch(
            OF_OTHERS, name
        ):
            yield name, thing


def _compared() -> Iterator[Any]:
    for area in AREAS:
        for name, thing in _names(area):
            yield pytest.param(area, name, thing, id=f"{area or 'mlsdk'}.{name}")
    for name, thing in _names("entities"):
        if any(part in f"{thing.__module__}." for part in OF_JOBS):
            yield pytest.param("entities", name, thing, id=f"entities.{name}")


def _ours(area: str, name: str) -> Any:
    """Our thing of that name; None where there is none."""
    return getattr(importlib.import_module(f"mlsdk.{area}".rstrip(".")), name, None)


# -- parameters ----------------------------------------------------------------------------------------------
def _parameters(function: Any) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(function).parameters)
    for own in ("self", "cls"):
        found.pop(own, None)
    return {name: one for name, one in found.items() if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)}


def _default(value: Any) -> Any:
    """A default as both clients may say it: an enum by its value, a class or a function by its name."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is inspect.Parameter.empty or value is None or isinstance(value, (str, int, float, bool)):
        return value
    return getattr(value, "__name__", None) or repr(value)


def _parameter_gaps(theirs: Any, ours: Any, at: str) -> Iterator[str]:
    expected, found = _parameters(theirs), _parameters(ours)
    for name, one in expected.items():
        other = found.get(name)
        if other is None:
            yield f"{at}({name}): is missing"
            continue
        if other.kind not in (one.kind, one.POSITIONAL_OR_KEYWORD):
            yield f"{at}({name}): is {other.kind.description}"
        if _default(one.default) is not one.empty and _default(one.default) != _default(other.default):
            yield f"{at}({name}): is {other.default!r} by default, not {one.default!r}"
    for name, other in found.items():
        if name not in expected and other.default is other.empty:
            yield f"{at}({name}): is asked for"
    if [name for name, one in expected.items() if one.kind is one.POSITIONAL_OR_KEYWORD] != [
        name for name, one in found.items() if one.kind is one.POSITIONAL_OR_KEYWORD and name in expected
    ][: sum(one.kind is one.POSITIONAL_OR_KEYWORD for one in expected.values())]:
        yield f"{at}: takes its arguments in another order"


# -- classes -------------------------------------------------------------------------------------------------
def _own(cls: type) -> list[type]:
    """The official classes that a class is made of."""
    return [
        base
        for base in cls.__mro__
        if base.__module__.startswith("azure.ai.ml") and "_restclient" not in base.__module__
    ]


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """What the official class and its bases define in public, and the attributes that their constructors set."""
    seen = set()
    for base in _own(cls):
        for name, member in vars(base).items():
            if not name.startswith("_") and name not in seen:
                seen.add(name)
                yield name, member
        made = vars(base).get("__init__")
        if made is not None:
            for step in dis.get_instructions(inspect.unwrap(made)):
                if step.opname == "STORE_ATTR" and not step.argval.startswith("_") and step.argval not in seen:
                    seen.add(step.argval)
                    yield step.argval, None


def _has(cls: Any, name: str) -> bool:
    """Whether things of our class have the attribute: a slot, a property, or what their constructor sets."""
    if hasattr(cls, name):
        return True
    return any(
        step.opname == "STORE_ATTR" and step.argval == name
        for base in cls.__mro__
        if inspect.isfunction(vars(base).get("__init__"))
        for step in dis.get_instructions(inspect.unwrap(vars(base)["__init__"]))
    )


def _class_gaps(theirs: Any, ours: Any, at: str) -> Iterator[str]:
    if issubclass(theirs, enum.Enum):
        for name, member in theirs.__members__.items():
            if name not in ours.__members__ or ours[name].value != member.value:
                yield f"{at}.{name}: is missing, or another"
        return
    if inspect.getattr_static(theirs, "__init__") is not object.__init__:
        yield from _parameter_gaps(theirs.__init__, ours.__init__, at)
    for name, member in _members(theirs):
        if not _has(ours, name):
            yield f"{at}.{name}: is missing"
        elif isinstance(member, (staticmethod, classmethod)):
            yield from _parameter_gaps(getattr(theirs, name), getattr(ours, name), f"{at}.{name}")
        elif inspect.isfunction(member):
            yield from _parameter_gaps(member, getattr(ours, name), f"{at}.{name}")
        elif isinstance(member, (str, int, float)) and getattr(ours, name) != member:
            yield f"{at}.{name}: is {getattr(ours, name)!r}, not {member!r}"


def _gaps(area: str, name: str, theirs: Any) -> Iterator[str]:
    ours = _ours(area, name)
    if ours is None:
        yield f"{name}: is missing"
    elif inspect.isclass(theirs):
        yield from _class_gaps(theirs, ours, name)
    elif callable(theirs):
        yield from _parameter_gaps(theirs, ours, name)
    elif theirs != ours:
        yield f"{name}: is {ours!r}, not {theirs!r}"


@pytest.mark.parametrize(("area", "name", "theirs"), [*_compared()])
def test_a_public_name_takes_and_has_what_the_official_one_does(area: str, name: str, theirs: Any) -> None:
    """Each parameter with its kind and default, each method, each attribute; what is listed with a reason aside."""
    assert [gap for gap in _gaps(area, name, theirs) if not _left_out(gap)] == []


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_of_operations_has_the_official_methods(name: str) -> None:
    """Each method with its parameters and their defaults."""
    theirs = getattr(importlib.import_module("azure.ai.ml.operations"), name)
    ours = getattr(importlib.import_module(GROUPS[name]), name)
    methods = [one for one, member in vars(theirs).items() if not one.startswith("_") and callable(member)]
    assert methods
    assert [one for one in methods if not hasattr(ours, one)] == []
    assert [gap for one in methods for gap in _parameter_gaps(getattr(theirs, one), getattr(ours, one), one)] == []


def test_all_that_is_left_out_is_there_in_the_official_client() -> None:
    """A reason for a gap that is none would hide the next one."""
    gaps = [gap.partition(":")[0] for case in _compared() for gap in _gaps(*case.values)]
    assert [pattern for pattern in LEFT_OUT if not any(re.fullmatch(pattern, gap) for gap in gaps)] == []


def _left_out(gap: str) -> bool:
    return any(re.fullmatch(pattern, gap.partition(":")[0]) for pattern in LEFT_OUT)
