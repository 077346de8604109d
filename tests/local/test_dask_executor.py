"""Jobs run on the workers of a Dask cluster as they do on this machine, also when workers end in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import dask
import pytest
from distributed import Client
from local.dask_cluster import LONG, Cluster, Gate, first_line, program, running
from local.here import LOG_METRIC, Here
from local.leftovers import ended

from mlsdk import Output, dsl
from mlsdk.exceptions import JobException
from mlsdk.local import DaskExecutor
from mlsdk.local.dask_executor import ClusterError
from mlsdk.local.tasks import Task
from mlsdk.sweep import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKERS = 3
PROGRAM = """
import sys
from mlsdk import MLClient, command
from mlsdk.backends.memory import MemoryBackend
from mlsdk.dsl import pipeline
from mlsdk.local import DaskExecutor, LocalRunner

address, folder, wait = sys.argv[1:]
backend = MemoryBackend(jobs=LocalRunner(folder, executor=DaskExecutor(address or None)))
backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
client = MLClient(None, "sub", "rg", "ws", backend=backend)

@pipeline(default_compute="cpu")
def two():
    options = {"environment": "AzureML-sklearn-1.5@latest", "outputs": {"out": {"type": "uri_folder"}}}
    first = command(command=f"{wait}; echo 1 > ${{{{outputs.out}}}}/x", **options)()
    command(command="cat ${{inputs.data}}/x >> ../../../../end", inputs={"data": first.outputs.out}, **options)()

