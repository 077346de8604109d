"""What AutoML draws hyperparameters from: a value, or a distribution, as the text of a body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Union, get_args

import attrs

from mlsdk.entities.automl_values import snake
from mlsdk.entities.bindings import is_binding
from mlsdk.entities.sweep_search_space import (
    AnyDistribution,
    Choice,
    SweepDistribution,
    distribution_of_body,
    distribution_to_body,
)
from mlsdk.schema.fields import Codec, Entity, Wire, attributes, choice, fields
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.values import Binding, described, flag

Problems = Callable[[Any], Any]

if TYPE_CHECKING:
    DrawnFlag = Field[bool | AnyDistribution | str | None, bool | AnyDistribution | str | None]
    DrawnWhole = Field[int | AnyDistribution | str | None, int | AnyDistribution | str | None]
    DrawnNumber = Field[float | AnyDistribution | str | None, float | AnyDistribution | str | None]
    DrawnText = Field[str | AnyDistribution | None, str | AnyDistribution | None]
else:
    DrawnFlag = Union[bool, Binding, AnyDistribution, None]
    DrawnWhole = Union[int, Binding, AnyDistribution, None]
    DrawnNumber = Union[float, Binding, AnyDistribution, None]
    DrawnText = Union[str, AnyDistribution, None]
    for _one in (Union[bool, Binding], Union[int, Binding], Union[float, Binding], str):
        choice(Union[_one, AnyDistribution], at=None)
_DISTRIBUTIONS = get_args(AnyDistribution)


class SearchSpace(Names[Any]):
    """Hyperparameters of an AutoML job, each a value or a distribution: `SearchSpace(model_name=Choice(["yolov5"]))`."""

    __slots__ = ()

    def __init__(self, **kwargs: Any) -> None:
        """Take hyperparameters by name; the job that they are given to knows which it has."""
        super().__init__(kwargs)


# -- the text of a body --------------------------------------------------------------------------------------
def _text(value: Any, *, quoted: bool = False) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return f"'{value}'" if quoted and isinstance(value, str) else str(value)


def to_text(value: Any) -> str:
    """A value as it is, a distribution as it is called: `uniform(0.1,1.0)`, `choice('sgd','adam')`."""
    if not isinstance(value, SweepDistribution):
        return _text(value)
    word, given = distribution_to_body(value)
    drawn = [_text(one, quoted=True) for one in given[0]] if isinstance(value, Choice) else map(_text, given)
    return f"{word}({','.join(drawn)})"


_CALL = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)
_SPACE = re.compile(r",\s+")
_ITEM = re.compile(r"\s*('[^']*'|\"[^\"]*\"|[^,'\"]+)\s*(?:,|$)")


def _value(text: str) -> Any:
    """The value that a text stands for: a number or a flag where it is one."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text == "True" if text in ("True", "False") else text.strip("'\"")


def _of_text(text: Any, *, texts: bool) -> Any:
    """What a text of a body stands for; the text itself where that would be sent as another one."""
    if not isinstance(text, str) or is_binding(text):
        return text
    found = _CALL.fullmatch(text)
    if found is None:
        made: Any = text if texts else _value(text)
    else:
        items = [_value(one) for one in _ITEM.findall(found[2])]
        word = found[1].lower()
        made = distribution_of_body([word, [items] if word == "choice" else items])
    known = isinstance(made, (bool, int, float, SweepDistribution))
    return made if known and _SPACE.sub(",", to_text(made)) == _SPACE.sub(",", text.strip()) else text


