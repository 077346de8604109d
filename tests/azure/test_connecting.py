"""Proxies, certificates, time-outs and broken connections, against real servers on loopback."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
import requests
from azure.core.exceptions import AzureError, DecodeError, ServiceRequestError, ServiceResponseError
from azure_answers import MODEL, PATH, asked, connect, model_body
from azure_servers import Server
from certificates import write_certificate

from mlsdk.backends import Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.clouds import Cloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import responses
    from azure_answers import Credential

MODEL_REQUEST = f"GET {PATH}/models/iris/versions/1?api-version=2023-08-01-preview"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the servers, which no one trusts who is not told to."""
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers that speak TLS; they stop with the test."""
    with ExitStack() as stack:

        def start(answer: Callable[[str, str], tuple[int, Any]], *, proxy: bool = False) -> Server:
            server = Server(certificate, answer)
            if not proxy:
                server.speak_tls()
            return stack.enter_context(server.running())

        yield start


def on_port(port: int) -> Cloud:
    """A cloud whose Azure Resource Manager stands on loopback."""
    return Cloud(
        "Loopback", f"https://127.0.0.1:{port}", "https://127.0.0.1", "https://127.0.0.1", "x", "https://x", "https://x"
    )


def with_model(_method: str, _path: str) -> tuple[int, Any]:
    """A server that has the model."""
    return 200, model_body()


# -- certificates -----------------------------------------------------------------------------------------------
def test_a_certificate_that_is_not_trusted_is_refused(serve: Callable[..., Server], credential: Credential) -> None:
    """And the error names the host; nothing was asked there."""
    server = serve(with_model)
    client = connect(credential, cloud=on_port(server.port), retry_total=0)
    with pytest.raises(ServiceRequestError, match=rf"127\.0\.0\.1.*{server.port}.*CERTIFICATE_VERIFY_FAILED"):
        client.models.get("iris", "1")
    assert server.asked == []


def test_a_certificate_is_trusted_by_argument(
    serve: Callable[..., Server], credential: Credential, certificate: Path
) -> None:
    """`connection_verify`, as in every client of azure-core; one connection serves many calls."""
    server = serve(with_model)
    client = connect(credential, cloud=on_port(server.port), connection_verify=str(certificate))
    for _ in range(3):
        assert client.models.get("iris", "1").name == "iris"
    assert server.asked == [MODEL_REQUEST] * 3
    client.close()


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_is_trusted_by_environment(
    serve: Callable[..., Server],
    credential: Credential,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """The variables that `requests` reads; not when the client was told to leave the environment alone."""
    monkeypatch.setenv(name, str(certificate))
    server = serve(with_model)
    with connect(credential, cloud=on_port(server.port)) as client:
        assert client.models.get("iris", "1").name == "iris"
    client = connect(credential, cloud=on_port(server.port), use_env_settings=False, retry_total=0)
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        client.models.get("iris", "1")


def test_the_argument_wins_over_the_environment(
    serve: Callable[..., Server],
    credential: Credential,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Behind a proxy too, where `requests` would ask the environment again."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = serve(with_model)
    with connect(credential, cloud=on_port(server.port), connection_verify=str(certificate)) as client:
        assert client.models.get("iris", "1").name == "iris"


def test_a_session_of_ones_own_brings_its_certificates(
    serve: Callable[..., Server], credential: Credential, certificate: Path
) -> None:
    """As it is set up; the client closed, it is still open."""
    server = serve(with_model)
    with requests.Session() as session:
        session.verify = str(certificate)
        for _ in range(2):
            with connect(credential, cloud=on_port(server.port), session=session) as client:
                assert client.models.get("iris", "1").name == "iris"


# -- proxies ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", ["https_proxy", "HTTPS_PROXY", "argument", "session"])
def test_calls_go_through_a_proxy(
    serve: Callable[..., Server],
    credential: Credential,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    """Named by the environment, by `proxies=` or by a session; it is told the host's name, which is not looked up here."""
    proxy = serve(with_model, proxy=True)
    address = f"http://127.0.0.1:{proxy.port}"
    options: dict[str, Any] = {"connection_verify": str(certificate)}
    if by == "argument":
        options["proxies"] = {"https": address}
    elif by == "session":
        options["session"] = requests.Session()
        options["session"].proxies = {"https": address}
        options["session"].verify = options.pop("connection_verify")
    else:
        monkeypatch.setenv(by, address)
    with connect(credential, **options) as client:
        assert client.models.get("iris", "1").name == "iris"
    assert proxy.connected == ["management.azure.com:443"]
    assert proxy.asked == [MODEL_REQUEST]


