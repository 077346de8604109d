"""What is called in the place of the network, of sign-in and of waiting while `azure_ml()` is active.

Each stand-in is made of what it stands in for, and of a function that tells the active route; without one it calls the
original, so that it does no harm where somebody keeps it longer than the context lasts.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import azure.identity
import azure.identity.aio
from azure.core.pipeline import transport
from requests.adapters import HTTPAdapter

from mlsdk.backends.memory import SystemClock
from mlsdk.testing.credentials import FakeCredential
from mlsdk.testing.exchange import answer
from mlsdk.testing.hosts import HostRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from requests import PreparedRequest, Response

    from mlsdk.backends.memory import MemoryBackend
    from mlsdk.testing.hosts import Hosts

    Active = Callable[[], "Route | None"]
    """Tells who answers now."""
    StandIn = Callable[[Any, Active], Any]

BREATH = 0.01
"""Seconds that a wait really takes on the system's clock when no operation ends within it: others get their turn."""


class Route:
    """Where requests go while one context is active."""

    def __init__(self, backend: MemoryBackend, hosts: Hosts) -> None:
        """Answer for `hosts` from `backend`."""
        self.backend = backend
        self.hosts = hosts
        self.credential = FakeCredential(backend.user, backend.tenant_id)

    def answers(self, method: str | None, url: str | None) -> bool:
        """Whether a request is answered from memory; False where it may go on, HostRefusedError where it may not."""
        parts = urlsplit(url or "")
        host, netloc = parts.hostname or "", parts.netloc.rpartition("@")[2].lower()
        if self.hosts.lets_through(host, netloc):
            return False
        if not self.hosts.answers(host):
            raise HostRefusedError(method or "GET", netloc)
        return True

    def wait(self, seconds: float) -> None:
        """Let time pass as far as somebody waits for it."""
        backend = self.backend
        if not isinstance(backend.clock, SystemClock):
            with backend.lock:
                backend.sleep(seconds)
            return
        with backend.lock:
            due = backend.state.due
            left = due[0][0] - backend.clock.now() if due else seconds + 1
        backend.sleep(max(0.0, left) if left <= seconds else min(seconds, BREATH))


def _sending(original: Any, active: Active) -> Any:
    def send(self: HTTPAdapter, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Answer from memory while `mlsdk.testing.azure_ml` is active."""
        route = active()
        if route is None or not route.answers(request.method, request.url):
            return original(self, request, *args, **options)  # type: ignore[no-any-return]
        return answer(self, request, route.backend)

    return send


def _sending_from_a_loop(original: Any, active: Active) -> Any:
    async def send(self: Any, request: Any, **options: Any) -> Any:
        """Answer from memory while `mlsdk.testing.azure_ml` is active."""
        route = active()
        if route is None or not route.answers(request.method, request.url):
            return await original(self, request, **options)
        # azure-core's other transport for event loops, which ends in `HTTPAdapter.send`.
        async with transport.AsyncioRequestsTransport() as ours:
            return await ours.send(request, **options)

    return send


def _sleeping(original: Any, active: Active) -> Any:
    def sleep(seconds: float, /) -> None:
        """Wait on the clock of the memory backend where a module of `azure` asks for it, else as ever."""
        route = active() if _called_by_azure() else None
        if route is None:
            original(seconds)
        else:
            route.wait(seconds)

    return sleep


def _sleeping_in_a_loop(original: Any, active: Active) -> Any:
    # A plain function, since only that is sure to be called by whoever waits, and not by the loop.
    def sleep(delay: float, result: Any = None) -> Awaitable[Any]:
        """Wait on the clock of the memory backend where a module of `azure` asks for it, else as ever."""
        route = active() if delay > 0 and _called_by_azure() else None
        if route is None:
            return original(delay, result)  # type: ignore[no-any-return]

        async def wait() -> Any:
            await asyncio.to_thread(route.wait, delay)
            return result

        return wait()

    return sleep


def _called_by_azure() -> bool:
    """Whether a module of `azure` called the stand-in that asks."""
    name: str = sys._getframe(2).f_globals.get("__name__", "")  # noqa: SLF001 - who calls is known nowhere else
    return name.startswith("azure.")


def _giving_token(original: Any, active: Active) -> Any:
    def get_token(self: Any, *scopes: str, **options: Any) -> Any:
        """Give a token of the memory backend's user while `mlsdk.testing.azure_ml` is active."""
        route = active()
        if route is None:
            return original(self, *scopes, **options)
        return route.credential.get_token(*scopes, **options)

    return get_token


def _giving_token_info(original: Any, active: Active) -> Any:
    def get_token_info(self: Any, *scopes: str, options: Any = None) -> Any:
        """Give a token of the memory backend's user while `mlsdk.testing.azure_ml` is active."""
        route = active()
        if route is None:
            return original(self, *scopes, options=options)
        return route.credential.get_token_info(*scopes, options=options)

    return get_token_info


def _giving_token_in_a_loop(original: Any, active: Active) -> Any:
    async def get_token(self: Any, *scopes: str, **options: Any) -> Any:
        """Give a token of the memory backend's user while `mlsdk.testing.azure_ml` is active."""
        route = active()
        if route is None:
            return await original(self, *scopes, **options)
        return route.credential.get_token(*scopes, **options)

    return get_token


def _giving_token_info_in_a_loop(original: Any, active: Active) -> Any:
    async def get_token_info(self: Any, *scopes: str, options: Any = None) -> Any:
        """Give a token of the memory backend's user while `mlsdk.testing.azure_ml` is active."""
        route = active()
        if route is None:
            return await original(self, *scopes, options=options)
        return route.credential.get_token_info(*scopes, options=options)

    return get_token_info


def credentials(module: Any) -> tuple[type, ...]:
    """The credentials of a module of azure-identity, those that ask others among them."""
    named = (getattr(module, name) for name in module.__all__)
    return tuple(found for found in named if inspect.isclass(found) and hasattr(found, "get_token"))


def all_stand_ins() -> Iterator[tuple[Any, str, StandIn]]:
    """The object, the name below it, and what makes the stand-in, for everything that is exchanged."""
    yield HTTPAdapter, "send", _sending
    yield time, "sleep", _sleeping
    yield asyncio, "sleep", _sleeping_in_a_loop
    for credential in credentials(azure.identity):
        yield credential, "get_token", _giving_token
        yield credential, "get_token_info", _giving_token_info
    for credential in credentials(azure.identity.aio):
        yield credential, "get_token", _giving_token_in_a_loop
        yield credential, "get_token_info", _giving_token_info_in_a_loop
    try:
        over_aiohttp = transport.AioHttpTransport
    except ImportError:
        return  # without aiohttp nobody can use it
    yield over_aiohttp, "send", _sending_from_a_loop
