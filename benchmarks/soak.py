"""Eight threads of the official client on one workspace: everything that was accepted is there, once.

    python benchmarks/soak.py [--seconds 60] [--threads 8] [--seed 0]

Each thread has an `azure.ai.ml.MLClient` of its own and does at random what teams do at the same time: register models, data
and environments under shared names without saying a version, submit jobs (some of which register what they make), add tags
to one job, make and delete computes, delete jobs, archive, list. It writes down what it was told was done. In the end the
workspace holds exactly that. The exit status is 1 when anything is lost, there twice, or more than was asked for.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.ai.ml import Input, MLClient, Output, command
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import AmlCompute, Data, Environment, Model
from azure.core.exceptions import HttpResponseError

from mlsdk.backends.memory import JobOutcome, MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

SHARED = 3
"""How many names of each kind of asset all threads register versions under."""
WATCHED = "watched"
"""The job that every thread adds tags to."""
TRAINED = "trained"
"""The model that jobs register versions of."""
ASSETS = ("models", "data", "environments")
STORE = "azureml://datastores/workspaceblobstore/paths"
CONFLICT = 409
SIGHT = 20
"""How many items a thread takes of a list while it works; lists are read whole in the end."""


def place_of(asset: Any) -> str:
    """What tells one version of an asset from all others: where it is, or its image."""
    path = getattr(asset, "image", None) or str(asset.path)
    return path.rpartition("/paths/")[2] or path


class Worker(threading.Thread):
    """One thread at work, and its own account of what was done."""

    def __init__(self, number: int, seed: int, ends: float, folder: Path) -> None:
        super().__init__(name=f"worker {number}")
        self.number = number
        self.client = MLClient(FakeCredential(), "sub", "rg", "ws", show_progress=False)
        self.random = random.Random(f"{seed}/{number}")  # noqa: S311 -- nothing secret
        self.ends = ends
        self.folder = folder
        self.counted: Counter[str] = Counter()
        self.versions: dict[tuple[str, str, str], str] = {}
        """What was accepted by kind, name and version, and where it is."""
        self.archived: set[tuple[str, str, str]] = set()
        self.jobs: dict[str, str] = {}
        """The commands of the jobs that are there."""
        self.ran: set[str] = set()
        """All jobs that were accepted, those that were deleted since among them."""
        self.trained: set[str] = set()
        """The jobs that register a model."""
        self.computes: set[str] = set()
        self.tags: dict[str, str] = {}
        self.problems: list[str] = []

    def run(self) -> None:
        """Work until the time is over; whatever is not expected ends it."""
        actions = (
            *(self.register,) * 6,
            *(self.submit,) * 3,
            *(self.tag,) * 2,
            *(self.look,) * 2,
            self.race,
            self.scale,
            self.delete,
            self.archive,
        )
        try:
            while time.monotonic() < self.ends:
                self.random.choice(actions)()
        except Exception:  # noqa: BLE001 -- told in the end, with the other problems
            self.problems.append(f"{self.name}: {traceback.format_exc()}")

    def new(self, noun: str) -> str:
        """A name that nobody else uses."""
        self.counted[noun] += 1
        return f"{noun}-{self.number}-{self.counted[noun]}"

    def register(self) -> None:
        """Register the next version of an asset; the version may be somebody else's meanwhile, then the one after it."""
        plural = self.random.choice(ASSETS)
        name, place = f"{plural}-{self.random.randrange(SHARED)}", self.new("place")
        asset: Any
        if plural == "environments":
            asset = Environment(name=name, image=place)
        else:
            made = Model if plural == "models" else Data
            type_ = "custom_model" if plural == "models" else "uri_file"
            asset = made(name=name, path=self.upload(place) or f"{STORE}/{place}", type=type_)
        while True:
            asset.version = None
            asset._auto_increment_version = True  # noqa: SLF001 -- as it was when it was made
            try:
                done = getattr(self.client, plural).create_or_update(asset)
            except HttpResponseError as error:
                if error.status_code != CONFLICT:
                    raise
                self.counted["conflicts"] += 1
                continue
            key = (plural, name, str(done.version))
            if key in self.versions:
                self.problems.append(f"{self.name}: {key} was accepted twice")
            self.versions[key] = place_of(done)
            self.counted[plural] += 1
            return

    def upload(self, name: str) -> str | None:
        """A local file for every fourth asset, which the client uploads first."""
        if self.random.randrange(4):
            return None
        path = self.folder / name
        path.write_text(name, encoding="utf-8")
        return str(path)

    def submit(self) -> None:
        """Submit a job; every second one registers a model."""
        name, trains = self.new("job"), self.random.random() < 0.5
        outputs = {"model": Output(type="custom_model", name=TRAINED)} if trains else {}
        self.accept(name, f"train {name}", outputs)
        if trains:
            self.trained.add(name)

    def accept(self, name: str, text: str, outputs: Mapping[str, Output]) -> None:
        """Submit one job and write it down."""
        self.client.jobs.create_or_update(
            command(
                name=name,
                command=f"{text} ${{{{inputs.x}}}}",
                environment="AzureML-sklearn-1.5@latest",
                compute="cpu-cluster",
                experiment_name="soak",
                inputs={"x": Input(type="uri_file", path=f"{STORE}/x")},
                outputs=dict(outputs),
            ),
        )
        self.jobs[name] = text
        self.ran.add(name)
        self.counted["jobs"] += 1

    def race(self) -> None:
        """Submit a job under a name that the others want too: one of them has it."""
        name = f"race-{int(time.monotonic() * 20)}"
        if name in self.ran:
            return
        try:
            self.accept(name, f"race of {self.number}", {})
        except HttpResponseError as error:
            if error.status_code != CONFLICT:
                raise
            self.counted["conflicts"] += 1

    def tag(self) -> None:
        """Add a tag to the job that all add tags to."""
        name = self.new("tag")
        self.client.jobs.update(WATCHED, tags={name: str(self.number)})
        self.tags[name] = str(self.number)
        self.counted["tags"] += 1

    def scale(self) -> None:
        """Make a compute, and delete every second one again."""
        name = f"{self.new('cluster')}-x"  # no name of a compute ends in a number
        self.client.compute.begin_create_or_update(AmlCompute(name=name, size="STANDARD_DS3_V2")).result()
        self.counted["computes"] += 1
        if self.random.random() < 0.5:
            self.client.compute.begin_delete(name).result()
            self.counted["deletes"] += 1
        else:
            self.computes.add(name)

    def delete(self) -> None:
        """Delete one of the jobs that this thread submitted alone."""
        own = sorted(name for name in self.jobs if name.startswith("job-"))
        if own:
            name = self.random.choice(own)
            # What a job registers when it ends is not in question here.
            if name in self.trained and self.client.jobs.get(name).status != "Completed":
                return
            self.client.jobs.begin_delete(name).result()
            del self.jobs[name]
            self.counted["deletes"] += 1

    def archive(self) -> None:
        """Archive one of the versions that this thread registered."""
        left = sorted(set(self.versions) - self.archived)
        if left:
            plural, name, version = self.random.choice(left)
            getattr(self.client, plural).archive(name, version=version)
            self.archived.add((plural, name, version))
            self.counted["archived"] += 1

    def look(self) -> None:
        """Read back what this thread did last, and look through the beginning of a list, where nothing is twice."""
        if self.versions:
            (plural, name, version), place = next(reversed(self.versions.items()))
            found = getattr(self.client, plural).get(name, version=version)
            if place_of(found) != place:
                self.problems.append(f"{self.name}: {plural} {name}:{version} is at {place_of(found)}, not at {place}")
            listed = [
                one.version for one, _ in zip(getattr(self.client, plural).list(name), range(SIGHT), strict=False)
            ]
            if len(set(listed)) != len(listed):
                self.problems.append(f"{self.name}: {plural} {name} lists versions twice: {listed}")
        if self.jobs:
            name = next(reversed(self.jobs))
            if self.client.jobs.get(name).name != name:
                self.problems.append(f"{self.name}: the job {name} is another one")
        self.counted["looks"] += 1