def test_no_proxy_is_kept(
    serve: Callable[..., Server], credential: Credential, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hosts are reached directly."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = serve(with_model)
    with connect(credential, cloud=on_port(server.port), connection_verify=str(certificate)) as client:
        assert client.models.get("iris", "1").name == "iris"


def test_a_proxy_of_the_environment_can_be_left_alone(
    azure: responses.RequestsMock, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`use_env_settings=False`, as in every client of azure-core."""
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    azure.get(MODEL, json=model_body())
    connect(credential).models.get("iris", "1")
    assert azure.calls[-1].request.req_kwargs["proxies"]["https"] == "http://proxy.example:3128"
    connect(credential, use_env_settings=False).models.get("iris", "1")
    assert not azure.calls[-1].request.req_kwargs["proxies"]


def test_a_proxy_that_answers_instead_of_azure_is_named(azure: responses.RequestsMock, credential: Credential) -> None:
    """Its sign-in page is not taken for a model."""
    azure.get(MODEL, body="<html><body>Sign in to the network</body></html>", content_type="text/html; charset=utf-8")
    with pytest.raises(DecodeError, match=r"answered with a web page, not by Azure; a proxy or a sign-in page"):
        connect(credential).models.get("iris", "1")
    assert asked(azure) == ["GET /models/iris/versions/1"]


# -- time -------------------------------------------------------------------------------------------------------
def test_a_server_that_never_answers_costs_no_more_than_the_timeout(
    serve: Callable[..., Server], credential: Credential, certificate: Path
) -> None:
    """Repetitions included; the other calls of the client have their usual time."""
    silent = threading.Event()

    def answer(_method: str, _path: str) -> tuple[int, Any]:
        silent.wait(10)
        return 200, model_body()

    server = serve(answer)
    client = connect(credential, cloud=on_port(server.port), connection_verify=str(certificate))
    began = time.monotonic()
    with pytest.raises(AzureError, match=r"(?i)time") as caught:
        client.with_options(timeout=0.4).models.get("iris", "1")
    assert time.monotonic() - began < 5
    assert isinstance(caught.value, (ServiceRequestError, ServiceResponseError))
    silent.set()
    assert client.models.get("iris", "1").name == "iris"
    client.close()


def test_a_server_that_takes_no_connection_costs_no_more_than_the_timeout(credential: Credential) -> None:
    """One that accepts and then says nothing, not even who it is."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = connect(credential, cloud=on_port(listening.getsockname()[1]))
        began = time.monotonic()
        with pytest.raises((ServiceRequestError, ServiceResponseError), match=r"(?i)time"):
            client.with_options(timeout=0.4).models.get("iris", "1")
        assert time.monotonic() - began < 5


def test_read_timeout_holds_for_every_call(
    serve: Callable[..., Server], credential: Credential, certificate: Path
) -> None:
    """As given to the client; without repetitions it is the whole time."""
    silent = threading.Event()

    def answer(_method: str, _path: str) -> tuple[int, Any]:
        silent.wait(10)
        return 200, {}

    server = serve(answer)
    client = connect(
        credential, cloud=on_port(server.port), connection_verify=str(certificate), read_timeout=0.3, retry_total=0
    )
    with pytest.raises(ServiceResponseError, match="Read timed out"):
        client.models.get("iris", "1")
    silent.set()
    client.close()


# -- what breaks ------------------------------------------------------------------------------------------------
def test_a_refused_connection_names_the_host(credential: Credential) -> None:
    """And the port, after azure-core's repetitions."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    client = connect(credential, cloud=on_port(port), retry_backoff_factor=0)
    with pytest.raises(
        ServiceRequestError, match=rf"(?s)127\.0\.0\.1.*{port}.*refused.*was not reached, so nothing was done"
    ):
        client.models.get("iris", "1")


def test_a_host_that_is_not_there_is_named(credential: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the name of the host cannot be looked up."""

    def no_such_host(host: str, *_: Any, **__: Any) -> Any:
        message = f"Name or service not known: {host}"
        raise socket.gaierror(socket.EAI_NONAME, message)

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    with pytest.raises(ServiceRequestError, match=r"management\.azure\.com"):
        connect(credential, retry_total=0).models.get("iris", "1")


def test_an_answer_that_breaks_off_is_asked_for_again(
    credential: Credential, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a model is not taken for a model."""
    answers = [model_body(), model_body()]
    server = Server(certificate, lambda *_: (200, answers.pop()))
    server.speak_tls()
    handler = server._server.RequestHandlerClass
    whole = handler.send_header

    def send_header(self: Any, name: str, value: str) -> None:
        # The first answer promises more than it gives, then the connection ends.
        if name == "Content-Length" and len(answers) == 1:
            value, self.close_connection = str(int(value) + 10), True
        whole(self, name, value)

    monkeypatch.setattr(handler, "send_header", send_header)
    with server.running():
        client = connect(
            credential, cloud=on_port(server.port), connection_verify=str(certificate), retry_backoff_factor=0
        )
        assert client.models.get("iris", "1").name == "iris"
        assert server.asked == [MODEL_REQUEST] * 2
        client.close()


def test_a_connection_that_went_stale_is_replaced(
    credential: Credential, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server closes what was idle for long; the next call opens another connection, also for a POST."""
    server = Server(certificate, lambda method, _: (200, {"nodes": []} if method == "POST" else model_body()))
    server.speak_tls()
    handler = server._server.RequestHandlerClass
    whole = handler.end_headers

    def end_headers(self: Any) -> None:
        whole(self)
        self.close_connection = True  # without a word of it to the client

    monkeypatch.setattr(handler, "end_headers", end_headers)
    with (
        server.running(),
        connect(credential, cloud=on_port(server.port), connection_verify=str(certificate), retry_total=0) as client,
    ):
        client.models.get("iris", "1")
        server.closed.wait(5)
        assert list(client.compute.list_nodes("cluster")) == []


def test_the_log_of_urllib3_shows_no_signature(
    serve: Callable[..., Server], credential: Credential, certificate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It tells every address that is asked, at the level DEBUG; also one that cannot be reached."""
    caplog.set_level(logging.DEBUG)
    server = serve(lambda *_: (200, {}))
    backend = AzureBackend(credential, connection_verify=str(certificate), retry_total=0)
    for address in (f"https://127.0.0.1:{server.port}", "https://127.0.0.1:1"):
        request = Request("GET", f"{address}/c/f?sv=1&sig=c2VjcmV0%3D&se=2", audience=None)
        with suppress(ServiceRequestError):
            backend.send(request)
    assert server.asked == ["GET /c/f?sv=1&sig=c2VjcmV0%3D&se=2"]
    assert "/c/f?sv=1&sig=***&se=2" in caplog.text
    assert "c2VjcmV0" not in caplog.text
    # Lines of any form pass.
    logging.getLogger("urllib3.connectionpool").debug("%(word)s of its own", {"word": "a line"})
    assert "a line of its own" in caplog.text
    backend.close()
