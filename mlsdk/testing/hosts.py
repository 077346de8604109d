"""Which hosts are Azure's, and so are answered from memory; all others are refused unless they are let through."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

AZURE = (
    "azure.com",
    "azurecr.io",
    "azureedge.net",
    "azureml.ms",
    "azureml.net",
    "azure.net",
    "graph.microsoft.com",
    "microsoftonline.com",
    "windows.net",
    # China
    "azure.cn",
    "chinacloudapi.cn",
    # the US Government
    "azure.us",
    "microsoftonline.us",
    "usgovcloudapi.net",
)
"""The domains that Azure's services stand in."""

TELEMETRY = ("applicationinsights.azure.com", "monitor.azure.com")
"""Where clients report about themselves: nothing a test asks for, so it is refused as other hosts are."""


class HostRefusedError(RuntimeError):
    """A request to a host that is neither Azure's nor let through.

    It is no error of azure-core's or of requests': those would be tried again, or be taken for a bad connection.
    """

    def __init__(self, method: str, host: str) -> None:
        """Say what was asked of which host, and how to let it through."""
        super().__init__(
            f"{method} to {host} was refused: while mlsdk.testing.azure_ml is active only hosts of Azure are answered, "
            f"from memory. To let it through: azure_ml(allow_hosts=[{host!r}]), or "
            f"@pytest.mark.azure_ml(allow_hosts=[{host!r}]) for the fixture."
        )
        self.method = method
        self.host = host

    def __reduce__(self) -> tuple[type[HostRefusedError], tuple[str, str]]:
        """The error comes whole out of another process."""
        return type(self), (self.method, self.host)


class Hosts:
    """What is to be done with the hosts that are asked: some are let through, Azure's are answered, all others refused."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Let hosts through that match one of the patterns `allowed`: `localhost:8080`, `*.example.com`."""
        if isinstance(allowed, str):
            message = f"allow_hosts has to be a list of hosts: [{allowed!r}]"
            raise TypeError(message)
        self._allowed = tuple(pattern.lower() for pattern in allowed)
        self._known: dict[str, bool] = {}

    def lets_through(self, host: str, netloc: str) -> bool:
        """Whether a host may be reached; `netloc` is the same with its port."""
        # An address of IPv6 is in brackets, which mean something else in a pattern.
        return any(
            pattern == netloc or fnmatchcase(host, pattern) or fnmatchcase(netloc, pattern) for pattern in self._allowed
        )

    def answers(self, host: str) -> bool:
        """Whether a host (in lower case) is one of Azure's."""
        known = self._known.get(host)
        if known is None:
            known = _within(host, AZURE) and not _within(host, TELEMETRY)
            self._known[host] = known
        return known


def _within(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
