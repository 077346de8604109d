"""What a memory backend holds, written so that two of them can be compared: what is drawn at random has no say."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mlsdk.backends import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

JOBS = "microsoft.machinelearningservices/workspaces/jobs"
IDENTIFIER = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:[0-9a-f]{32}|[0-9a-f]{8})\b"
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
SPAN = re.compile(r"\d+:\d\d:\d\d(\.\d+)?")


class Holdings:
    """Everything of one side: the resources of its Azure, the files there and here, and what the script printed."""

    def __init__(self, backend: MemoryBackend, folder: Path, printed: Iterable[str]) -> None:
        resources = sorted(backend.state.root.descendants(), key=lambda resource: resource.number)
        self.jobs = [resource.name for resource in resources if resource.kind.key == JOBS]
        self.values: dict[str, Any] = {}
        for resource in resources:
            self.values[resource.id] = {
                "body": resource.stored,
                "archived": resource.archived,
                "listed": resource.listed,
            }
            if resource.kind.key == JOBS:
                self.values[resource.id] |= _as_shown(backend, resource)
        self.values |= {f"file {place}": told for place, told in _stored(backend)}
        self.values |= {f"here {place}": told for place, told in _here(folder)}
        self.values["printed"] = list(printed)

    def compared_with(self, other: Holdings, source: str) -> dict[str, tuple[Any, Any]]:
        """Each place at which two sides differ, with what stands there; names that `source` says are the same on both."""
        ours, others = (_flat(side.told(source, but=partner)) for side, partner in ((self, other), (other, self)))
        return {
            place: (ours.get(place, "absent"), others.get(place, "absent"))
            for place in sorted(ours.keys() | others.keys())
            if ours.get(place, "absent") != others.get(place, "absent")
        }

    def told(self, source: str, *, but: Holdings) -> dict[str, Any]:
        """All that is held, with a number in the place of each name that was drawn: known to this side alone."""
        names = {name: f"<job {number}>" for number, name in enumerate(self.jobs) if name not in source}
        jobs = _replacing(names)
        there = set(IDENTIFIER.findall(_text(but.values)))
        texts = [jobs(f"{place} {_text(value)}") for place, value in self.values.items()]
        # What comes first, is decided by what is no name: the two clients do not do everything in the same order.
        for text in sorted(texts, key=lambda text: IDENTIFIER.sub("", MOMENT.sub("", text))):
            for found in IDENTIFIER.findall(text):
                if found not in there:
                    names.setdefault(found, f"<id {len(names)}>")
        named = _replacing(names)
        return _mapped(self.values, lambda text: SPAN.sub("<span>", MOMENT.sub("<moment>", named(text))))  # type: ignore[no-any-return]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _replacing(names: Mapping[str, str]) -> Callable[[str], str]:
    # The longest first: the name of a trial begins with that of its sweep.
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)")
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _as_shown(backend: MemoryBackend, job: Any) -> dict[str, Any]:
    """A job as the service and run history show it."""
    workspace = job.parent.id
    shown = backend.send(Request("GET", job.id, {"api-version": "2024-10-01-preview"}))
    run = backend.send(Request("GET", f"https://eastus.api.azureml.ms/history/v1.0{workspace}/runs/{job.name}"))
    return {"shown": shown.body, "run": run.body}


def _stored(backend: MemoryBackend) -> Iterator[tuple[str, Any]]:
    for account in backend.state.accounts.values():
        for container, files in account.containers.items():
            for name, stored in files.files.items():
                metadata = {key: unquote(value) for key, value in stored.metadata.items()}
                yield f"{account.name}/{container}/{name}", {"content": _content(stored.content), "metadata": metadata}


def _here(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), _content(path.read_bytes())


def _content(content: bytes) -> str:
    """What is in a file: its text, in which names are, or the hash of what is none."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return hashlib.sha256(content).hexdigest()


def _mapped(value: Any, plain: Any) -> Any:
    """A value with each of its texts made plain, those that are keys too."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _mapped(inner, plain) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(inner, plain) for inner in value]
    return value


def _flat(value: Any, place: str = "") -> dict[str, Any]:
    """Every leaf of a value by its place: what is empty is one too, and a null says nothing."""
    inner: Mapping[Any, Any] = (
        value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    )
    if not inner:
        return {place: value}
    found: dict[str, Any] = {}
    for key, each in inner.items():
        if each is not None:
            found |= _flat(each, f"{place} > {key}" if place else str(key))
    return found
