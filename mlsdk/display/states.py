"""How statuses look: each by a colour, and by a sign and a line of its own for who sees no colours."""

from __future__ import annotations

import attrs


@attrs.frozen
class Look:
    """How one kind of status looks."""

    kind: str
    sign: str
    plain: str
    """The sign where only ASCII can be shown."""
    colour: str
    """Readable on a white and on a black ground."""
    line: str
    """The border: `solid`, `dashed`, `dotted` or `bold`; `double` for two lines."""
    rich: str
    """The style in a terminal."""


WAITING = Look("waiting", "○", ".", "#848d97", "dashed", "bright_black")
PREPARING = Look("preparing", "◌", "~", "#b7791f", "dashed", "yellow")
RUNNING = Look("running", "▶", ">", "#2f81f7", "bold", "bold blue")
COMPLETED = Look("completed", "✓", "+", "#2da44e", "solid", "green")
REUSED = Look("reused", "↻", "=", "#1b998b", "solid", "cyan")
FAILED = Look("failed", "✗", "x", "#e5534b", "double", "bold red")
CANCELED = Look("canceled", "⊘", "-", "#c2692b", "dotted", "magenta")
NOT_RUN = Look("notrun", "\N{EN DASH}", "-", "#848d97", "dotted", "bright_black")
UNKNOWN = Look("unknown", "?", "?", "#848d97", "solid", "default")
NEUTRAL = Look("plain", "", "", "#848d97", "solid", "default")
"""What was not submitted."""

LOOKS = (WAITING, PREPARING, RUNNING, COMPLETED, REUSED, FAILED, CANCELED, NOT_RUN, UNKNOWN, NEUTRAL)

NEVER_RAN = "Not run"
"""The word for a step that a pipeline has ended without."""
_BY_STATUS = {
    **dict.fromkeys(("notstarted", "queued", "scheduled", "paused"), WAITING),
    **dict.fromkeys(("starting", "provisioning", "preparing"), PREPARING),
    **dict.fromkeys(("running", "finalizing"), RUNNING),
    "completed": COMPLETED,
    **dict.fromkeys(("failed", "notresponding"), FAILED),
    **dict.fromkeys(("canceled", "cancelrequested"), CANCELED),
    NEVER_RAN.lower(): NOT_RUN,
}
ENDED = frozenset({"Completed", "Failed", "Canceled", "NotResponding", "Paused"})
"""The statuses after which nothing more comes by itself."""
_URGENCY = (FAILED, RUNNING, PREPARING, WAITING, CANCELED, UNKNOWN, COMPLETED, REUSED, NOT_RUN, NEUTRAL)


def look(status: str | None, *, reused: bool = False) -> Look:
    """How a status looks; `reused` where the results of an earlier run were taken."""
    if not status:
        return NEUTRAL
    found = _BY_STATUS.get(status.lower(), UNKNOWN)
    return REUSED if reused and found is COMPLETED else found


def word(status: str | None, *, reused: bool = False) -> str:
    """What is said of a status."""
    if not status:
        return ""
    return f"{status} (reused)" if reused and look(status) is COMPLETED else status


def together(statuses: list[str]) -> str | None:
    """The status that counts of several runs of one step: that which somebody has to know of first."""
    return min(statuses, key=lambda status: _URGENCY.index(look(status)), default=None)
