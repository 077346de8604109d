"""What a check on this side found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen
class ValidationResult:
    """Whether something can be sent, and if not, why."""

    error_messages: dict[str, str] = attrs.field(factory=dict)
    """What is wrong, by dotted place."""

    @classmethod
    def of(cls, problems: Iterable[tuple[str, str]]) -> ValidationResult:
        """The result of a check that found `problems`: pairs of a dotted place and what is wrong there."""
        messages: dict[str, str] = {}
        for where, what in problems:
            messages[where] = f"{messages[where]}; {what}" if where in messages else what
        return cls(messages)

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.error_messages

    def __repr__(self) -> str:
        found = "".join(f"\n  {where}: {what}" for where, what in self.error_messages.items())
        return f"ValidationResult(passed={self.passed}){found}"
