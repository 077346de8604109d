"""Which hosts are answered from memory, which may be reached, and that all others are refused with a word."""

from __future__ import annotations

import http.server
import pickle
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mlsdk.testing import HostRefusedError, azure_ml

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP = "https://management.azure.com/subscriptions/sub/resourceGroups/rg"
VERSION = {"api-version": "2021-04-01"}


@pytest.mark.parametrize("url", ["https://pypi.org/simple/", "http://169.254.169.254/metadata/identity/oauth2/token"])
def test_a_host_that_is_not_azures_is_refused(url: str) -> None:
    """With an error that says how to let it through, and that nobody takes for a bad connection."""
    host = url.split("/")[2]
    with azure_ml() as azure:
        with pytest.raises(HostRefusedError, match=rf"GET to {host} was refused.*allow_hosts=\['{host}'\]") as caught:
            requests.get(url, timeout=1)
        assert caught.value.host == host
        assert not isinstance(caught.value, OSError)
        assert len(azure.requests) == 0


def test_telemetry_does_not_count_as_a_request_to_azure() -> None:
    """Where clients report about themselves is refused, so that a test's log holds what the test asked for."""
    with azure_ml(), pytest.raises(HostRefusedError):
        requests.post("https://eastus-8.in.applicationinsights.azure.com/v2.1/track", json=[], timeout=1)


def test_an_error_for_a_list_of_hosts_that_is_none() -> None:
    """One text would be taken for its letters."""
    with pytest.raises(TypeError, match=r"\['localhost'\]"), azure_ml(allow_hosts="localhost"):
        pass


@pytest.fixture
def local_server() -> Iterator[str]:
    """The host and port of a server on this machine that answers every GET with `real`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"real")

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("pattern", ["127.0.0.1", "127.0.0.*", "127.0.0.1:*"])
def test_a_host_may_be_let_through(local_server: str, pattern: str) -> None:
    """By its name, with `*`, or with its port; Azure's are still answered from memory."""
    with azure_ml(allow_hosts=[pattern]):
        assert requests.get(f"http://{local_server}/", timeout=5).text == "real"
        assert requests.get(GROUP, params=VERSION, timeout=1).status_code == 404


def test_an_address_of_ipv6_may_be_let_through() -> None:
    """As the error writes it, although brackets mean something else in a pattern."""
    with azure_ml(), pytest.raises(HostRefusedError) as refused:
        requests.get("http://[::1]:9/", timeout=5)
    with azure_ml(allow_hosts=[refused.value.host]), pytest.raises(requests.ConnectionError):
        requests.get("http://[::1]:9/", timeout=5)


def test_a_password_in_an_address_is_not_shown() -> None:
    """The error names the host alone, and the host alone is let through."""
    with azure_ml(), pytest.raises(HostRefusedError) as refused:
        requests.get("https://me:hunter2@example.com/", timeout=1)
    assert refused.value.host == "example.com"
    assert "hunter2" not in str(refused.value)


def test_the_error_comes_whole_out_of_another_process() -> None:
    """Code under test that works in several processes says what was refused."""
    error = HostRefusedError("GET", "example.com")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.host, again.method) == (str(error), "example.com", "GET")
