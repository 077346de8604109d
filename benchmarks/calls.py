"""A call through the whole Azure path beside the official client's: get a model, list 10,000."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from certificates import write_certificate
from clients import OFFICIAL, OURS, PORTIONS, Worker, working
from figures import Figure
from loopback import MODELS, serving
from timing import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS, ROUNDS = 50, 30
PASSES = 5


def got(ours: Worker, theirs: Worker) -> Pair:
    """Processor time of a get, the best of several rounds in turn; the first is not counted."""
    rounds = [(ours.do("get", CALLS).cpu, theirs.do("get", CALLS).cpu) for _ in range(ROUNDS + 1)][1:]
    return Pair(*(min(side) / CALLS for side in zip(*rounds, strict=True)))


def listed(ours: Worker, theirs: Worker, what: str) -> Pair:
    """Processor time of an item of a whole list, which is read in parts, in turn, and several times: each part at its best.

    The parts are not the same work: where pages are fetched ahead, the first part has one more to fetch, the last one less.
    """
    rounds = [(ours.do(what).cpu, theirs.do(what).cpu) for _ in range(PASSES * PORTIONS)]
    best = [[min(side) for side in zip(*rounds[part::PORTIONS], strict=True)] for part in range(PORTIONS)]
    return Pair(*(sum(side) / MODELS for side in zip(*best, strict=True)))


def figures() -> Iterator[Figure]:
    """Three rows of the table."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(certificate := write_certificate(Path(folder))) as url,
        working(OURS, url, certificate) as ours,
        working(OFFICIAL, url, certificate) as theirs,
    ):
        one = got(ours, theirs)
        models, versions = listed(ours, theirs, "list"), listed(ours, theirs, "list versions")
    print(f"  get {one}; list {models}; versions {versions}")
    yield Figure("GET of a model through the whole Azure path, processor time", one.ratio, 0.7)
    yield Figure("list of 10,000 models in pages of 100, processor time of an item", models.ratio, 1 / 8)
    yield Figure("list of 10,000 versions of one model, the same", versions.ratio, 1 / 8)
