"""The pipelines that are being written: each step made meanwhile belongs to the innermost one."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextvars import Token


class Building(Protocol):
    """A pipeline that is being written."""

    def add(self, node: Any) -> None:
        """Take a step that was just made."""


_STACK: ContextVar[tuple[Building, ...]] = ContextVar("mlsdk_pipelines", default=())
DEEPEST = 100
"""How many pipelines may be written within one another, as the official client allows."""


def innermost() -> Building | None:
    """The pipeline that is being written in this thread or task; None when there is none."""
    stack = _STACK.get()
    return stack[-1] if stack else None


def register(node: Any) -> None:
    """Give a step that was just made to the pipeline that is being written, if there is one."""
    stack = _STACK.get()
    if stack:
        stack[-1].add(node)


def begin(building: Building) -> Token[tuple[Building, ...]]:
    """Make a pipeline the innermost one until `end` is called with what this gives."""
    stack = _STACK.get()
    if len(stack) >= DEEPEST:
        message = f"pipelines are written {DEEPEST} deep within one another; does one call itself?"
        raise RecursionError(message)
    return _STACK.set((*stack, building))


def end(token: Token[tuple[Building, ...]]) -> None:
    """Leave the innermost pipeline."""
    _STACK.reset(token)