# -- the file ------------------------------------------------------------------------------------------------
@attrs.frozen(eq=False, repr=False)
class Drawn(Codec):
    """The text of a body for one kind of hyperparameter, and how a file may say it."""

    scalar: Callable[[Any], Any]
    """What a file says as one value; ValueError when it is of another kind."""
    several: Callable[[list[Any]], list[Any]]
    """The same for the values of a choice."""
    words: tuple[str, ...] = ()
    """The distributions, beside `choice`, that it may have in a file."""

    def of_file(self, value: Any) -> Any:
        """What a file says, brought to the form of its kind."""
        if not isinstance(value, Mapping):
            return value if isinstance(value, str) and is_binding(value) else self.scalar(value)
        word = value.get("type")
        if word == "choice":
            listed = value.get("values")
            plain = isinstance(listed, list) and value.keys() == {"type", "values"}
            return (
                Choice(self.several(list(listed or ()))) if plain else value
            )  # else its own class tells what is wrong
        if isinstance(word, str) and word not in self.words:
            message = f"type: {word!r} is not one of {', '.join(('choice', *self.words))}"
            raise ValueError(message)
        return value


def _drawn(
    scalar: Callable[[Any], Any],
    *words: str,
    several: Callable[[list[Any]], list[Any]] | None = None,
    texts: bool = False,
) -> Drawn:
    return Drawn(
        to_text,
        lambda text: _of_text(text, texts=texts),
        scalar,
        several or (lambda values: [scalar(one) for one in values]),
        words,
    )


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = f"expected a whole number or a distribution, got {described(value)}"
    raise ValueError(message)


def _number(value: Any) -> float:
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError):
        pass
    message = f"expected a number or a distribution, got {described(value)}"
    raise ValueError(message)


def _numbers(values: list[Any]) -> list[Any]:
    """Whole numbers as they are when there are no others."""
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in values)
    return values if whole else [_number(one) for one in values]


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    message = f"expected a text or a choice of texts, got {described(value)}"
    raise ValueError(message)


def _flag(value: Any) -> bool:
    try:
        return flag(value)
    except TypeError as error:
        raise ValueError(str(error)) from None


def drawn_words(codec: Codec) -> Drawn:
    """Words of a closed list, in snake case in bodies too."""

    def scalar(value: Any) -> Any:
        return codec.dump(codec.load(value))

    return _drawn(scalar, texts=True)


_ALL = ("uniform", "loguniform", "quniform", "qloguniform", "normal", "lognormal", "qnormal", "qlognormal", "randint")
FLAG = _drawn(_flag)
NUMBER = _drawn(_number, *_ALL, several=_numbers)
WHOLE = _drawn(_whole, "randint", "quniform", "qloguniform", "qnormal", "qlognormal")
FEW_WHOLE = _drawn(_whole, "randint")
TEXT = _drawn(_string, texts=True)


def number_form(value: Any) -> Any:
    """A number in the file form, which is no whole one."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


NUMBER_FORM = Codec(number_form, lambda found: found)


def _word_form(value: Any) -> Any:
    if isinstance(value, Choice):
        return Choice([snake(one) for one in value.values or ()])
    return snake(value)


WORD_FORM = Codec(_word_form, lambda found: found)


# -- spaces --------------------------------------------------------------------------------------------------
def drawn_of_file(cls: type[Entity], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A search space in a file, each value brought to its kind; Misstated with those that are of another."""
    from mlsdk.schema.files import Misstated, Problem

    said, problems = dict(data), []
    for name, attribute in attributes(cls).items():
        mark = attribute.metadata.get(Wire)
        if mark is not None and isinstance(mark.codec, Drawn) and said.get(name) is not None:
            try:
                said[name] = mark.codec.of_file(said[name])
            except ValueError as error:
                problems.append(Problem((name,), str(error)))
    if problems:
        raise Misstated(problems)
    return said


def with_texts(form: Mapping[str, Any], space: Entity) -> dict[str, Any]:
    """The file form of a search space with what is drawn as texts, as the steps of pipelines have it."""
    drawn = {}
    for attribute, _, mark in fields(type(space)):
        value = getattr(space, attribute.name)
        if value is not None:
            drawn[attribute.name] = to_text(mark.file_codec.dump(value) if mark.file_codec else value)
    return {**form, **drawn}
