"""`config.json`: the file that names a workspace for the notebooks and scripts around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from mlsdk.exceptions import ValidationException
from mlsdk.ids import names

if TYPE_CHECKING:
    import os

FOLDERS = (".azureml", "aml_config", "")
"""Where it is looked for in each folder, the first found wins."""
FILES = ("config.json", "project.json")
LEVELS = 20
"""How many folders upwards are looked at."""


def read(path: os.PathLike[str] | str | None = None, file_name: str | None = None) -> dict[str, str]:
    """`subscription_id`, `resource_group_name` and `workspace_name` from a configuration file.

    It is the file `path`, or the one found in the folder `path` or above it. ValidationException when there is none or it
    does not say enough.
    """
    found = _find(Path(path) if path is not None else Path(), (file_name,) if file_name else FILES)
    try:
        content = json.loads(found.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        message = f"{found}: cannot be read: {error}"
        raise ValidationException(message) from None
    if not isinstance(content, dict):
        message = f"{found}: expected a JSON object, got {type(content).__name__}"
        raise ValidationException(message)
    if content.get("Scope"):
        return _from_scope(found, content["Scope"])
    missing = [key for key in ("subscription_id", "resource_group", "workspace_name") if not content.get(key)]
    if missing:
        message = f"{found}: {', '.join(missing)} missing; expected subscription_id, resource_group and workspace_name"
        raise ValidationException(message)
    return {
        "subscription_id": content["subscription_id"],
        "resource_group_name": content["resource_group"],
        "workspace_name": content["workspace_name"],
    }


def _from_scope(found: Path, scope: str) -> dict[str, str]:
    try:
        parts = names(scope)
        return {
            "subscription_id": parts["subscriptions"],
            "resource_group_name": parts["resourcegroups"],
            "workspace_name": parts["workspaces"],
        }
    except (ValueError, KeyError):
        message = f"{found}: Scope is {scope!r}; expected the id of a workspace"
        raise ValidationException(message) from None


def _find(start: Path, files: tuple[str, ...]) -> Path:
    if start.is_file():
        return start
    folder = start.resolve()
    parents = [folder, *folder.parents][:LEVELS]
    for below in FOLDERS:
        for name in files:
            for parent in parents:
                candidate = parent / below / name
                if candidate.is_file():
                    return candidate
    message = (
        f"no {' or '.join(files)} in {folder} or above it, nor in a folder .azureml there; give path=…, or name the "
        "workspace to MLClient(…) itself"
    )
    raise ValidationException(message)
