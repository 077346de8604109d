"""Lists a page at a time, with links to the next one that stay right whatever is added or removed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource


def page(call: Call, walk: Callable[[int | None, bool], Iterator[Resource]]) -> Reply:
    """One page of a list and the link to the next, which stays right whatever is added or removed meanwhile."""
    newest_first, top = _order(call), call.param("$top")
    token = call.param("$skip") or call.param("$skipToken")
    wanted = call.kind.list_filter(call) if call.kind.list_filter is not None else None
    try:
        after = int(token, 16) if token else None
        left = int(top) if top is not None else None
        asked = int(call.param("count") or call.param("pageSize") or call.backend.page_size)
        if left is not None and left < 0:
            raise ValueError(left)  # noqa: TRY301 -- answered like text that is no number
    except ValueError:
        raise refusal(400, f"'$skip={token}', '$top={top}' or 'count' is not valid.", "InvalidParameter") from None
    size = max(1, min(call.backend.page_size, asked))
    size = min(size, left) if left is not None else size
    found: list[Resource] = []
    more = False
    for resource in walk(after, newest_first):
        if wanted is not None and not wanted(resource):
            continue
        if len(found) == size:
            more = True
            break
        found.append(resource)
    body: dict[str, Any] = {"value": [call.shown(resource) for resource in found]}
    if more and found and (left is None or left > size):
        query = {key: value for key, value in call.params.items() if key.lower() not in ("$skip", "$skiptoken")}
        query["$skip"] = f"{found[-1].number:x}"
        if left is not None:
            query["$top"] = str(left - size)
        body["nextLink"] = f"{call.base}{quote(call.path)}?{urlencode(query)}"
    return reply(body)


def _order(call: Call) -> bool:
    """Whether the newest comes first, from `$orderBy`."""
    order = call.param("$orderBy")
    if order is None:
        return call.kind.newest_first
    word, _, direction = order.strip().lower().partition(" ")
    if word not in ("createdtime", "createdat", "systemdata/createdat") or direction.strip() not in ("", "asc", "desc"):
        message = f"'$orderBy={order}': the memory backend emulates 'createdtime asc' and 'createdtime desc'"
        raise refusal(400, message, "InvalidParameter")
    return direction.strip() == "desc"
