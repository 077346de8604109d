"""One client's way to its backend: scope, exchanges, pages and long-running operations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from mlsdk import ids
from mlsdk.backends import Backend, Options, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from azure.core.paging import ItemPaged
    from azure.core.polling import LROPoller

T = TypeVar("T")
JSON = dict[str, Any]

DEFAULT_POLLING_INTERVAL = 5.0
"""Seconds between two polls where the service names none; the official client's for what it waits for itself."""

NO_OPTIONS = Options()


@attrs.frozen
class Scope:
    """Where a client works: a workspace, a resource group, or a registry."""

    subscription_id: str | None = None
    resource_group_name: str | None = None
    workspace_name: str | None = None
    registry_name: str | None = None

    def __attrs_post_init__(self) -> None:
        """ValidationException for a name that would lead somewhere else as part of an address."""
        for field in attrs.fields(Scope):
            value = getattr(self, field.name)
            if value is not None and re.search(r"[/\\?#%\s]", str(value)):
                from mlsdk.exceptions import ValidationException

                message = f"{field.name} is {value!r}; a name has no spaces and none of / \\ ? # %"
                raise ValidationException(message)

    def resource_group(self, name: str | None = None) -> str:
        """The path of the resource group, or of another one in the subscription."""
        return ids.resource_group_path(self.need("subscription_id"), name or self.need("resource_group_name"))

    def workspace(self, name: str | None = None, resource_group: str | None = None) -> str:
        """The path of the workspace, or of another one."""
        return ids.workspace_path(
            self.need("subscription_id"),
            resource_group or self.need("resource_group_name"),
            name or self.need("workspace_name"),
        )

    def need(self, part: str) -> str:
        """One part of the scope; ValidationException names it when the client was made without."""
        value: str | None = getattr(self, part)
        if not value:
            from mlsdk.exceptions import ValidationException

            if self.registry_name:
                message = f"this is not kept by a registry: it needs {part}, so use a client of a workspace"
                raise ValidationException(message)
            message = f"this needs {part}: give it to MLClient(…, {part}=…) or to the call"
            raise ValidationException(message)
        return value


@attrs.frozen
class Connection:
    """A backend as one client uses it."""

    backend: Backend
    scope: Scope
    polling_interval: float = DEFAULT_POLLING_INTERVAL

    def exchange(
        self,
        method: str,
        url: str,
        api_version: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        allow: Iterable[int] = (),
        audience: str | None = "arm",
        options: Options = NO_OPTIONS,
    ) -> Reply:
        """One exchange. A status of 400 or more raises azure-core's error for it, unless it is in `allow`."""
        request = self.request(method, url, api_version, params=params, body=body, audience=audience, options=options)
        reply = self.backend.send(request)
        if reply.status >= 400 and reply.status not in allow:
            from mlsdk.arm.errors import refused

            raise refused(request, reply)
        return reply

    @staticmethod
    def request(
        method: str,
        url: str,
        api_version: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        audience: str | None = "arm",
        options: Options = NO_OPTIONS,
    ) -> Request:
        """A request with its api-version; parameters that are None are left out."""
        query = {"api-version": api_version} if api_version else {}
        for name, value in (params or {}).items():
            if value is not None:
                query[name] = str(value).lower() if isinstance(value, bool) else str(value)
        return Request(method, url, query, {}, body, audience, options)

    def find(self, url: str, api_version: str, *, params: Mapping[str, Any] | None = None) -> JSON | None:
        """The body of a resource, None when there is none."""
        reply = self.exchange("GET", url, api_version, params=params, allow=(404,))
        return reply.body if reply.status != 404 else None

    def pages(
        self,
        url: str,
        api_version: str | None,
        load: Callable[[JSON], T],
        *,
        params: Mapping[str, Any] | None = None,
        items: str = "value",
        method: str = "GET",
        keep: Callable[[JSON], bool] | None = None,
    ) -> ItemPaged[T]:
        """The items of a list, fetched page by page as they are read; azure-core's ItemPaged, so `by_page` is there too."""
        from azure.core.paging import ItemPaged

        def fetch(link: str | None) -> JSON:
            if link is None:
                return self.exchange(method, url, api_version, params=params).body or {}
            return self.exchange(method, link).body or {}

        def extract(page: JSON) -> tuple[str | None, Iterator[T]]:
            rows = page.get(items) or []
            return page.get("nextLink") or None, (load(row) for row in rows if keep is None or keep(row))

        return ItemPaged(fetch, extract)

    def begin(
        self,
        method: str,
        url: str,
        api_version: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        load: Callable[[JSON], T] | None = None,
    ) -> LROPoller[T]:
        """Start a long-running operation; azure-core's poller follows it by ARM's rules and raises what made it fail."""
        from mlsdk.arm.longrunning import begin

        return begin(self, self.request(method, url, api_version, params=params, body=body), load)
