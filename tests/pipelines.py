"""Azure's own backend with a MemoryBackend as its network: retries, tokens, hooks and logging, and no Azure behind them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from azure_answers import Credential

from mlsdk.arm.transport import BackendTransport
from mlsdk.backends.azure import AzureBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsdk.arm.transport import BackendResponse
    from mlsdk.backends import Container
    from mlsdk.backends.memory import MemoryBackend

Fault = dict[str, Any]
"""Arguments of `MemoryBackend.fail`, made anew for each exchange that it strikes: an exception is raised once."""


class UnsteadyNetwork(BackendTransport):
    """A network which some exchanges have bad luck on: `faults` has what goes wrong by their number, 0 the first."""

    def __init__(self, memory: MemoryBackend, faults: Mapping[int, Callable[[], Fault]] | None = None) -> None:
        """Send to `memory`."""
        super().__init__(memory)
        self.memory = memory
        self.faults = faults or {}
        self.sent = 0
        """How many exchanges there were, repetitions among them."""

    def send(self, request: Any, **options: Any) -> BackendResponse:
        """Have the memory answer, or go wrong."""
        fault, self.sent = self.faults.get(self.sent), self.sent + 1
        if fault is not None:
            self.memory.fail(**fault())
        return super().send(request, **options)


class PipelineBackend(AzureBackend):
    """What leads to Azure, led to a MemoryBackend instead: only the network, the files and the clock are the memory's.

    Waits before a repetition pass on the memory's clock; there are none unless the service or `options` ask for them.
    """

    def __init__(self, memory: MemoryBackend, credential: Any = None, **options: Any) -> None:
        """Send to `memory`, signed in by a made-up credential unless one is given."""
        self.memory = memory
        defaults = {"transport": BackendTransport(memory), "retry_backoff_factor": 0}
        super().__init__(credential or Credential(), cloud=memory.cloud, **{**defaults, **options})

    def container(self, url: str, credential: Any = None) -> Container:
        """The memory's own files: there is no blob storage over HTTP behind it."""
        return self.memory.container(url, credential)

    def sleep(self, seconds: float) -> None:
        """Let time pass on the memory's clock."""
        self.memory.sleep(seconds)


DRAWN = re.compile(
    r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"  # ids that somebody made up
    r"|\b[0-9a-f]{32}\b"
    r"|(?<=storage)[0-9a-f]{8,}|(?<=keyvault)[0-9a-f]{8,}|(?<=insights)[0-9a-f]{8,}|(?<=logalyti)[0-9a-f]{8,}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d[0-9:.]*(Z|\+00:00)?"  # times
)
"""What differs between two runs of the same script."""


def contents(memory: MemoryBackend) -> list[str]:
    """All that a MemoryBackend holds, a line for each resource and file: equal after two runs that did the same."""
    lines = [
        f"{resource.id} {json.dumps({**resource.stored, 'systemData': None}, sort_keys=True)}"
        f" {'archived' if resource.archived else ''} {'' if resource.listed else 'hidden'} {resource.pending or ''}"
        for resource in memory.state.root.descendants()
    ]
    lines += [
        f"{account.name} {container} {name} {file.metadata} {file.content!r}"
        for account in memory.state.accounts.values()
        for container, stored in account.containers.items()
        for name, file in stored.files.items()
    ]
    return sorted(DRAWN.sub("*", line) for line in lines)
