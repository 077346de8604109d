"""Which assets a list shows: active or archived ones, of a stage, with tags, with properties; whatever else is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig
from mlsdk.backends.memory.errors import not_emulated, user_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource

VIEWS = {"activeonly": False, "archivedonly": True, "all": None}
PAGING = frozenset({"api-version", "$orderby", "$top", "$skip", "$skiptoken", "count", "pagesize", "listviewtype"})
"""What every list of assets can be asked, in lower case."""


def archived_wanted(call: Call) -> bool | None:
    """Whether a list is of what is archived, of what is not, or of all (None); ServiceError (400) for another word."""
    view = call.param("listViewType") or "ActiveOnly"
    # For registries the official client writes the name of its enumeration: `ListViewType.ACTIVE_ONLY`.
    word = view.rpartition(".")[2].replace("_", "").lower()
    if word not in VIEWS:
        message = (
            f"The value provided is not a valid enum value. Field: listViewType, '{view}'. "
            "Allowed values: ActiveOnly,ArchivedOnly,All."
        )
        raise user_error(400, message)
    return VIEWS[word]


def _at_stage(version: Resource, wanted: str) -> bool:
    return str(dig(version.stored, "properties.stage")).lower() == wanted.lower()


def _of_version(version: Resource, wanted: str) -> bool:
    return version.name.lower() == wanted.lower()


def carries(version: Resource, field: str, wanted: str) -> bool:
    """Whether a map of texts has all that is wanted: `name` or `name=value`, separated by commas."""
    held: dict[str, Any] = dig(version.stored, f"properties.{field}") or {}
    for pair in wanted.split(","):
        name, equals, value = pair.strip().partition("=")
        if name not in held or (equals and held[name] != value):
            return False
    return True


def _has_tags(version: Resource, wanted: str) -> bool:
    return carries(version, "tags", wanted)


def _has_properties(version: Resource, wanted: str) -> bool:
    return carries(version, "properties", wanted)


OF_VERSIONS: dict[str, Callable[[Resource, str], bool]] = {
    "stage": _at_stage,
    "version": _of_version,
    "tags": _has_tags,
    "$tags": _has_tags,
    "properties": _has_properties,
}
"""What lists of versions can be narrowed by, in lower case."""


def of_containers(call: Call) -> Callable[[Resource], bool] | None:
    """Which containers a list shows."""
    return _shown(call, {})


def of_versions(call: Call) -> Callable[[Resource], bool] | None:
    """Which versions a list shows."""
    return _shown(call, OF_VERSIONS)


def _shown(call: Call, known: dict[str, Callable[[Resource, str], bool]]) -> Callable[[Resource], bool] | None:
    """What holds of everything that a list shows; ServiceError (400) for an option that would not be heeded."""
    tests: list[tuple[Callable[[Resource, str], bool], str]] = []
    for name, value in call.params.items():
        narrows = known.get(name.lower())
        if narrows is not None:
            tests.append((narrows, str(value)))
        elif name.lower() not in PAGING:
            raise not_emulated(400, f"the query option '{name}={value}' in a list of '{call.kind.type}'")
    archived = archived_wanted(call)
    if archived is None and not tests:
        return None
    return lambda resource: (
        archived in (None, resource.archived) and all(narrows(resource, value) for narrows, value in tests)
    )
