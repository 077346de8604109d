"""What an input asks for, as older definitions of components say it."""

from __future__ import annotations

import attrs


@attrs.define(kw_only=True)
class InputPort:
    """The type of an input by its word, and its default, which is a number where the type is `number`.

    >>> InputPort(type_string="number", default="0.5").default
    0.5
    """

    type_string: str
    default: str | float | None = None
    optional: bool | None = False

    def __attrs_post_init__(self) -> None:
        if self.type_string == "number" and self.default is not None:
            self.default = float(self.default)
