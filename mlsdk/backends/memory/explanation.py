"""What happened, told as a table of 80 columns: what `MemoryBackend.explain()` prints."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsdk.backends.memory.log import LoggedRequest

WIDTH = 80
ROW = "{:>4}  {:<7}{:<59}  {:>6}"
TARGET = 59
"""Columns for what was asked of what."""
NOTE = 6
"""How far what is told about a row is set in."""

_FRONT = re.compile(
    r"^(?:/mferp/managementfrontend|/(?P<service>history|data|modelregistry|genericasset)(?:/v[\d.]+)?)?"
    r"(?:/subscriptions/[^/]+)?(?:/resourceGroups/(?P<group>[^/]+))?"
    r"(?:/providers/(?:Microsoft\.MachineLearningServices/)?)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_LONG_ID = re.compile(
    r"/subscriptions/[^/\s']+/resourceGroups/[^/\s']+/providers/Microsoft\.MachineLearningServices/", re.IGNORECASE
)
"""What all ids of a workspace begin with."""


def table(requests: Iterable[LoggedRequest]) -> str:
    """A row for each request, below it the reason where it was refused; at the end how many there were."""
    requests = list(requests)
    lines = [ROW.format("", "method", "of what", "answer"), "-" * WIDTH]
    for number, request in enumerate(requests, start=1):
        lines.append(ROW.format(number, request.method, _shortened(_target(request), TARGET), request.status or "none"))
        lines += _reasons(request)
    return "\n".join([*lines, "-" * WIDTH, _summary(requests)])


def _target(request: LoggedRequest) -> str:
    """What was asked of what, in as few words as tell it apart."""
    account, _, service = request.host.rpartition("/")[2].partition(".")
    if service.startswith(("blob.", "dfs.")):
        target = f"{service.partition('.')[0]} {account}{request.path}"
    else:
        target = _resource(request.path)
    query = "&".join(f"{key}={value}" for key, value in request.params.items() if key.lower() not in _UNTOLD)
    return f"{target}?{query}" if query else target


_UNTOLD = frozenset(
    {"api-version", "se", "sig", "snonce", "sc", "sp", "spr", "sr", "st", "sv", "restype", "timeout", "blockid"}
)
"""Parameters that say nothing of what happened: the version, the parts of a signature."""


def _resource(path: str) -> str:
    found = _FRONT.match(path)
    if found is None:
        return path
    rest = found["rest"].strip("/") or (f"resourceGroups/{found['group']}" if found["group"] else path)
    return f"{found['service'].lower()}: {rest}" if found["service"] else rest


def _shortened(text: str, width: int) -> str:
    """The beginning and the end of a text that is too long; its end says more."""
    if len(text) <= width:
        return text
    head = width // 3
    return f"{text[:head]}…{text[head + 1 - width :]}"


def _reasons(request: LoggedRequest) -> list[str]:
    """Why a request was refused, in lines; nothing for a look after something that is not there."""
    if request.status is None:
        return [f"{'':{NOTE}}no answer came back"]
    error = request.answer.get("error") if isinstance(request.answer, dict) else None
    if request.status < 400 or not isinstance(error, dict):
        return []
    code = str(error.get("code", ""))
    if _looked(request):
        return []
    text = _LONG_ID.sub("…/", f"{code}: {error.get('message', '')}")
    return textwrap.wrap(text, WIDTH, initial_indent=" " * NOTE, subsequent_indent=" " * NOTE, break_on_hyphens=False)


def _summary(requests: list[LoggedRequest]) -> str:
    def counted(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    parts = [counted(len(requests), "request"), counted(sum(one.writes for one in requests), "write")]
    missed = sum(_looked(one) for one in requests)
    parts += [f"{missed} not found"] if missed else []
    refused = sum(one.status is not None and one.status >= 400 for one in requests) - missed
    parts += [f"{refused} refused"] if refused else []
    unknown = sum(_code(one.answer) == "NotEmulated" for one in requests)
    parts += [f"{unknown} of them not emulated"] if unknown else []
    return ", ".join(parts)


_GROUP_DEPTH = 3
"""The slashes in `subscriptions/…/resourceGroups/…`."""
_WORKSPACE = re.compile(r"The Resource 'Microsoft\.MachineLearningServices/(?:workspaces|registries)/([^/']+)'")


def _looked(request: LoggedRequest) -> bool:
    """Whether somebody looked for something that is not there, as clients do before they make it.

    Where not even the workspace or the resource group is there, in which it would stand, the reason is worth telling.
    """
    if request.status != 404 or request.method not in ("GET", "HEAD"):
        return False
    error = request.answer.get("error") if isinstance(request.answer, dict) else None
    missing = _WORKSPACE.match(str(error.get("message"))) if isinstance(error, dict) else None
    if missing is not None and not request.path.lower().endswith(f"/{missing[1].lower()}"):
        return False
    return _code(request.answer) != "ResourceGroupNotFound" or request.path.strip("/").count("/") == _GROUP_DEPTH


def _code(answer: Any) -> str | None:
    error = answer.get("error") if isinstance(answer, dict) else None
    return error.get("code") if isinstance(error, dict) else None
