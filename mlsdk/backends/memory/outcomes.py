"""How a job ends: what a test says of it beforehand, since the memory backend runs no code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Union

import attrs

Content = Union[str, bytes]
ENDS = ("Completed", "Failed", "Canceled")


@attrs.frozen(kw_only=True)
class JobOutcome:
    """What a job does and leaves behind.

    A default one completes at once (on a clock moved by hand: after about a minute and a half), with an empty log.
    """

    status: str = "Completed"
    """`Completed`, `Failed` or `Canceled`."""
    log: str = attrs.field(default="", repr=False)
    """What the job prints: `user_logs/std_log.txt`."""
    files: Mapping[str, Content] = attrs.field(factory=dict, repr=False)
    """Other files in the job's own folder by path, such as `outputs/model.pkl`: `jobs.download(name)` fetches them."""
    outputs: Mapping[str, Union[Content, Mapping[str, Content]]] = attrs.field(factory=dict, repr=False)
    """The named outputs: the files by path, or the content where the output is one file."""
    error: str = "The job failed."
    """Why it failed, where it did."""
    seconds: float | None = None
    """How long it is `Running`; by default no time at all, and a minute on a clock moved by hand."""

    def __attrs_post_init__(self) -> None:
        if self.status not in ENDS:
            message = f"a job ends as {', '.join(ENDS)}, not as {self.status!r}"
            raise ValueError(message)


Runner = Callable[[Mapping[str, Any]], JobOutcome]
"""Gets the body of a job that was submitted (`id`, `name` and `properties`) and says what becomes of it."""


def complete(_job: Mapping[str, Any]) -> JobOutcome:
    """Every job completes at once and prints nothing."""
    return JobOutcome()