client.jobs.create_or_update(two())
print("submitted", flush=True)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and three workers, each a process of its own."""
    with running(tmp_path_factory.mktemp("cluster"), WORKERS) as made:
        yield made


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Iterator[Client]:
    """What everybody has who uses the cluster."""
    with Client(cluster.address, set_as_default=False) as made:
        yield made


@pytest.fixture(scope="module")
def executor(client: Client) -> Iterator[DaskExecutor]:
    """Runs tasks on the cluster."""
    with closing(DaskExecutor(client, grace=1.0)) as made:
        yield made


@pytest.fixture(scope="module")
def here(executor: DaskExecutor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A workspace whose jobs run on the cluster."""
    made = Here.made(tmp_path_factory.mktemp("here"), executor=executor)
    yield made
    made.backend.close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Where steps of a test wait."""
    with closing(Gate()) as made:
        yield made


@pytest.fixture
def workers(cluster: Cluster, client: Client) -> Iterator[Cluster]:
    """The cluster for a test that ends workers: others take their place."""
    yield cluster
    there = set(client.scheduler_info()["workers"])
    for process in [process for process, address in cluster.workers.items() if address not in there]:
        del cluster.workers[process]
    cluster.grow(WORKERS - len(cluster.workers))


def task(folder: Path, command: str, name: str = "task") -> Task:
    """A task in a new folder."""
    made = folder / name
    made.mkdir()
    return Task(name=name, folder=made, command=command, environment=dict(os.environ))


def nobody() -> None:
    """Nobody wants to know when a task has begun."""


@pytest.mark.runs_here("executors.dask")
def test_steps_run_side_by_side_on_several_workers(here: Here, gate: Gate, cluster: Cluster) -> None:
    """As many as the cluster has threads; what one has left is what the next is given."""
    ports = {"outputs": {"out": Output(type="uri_folder")}}

    def step(name: str) -> Any:
        return here.command(f"{gate.wait(name)}; echo {name} > ${{{{outputs.out}}}}/x", compute=None, **ports)

    @dsl.pipeline(default_compute="cpu")
    def wide() -> dict[str, Any]:
        before = {name: step(name)() for name in ("a", "b", "c")}
        given = {name: each.outputs.out for name, each in before.items()}
        text = "cat ${{inputs.a}}/x ${{inputs.b}}/x ${{inputs.c}}/x > ${{outputs.out}}/all"
        return {"all": here.command(text, inputs=given, compute=None, **ports)().outputs.out}

    job = here.submit(wide())
    arrived = [gate.arrived() for _ in range(WORKERS)]
    assert {each.worker for each in arrived} == set(cluster.workers)
    for each in arrived:
        each.let_go()
    here.client.jobs.wait(job.name, timeout=LONG)
    assert (here.output(job, "all") / "all").read_text(encoding="utf-8") == "a\nb\nc\n"


@pytest.mark.runs_here("executors.dask")
@pytest.mark.usefixtures("workers")
def test_a_worker_that_is_killed_in_the_middle_of_a_step_costs_nothing(here: Here, gate: Gate) -> None:
    """The step runs again on another worker; what the first try had written is not seen, and no process of it is left."""
    text = (
        f"cd ${{{{outputs.out}}}}; echo begun >> x; ls | wc -l >> x; {gate.wait('one')}; echo whole >> x; sleep 1000 &"
    )

    @dsl.pipeline(default_compute="cpu")
    def chain() -> dict[str, Any]:
        ports = {"outputs": {"out": Output(type="uri_folder")}}
        first = here.command(text, compute=None, **ports)()
        given = {"data": first.outputs.out}
        last = here.command("cp ${{inputs.data}}/x ${{outputs.out}}", inputs=given, compute=None, **ports)()
        return {"out": last.outputs.out}

    job = here.submit(chain())
    first = gate.arrived()
    os.kill(first.worker, signal.SIGKILL)
    again = gate.arrived()
    assert first.is_over()
    assert again.worker != first.worker
    again.let_go()
    here.client.jobs.wait(job.name, timeout=LONG)
    assert (here.output(job, "out") / "x").read_text(encoding="utf-8").split() == ["begun", "1", "whole"]
    assert again.is_over()  # with what it had left running


def test_a_worker_that_leaves_gives_its_steps_to_others(
    executor: DaskExecutor, gate: Gate, workers: Cluster, client: Client, tmp_path: Path
) -> None:
    """A cluster that shrinks, as adaptive ones do, is no reason to fail."""
    future = executor.submit(task(tmp_path, gate.wait("one")), nobody)
    first = gate.arrived()
    client.retire_workers([workers.workers[first.worker]])
    again = gate.arrived()
    assert first.is_over()
    again.let_go()
    assert future.result(LONG).status == "Completed"


def test_a_job_is_canceled_with_its_processes(here: Here, gate: Gate) -> None:
    """On whichever worker they are."""
    job = here.submit(gate.wait("one"))
    arrived = gate.arrived()
    here.client.jobs.begin_cancel(job.name).result()
    here.until(lambda: here.client.jobs.get(job.name).status == "Canceled")
    assert arrived.is_over()


def test_a_task_that_waits_for_its_turn_is_stopped_at_once(executor: DaskExecutor, gate: Gate, tmp_path: Path) -> None:
    """No worker has to be free for that; those that came before it go on."""
    before = [executor.submit(task(tmp_path, gate.wait(name), name), nobody) for name in "abc"]
    arrived = [gate.arrived() for _ in before]
    begun = threading.Event()
    waiting = task(tmp_path, "true", "waiting")
    future = executor.submit(waiting, begun.set)
    executor.stop(waiting)
    assert future.result(LONG).status == "Canceled"
    for each in arrived:
        each.let_go()
    assert [each.result(LONG).status for each in before] == ["Completed"] * 3
    assert not begun.is_set()


def test_a_command_that_fails_says_why(here: Here) -> None:
    """As it does on this machine."""
    with pytest.raises(JobException, match=r"ended with exit code 3(?s:.)*no such flower"):
        here.run("echo no such flower; exit 3")


def test_trials_of_a_sweep_run_on_the_cluster(here: Here, gate: Gate) -> None:
    """Side by side, and what they log is seen while they run on other machines."""
    here.file("trial/log.py", LOG_METRIC)
    here.file("trial/main.py", "import sys; from log import log; log('score', float(sys.argv[1]))")
    text = f"{sys.executable} main.py ${{{{inputs.x}}}}; {gate.wait('${{inputs.x}}')}"
    trial = here.command(text, code=str(here.folder / "trial"), inputs={"x": 0})
    sweep = trial(x=Choice([1, 3, 2])).sweep(
        primary_metric="score", goal="maximize", compute="cpu", sampling_algorithm="grid", max_total_trials=3
    )
    job = here.submit(sweep)
    arrived = {each.name: each for each in (gate.arrived() for _ in range(WORKERS))}
    assert set(arrived) == {"1", "2", "3"}
    assert len({each.worker for each in arrived.values()}) == WORKERS
    found = {trial.parameters["x"]: trial.value for trial in here.client.jobs.view(job.name).trials}
    assert found == {1: 1.0, 2: 2.0, 3: 3.0}
    for each in arrived.values():
        each.let_go()
    here.client.jobs.wait(job.name, timeout=LONG)
    (best,) = (trial for trial in here.client.jobs.view(job.name).trials if trial.best)
    assert best.parameters["x"] == 3


def test_room_is_what_the_workers_have(executor: DaskExecutor, client: Client) -> None:
    """Their threads, or as often as they have what each task takes."""
    assert executor.room == WORKERS
    with (
        closing(DaskExecutor(client, resources={"slots": 1})) as one,
        closing(DaskExecutor(client, resources={"slots": 3})) as none,
    ):
        assert (one.room, none.room) == (WORKERS, 1)


def test_tasks_take_resources_of_workers(client: Client, tmp_path: Path) -> None:
    """One that no worker has is waited for; the task can be stopped meanwhile."""
    with closing(DaskExecutor(client, resources={"slots": 2})) as fits:
        assert fits.submit(task(tmp_path, "true", "fits"), nobody).result(LONG).status == "Completed"
    with closing(DaskExecutor(client, resources={"slots": 3})) as waits:
        future = waits.submit(task(tmp_path, "true", "waits"), nobody)
    assert future.result(LONG).status == "Canceled"


def test_begun_is_told_once_and_before_the_end(executor: DaskExecutor, tmp_path: Path) -> None:
    """Also of tasks that end at once."""
    told: list[str] = []
    futures = []
    for name in map(str, range(20)):
        future = executor.submit(task(tmp_path, "true", name), lambda name=name: told.append(f"begun {name}"))
        future.add_done_callback(lambda _, name=name: told.append(f"ended {name}"))
        futures.append(future)
    assert {future.result(LONG).status for future in futures} == {"Completed"}
    for name in map(str, range(20)):
        assert [word for word in told if word.endswith(f" {name}")] == [f"begun {name}", f"ended {name}"]


def test_who_cannot_be_told_that_a_task_has_begun_gets_the_reason(
    executor: DaskExecutor, gate: Gate, tmp_path: Path
) -> None:
    """The task ends."""
    arrived = []

    def begun() -> None:
        arrived.append(gate.arrived())
        msg = "nobody hears this"
        raise RuntimeError(msg)

    future = executor.submit(task(tmp_path, gate.wait("one")), begun)
    with pytest.raises(RuntimeError, match="nobody hears this"):
        future.result(LONG)
    assert arrived[0].is_over()


# -- what is wrong with a cluster ----------------------------------------------------------------------------------
@contextmanager
def without_mlsdk(client: Client) -> Iterator[None]:
    """Let all workers be such on which mlsdk is not installed."""

    # Functions in a function travel as they are: workers cannot import this file.
    def hide() -> None:
        names = [name for name in sys.modules if name.partition(".")[0] == "mlsdk"]
        sys.hidden = {name: sys.modules.pop(name) for name in names}  # type: ignore[attr-defined]
        sys.modules["mlsdk"] = None  # type: ignore[assignment]

    def show() -> None:
        del sys.modules["mlsdk"]
        sys.modules.update(sys.hidden)  # type: ignore[attr-defined]

    client.run(hide)
    yield
    client.run(show)


@contextmanager
def with_version(client: Client, version: str) -> Iterator[None]:
    """Let all workers have another version."""

    def change(version: str) -> str:
        from mlsdk.local import dask_worker

        before, dask_worker.__version__ = dask_worker.__version__, version
        return before

    (before,) = set(client.run(change, version).values())
    yield
    client.run(change, before)


def test_a_worker_without_mlsdk_is_named_as_the_reason(executor: DaskExecutor, client: Client, tmp_path: Path) -> None:
    """And stays in the cluster for others."""
    expected = pytest.raises(ClusterError, match=r"has no mlsdk.*pip install 'mlsdk\[dask\]==")
    with without_mlsdk(client), expected:
        executor.submit(task(tmp_path, "true"), nobody).result(LONG)
    assert len(client.scheduler_info()["workers"]) == WORKERS


def test_a_worker_with_another_mlsdk_is_named_as_the_reason(
    executor: DaskExecutor, client: Client, tmp_path: Path
) -> None:
    """It is not asked to read what it may not understand."""
    expected = pytest.raises(ClusterError, match=r"has mlsdk 0\.0\.1, and the job was submitted by mlsdk")
    with with_version(client, "0.0.1"), expected:
        executor.submit(task(tmp_path, "true"), nobody).result(LONG)


def test_a_folder_that_workers_do_not_see_is_named_as_the_reason(executor: DaskExecutor, tmp_path: Path) -> None:
    """As where the runner's folder is on the disk of one machine."""
    unseen = Task(name="task", folder=tmp_path / "elsewhere", command="true")
    with pytest.raises(ClusterError, match=r"does not see the job's folder .*LocalRunner\(root=…\)"):
        executor.submit(unseen, nobody).result(LONG)


