"""Jobs that really run on this machine, beside the bare process each of them is and beside steps of kfp.local."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import kfp_steps
from figures import Figure, factor, fraction, megabytes
from timing import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsdk.entities import PipelineJob

REPOSITORY = Path(__file__).resolve().parent.parent
COMMAND = "python -c pass"
PROCESS = (sys.executable, "-c", "pass")
BY_BASH = ("bash", "-c", COMMAND)
"""The bare process, and what a job's process is: its command, which bash reads."""
IN_A_ROW, TOGETHER, WORKERS = 20, 200, 2
FEW, MANY = 10, 1000
ROUNDS = 15
KFP_ROUNDS, GROWTH_ROUNDS = 5, 3
LINES, LINE = 1_000_000, 100
"""How many lines of log are streamed, and the bytes of each with its end."""

# A child's peak memory counts what it had before it became another program, that is, its parent: so the parent is an
# interpreter with next to nothing in it.
LAUNCHER = """
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(child, 0)
sys.stderr.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""
STREAM = """
import sys
from mlsdk import MLClient, command
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Environment
from mlsdk.local import LocalRunner

root, lines, line = sys.argv[1:]
backend = MemoryBackend(jobs=LocalRunner(root))
backend.add_workspace("s", "rg", "ws")
client = MLClient(None, "s", "rg", "ws", backend=backend)
client.environments.create_or_update(Environment(name="bench", version="1", image="none"))
script = f"for number in range({lines}): print(str(number).zfill({line} - 1))"
job = client.jobs.create_or_update(command(command=f"python -c '{script}'", environment="azureml:bench:1"))
client.jobs.stream(job.name)
"""


class Here:
    """A client whose jobs run on this machine."""

    def __init__(self, root: Path, workers: int) -> None:
        """Have folders of jobs below `root`, and so many of them run at once."""
        from mlsdk import MLClient
        from mlsdk.backends.memory import MemoryBackend
        from mlsdk.entities import Environment
        from mlsdk.local import LocalRunner

        self._backend = MemoryBackend(jobs=LocalRunner(root, max_workers=workers))
        self._backend.add_workspace("s", "rg", "ws")
        self._client = MLClient(None, "s", "rg", "ws", backend=self._backend)
        self._client.environments.create_or_update(Environment(name="bench", version="1", image="none"))
        self._number = count()

    def job(self) -> None:
        """Submit a job, and wait until it has ended."""
        from mlsdk import command

        jobs = self._client.jobs
        submitted = jobs.create_or_update(command(command=COMMAND, environment="azureml:bench:1"))
        jobs.wait(str(submitted.name))

    def pipeline(self, steps: int) -> None:
        """Submit a pipeline of steps that need nothing of each other, and wait until it has ended."""
        jobs = self._client.jobs
        jobs.wait(str(jobs.create_or_update(self._pipeline(steps)).name))

    def _pipeline(self, steps: int) -> PipelineJob:
        from mlsdk import dsl
        from mlsdk.entities import CommandComponent

        step = CommandComponent(
            name="step",
            version="1",
            command=COMMAND,
            environment="azureml:bench:1",
            inputs={"number": {"type": "integer"}},
        )

        @dsl.pipeline(default_compute="local")
        def side_by_side() -> None:
            for _ in range(steps):
                step(number=next(self._number))  # another one each time: what was done before would be taken over

        return side_by_side()


def bare(number: int) -> None:
    """Run bare processes, one after the other."""
    for _ in range(number):
        subprocess.run(PROCESS, check=True)


def bare_at_once(number: int, at_once: int) -> None:
    """Run the processes of so many jobs with nothing around them."""
    folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])}

    def run(_: int) -> None:
        subprocess.run(BY_BASH, check=True, env=environment)

    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(run, range(number)))


def kfp_python() -> Path | None:
    """The Python of an environment with kfp: `$MLSDK_KFP`, or where nox makes it; None when there is none."""
    found = Path(os.environ.get("MLSDK_KFP") or REPOSITORY / ".kfp" / "bin" / "python")
    return found if found.exists() else None


@contextmanager
def kfp_at_work(python: Path) -> Iterator[Callable[[str], float]]:
    """A process that runs steps of kfp.local, until the end of the `with`: seconds of a step, by its kind."""
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [python, kfp_steps.__file__], stdin=pipe, stdout=pipe, stderr=errors, text=True, cwd=folder
        ) as process,
    ):

        def seconds(kind: str) -> float:
            assert process.stdin is not None, "a pipe was asked for"  # noqa: S101
            assert process.stdout is not None, "a pipe was asked for"  # noqa: S101
            process.stdin.write(f"{kind}\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                errors.seek(0)
                message = f"a step of kfp.local failed:\n{errors.read()}"
                raise RuntimeError(message)
            return float(line)

        yield seconds
        process.stdin.close()  # type: ignore[union-attr]


def seconds_of(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begin = perf_counter()
    call()
    return perf_counter() - begin


def streamed(root: Path) -> tuple[int, int]:
    """How many lines of a long log did not come in their turn, and the peak memory in bytes of the process that streamed it."""
    program = [sys.executable, "-I", "-S", "-c", LAUNCHER, "-c", STREAM, str(root), str(LINES), str(LINE)]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None, "a pipe was asked for"  # noqa: S101
        assert process.stderr is not None, "a pipe was asked for"  # noqa: S101
        came = 0
        for line in process.stdout:
            if line == b"%0*d\n" % (LINE - 1, came):
                came += 1
        said = process.stderr.read().decode()
    if process.returncode:
        message = f"streaming failed:\n{said}"
        raise RuntimeError(message)
    return LINES - came, int(said) * (1 if sys.platform == "darwin" else 1024)


def figures() -> Iterator[Figure]:
    """The rows of the table; without kfp those beside it say that nothing was measured, and are not reached."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(os.chdir, Path.cwd())
        os.chdir(folder)  # which is no repository, whose state the client would ask git for with each job
        one, two = Here(folder / "one", 1), Here(folder / "two", WORKERS)
        single = in_turn(one.job, lambda: bare(1), rounds=ROUNDS, seconds=0.1)
        print(f"  one job {single}")
        yield Figure("trivial job, submitted and waited for, beside a bare process", single.ratio, 1.5, factor)
        row = in_turn(lambda: one.pipeline(IN_A_ROW), lambda: bare(IN_A_ROW), rounds=ROUNDS, seconds=0.1)
        print(f"  {IN_A_ROW} steps in a row {row}")
        yield Figure(f"trivial step of {IN_A_ROW} in a row, the same", row.ratio, 1.5, factor)
        yield from beside_kfp(one.job)
        pair = in_turn(
            lambda: two.pipeline(TOGETHER), lambda: bare_at_once(TOGETHER, WORKERS), rounds=ROUNDS // 3, seconds=0.1
        )
        print(f"  {TOGETHER} steps, {WORKERS} at once {pair}")
        what = (
            f"pipeline of {TOGETHER} trivial steps, {WORKERS} at once, beside their processes alone, {WORKERS} at once"
        )
        yield Figure(what, pair.ratio, 1.3, factor)
        yield from growth(two)
        lost, peak = streamed(folder / "streamed")
        print(f"  {LINES:,} lines streamed, {lost} lost, {megabytes(peak)}")
        yield Figure(
            f"`jobs.stream` of {LINES * LINE // 10**6} MB of log: lines lost", lost, 0, lambda value: f"{value:.0f}"
        )
        yield Figure("the same, peak memory of the process: client, backend and runner", peak, 50 * 2**20, megabytes)


