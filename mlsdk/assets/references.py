"""Paths and references: what is on this machine, what is elsewhere, and what a text names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.assets.session import Session

A = TypeVar("A")


def is_remote(path: Any) -> bool:
    """Whether a path is an address rather than a place on this machine: a URL, or a run's `runs:/…`."""
    parts = urlsplit(str(path))
    return bool(parts.scheme and parts.netloc) or parts.scheme in ("runs", "azureml")


def local_path(path: Any, base: str) -> Path:
    """A path on this machine, relative ones from `base`; ValidationException when nothing is there."""
    found = Path(os.path.normpath(Path(base, Path(path).expanduser())))
    if not found.exists():
        message = f"no such file or folder: {found}"
        raise wrong(message)
    return found


def prefixed(resource_id: str) -> str:
    """An id with `azureml:` before it, as fields take it."""
    return resource_id if resource_id.startswith("azureml:") else f"azureml:{resource_id}"


def parse_reference(text: str) -> tuple[str, str | None, str | None]:
    """Name, version and label in `azureml:name:1`, `name:1`, `azureml:name@latest` or `name`.

    ValidationException when it is none of these.
    """
    plain = text.removeprefix("azureml:")
    found = re.fullmatch(r"(?P<name>[^:@/]+)(?::(?P<version>[^:@/]+)|@(?P<label>[^:@/]+))?", plain)
    if found is None:
        message = f"{text!r} is no reference; expected azureml:<name>:<version>, azureml:<name>@<label> or an id"
        raise wrong(message)
    return found["name"], found["version"], found["label"]


def versioned(asset: A, session: Session) -> A:
    """The asset; in a registry, ValidationException when it has no version, which the service wants there."""
    if session.in_registry and getattr(asset, "version", None) in (None, ""):
        message = f"{type(asset).__name__} {getattr(asset, 'name', None)!r} needs a version in a registry"
        raise wrong(message)
    return asset