def test_a_cluster_that_goes_away_fails_its_jobs(gate: Gate, tmp_path: Path) -> None:
    """With a sentence; their processes end with the workers."""
    with running(tmp_path, 1) as lost, Client(lost.address, set_as_default=False, timeout=1) as client:
        here = Here.made(tmp_path, executor=DaskExecutor(client))
        job = here.submit(gate.wait("one"))
        arrived = gate.arrived()
        lost.scheduler.kill()
        with pytest.raises(JobException, match=r"cluster was closed .* or the connection to it was lost"):
            here.client.jobs.wait(job.name, timeout=LONG)
        assert arrived.is_over()
        here.backend.close()


@pytest.mark.usefixtures("workers")
def test_a_task_that_ends_its_workers_is_given_up(
    executor: DaskExecutor, gate: Gate, client: Client, tmp_path: Path
) -> None:
    """Dask tries it on as many as its scheduler allows, here on two."""

    def allow(count: int, dask_scheduler: Any = None) -> int:
        before, dask_scheduler.allowed_failures = dask_scheduler.allowed_failures, count
        return int(before)

    before = client.run_on_scheduler(allow, 1)
    future = executor.submit(task(tmp_path, f"{gate.wait('one')}; kill -9 $PPID; sleep 1000"), nobody)
    for _ in range(2):
        gate.arrived().let_go()
    with pytest.raises(ClusterError, match=r"Each Dask worker that ran the job ended meanwhile \(2 tried it"):
        future.result(LONG)
    client.run_on_scheduler(allow, before)


