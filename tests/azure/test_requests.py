"""What goes out is what the official client sends: addresses, headers and bodies as Azure takes them."""

from __future__ import annotations

import io
import time
import uuid
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import requests
from azure.core import __version__ as azure_core_version
from azure.core.pipeline.transport import RequestsTransport
from azure.core.settings import settings as azure_settings
from azure_answers import ARM, BASE, MODEL, asked, compute_body, connect, model_body, sent_body, sent_headers
from responses import matchers

from mlsdk import MLClient
from mlsdk._version import __version__
from mlsdk.backends import Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.entities import AmlCompute, Environment, Model
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import responses
    from azure_answers import Credential


def test_a_get_carries_what_the_official_clients_does(azure: responses.RequestsMock, client: MLClient) -> None:
    """Address, api-version, the kinds of content, the token, a request id, and who asks."""
    azure.get(MODEL, json=model_body(), match=[matchers.query_param_matcher({"api-version": "2023-08-01-preview"})])
    found = client.models.get("iris", "1")
    assert (found.name, found.version, found.path) == ("iris", "1", "azureml://datastores/store/paths/m")
    headers = sent_headers(azure)
    assert headers["Authorization"] == "Bearer token-1"
    assert headers["Accept"] == "application/json"
    assert "Content-Type" not in headers
    assert uuid.UUID(headers["x-ms-client-request-id"])
    assert headers["User-Agent"].startswith(f"mlsdk/{__version__} azsdk-python-core/{azure_core_version} Python/")


def test_a_put_carries_json(azure: responses.RequestsMock, client: MLClient) -> None:
    """With its length and kind."""
    azure.put(MODEL, json=model_body(), status=201)
    client.models.create_or_update(
        Model(name="iris", version="1", path="azureml://datastores/store/paths/m", description="größer")
    )
    headers = sent_headers(azure)
    assert (headers["Content-Type"], headers["Accept"]) == ("application/json", "application/json")
    assert int(headers["Content-Length"]) == len(azure.calls[0].request.body)
    assert sent_body(azure)["properties"]["description"] == "größer"


def test_each_call_has_a_request_id_of_its_own(azure: responses.RequestsMock, client: MLClient) -> None:
    """Which support asks for."""
    azure.get(MODEL, json=model_body())
    client.models.get("iris", "1")
    client.models.get("iris", "1")
    assert len({sent_headers(azure, index)["x-ms-client-request-id"] for index in (0, 1)}) == 2


def test_queries_are_escaped_as_the_official_client_escapes_them(
    azure: responses.RequestsMock, client: MLClient
) -> None:
    """A space is %20, and `$` stays."""
    azure.get(f"{BASE}/models/iris/versions", json={"value": [model_body(version="7")]})
    assert client.models.get("iris", label="latest").version == "7"
    assert azure.calls[0].request.url == (
        f"{BASE}/models/iris/versions?api-version=2023-08-01-preview&$orderBy=createdtime%20desc&$top=1"
    )


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a b", "a%20b"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("a/b", "a%2Fb"),
        ("50%", "50%25"),
        ("a?b#c", "a%3Fb%23c"),
        ("a+b", "a%2Bb"),
    ],
)
def test_a_name_with_special_characters_stays_one_name(
    azure: responses.RequestsMock, client: MLClient, name: str, escaped: str
) -> None:
    """It does not lead elsewhere, and arrives as it is."""
    azure.get(f"{BASE}/computes/{escaped}", json=compute_body(name))
    assert client.compute.get(name).name == name
    assert f"{BASE}/computes/{escaped}?" in azure.calls[0].request.url


def test_the_api_version_of_a_collection_can_be_another(azure: responses.RequestsMock, credential: Credential) -> None:
    """`api_versions` names it; the other collections keep theirs."""
    azure.get(MODEL, json=model_body(), match=[matchers.query_param_matcher({"api-version": "2025-12-01"})])
    azure.get(
        f"{BASE}/computes/c",
        json=compute_body("c"),
        match=[matchers.query_param_matcher({"api-version": "2023-08-01-preview"})],
    )
    client = connect(credential, api_versions={"models": "2025-12-01"})
    client.models.get("iris", "1")
    client.compute.get("c")


def test_an_api_version_of_no_collection_is_refused(credential: Credential) -> None:
    """With what was meant."""
    with pytest.raises(ValidationException, match=r"no collection 'model'; did you mean 'models'\?"):
        connect(credential, api_versions={"model": "2025-12-01"})


