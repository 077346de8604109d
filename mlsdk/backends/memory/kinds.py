"""A kind of resource as one record: everything the generic engine has to know about it.

Adding a kind is adding a row of this record to a table; only real peculiarities are functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from mlsdk.backends import Reply
from mlsdk.backends.memory.bodies import tree
from mlsdk.backends.memory.calls import Call
from mlsdk.backends.memory.longrunning import Operation
from mlsdk.backends.memory.state import Resource, State
from mlsdk.backends.memory.versions import VERSIONS

Body = dict[str, Any]
"""A body on its way, to be changed freely."""
Stored = Mapping[str, Any]
"""A body that is stored, to be read only."""

ML = "Microsoft.MachineLearningServices"


# Neither compared nor shown: to compile what does that is most of the time that importing such a class takes.
@attrs.frozen(eq=False, repr=False)
class NameRule:
    """Which names a kind of resource may have, and the words an error uses for it."""

    pattern: re.Pattern[str]
    says: str


def name_rule(pattern: str, says: str) -> NameRule:
    """A rule from a regular expression that has to match the whole name; a word character in it is one of ASCII."""
    return NameRule(re.compile(pattern, re.ASCII), says)


ANY_NAME = name_rule(r"[^<>%&\\?/]{1,260}", "1 to 260 characters, none of < > % & \\ ? /")


@attrs.frozen(eq=False, repr=False)
class Statuses:
    """The statuses a kind answers with; real clients raise on any other (`wire.md` §3)."""

    created: int = 201
    updated: int = 200
    pending: int = 201
    patched: int = 200
    patch_pending: int = 202
    deleted: int = 200


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Kind:
    """One type of resource: where it lives, what it accepts, what the service adds, what it can do."""

    type: str
    """As resource ids write it, `Microsoft.MachineLearningServices/workspaces/computes`; echoed in bodies."""
    below: str = ""
    """The type of what stands above it, `""` for the root."""
    segment: str
    """Its part of the path: the last word of the type, or `providers/{namespace}/{word}` at a provider's border."""
    noun: str
    """What messages call one: `Compute`."""
    names: NameRule = ANY_NAME
    methods: frozenset[str] = frozenset({"GET", "HEAD", "PUT", "DELETE"})
    lists: bool = True
    """Whether the collection itself answers GET."""

    front: str = "arm"
    """Who words its errors: `arm` (Azure Resource Manager) or `ml` (Azure Machine Learning's front end)."""
    api_versions: frozenset[str] | None = None
    """The api-versions it knows; None accepts every well-formed one."""
    located: bool = False
    """Whether a body has to carry `location`."""
    provisions: bool = False
    """Whether bodies show `properties.provisioningState`."""
    stamped: bool = True
    """Whether bodies show `systemData`."""
    long_running: Mapping[str, float] = attrs.field(factory=dict)
    """How many seconds a long-running method takes on a clock moved by hand, by method; others are never long."""
    statuses: Statuses = Statuses()
    deleting: str = "Deleting"

    required: tuple[str, ...] = ()
    """Dotted paths a PUT has to carry."""
    types: Mapping[str, str] = attrs.field(factory=dict)
    """What stands at a dotted path when anything does: `text`, `boolean`, `number`, `list` or `object`."""
    words: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """Closed lists of words by dotted path; compared without case."""
    immutable: tuple[str, ...] = ()
    """Dotted paths that cannot change once set."""
    defaults: Mapping[str, Any] = attrs.field(factory=dict)
    """What the service fills in by dotted path, JSON scalars, `{}` or `[]`."""
    secrets: tuple[str, ...] = ()
    """Dotted paths kept in `Resource.data["secrets"]`, never shown by a read."""

    newest_first: bool = False
    """The order of lists: newest first, else oldest first."""
    needs_storage: bool = False
    """Whether it is unusable when the storage account of its workspace is gone."""
    passing: bool = False
    """A segment any name fits, nothing is stored: `locations/{location}`."""

    missing: Callable[[Call, Resource, Kind, str], Resource | None] | None = None
    """Asked when something below a resource that does not exist is wanted: gives one to stand in, or None."""
    enter: Callable[[Call, Resource, Kind], None] | None = None
    """Called before anything below a resource is touched; raises when it cannot be."""
    seed: Callable[[State, Resource, Kind, float], None] | None = None
    """Fills the collection of this kind when it is first touched."""
    identify: Callable[[Resource, str], str] | None = None
    """The id of a new resource from its parent and name, where it is not the path."""
    guard: Callable[[Call, Resource], None] | None = None
    """Called with an existing resource before a read or a write of itself; raises when it is hidden."""
    prepare: Callable[[Call, Body, Resource | None], None] | None = None
    """Checks and completes the body of a PUT in place; the existing resource, or None."""
    amend: Callable[[Call, Body, Body], Body] | None = None
    """Makes the body after a PATCH from (changes, stored body); without it changes are merged in."""
    accepted: Callable[[Call, Resource, Body, bool], None] | None = None
    """Called when a PUT or PATCH is stored (the body may still be changed); True when the resource is new."""
    finished: Callable[[State, Resource, Operation], None] | None = None
    """Called when a long-running operation on a resource has ended well."""
    remove: Callable[[Call, Resource], None] | None = None
    """Called before a DELETE; raises to refuse."""
    hide: Callable[[State, Resource, float], bool] | None = None
    """Called when a deletion is done; True when the resource was only hidden (soft delete)."""
    removed: Callable[[State, Resource], None] | None = None
    """Called for a resource that has gone, also when it went with something above it."""
    show: Callable[[State, Resource, Body], None] | None = None
    """Completes a body on its way out."""
    list_filter: Callable[[Call], Callable[[Resource], bool] | None] | None = None
    """Which resources a list shows, from the query parameters."""
    lister: Callable[[Call, Resource], Reply] | None = None
    """Answers GET of the collection in a way of its own."""
    answers: Mapping[str, Callable[[Call, Resource, str], Reply]] = attrs.field(factory=dict)
    """Answers a method on a name in a way of its own, by method (labels, operations, references to uploads)."""
    actions: Mapping[str, Callable[[Call, Resource], Reply]] = attrs.field(factory=dict)
    """What can be asked of one resource beside the verbs: `"POST listkeys"`, in lower case."""

    default_tree: Body = attrs.field(init=False, factory=dict, repr=False)
    """`defaults` as one nested object."""
    key: str = attrs.field(init=False, default="")
    """The type in lower case."""
    path_key: str = attrs.field(init=False, default="")
    """The segment in lower case, the provider's namespace included, `providers` left out."""
    children: dict[str, Kind] = attrs.field(init=False, factory=dict, repr=False)
    """The kinds that may stand below it, by `path_key`; filled when the table is put together."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "default_tree", tree(self.defaults))
        object.__setattr__(self, "key", self.type.lower())
        object.__setattr__(self, "path_key", self.segment.removeprefix("providers/").lower())

    def __reduce__(self) -> Any:
        return (_kind_of, (self.key,))

    def new_id(self, parent: Resource, name: str) -> str:
        """The id of a resource of this kind below `parent`."""
        return self.identify(parent, name) if self.identify else f"{parent.id}/{self.segment}/{name}"


def in_workspace(segment: str, noun: str, **peculiar: Any) -> Kind:
    """A row for what stands right below a workspace, in its storage too, and is answered for by Azure Machine Learning."""
    home = f"{ML}/workspaces"
    return Kind(
        type=f"{home}/{segment}",
        below=home,
        segment=segment,
        noun=noun,
        front="ml",
        api_versions=VERSIONS,
        needs_storage=True,
        **peculiar,
    )


def _kind_of(key: str) -> Kind:
    """Where a snapshot finds the kind of a resource again."""
    from mlsdk.backends.memory.table import KINDS

    return KINDS[key]
