"""Work in threads that Python waits for before it ends, so that a short script leaves nothing half made.

The threads of azure-core's pollers are given up when the program ends, and those of `concurrent.futures` take no new
work from then on.
"""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar, cast

from azure.core.polling import PollingMethod

from mlsdk.arm.longrunning import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azure.core.polling import LROPoller

T = TypeVar("T")


def started(work: Callable[[], T]) -> Future[T]:
    """Start `work` beside the caller; its result, or what it raised, is in the Future."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised by the Future's result()
            future.set_exception(error)

    Thread(target=run, name="mlsdk", daemon=False).start()
    return future


def side_by_side(works: Mapping[str, Callable[[], T]]) -> tuple[dict[str, T], dict[str, BaseException]]:
    """Do all of `works` at once and wait until the last has ended: the results, and what was raised, by name."""
    futures = {name: started(work) for name, work in works.items()}
    errors = {name: error for name, future in futures.items() if (error := future.exception()) is not None}
    return {name: future.result() for name, future in futures.items() if name not in errors}, errors


class _Steps(PollingMethod[T]):
    """Work of several steps, in azure-core's words."""

    def __init__(self, future: Future[T], step: Callable[[], str]) -> None:
        self._future = future
        self._step = step

    def initialize(self, *_: Any) -> None:
        """Nothing was sent yet."""

    def run(self) -> None:
        self._future.result()

    def status(self) -> str:
        if self._future.done():
            return "Failed" if self._future.exception() is not None else "Succeeded"
        step = self._step()
        return f"InProgress: {step}" if step else "InProgress"

    def finished(self) -> bool:
        return self._future.done()

    def resource(self) -> T:
        # Who waits no longer than some seconds is given nothing yet.
        return self._future.result() if self._future.done() else cast("T", None)

    def get_continuation_token(self) -> str:
        """Empty: another process cannot go on with it. azure-core asks for it, and warns without it, when work fails."""
        return ""


class _StepsPoller(Poller[T]):
    """Tells whoever breaks off a wait that the work goes on, and what is there so far."""

    so_far: Callable[[], list[str]]

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the work has ended or `timeout` seconds have passed; raises what made it fail."""
        try:
            super().wait(timeout)
        except KeyboardInterrupt as error:
            goes_on = (
                f"{self._what} goes on ({self.status()}), and the program ends when it is done; Ctrl-C at its end again "
                "leaves it half made"
            )
            error.args = ("\n".join([goes_on, *self.so_far()]),)
            raise


def in_steps(
    work: Callable[[], T], step: Callable[[], str], so_far: Callable[[], list[str]], what: str, *, show: bool | None
) -> LROPoller[T]:
    """A poller of work that is started now; `result()` raises what made it fail.

    Its status is `InProgress: ` and what `step` says, then `Succeeded` or `Failed`. `so_far` says by ids what is
    there and what is under way. `what` and `show` are those of the line which tells whoever waits: `making workspace demo`.
    """
    poller: _StepsPoller[T] = _StepsPoller(None, None, lambda value: value, _Steps(started(work), step), what, show)
    poller.so_far = so_far
    return poller
