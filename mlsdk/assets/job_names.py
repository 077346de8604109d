"""Names for jobs that were given none: two words and a few random letters, such as `calm_harbor_x7kq2m9d4t`."""

from __future__ import annotations

import secrets

ADJECTIVES = (
    *("amber", "ancient", "balmy", "brave", "breezy", "bright", "brisk", "calm", "careful", "cheerful", "clear"),
    *("clever", "crisp", "curious", "daring", "eager", "early", "fair", "fresh", "gentle", "glad", "golden"),
    *("graceful", "hardy", "keen", "lively", "lucky", "mellow", "merry", "mild", "modest", "nimble", "noble"),
    *("patient", "placid", "quick", "quiet", "ready", "silver", "steady", "sunny", "swift", "tidy", "warm"),
)
NOUNS = (
    *("acorn", "anchor", "badger", "beacon", "birch", "bridge", "brook", "candle", "canyon", "cedar", "cloud"),
    *("comet", "coral", "delta", "ember", "falcon", "feather", "fern", "forest", "garden", "glacier", "harbor"),
    *("hazel", "heron", "island", "lantern", "lark", "maple", "marble", "meadow", "meteor", "orchard", "otter"),
    *("pebble", "pine", "prairie", "river", "robin", "saddle", "sparrow", "summit", "thistle", "valley", "willow"),
)
_LETTERS = "bcdfghjklmnpqrstvwxyz0123456789"
"""No vowels, so that no words come about."""


def job_name() -> str:
    """A name that no other job has."""
    ending = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{secrets.choice(ADJECTIVES)}_{secrets.choice(NOUNS)}_{ending}"
