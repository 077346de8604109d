"""Backends by name: those that are built in, and those that other packages add by an entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsdk.backends import Backend

ENTRY_POINTS = "mlsdk.backends"
"""The group in which a package names its own: `sqlite = "package.module:make"`, called with the name and the credential."""


def by_name(name: str, credential: Any = None) -> Backend:
    """The backend that `name` stands for: `memory`, or the part before `:` of a name that a package added.

    ValidationException lists what there is.
    """
    scheme = name.partition(":")[0].lower()
    if name == "memory":
        from mlsdk.backends.memory import memory_backend

        return memory_backend()
    from importlib.metadata import entry_points

    added = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
    if scheme in added:
        return added[scheme].load()(name, credential)  # type: ignore[no-any-return]
    from mlsdk.exceptions import ValidationException

    known = ", ".join(["'memory'", *(repr(entry) for entry in sorted(added))])
    message = (
        f"no backend {name!r} in this version; there is {known}. Give MLClient(…, backend='memory') or set "
        "MLSDK_BACKEND=memory"
    )
    raise ValidationException(message)
