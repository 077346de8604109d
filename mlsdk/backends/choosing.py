"""Backends by name: those that are built in, and those that other packages add by an entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsdk.backends import Backend

ENTRY_POINTS = "mlsdk.backends"
"""The group in which a package names its own: `sqlite = "package.module:make"`, called with the name and the credential."""


def by_name(name: str, credential: Any = None, **options: Any) -> Backend:
    """The backend that `name` stands for: `azure`, `memory`, `local`, or the part before `:` of a name that a package added.

    `options` are those of `AzureBackend`; the others have no use for them. ValidationException lists what there is.
    """
    if name == "azure":
        from mlsdk.backends.azure import AzureBackend

        return AzureBackend(credential, **options)
    if name == "memory":
        from mlsdk.backends.memory import memory_backend

        return memory_backend()
    if name == "local":
        from mlsdk.backends.memory import local_backend

        return local_backend()
    from importlib.metadata import entry_points

    scheme = name.partition(":")[0].lower()
    added = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
    if scheme in added:
        return added[scheme].load()(name, credential)  # type: ignore[no-any-return]
    from mlsdk.exceptions import ValidationException

    known = ", ".join(["'azure'", "'memory'", "'local'", *(repr(entry) for entry in sorted(added))])
    message = f"no backend {name!r}; there is {known}. Give MLClient(…, backend='azure'), or set MLSDK_BACKEND"
    raise ValidationException(message)
