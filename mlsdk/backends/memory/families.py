"""Jobs that other jobs are made of: the steps of a pipeline, the trials of a sweep; which of them may begin and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.kinds import Body
from mlsdk.backends.memory.state import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsdk.backends.memory.state import State

ENDED = ("Completed", "Failed", "Canceled")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Child:
    """A job that another one is going to have: its name, its body, after which others it begins."""

    name: str
    properties: Body
    needs: tuple[str, ...] = ()
    """The names of the children that have to be completed before."""
    history: Mapping[str, Any] = attrs.field(factory=dict)
    """What run history alone says of it."""
    metric: str | None = None
    """What a trial is measured by."""


# Neither compared nor shown, and part of a snapshot.
@attrs.define(eq=False, repr=False)
class Family:
    """The children of a job, in the order in which they may begin."""

    stops: bool = True
    """Whether no other child begins, and those at work are stopped, once one has failed."""
    limit: int = 0
    """How many may be at work at the same time; 0 for any number."""
    needs: dict[str, set[str]] = attrs.field(factory=dict)
    """What each child that has not begun is still waiting for."""
    followers: dict[str, list[str]] = attrs.field(factory=dict)
    ready: list[str] = attrs.field(factory=list)
    """Those that wait for nothing, and have not begun."""
    working: set[str] = attrs.field(factory=set)
    failed: list[str] = attrs.field(factory=list)
    names: list[str] = attrs.field(factory=list)
    """All of them, in the order in which they were made."""

    def add(self, child: Child) -> None:
        """Take a child in."""
        self.names.append(child.name)
        if not child.needs:
            self.ready.append(child.name)
            return
        self.needs[child.name] = set(child.needs)
        for needed in child.needs:
            self.followers.setdefault(needed, []).append(child.name)

    def take(self) -> Iterator[str]:
        """Those that begin now."""
        while self.ready and (not self.limit or len(self.working) < self.limit):
            name = self.ready.pop(0)
            self.working.add(name)
            yield name

    def over(self, name: str, status: str) -> None:
        """Note how a child has ended; what waits for one that has not completed never begins."""
        self.working.discard(name)
        if status != "Completed":
            self.failed.append(name)
            if self.stops:
                self.ready.clear()
            return
        for follower in self.followers.get(name, ()):
            waits = self.needs.get(follower, set())
            waits.discard(name)
            if not waits and follower in self.needs:
                del self.needs[follower]
                if not (self.failed and self.stops):
                    self.ready.append(follower)


def family(job: Resource) -> Family | None:
    """The children of a job; None where it has none."""
    found: Family | None = (job.data or {}).get("family")
    return found


def find(job: Resource, name: str | None) -> Resource | None:
    """A job of the same workspace."""
    jobs = job.parent.existing(job.kind) if job.parent is not None else None
    return jobs.find(name) if jobs is not None and name is not None else None


def children(job: Resource) -> list[Resource]:
    """The children of a job that are there, oldest first."""
    mine = family(job)
    found = (find(job, name) for name in (mine.names if mine is not None else ()))
    return [child for child in found if child is not None]


def root(job: Resource) -> Resource:
    """The job that was submitted, of which this one is a part or which it is itself."""
    above = find(job, job.known.get("above"))
    return job if above is None else root(above)


def below(job: Resource) -> Iterator[Resource]:
    """Every job that a job is made of, at all depths."""
    for child in children(job):
        yield child
        yield from below(child)


def make(state: State, job: Resource, child: Child, user: str, now: float) -> Resource:
    """Store a child of a job; one that is there already, from before a snapshot was restored, is made anew."""
    workspace = job.parent or job
    collection = workspace.collection(job.kind)
    old = collection.find(child.name)
    if old is not None:
        remove_all(old)
        collection.remove(old)
    made = Resource(job.kind, workspace, child.name, job.kind.new_id(workspace, child.name))
    made.listed = False
    made.known.update(above=job.name, history=dict(child.history), metric=child.metric)
    at = stamp(now)
    body: Body = {"id": made.id, "name": made.name, "type": job.kind.type, "properties": child.properties}
    body["systemData"] = {
        "createdAt": at,
        "createdBy": user,
        "createdByType": "User",
        "lastModifiedAt": at,
        "lastModifiedBy": user,
        "lastModifiedByType": "User",
    }
    state.store(collection, made, body, now)
    mine = family(job)
    if mine is not None:
        mine.add(child)
    return made


def remove_all(job: Resource) -> None:
    """Forget every job that a job is made of."""
    collection = job.parent.existing(job.kind) if job.parent is not None else None
    gone: Iterable[Resource] = list(below(job))
    for child in gone:
        if collection is not None and collection.find(child.name) is child:
            collection.remove(child)
