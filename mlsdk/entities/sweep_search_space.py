"""What a sweep draws its hyperparameters from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.schema.fields import Codec, Entity, Wire, attributes, choice, entity, tag, wire


@entity
class SweepDistribution(Entity):
    """A set of values and how likely each is; its subclasses say which."""

    if TYPE_CHECKING:  # each class below has its own word; a slot here would stand in their way

        @property
        def type(self) -> str:
            """The word of a body and of files: `choice`, `uniform`, …."""
            ...

    @property
    def component_type(self) -> str:
        """The type of a component's input that the values are given to."""
        return "number"


def _choice_of_file(found: Any) -> Any:
    """The values that a file lists: texts, numbers, or mappings of them in which distributions may stand."""
    if not isinstance(found, list):
        return found  # the check of the type tells
    return [_value_of_file(index, one) for index, one in enumerate(found)]


def _value_of_file(index: int, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _part_of_file(f"{index}.{key}", one) for key, one in value.items()}
    return _scalar_of_file(index, value, "a text, a number or a mapping of them")


def _part_of_file(at: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        from mlsdk.schema import files

        return files.from_mapping(value, SweepDistribution)
    return _scalar_of_file(at, value, "a text, a number or a distribution")


def _scalar_of_file(at: Any, value: Any, wanted: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        message = f"value {at}: expected {wanted}, got {type(value).__name__}"
        raise ValueError(message)  # noqa: TRY004 - what is wrong with a file is told as a ValueError
    return value


@entity
class Choice(SweepDistribution):
    """One of several values, all equally likely: `Choice([16, 32, 64])`."""

    type: Literal["choice"] = tag(None, default="choice")
    values: list[Any] | None = wire(
        None, default=None, kw_only=False, file_codec=Codec(lambda given: given, _choice_of_file)
    )
    """Texts, numbers, or mappings by name of what belongs together; distributions may stand in the latter."""

    @property
    def component_type(self) -> str:
        """The type of a component's input that the values are given to: that of the first."""
        first = (self.values or [""])[0]
        return {bool: "boolean", int: "integer", float: "number"}.get(type(first), "string")


@entity
class Uniform(SweepDistribution):
    """A number between two, all equally likely: `Uniform(0.05, 0.1)`."""

    type: Literal["uniform"] = tag(None, default="uniform")
    min_value: float | None = wire(None, default=None, required=True, kw_only=False)
    max_value: float | None = wire(None, default=None, required=True, kw_only=False)


@entity
class LogUniform(Uniform):
    """The exponential of a number between two: `LogUniform(-6, -1)` for learning rates from 0.0025 to 0.37."""

    type: Literal["loguniform"] = tag(  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
        None, default="loguniform"
    )


@entity
class QUniform(Uniform):
    """A multiple of `q` between two numbers, all equally likely: `QUniform(10, 100, 10)`."""

    type: Literal["quniform"] = tag(  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
        None, default="quniform"
    )
    q: float | None = wire(None, default=None, required=True, kw_only=False)
    """What the value is a multiple of."""


@entity
class QLogUniform(QUniform):
    """The exponential of a number between two, rounded to a multiple of `q`: `QLogUniform(0, 5, 1)`."""

    type: Literal["qloguniform"] = tag(  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
        None, default="qloguniform"
    )


@entity
class Normal(SweepDistribution):
    """A number near `mu`, normally distributed: `Normal(10, 3)`."""

    type: Literal["normal"] = tag(None, default="normal")
    mu: float | None = wire(None, default=None, required=True, kw_only=False)
    """The mean."""
    sigma: float | None = wire(None, default=None, required=True, kw_only=False)
    """The standard deviation."""


@entity
class LogNormal(Normal):
    """The exponential of a normally distributed number: `LogNormal(0, 1)`."""

    type: Literal["lognormal"] = tag(  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
        None, default="lognormal"
    )


@entity
class QNormal(Normal):
    """A normally distributed number, rounded to a multiple of `q`: `QNormal(100, 20, 5)`."""

    type: Literal["qnormal"] = tag(  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
        None, default="qnormal"
    )
    q: float | None = wire(None, default=None, required=True, kw_only=False)
    """What the value is a multiple of."""


@entity
class QLogNormal(QNormal):
    """The exponential of a normally distributed number, rounded to a multiple of `q`: `QLogNormal(3, 1, 2)`."""

    type: Literal["qlognormal"] = tag(  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
        None, default="qlognormal"
    )


@entity
class Randint(SweepDistribution):
    """A whole number from zero up to one below `upper`: `Randint(5)`."""

    type: Literal["randint"] = tag(None, default="randint")
    upper: int | None = wire(None, default=None, required=True, kw_only=False)

    @property
    def component_type(self) -> str:
        """The type of a component's input that the values are given to."""
        return "integer"


AnyDistribution = Union[
    Choice,
    Uniform,
    LogUniform,
    QUniform,
    QLogUniform,
    Normal,
    LogNormal,
    QNormal,
    QLogNormal,
    Randint,
]
"""Any of them; files tell them apart by `type`."""

choice(AnyDistribution, at=None, base=SweepDistribution)
_CLASSES: dict[str, type[SweepDistribution]] = {
    "choice": Choice,
    "uniform": Uniform,
    "loguniform": LogUniform,
    "quniform": QUniform,
    "qloguniform": QLogUniform,
    "normal": Normal,
    "lognormal": LogNormal,
    "qnormal": QNormal,
    "qlognormal": QLogNormal,
    "randint": Randint,
}


# -- bodies --------------------------------------------------------------------------------------------------
def _arguments(cls: type[SweepDistribution]) -> tuple[str, ...]:
    """The attributes of a class in the order of a body."""
    marks = ((a.name, a.metadata.get(Wire)) for a in attributes(cls).values())
    return tuple(name for name, mark in marks if mark is not None and mark.word is None)


def distribution_to_body(value: Any) -> Any:
    """A distribution as a body has it, `["uniform", [0.05, 0.1]]`; anything else as it is."""
    if isinstance(value, Choice):
        return [value.type, [[_choice_to_body(one) for one in value.values or ()]]]
    if isinstance(value, SweepDistribution):
        return [value.type, [getattr(value, name) for name in _arguments(type(value))]]
    return value


def _choice_to_body(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: distribution_to_body(one) for key, one in value.items()}
    return value


def distribution_of_body(body: Any) -> Any:
    """A distribution from a body; what this version does not know stays as it is."""
    match body:
        case ["choice", [list() as values]]:
            return Choice([_choice_of_body(one) for one in values])
        case [str() as word, list() as given]:
            cls = _CLASSES.get(word)
            if cls is None or cls is Choice or len(given) != len(_arguments(cls)):
                return body
            made = cls()
            for name, value in zip(_arguments(cls), given, strict=True):
                object.__setattr__(made, name, value)
            return made
        case _:
            return body


def _choice_of_body(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: distribution_of_body(one) for key, one in value.items()}
    return value


SEARCH_SPACE = Codec(
    lambda given: {name: distribution_to_body(one) for name, one in given.items()},
    lambda found: {name: distribution_of_body(one) for name, one in found.items()},
)
"""Distributions by the name of their hyperparameter."""
