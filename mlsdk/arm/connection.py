"""One client's way to its backend: scope, exchanges, pages and long-running operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from mlsdk import ids
from mlsdk.backends import Backend, Options, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    options: Options = NO_OPTIONS
    """What holds for every call that says nothing else."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Headers that go with every call."""
    api_versions: Mapping[str, str] = attrs.field(factory=dict)
    """Another api-version than ours for some collections: `{"models": "2025-12-01"}`."""
    show_progress: bool | None = None
    """Whether long waits are told of; None: on a terminal and in a notebook."""

    def with_options(
        self,
        timeout: float | None,
        headers: Mapping[str, str] | None,
        raw_response_hook: Callable[[Any], None] | None,
        show_progress: bool | None,
    ) -> Connection:
        """The same connection with other options; what is None stays as it is."""
        options = self.options
        if timeout is not None:
            options = attrs.evolve(options, timeout=timeout)  # noqa: TID251 - options are no entity
        if raw_response_hook is not None:
            options = attrs.evolve(options, raw_response_hook=raw_response_hook)  # noqa: TID251 - the same
        return attrs.evolve(  # noqa: TID251 - a connection is no entity
            self,
            options=options,
            headers={**self.headers, **(headers or {})},
            show_progress=self.show_progress if show_progress is None else show_progress,
        )

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
        repeatable: bool | None = None,
        expected: bool = False,
        user_token: bool = False,
    ) -> Reply:
        """One exchange. A status of 400 or more raises azure-core's error for it, unless it is in `allow`.

        `repeatable`, `expected` and `user_token` are those of `Options`.
        """
        request = self.request(
            method,
            url,
            api_version,
            params=params,
            body=body,
            audience=audience,
            repeatable=repeatable,
            expected=expected,
            user_token=user_token,
        )
        reply = self.backend.send(request)
        if reply.status >= 400 and reply.status not in allow:
            from mlsdk.arm.errors import refused

            raise refused(request, reply)
        return reply

    def request(
        self,
        method: str,
        url: str,
        api_version: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        audience: str | None = "arm",
        repeatable: bool | None = None,
        expected: bool = False,
        user_token: bool = False,
    ) -> Request:
        """A request with its api-version; parameters that are None are left out."""
        query = {"api-version": api_version} if api_version else {}
        for name, value in (params or {}).items():
            if value is not None:
                query[name] = str(value).lower() if isinstance(value, bool) else str(value)
        options = self.options
        if repeatable is not None or expected or user_token:
            changes = {"repeatable": repeatable, "expected": expected, "user_token": user_token}
            options = attrs.evolve(options, **changes)  # type: ignore[arg-type]  # noqa: TID251 - no entity
        return Request(method, url, query, self.headers, body, audience, options)

    def api_version(self, collection: str, ours: str) -> str:
        """The api-version for a collection: the one this client was told, else ours."""
        return self.api_versions.get(collection, ours)

    def find(
        self, url: str, api_version: str, *, params: Mapping[str, Any] | None = None, expected: bool = False
    ) -> JSON | None:
        """The body of a resource, None when there is none; `expected` as of `Options`."""
        reply = self.exchange("GET", url, api_version, params=params, allow=(404,), expected=expected)
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
        repeatable: bool | None = None,
        keep: Callable[[JSON], bool] | None = None,
        audience: str | None = "arm",
    ) -> ItemPaged[T]:
        """The items of a list, fetched page by page as they are read; azure-core's ItemPaged, so `by_page` is there too.

        `items` names the list in a page, `keep` drops some of its rows, `load` turns the others into items.
        """
        from mlsdk.arm.paging import paged

        def ask(link: str | None) -> JSON:
            if link is None:
                return (
                    self.exchange(
                        method, url, api_version, params=params, repeatable=repeatable, audience=audience
                    ).body
                    or {}
                )
            # What follows is fetched by GET even where the list itself is asked for by POST, as the official client does.
            return self.exchange("GET", link, audience=audience).body or {}

        return paged(ask, url, api_version, load, items, keep, ahead=self.backend.distant)

    def begin(
        self,
        method: str,
        url: str,
        api_version: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        load: Callable[[JSON], T] | None = None,
        repeatable: bool | None = None,
    ) -> LROPoller[T]:
        """Start a long-running operation; azure-core's poller follows it by ARM's rules and raises what made it fail."""
        from mlsdk.arm.longrunning import begin

        request = self.request(method, url, api_version, params=params, body=body, repeatable=repeatable)
        return begin(self, request, load)