def test_the_users_own_name_stands_before_ours(azure: responses.RequestsMock, credential: Credential) -> None:
    """`user_agent` as in every client of azure-core."""
    azure.get(MODEL, json=model_body())
    connect(credential, user_agent="forecast/3").models.get("iris", "1")
    assert sent_headers(azure)["User-Agent"].startswith(f"forecast/3 mlsdk/{__version__} azsdk-python-core/")


def test_headers_of_one_call_win_over_those_of_the_client(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """And both go out; the client that was made first is as it was."""
    azure.get(MODEL, json=model_body())
    client = connect(credential, headers={"x-team": "ours", "x-stage": "test"})
    client.with_options(headers={"x-stage": "live", "x-ms-client-request-id": "mine"}).models.get("iris", "1")
    headers = sent_headers(azure)
    assert (headers["x-team"], headers["x-stage"], headers["x-ms-client-request-id"]) == ("ours", "live", "mine")
    client.models.get("iris", "1")
    assert (sent_headers(azure)["x-stage"], sent_headers(azure)["Authorization"]) == ("test", "Bearer token-1")


def test_a_hook_sees_every_exchange_of_its_client_only(azure: responses.RequestsMock, client: MLClient) -> None:
    """`raw_response_hook` gets azure-core's response, with the service's headers; a list gives it each page."""
    azure.get(
        f"{BASE}/models", json={"value": [], "nextLink": f"{BASE}/models?page=2"}, headers={"x-ms-request-id": "1"}
    )
    azure.get(f"{BASE}/models", json={"value": []}, headers={"x-ms-request-id": "2"})
    seen: list[Any] = []
    list(client.with_options(raw_response_hook=seen.append).models.list())
    list(client.models.list())
    assert [one.http_response.headers["x-ms-request-id"] for one in seen] == ["1", "2"]


def test_a_slow_start_of_an_operation_has_the_calls_options_too(
    azure: responses.RequestsMock, client: MLClient
) -> None:
    """Its headers and its hook."""
    azure.put(f"{BASE}/computes/cluster", json=compute_body(), status=201)
    seen: list[Any] = []
    chosen = client.with_options(headers={"x-team": "ours"}, raw_response_hook=seen.append)
    chosen.compute.begin_create_or_update(
        AmlCompute(name="cluster", size="STANDARD_DS3_V2", location="eastus")
    ).result()
    assert sent_headers(azure)["x-team"] == "ours"
    assert [one.http_response.status_code for one in seen] == [201]


def test_bytes_and_streams_travel_as_they_are(azure: responses.RequestsMock, credential: Credential) -> None:
    """The seam takes them beside JSON, and gives bytes back where the service sends no JSON."""
    azure.post(f"{ARM}/raw", body=b"\x00\xff", content_type="application/octet-stream")
    backend = AzureBackend(credential)
    for body in (b"\x01\x02", io.BytesIO(b"\x01\x02")):
        reply = backend.send(Request("POST", "/raw", body=body))
        assert (reply.status, reply.body) == (200, b"\x00\xff")
        sent = azure.calls[-1].request.body
        assert (sent if isinstance(sent, bytes) else sent.getvalue()) == b"\x01\x02"


def test_an_answer_without_content_has_no_body(azure: responses.RequestsMock, credential: Credential) -> None:
    """204, or an empty 200; header names come in lower case."""
    azure.delete(f"{ARM}/x", status=204, headers={"X-Ms-Request-Id": "1"})
    reply = AzureBackend(credential).send(Request("DELETE", "/x"))
    assert (reply.status, reply.body, reply.headers["x-ms-request-id"]) == (204, None, "1")


def test_a_session_of_ones_own_carries_the_calls_and_stays_open(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """With its proxies and certificates, before and after the client is closed."""
    azure.get(MODEL, json=model_body())
    session = requests.Session()
    session.verify, session.proxies = "authority.pem", {"https": "http://proxy.example:3128"}
    client = connect(credential, session=session)
    session.close = lambda: pytest.fail("the session is not ours to close")  # type: ignore[method-assign]
    for _ in range(2):
        client.models.get("iris", "1")
        said = azure.calls[-1].request.req_kwargs
        assert (said["proxies"]["https"], said["verify"]) == ("http://proxy.example:3128", "authority.pem")
        client.close()


@pytest.mark.parametrize("own", [True, False], ids=["own session", "ours"])
def test_netrc_never_takes_the_place_of_the_token(
    azure: responses.RequestsMock, credential: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    """Not with a session of one's own either, and not behind a proxy."""
    file = tmp_path / "netrc"
    file.write_text("default login somebody password something\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    azure.get(MODEL, json=model_body())
    connect(credential, session=requests.Session() if own else None).models.get("iris", "1")
    assert sent_headers(azure)["Authorization"] == "Bearer token-1"


def test_a_transport_of_ones_own_is_used_and_left_open(azure: responses.RequestsMock, credential: Credential) -> None:
    """Any of azure-core's."""
    closed = []

    class Own(RequestsTransport):
        def close(self) -> None:
            closed.append(self)

    azure.get(MODEL, json=model_body())
    with connect(credential, transport=Own()) as client:
        client.models.get("iris", "1")
    assert closed == []


def test_closing_twice_is_fine_and_a_call_after_it_says_why_it_fails(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """Whether the client had been used or not."""
    azure.get(MODEL, json=model_body())
    used, unused = connect(credential), connect(credential)
    used.models.get("iris", "1")
    for client in (used, unused):
        client.close()
        client.close()
        with pytest.raises(ValueError, match="already been closed"):
            client.models.get("iris", "1")
    assert asked(azure) == ["GET /models/iris/versions/1"]


def test_the_word_azure_names_the_backend(azure: responses.RequestsMock, credential: Credential) -> None:
    """Which is what is taken when nothing is said; an AzureBackend of one's own works as well."""
    azure.get(MODEL, json=model_body())
    for client in (connect(credential, backend="azure"), connect(None, backend=AzureBackend(credential))):
        assert client.models.get("iris", "1").name == "iris"
    with AzureBackend(credential) as backend:
        assert backend.cloud.name == "AzureCloud"


def test_making_a_client_sends_nothing_and_asks_for_no_token(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """Not for a registry either."""
    connect(credential)
    MLClient(credential, registry_name="r")
    assert len(azure.calls) == 0
    assert credential.asked == []


def test_versions_are_one_part_of_the_address(azure: responses.RequestsMock, client: MLClient) -> None:
    """Whatever they are made of."""
    azure.put(
        f"{BASE}/environments/e/versions/1%20%C3%BC", json={"id": f"{BASE}/environments/e/versions/1", "properties": {}}
    )
    client.environments.create_or_update(Environment(name="e", version="1 ü", image="i"))
    assert asked(azure) == ["PUT /environments/e/versions/1%20%C3%BC"]


def test_a_wait_between_polls_is_a_real_one(credential: Credential) -> None:
    """Where no test holds the clock."""
    began = time.monotonic()
    AzureBackend(credential).sleep(0.02)
    assert time.monotonic() - began >= 0.019


class Span:
    """What azure-core asks of a library that traces calls."""

    made: ClassVar[list[Span]] = []

    def __init__(self, name: str, kind: Any) -> None:
        self.name, self.kind, self.span_instance = name, kind, self
        self.attributes: dict[str, Any] = {}
        self.finished = False
        self.made.append(self)

    @staticmethod
    def change_context(_: Any) -> AbstractContextManager[None]:
        """Make a span the current one."""
        return nullcontext()

    def to_header(self) -> dict[str, str]:
        """What tells the service of the trace."""
        return {"traceparent": f"00-trace-{len(self.made)}"}

    def add_attribute(self, name: str, value: Any) -> None:
        """Note something."""
        self.attributes[name] = value

    def set_http_attributes(self, **_: Any) -> None:
        """Note what is to be noted of every exchange."""

    def finish(self) -> None:
        """The exchange is over."""
        self.finished = True


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    """What is traced while the test runs."""
    Span.made.clear()
    azure_settings.tracing_implementation.set_value(Span)  # type: ignore[arg-type]
    yield Span.made
    azure_settings.tracing_implementation.unset_value()


def test_a_trace_follows_each_attempt(azure: responses.RequestsMock, client: MLClient, spans: list[Span]) -> None:
    """By azure-core's own setting; the service is told of it, and the address it notes has no query that opens anything."""
    azure.get(f"{BASE}/models/iris/versions", status=503)
    azure.get(f"{BASE}/models/iris/versions", json={"value": []})
    list(client.models.list("iris"))
    assert [sent_headers(azure, index)["traceparent"] for index in (0, 1)] == ["00-trace-1", "00-trace-2"]
    assert [span.finished for span in spans] == [True, True]
    assert spans[1].attributes["http.request.resend_count"] == 1
    noted = spans[0].attributes["http.url"]
    assert noted == f"{BASE}/models/iris/versions?api-version=2023-08-01-preview&listViewType=REDACTED"