def test_processes_end_with_the_program_that_wanted_them(cluster: Cluster, gate: Gate, tmp_path: Path) -> None:
    """Whatever ends it: the cluster is told that nobody waits any more."""
    started = program(tmp_path, PROGRAM, cluster.address, str(tmp_path / "runs"), gate.wait("one"))
    arrived = gate.arrived()
    started.kill()
    assert arrived.is_over()
    started.communicate()


# -- connections ---------------------------------------------------------------------------------------------------
def test_the_cluster_may_be_named_by_dask(cluster: Cluster, tmp_path: Path) -> None:
    """`DASK_SCHEDULER_ADDRESS` and Dask's configuration count where nothing is said."""
    with dask.config.set({"scheduler-address": cluster.address}), closing(DaskExecutor()) as executor:
        assert executor.submit(task(tmp_path, "true"), nobody).result(LONG).status == "Completed"


def test_without_an_address_workers_of_this_machine_come_and_go(gate: Gate, tmp_path: Path) -> None:
    """The executor starts them; a program waits at its end for its jobs, of which some still begin then, and ends them."""
    started = program(tmp_path, PROGRAM, "", str(tmp_path / "runs"), gate.wait("one"))
    assert first_line(started) == "submitted"
    arrived = gate.arrived()
    assert arrived.worker != started.pid
    arrived.let_go()
    started.communicate(timeout=LONG)
    assert started.returncode == 0
    assert (tmp_path / "runs" / "end").read_text(encoding="utf-8") == "1\n"
    assert ended(arrived.worker)


def test_an_executor_that_was_closed_connects_again(cluster: Cluster, tmp_path: Path) -> None:
    """Closing it twice is fine, and so is using it later."""
    executor = DaskExecutor(cluster.address)
    executor.close()
    executor.close()
    assert executor.submit(task(tmp_path, "true"), nobody).result(LONG).status == "Completed"
    executor.close()


def test_a_client_stays_its_owners(cluster: Cluster, tmp_path: Path) -> None:
    """Closing the executor leaves it open; once its owner has closed it, that is said."""
    with Client(cluster.address, set_as_default=False) as client:
        executor = DaskExecutor(client)
        executor.close()
        assert client.status == "running"
        executor = DaskExecutor(client)
    with pytest.raises(ClusterError, match="connection to it was lost"):
        executor.submit(task(tmp_path, "true"), nobody)
    assert executor.room == 1
    executor.close()


def test_an_asynchronous_client_is_refused(cluster: Cluster) -> None:
    """It can be asked in its own event loop only."""

    async def make() -> None:
        async with Client(cluster.address, asynchronous=True, set_as_default=False) as client:
            with pytest.raises(ValueError, match="without asynchronous=True"):
                DaskExecutor(client)

    asyncio.run(make())


def test_dask_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what installs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'mlsdk\[dask\]'"):
        DaskExecutor("tcp://127.0.0.1:1")
