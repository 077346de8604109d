"""What the backend remembers: resources in a tree, each collection in order of creation.

Looking up, adding, removing and paging cost the same whether ten resources are stored or a hundred thousand.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.blobs import Accounts
from mlsdk.backends.memory.bodies import twin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsdk.backends.memory.kinds import Kind
    from mlsdk.backends.memory.longrunning import Operation

NOTHING: Mapping[str, Any] = {}


class Resource:
    """One stored resource: its body, what stands below it, and what the service knows but does not show."""

    __slots__ = (
        "archived",
        "children",
        "created",
        "data",
        "id",
        "kind",
        "listed",
        "name",
        "number",
        "parent",
        "pending",
        "revision",
        "stored",
    )

    def __init__(self, kind: Kind, parent: Resource | None, name: str, resource_id: str) -> None:
        self.kind = kind
        self.parent = parent
        self.name = name
        """As it was written when the resource was made."""
        self.id = resource_id
        self.stored: Mapping[str, Any] = NOTHING
        """The body. It is replaced as a whole and never changed in place, so that whoever reads it needs no copy."""
        self.number = 0
        """Counts up with every resource a state takes in: the order of creation. 0 while it is not stored."""
        self.revision = 0
        """Counts up with every write; the etag."""
        self.created = 0.0
        self.archived = False
        self.listed = True
        """False keeps it out of lists: anonymous assets."""
        self.pending: str | None = None
        """The provisioning state while a long-running operation is at work, for example `Creating`."""
        self.children: dict[str, Collection] | None = None
        self.data: dict[str, Any] | None = None
        """What is not shown: secrets, counters, states that the clock moves."""

    def __reduce__(self) -> Any:
        slots = {name: getattr(self, name) for name in self.__slots__ if name not in ("kind", "name", "id")}
        return (Resource, (self.kind, None, self.name, self.id), (None, slots))

    @property
    def body(self) -> dict[str, Any]:
        """A fresh copy of the stored body."""
        return twin(self.stored)

    @property
    def known(self) -> dict[str, Any]:
        """What the service keeps to itself about this resource, to read and to change."""
        if self.data is None:
            self.data = {}
        return self.data

    def collection(self, kind: Kind) -> Collection:
        """The resources of `kind` below this one, made when first asked for."""
        if self.children is None:
            self.children = {}
        found = self.children.get(kind.key)
        if found is None:
            found = self.children[kind.key] = Collection(kind, self)
        return found

    def existing(self, kind: Kind) -> Collection | None:
        """The resources of `kind` below this one; None when there never were any."""
        return self.children.get(kind.key) if self.children is not None else None

    def above(self, kind_type: str) -> Resource | None:
        """The nearest resource of a type (in lower case) from this one upwards, this one included."""
        resource: Resource | None = self
        while resource is not None and resource.kind.key != kind_type:
            resource = resource.parent
        return resource

    def descendants(self) -> Iterator[Resource]:
        """Everything below this resource, parents before children."""
        for collection in (self.children or {}).values():
            for resource in collection.items.values():
                yield resource
                yield from resource.descendants()


class Collection:
    """The resources of one kind below one parent, in order of creation."""

    __slots__ = ("dead", "graves", "index", "items", "kind", "numbers", "order", "parent")

    def __init__(self, kind: Kind, parent: Resource) -> None:
        self.kind = kind
        self.parent = parent
        self.items: dict[str, Resource] = {}
        """By name in lower case."""
        self.order: list[Resource | None] = []
        """The listed ones by `number`; None where one was removed."""
        self.numbers: list[int] = []
        self.dead = 0
        self.index: dict[str, list[Resource]] | None = None
        """A second way to find resources, where a kind has one: code snapshots by their content hash."""
        self.graves: dict[str, float] | None = None
        """When a name was deleted, where deleted names may never come back."""

    def find(self, name: str) -> Resource | None:
        """The resource of that name, compared without case."""
        return self.items.get(name) or self.items.get(name.lower())

    def add(self, resource: Resource, number: int) -> None:
        """Take a resource in, as the newest one."""
        resource.number = number
        self.items[resource.name.lower()] = resource
        if resource.listed:
            self.order.append(resource)
            self.numbers.append(number)

    def list_anew(self, resource: Resource, number: int) -> None:
        """Bring a resource that was hidden into lists, as the newest one."""
        resource.listed = True
        resource.number = number
        self.order.append(resource)
        self.numbers.append(number)

    def remove(self, resource: Resource) -> None:
        """Forget a resource and everything below it."""
        del self.items[resource.name.lower()]
        if not resource.listed:
            return
        self.order[bisect_left(self.numbers, resource.number)] = None
        self.dead += 1
        if self.dead > 32 and self.dead * 2 > len(self.order):
            self.order = [kept for kept in self.order if kept is not None]
            self.numbers = [kept.number for kept in self.order if kept is not None]
            self.dead = 0

    def walk(self, after: int | None, *, newest_first: bool) -> Iterator[Resource]:
        """The listed resources that come after the one numbered `after`; right whatever was added or removed since."""
        if newest_first:
            end = len(self.order) if after is None else bisect_left(self.numbers, after)
            found: Iterator[Resource | None] = (self.order[position] for position in range(end - 1, -1, -1))
        else:
            begin = 0 if after is None else bisect_right(self.numbers, after)
            found = itertools.islice(self.order, begin, None)
        return (resource for resource in found if resource is not None)

    def newest(self, *, archived_too: bool) -> Resource | None:
        """The most recently created listed resource; of those that are not archived unless `archived_too`."""
        for resource in reversed(self.order):
            if resource is not None and (archived_too or not resource.archived):
                return resource
        return None


class State:
    """Everything one memory backend remembers; what a snapshot holds."""

    def __init__(self, root: Kind) -> None:
        self.root = Resource(root, None, "", "")
        self.accounts = Accounts()
        self.operations: dict[str, Operation] = {}
        """Those that are at work, by id."""
        self.ended: dict[str, Operation] = {}
        """The latest of those that have ended, oldest first."""
        self.due: list[tuple[float, int, str]] = []
        """A heap of the running operations: when each ends, a tie-breaker, its id."""
        self.waiting: dict[str, Resource] = {}
        """Jobs by id of which nobody has said yet what becomes of them."""
        self.gone: list[str] = []
        """The ids of jobs that really run and were removed just now."""
        self.registries: dict[str, Resource] = {}
        """Registries by name in lower case: their names are unique in all of Azure."""
        self.counter = 0

    def next(self) -> int:
        """The next number of this state."""
        self.counter += 1
        return self.counter

    def store(self, collection: Collection, resource: Resource, body: dict[str, Any], now: float) -> None:
        """Add a new resource with its body."""
        resource.created = now
        collection.add(resource, self.next())
        self.rewrite(resource, body)

    def rewrite(self, resource: Resource, body: dict[str, Any]) -> None:
        """Replace the stored body of a resource; `body` belongs to the state from now on."""
        resource.stored = body
        resource.revision = self.next()