class Account:
    """What all threads together were told was done, held against what is there."""

    def __init__(self, backend: MemoryBackend, workers: list[Worker], runs: list[str]) -> None:
        self.client = MLClient(FakeCredential(), "sub", "rg", "ws")
        self.backend = backend
        self.workers = workers
        self.runs = runs
        self.problems = [problem for worker in workers for problem in worker.problems]

    def same(self, what: str, found: Any, expected: Any) -> None:
        """Write down what is missing or too much."""
        if found != expected:
            lost = sorted(set(expected) - set(found), key=str)[:5]
            extra = sorted(set(found) - set(expected), key=str)[:5]
            self.problems.append(f"{what}: {len(found)} there, {len(expected)} accepted; lost {lost}, extra {extra}")

    def check(self) -> None:
        """Hold everything against everything."""
        self.check_jobs()
        self.check_assets()
        self.check_computes()

    def check_jobs(self) -> None:
        """Jobs were run once, and are there once unless they were deleted; no tag is lost."""
        accepted = Counter(name for worker in self.workers for name in worker.ran)
        self.same("jobs accepted twice", [name for name, count in accepted.items() if count > 1], [])
        self.same("jobs that were run", Counter(self.runs), accepted + Counter([WATCHED]))
        jobs = {name: text for worker in self.workers for name, text in worker.jobs.items()}
        listed = list(self.client.jobs.list(list_view_type=ListViewType.ALL))
        self.same("jobs", sorted(job.name for job in listed), sorted([*jobs, WATCHED]))
        for job in listed:
            read = self.client.jobs.get(job.name)
            if (read.status, read.id, read.command, dict(read.tags)) != (
                "Completed",
                job.id,
                job.command,
                dict(job.tags),
            ):
                self.problems.append(f"the job {job.name} is {read.status} or listed otherwise than it is read")
            if job.name != WATCHED and not str(read.command).startswith(f"{jobs.get(job.name)} "):
                self.problems.append(f"the job {job.name} is not the one that was accepted: {read.command}")
        tags = {name: value for worker in self.workers for name, value in worker.tags.items()}
        self.same("tags", dict(self.client.jobs.get(WATCHED).tags), tags)

    def check_assets(self) -> None:
        """Versions have been accepted once each, count up without a gap, and are where they were put."""
        self.same("assets accepted twice", [key for key, count in self.accepted.items() if count > 1], [])
        expected = {key: place for worker in self.workers for key, place in worker.versions.items()}
        archived = set().union(*(worker.archived for worker in self.workers))
        for plural in ASSETS:
            group = getattr(self.client, plural)
            names = {name for kind, name, _ in expected if kind == plural}
            if plural == "models" and any(worker.trained for worker in self.workers):
                names.add(TRAINED)
            listed = [one.name for one in group.list() if not one.name.startswith("AzureML-")]
            self.same(plural, sorted(listed), sorted(names))
            for name in sorted(names - {TRAINED}):
                self.check_versions(plural, name, expected, archived)
        trained = [one.job_name for one in self.client.models.list(TRAINED)] if self.trained else []
        self.same("models of jobs", sorted(trained), sorted(self.trained))
        if self.trained:
            versions = [int(one.version) for one in self.client.models.list(TRAINED)]
            self.same("versions of the model of jobs", sorted(versions), list(range(1, len(self.trained) + 1)))

    def check_versions(
        self, plural: str, name: str, expected: Mapping[tuple[str, str, str], str], archived: set[tuple[str, str, str]]
    ) -> None:
        """The versions of one asset: all of them, the archived ones, and each by itself."""
        group = getattr(self.client, plural)
        versions = sorted(int(version) for kind, each, version in expected if (kind, each) == (plural, name))
        self.same(f"{name}: gaps", versions, list(range(1, len(versions) + 1)))
        hidden = sorted(int(version) for kind, each, version in archived if (kind, each) == (plural, name))
        for view, wanted in (
            (ListViewType.ALL, versions),
            (ListViewType.ARCHIVED_ONLY, hidden),
            (ListViewType.ACTIVE_ONLY, sorted(set(versions) - set(hidden))),
        ):
            listed = list(group.list(name, list_view_type=view))
            self.same(f"{name}: {view}", sorted(int(one.version) for one in listed), wanted)
            if view == ListViewType.ALL:
                for one in listed:
                    read, place = group.get(name, version=one.version), expected.get((plural, name, one.version))
                    if not place_of(read) == place_of(one) == place:
                        self.problems.append(f"{name}:{one.version} is at {place_of(read)}, not at {place}")

    def check_computes(self) -> None:
        """Computes that were not deleted are there once."""
        computes = [name for worker in self.workers for name in worker.computes]
        listed = [one.name for one in self.client.compute.list()]
        self.same("computes", sorted(listed), sorted([*computes, "cpu-cluster"]))
        for name in computes:
            if self.client.compute.get(name).provisioning_state != "Succeeded":
                self.problems.append(f"the compute {name} is not done")

    @property
    def accepted(self) -> Counter[tuple[str, str, str]]:
        """How often each version of an asset was accepted."""
        return Counter(key for worker in self.workers for key in worker.versions)

    @property
    def trained(self) -> set[str]:
        """The jobs that registered a model."""
        return set().union(*(worker.trained for worker in self.workers))


