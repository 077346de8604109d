"""Where the requests of this process go while `azure_ml()` is active, and what is exchanged for that.

Three things are exchanged when the first context is entered, and put back when the last one is left:

* `requests.adapters.HTTPAdapter.send`, where all synchronous clients of azure-core end, and all that use `requests`;
* `get_token` and `get_token_info` of azure-identity's synchronous credentials, which would ask the network or run `az`;
* `time.sleep`, as far as the modules of `azure` call it: nobody waits for an Azure that is in memory.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import azure.identity
from requests.adapters import HTTPAdapter

from mlsdk.backends.memory import MemoryBackend, SystemClock
from mlsdk.testing.credentials import FakeCredential
from mlsdk.testing.exchange import answer
from mlsdk.testing.hosts import HostRefusedError, Hosts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from requests import PreparedRequest, Response

CLOUD_VARIABLE = "AZUREML_CURRENT_CLOUD"
"""Where azure-ai-ml writes the cloud of the latest client, for the whole process and its children."""
BREATH = 0.01
"""Seconds that a wait really takes on the system's clock when no operation ends within it: others get their turn."""


class Route:
    """Where requests go while one context is active."""

    def __init__(self, backend: MemoryBackend, hosts: Hosts) -> None:
        """Answer for `hosts` from `backend`."""
        self.backend = backend
        self.hosts = hosts
        self.credential = FakeCredential(backend.user, backend.tenant_id)

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


_ABSENT = object()


class Process:
    """What is active in this process, and what was exchanged for it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.routes: tuple[Route, ...] = ()
        """The active contexts, the innermost one last; for all threads, since clients poll in threads of their own."""
        self._exchanged: list[tuple[Any, str, Any]] = []
        """The object, the name, and what stood there itself (`_ABSENT` where it was inherited)."""
        self._lock = threading.Lock()

    def innermost(self) -> Route | None:
        """Who answers now; None when no context is active."""
        routes = self.routes  # read once: another thread may leave its context meanwhile
        return routes[-1] if routes else None

    def enter(self, route: Route) -> None:
        """Begin a context."""
        with self._lock:
            if not self.routes:
                try:
                    self._exchange_all()
                except BaseException:
                    self._put_back()
                    raise
            self.routes = (*self.routes, route)

    def leave(self, route: Route) -> None:
        """End a context, whichever was entered last."""
        with self._lock:
            self.routes = tuple(one for one in self.routes if one is not route)
            if not self.routes:
                self._put_back()

    def _exchange_all(self) -> None:
        self._exchange(HTTPAdapter, "send", _sending)
        self._exchange(time, "sleep", _sleeping)
        for credential in CREDENTIALS:
            self._exchange(credential, "get_token", _giving_token)
            self._exchange(credential, "get_token_info", _giving_token_info)

    def _exchange(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        before = vars(owner).get(name, _ABSENT)
        ours = make(getattr(owner, name))
        ours.mlsdk_testing = True
        setattr(owner, name, ours)
        self._exchanged.append((owner, name, before))

    def _put_back(self) -> None:
        while self._exchanged:
            owner, name, before = self._exchanged.pop()
            # What somebody else has put in its place meanwhile is theirs; ours below it lets everything through.
            if not hasattr(vars(owner).get(name), "mlsdk_testing"):
                continue
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


_process = Process()


def new_backend(**options: Any) -> MemoryBackend:
    """An empty Azure which keeps what was sent and answered; `options` are those of `MemoryBackend`."""
    options.setdefault("log_bodies", True)
    return MemoryBackend(**options)


@contextmanager
def azure_ml(
    backend: MemoryBackend | None = None, *, allow_hosts: Iterable[str] = ()
) -> Generator[MemoryBackend, None, None]:
    """Let every synchronous `azure-*` client of this process talk to an Azure in memory.

    Of contexts in one another the innermost one answers. They hold for all threads.

    Parameters
    ----------
    backend
        Who answers; an empty `MemoryBackend` when None.
    allow_hosts
        Hosts that may be reached as ever, with `*` and `?`: `["localhost", "*.example.com:8080"]`. All others that are not
        Azure's are refused with `HostRefusedError`.

    """
    route = Route(backend if backend is not None else new_backend(), Hosts(allow_hosts))
    cloud = os.environ.get(CLOUD_VARIABLE)
    _process.enter(route)
    try:
        yield route.backend
    finally:
        _process.leave(route)
        if cloud is None:
            os.environ.pop(CLOUD_VARIABLE, None)
        else:
            os.environ[CLOUD_VARIABLE] = cloud


def _sending(original: Any) -> Any:
    def send(self: HTTPAdapter, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Answer from memory while `mlsdk.testing.azure_ml` is active."""
        route = _process.innermost()
        if route is None:
            return original(self, request, *args, **options)  # type: ignore[no-any-return]
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        if route.hosts.lets_through(host, parts.netloc.lower()):
            return original(self, request, *args, **options)  # type: ignore[no-any-return]
        if not route.hosts.answers(host):
            raise HostRefusedError(request.method or "GET", parts.netloc)
        return answer(self, request, route.backend)

    return send


def _sleeping(original: Any) -> Any:
    def sleep(seconds: float, /) -> None:
        """Wait on the clock of the memory backend where a module of `azure` asks for it, else as ever."""
        route = _process.innermost()
        if route is None or not sys._getframe(1).f_globals.get("__name__", "").startswith("azure."):  # noqa: SLF001
            original(seconds)
        else:
            route.wait(seconds)

    return sleep


def _giving_token(original: Any) -> Any:
    def get_token(self: Any, *scopes: str, **options: Any) -> Any:
        """Give a token of the memory backend's user while `mlsdk.testing.azure_ml` is active."""
        route = _process.innermost()
        if route is None:
            return original(self, *scopes, **options)
        return route.credential.get_token(*scopes, **options)

    return get_token


def _giving_token_info(original: Any) -> Any:
    def get_token_info(self: Any, *scopes: str, options: Any = None) -> Any:
        """Give a token of the memory backend's user while `mlsdk.testing.azure_ml` is active."""
        route = _process.innermost()
        if route is None:
            return original(self, *scopes, options=options)
        return route.credential.get_token_info(*scopes, options=options)

    return get_token_info


CREDENTIALS: tuple[type, ...] = tuple(
    found
    for found in (getattr(azure.identity, name) for name in azure.identity.__all__)
    if inspect.isclass(found) and hasattr(found, "get_token")
)
"""The synchronous credentials of azure-identity, those that ask others among them."""
