"""`azure_ml()`: while it is active, the requests of this process are answered from memory.

What is exchanged for that (`mlsdk.testing.stand_ins`) is exchanged when the first context is entered, and put back when the
last one is left:

* `requests.adapters.HTTPAdapter.send`, where all synchronous clients of azure-core end, and all that use `requests`;
* `AioHttpTransport.send`, where the asynchronous ones end; it is led there too;
* `get_token` and `get_token_info` of azure-identity's credentials, which would ask the network or run `az`;
* `time.sleep` and `asyncio.sleep`, as far as the modules of `azure` call them: nobody waits for an Azure that is in memory.
"""

from __future__ import annotations

import inspect
import os
import threading
from contextlib import ContextDecorator
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mlsdk.backends.memory import MemoryBackend
from mlsdk.testing.hosts import Hosts
from mlsdk.testing.stand_ins import Route, all_stand_ins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsdk.testing.stand_ins import StandIn

CLOUD_VARIABLE = "AZUREML_CURRENT_CLOUD"
"""Where azure-ai-ml writes the cloud of the latest client, for the whole process and its children."""

F = TypeVar("F", bound="Callable[..., Any]")

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
                    for owner, name, make in all_stand_ins():
                        self._exchange(owner, name, make)
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

    def _exchange(self, owner: Any, name: str, make: StandIn) -> None:
        before = vars(owner).get(name, _ABSENT)
        ours = make(getattr(owner, name), self.innermost)
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


class Context(ContextDecorator):
    """An Azure that clients talk to for the length of a `with`, or of the calls of a function; it can be entered again."""

    def __init__(self, backend: MemoryBackend | None, hosts: Hosts) -> None:
        """Answer from `backend`, from a new one each time when it is None; let `hosts` through."""
        self._backend = backend
        self._hosts = hosts
        self._entered: list[tuple[Route, str | None]] = []

    def __enter__(self) -> MemoryBackend:
        route = Route(self._backend if self._backend is not None else new_backend(), self._hosts)
        cloud = os.environ.get(CLOUD_VARIABLE)
        _process.enter(route)
        self._entered.append((route, cloud))
        return route.backend

    def __exit__(self, *_: object) -> None:
        route, cloud = self._entered.pop()
        _process.leave(route)
        if cloud is None:
            os.environ.pop(CLOUD_VARIABLE, None)
        else:
            os.environ[CLOUD_VARIABLE] = cloud

    def _recreate_cm(self) -> Context:
        """One for each call, as calls may overlap."""
        return Context(self._backend, self._hosts)

    def __call__(self, function: F) -> F:
        """Make a function, or a coroutine function, run inside; TypeError for what only begins when it is called."""
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def inside(*args: Any, **options: Any) -> Any:
                with self._recreate_cm():
                    return await function(*args, **options)

            return cast("F", inside)
        if isinstance(function, type) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            message = f"azure_ml() would end before {function.__name__} is used; write `with azure_ml():` inside it"
            raise TypeError(message)
        return super().__call__(function)


def azure_ml(backend: MemoryBackend | None = None, *, allow_hosts: Iterable[str] = ()) -> Context:
    """Let every `azure-*` client of this process talk to an Azure in memory: a context manager and a decorator.

    Of contexts in one another the innermost one answers. They hold for all threads.

    Parameters
    ----------
    backend
        Who answers, and what the context manager gives; an empty `MemoryBackend` when None.
    allow_hosts
        Hosts that may be reached as ever, with `*` and `?`: `["localhost", "*.example.com:8080"]`. All others that are not
        Azure's are refused with `HostRefusedError`.

    """
    return Context(backend, Hosts(allow_hosts))
