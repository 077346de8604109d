"""What a check on this side found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen
class ValidationResult:
    """Whether something can be sent, and if not, why."""

    error_messages: dict[str, str] = attrs.field(factory=dict)
    """What is wrong, by dotted place."""
    places: dict[str, str] = attrs.field(factory=dict)
    """Where that stands, as `file:line:column` by dotted place; without what was not read from a file."""

    @classmethod
    def of(cls, problems: Iterable[tuple[str, str]], entity: Any = None) -> ValidationResult:
        """The result of a check of `entity` that found `problems`: pairs of a dotted place and what is wrong there."""
        messages: dict[str, str] = {}
        for where, what in problems:
            messages[where] = f"{messages[where]}; {what}" if where in messages else what
        if not messages:
            return cls()
        from mlsdk.schema.places import places

        found = places(entity, messages)
        order = sorted(messages, key=lambda where: _order(found.get(where)))
        return cls(
            {where: messages[where] for where in order}, {where: str(found[where]) for where in order if where in found}
        )

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.error_messages

    def _lines(self) -> list[str]:
        """What is wrong, line by line: `pipeline.yml:12:5: jobs.train.inputs.rate: is required`."""
        return [
            f"{self.places[where]}: {where}: {what}" if where in self.places else f"{where}: {what}"
            for where, what in self.error_messages.items()
        ]

    def raise_for_problems(self) -> None:
        """ValidationException that lists all that was found; nothing when nothing was."""
        if not self.passed:
            from mlsdk.exceptions import ValidationException

            raise ValidationException("\n".join(self._lines()))

    def __repr__(self) -> str:
        found = "".join(f"\n  {line}" for line in self._lines())
        return f"ValidationResult(passed={self.passed}){found}"


def _order(place: Any) -> tuple[str, int, int]:
    """By file and line; what is in no file comes first."""
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)
