"""Pipelines beside the official client's: written with `@pipeline`, checked, made into a body; and read from YAML."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from figures import Figure, factor
from timing import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE = Path(__file__).resolve().parent / "files" / "pipeline" / "pipeline.yml"
STEPS = 1000
FEW = 10
ROUNDS = 7
PARTS = ("write", "check", "to body")


@dataclass(frozen=True)
class Client:
    """One of the two clients: its package, and how it checks a pipeline and makes its body."""

    package: Any
    entities: Any
    check: Callable[[Any], Any]
    to_body: Callable[[Any], Any]

    def pipeline(self, steps: int) -> Callable[[], Any]:
        """A function that writes a pipeline of so many steps, each of which takes what the one before gives."""
        made, asked = self.package.Input, self.package.Output  # annotations would be text here, which only we read
        step = self.entities.CommandComponent(
            name="step",
            version="1",
            command="python step.py --data ${{inputs.data}} --rate ${{inputs.rate}} --out ${{outputs.out}}",
            environment="azureml:training:1",
            inputs={"data": made(type="uri_folder"), "rate": made(type="number", default=0.1)},
            outputs={"out": asked(type="uri_folder")},
        )

        @self.package.dsl.pipeline(default_compute="cpu-cluster")
        def chain(data, rate=0.1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            last: Any = data
            for _ in range(steps):
                last = step(data=last, rate=rate).outputs.out
            return {"out": last}

        return lambda: chain(data=made(type="uri_folder", path="azureml:trips:1"))

    def seconds(self, steps: int, rounds: int) -> list[float]:
        """Seconds of processor time that a step takes to be written, checked and made into a body; the best of the rounds."""
        write = self.pipeline(steps)
        found = [self._round(write) for _ in range(rounds)]
        return [min(part) / steps for part in zip(*found, strict=True)]

    def _round(self, write: Callable[[], Any]) -> tuple[float, float, float]:
        begin = process_time()
        job = write()
        written = process_time()
        self.check(job)
        checked = process_time()
        self.to_body(job)
        return written - begin, checked - written, process_time() - checked


def clients() -> tuple[Client, Client]:
    """Ours and the official client; the latter's warnings about experimental classes are kept off the screen."""
    import mlsdk
    import mlsdk.dsl
    import mlsdk.entities

    warnings.simplefilter("ignore")
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    import azure.ai.ml
    import azure.ai.ml.dsl
    import azure.ai.ml.entities

    return (
        Client(mlsdk, mlsdk.entities, lambda job: list(job.problems()), mlsdk.to_wire),
        Client(
            azure.ai.ml,
            azure.ai.ml.entities,
            lambda job: job._validate(),  # noqa: SLF001 -- it has no public way that asks no service
            lambda job: job._to_rest_object(),  # noqa: SLF001 -- it has no public way
        ),
    )


def figures() -> Iterator[Figure]:
    """The rows of the table; the official client writes its thousand steps once, which takes the better part of a minute."""
    ours, theirs = clients()
    ours.seconds(FEW, 3)
    few, many = ours.seconds(FEW, 20 * ROUNDS), ours.seconds(STEPS, ROUNDS)
    official = theirs.seconds(STEPS, 1)
    for part, mine, other in zip(PARTS, many, official, strict=True):
        print(f"  {part:<8} {mine * 1e6:.1f} µs a step, theirs {other * 1e6:.0f} µs")
        yield Figure(f"pipeline of {STEPS:,} steps: {part}, processor time of a step", mine / other, 1 / 100)
    for part, mine, small in zip(PARTS, many, few, strict=True):
        yield Figure(f"the same, {part}: a step of {STEPS:,} beside one of {FEW}", mine / small, 1.2, factor)
    pair = in_turn(lambda: ours.package.load_job(FILE), lambda: theirs.package.load_job(FILE), rounds=9, seconds=0.05)
    print(f"  load_job {pair}")
    yield Figure("`load_job` of a pipeline with three component files", pair.ratio, 1 / 8)