def beside_kfp(job: Callable[[], None]) -> Iterator[Figure]:
    """A trivial job beside the same of kfp.local, in turn, each at its best."""
    python, kinds = kfp_python(), (kfp_steps.DEFAULT, kfp_steps.NOTHING_INSTALLED)
    ours, theirs = math.nan, dict.fromkeys(kinds, math.nan)
    if python is not None:
        with kfp_at_work(python) as seconds:
            rounds = [(seconds_of(job), *map(seconds, kinds)) for _ in range(KFP_ROUNDS)]
        ours, *others = (min(times) for times in zip(*rounds, strict=True))
        theirs = dict(zip(kinds, others, strict=True))
    print(f"  one job {ours * 1e3:.1f} ms; " + "; ".join(f"kfp, {kind}, {theirs[kind] * 1e3:.0f} ms" for kind in kinds))
    for kind, limit in zip(kinds, (1 / 20, None), strict=True):
        yield Figure(f"the same beside a step of kfp.local, {kind}", ours / theirs[kind], limit, shown)


def growth(here: Here) -> Iterator[Figure]:
    """A step of a large pipeline, beside one of small ones: each kind at its best."""
    small, large = list[tuple[float, float]](), list[tuple[float, float]]()
    for _ in range(GROWTH_ROUNDS):
        small.append(cost_of_a_step(here, FEW, MANY // FEW // 4))
        large.append(cost_of_a_step(here, MANY, 1))
    (few, few_wall), (many, many_wall) = (tuple(map(min, zip(*found, strict=True))) for found in (small, large))
    print(f"  a step of {FEW}: {few * 1e3:.1f} ms, on the clock {few_wall * 1e3:.1f} ms")
    print(f"  a step of {MANY:,}: {many * 1e3:.1f} ms, on the clock {many_wall * 1e3:.1f} ms")
    yield Figure(
        f"a step of {MANY:,} in one pipeline beside one of {FEW}: processor time beside the step's own",
        many / few,
        1.2,
        factor,
    )
    yield Figure("the same, on the clock", many_wall / few_wall, None, factor)


def cost_of_a_step(here: Here, steps: int, pipelines: int) -> tuple[float, float]:
    """Seconds of a step in so many pipelines: processor time of this process, without the step's own, and on the clock."""
    cpu, wall = process_time(), perf_counter()
    for _ in range(pipelines):
        here.pipeline(steps)
    number = pipelines * steps
    return (process_time() - cpu) / number, (perf_counter() - wall) / number


def shown(ratio: float) -> str:
    """A ratio, or why there is none."""
    return "not measured: kfp is missing" if math.isnan(ratio) else fraction(ratio)
