"""Mappings whose values also answer as attributes, and attributes that take more than they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mlsdk.schema.values import did_you_mean

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")
Gives = TypeVar("Gives")
Takes = TypeVar("Takes")


class Names(dict[str, T]):
    """A mapping by name: `job.inputs["data"]`, or `job.inputs.data` where no method of a mapping is so called."""

    __slots__ = ()

    def __getattr__(self, name: str) -> T:
        if name in self:
            return self[name]
        message = f"there is no {name!r}{did_you_mean(name, self) or '; there are ' + (', '.join(self) or 'none')}"
        raise AttributeError(message)

    def __setattr__(self, name: str, value: T) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(name)
        del self[name]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self})

    def copy(self) -> Self:
        """A copy of the mapping; its values are the same."""
        return type(self)(self)


if TYPE_CHECKING:

    class Field(Generic[Gives, Takes]):
        """The type of an attribute that gives one type and takes another: `Field[Names[Input], Mapping[str, Any]]`.

        What is assigned, or given at construction, is converted; a type checker allows it, and knows what comes out.
        """

        def __get__(self, instance: Any, owner: Any = None) -> Gives: ...
        def __set__(self, instance: Any, value: Takes) -> None: ...

else:

    class Field:
        """At run time, the type that the attribute gives."""

        def __class_getitem__(cls, types: tuple[Any, ...]) -> Any:
            return types[0]