@contextmanager
def busy_switching() -> Generator[None, None, None]:
    """Let Python change between threads often, so that they come into each other's way more."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def soak(seconds: float, threads: int = 8, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """Let threads work for some seconds; gives how much was done, and what is wrong with what is there."""
    # Operations take a moment, so that others come in between; pages are small, so that lists are read in many requests.
    backend = MemoryBackend(long_running="async", operation_seconds=0.005, page_size=25)
    backend.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
    runs: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        runs.append(job["name"])
        return JobOutcome(log=job["name"])

    backend.run_jobs_with(run)
    with azure_ml(backend), tempfile.TemporaryDirectory() as folder, busy_switching():
        watched = command(
            name=WATCHED, command="watch", environment="AzureML-sklearn-1.5@latest", experiment_name="soak"
        )
        MLClient(FakeCredential(), "sub", "rg", "ws").jobs.create_or_update(watched)
        ends = time.monotonic() + seconds
        workers = [Worker(number, seed, ends, Path(folder)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        time.sleep(0.1)  # the last jobs end
        account = Account(backend, workers, runs)
        account.check()
    counted = sum((worker.counted for worker in workers), Counter[str]())
    return counted, account.problems


TOLD = ("models", "data", "environments", "jobs", "computes", "tags", "archived", "deletes", "looks", "conflicts")


def main() -> int:
    """Work as long as the command line says, and print what came of it."""
    parser = argparse.ArgumentParser(
        prog="soak", description="Several threads of the official client on one workspace."
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counted, problems = soak(options.seconds, options.threads, options.seed)
    told = ", ".join(f"{counted[what]:,} {what}" for what in TOLD)
    print(f"{options.threads} threads for {options.seconds:g} s: {told}; {len(problems)} lost, doubled or wrong")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
