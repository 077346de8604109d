"""Who is signed in: which credential, which scope, when a new token is asked for, and where a token never goes."""

from __future__ import annotations

import base64
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import azure.identity
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure_answers import ARM, BASE, MODEL, Credential, Token, asked, connect, model_body, refusal, sent_headers

from mlsdk.backends import Options, Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.clouds import CHINA, US_GOVERNMENT

if TYPE_CHECKING:
    import responses

    from mlsdk import MLClient

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'
CHALLENGE = (
    'Bearer authorization_uri="https://login.microsoftonline.com/", error="insufficient_claims", '
    f'claims="{base64.b64encode(CLAIMS.encode()).decode()}"'
)
SECRET = "very-secret-text"


@pytest.fixture
def default_credential(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How azure-identity's default credential was made; what was made is a `Credential`."""
    made: list[dict[str, Any]] = []

    class Default(Credential):
        def __init__(self, **options: Any) -> None:
            super().__init__()
            made.append(options)
            self.closed = 0

        def close(self) -> None:
            made[-1]["closed"] = made[-1].get("closed", 0) + 1

    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", Default)
    return made


def test_without_a_credential_it_is_azure_identitys_default_one(
    azure: responses.RequestsMock, default_credential: list[dict[str, Any]]
) -> None:
    """Made when first needed, once, for the cloud's own authority, and closed with the client."""
    azure.get(MODEL, json=model_body())
    client = connect(None)
    assert default_credential == []
    client.models.get("iris", "1")
    client.models.get("iris", "1")
    assert sent_headers(azure)["Authorization"] == "Bearer token-1"
    assert default_credential == [{"authority": "https://login.microsoftonline.com"}]
    client.close()
    assert default_credential[0]["closed"] == 1


def test_whoever_is_not_signed_in_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a credential; one of the user's own says itself what is wrong with it."""

    class Nobody:
        def get_token(self, *_scopes: str, **_options: Any) -> Any:
            raise ClientAuthenticationError(message="nobody is signed in")

    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", lambda **_: Nobody())
    with pytest.raises(ClientAuthenticationError, match=r"(?s)^nobody is signed in\nWhat to do: .*az login.*memory"):
        connect(None).models.get("iris", "1")
    with pytest.raises(ClientAuthenticationError, match=r"^nobody is signed in$"):
        connect(Nobody()).models.get("iris", "1")


@pytest.mark.parametrize("cloud", [CHINA, US_GOVERNMENT])
def test_the_default_credential_signs_in_at_the_clouds_own_authority(
    azure: responses.RequestsMock, default_credential: list[dict[str, Any]], cloud: Any
) -> None:
    """Not at the public one."""
    azure.get(MODEL.replace(ARM, cloud.resource_manager), json=model_body())
    connect(None, cloud=cloud).models.get("iris", "1")
    assert default_credential == [{"authority": cloud.active_directory}]


def test_a_credential_of_ones_own_is_left_open(azure: responses.RequestsMock, credential: Credential) -> None:
    """Its maker closes it."""
    azure.get(MODEL, json=model_body())
    credential.close = lambda: pytest.fail("the credential is not ours to close")  # type: ignore[attr-defined]
    with connect(credential) as client:
        client.models.get("iris", "1")


def test_a_credential_with_get_token_info_alone_works(azure: responses.RequestsMock) -> None:
    """The newer of azure-core's two protocols."""
    azure.get(MODEL, json=model_body())
    asked_for = []

    def get_token_info(*scopes: str, options: Any) -> Any:
        asked_for.append((scopes, options))
        return Token("info", int(time.time()) + 3600)

    connect(SimpleNamespace(get_token_info=get_token_info)).models.get("iris", "1")
    assert sent_headers(azure)["Authorization"] == "Bearer info"
    assert asked_for == [(("https://management.azure.com/.default",), {})]


@pytest.mark.parametrize("wrong", [SECRET, {"token": SECRET}, 17, azure.identity])
def test_what_is_no_credential_is_refused_at_once(wrong: Any) -> None:
    """With its type and what to give, and no word of what it holds."""
    with pytest.raises(
        TypeError, match=rf"a {type(wrong).__name__} is no credential .*DefaultAzureCredential\(\)"
    ) as caught:
        connect(wrong)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("audience", "scope"),
    [("arm", "https://management.azure.com/.default"), ("ml", "https://ml.azure.com/.default")],
)
def test_each_audience_has_its_own_scope_and_token(
    azure: responses.RequestsMock, credential: Credential, audience: str, scope: str
) -> None:
    """Azure Resource Manager's, or Azure Machine Learning's own services'."""
    azure.get("https://eastus.api.azureml.ms/x", json={})
    AzureBackend(credential).send(Request("GET", "https://eastus.api.azureml.ms/x", audience=audience))
    assert credential.scopes == [scope]


@pytest.mark.parametrize("protocol", ["get_token", "get_token_info"])
def test_a_token_for_acting_in_the_callers_name_goes_in_a_header_of_its_own(
    azure: responses.RequestsMock, protocol: str
) -> None:
    """For Azure Machine Learning, beside the one for Azure Resource Manager; asked for once, and only where it is wanted."""
    scopes: list[str] = []

    def give(*asked_for: str, **_: Any) -> Token:
        scopes.extend(asked_for)
        return Token(f"for {asked_for[0]}", int(time.time()) + 3600)

    azure.put("https://management.azure.com/x", json={})
    backend = AzureBackend(SimpleNamespace(**{protocol: give}))  # type: ignore[arg-type]
    for wanted in (True, True, False):
        backend.send(Request("PUT", "/x", options=Options(user_token=wanted)))
    assert [sent_headers(azure, index).get("x-azureml-token") for index in range(3)] == [
        *["for https://ml.azure.com/.default"] * 2,
        None,
    ]
    assert scopes == ["https://ml.azure.com/.default", "https://management.azure.com/.default"]


def test_that_token_does_not_follow_a_redirect_to_another_host(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """As little as the other one."""
    azure.get("https://management.azure.com/x", status=302, headers={"Location": "https://elsewhere.azure.com/x"})
    azure.get("https://elsewhere.azure.com/x", json={})
    AzureBackend(credential).send(Request("GET", "/x", options=Options(user_token=True)))
    assert "x-azureml-token" in sent_headers(azure, 0)
    assert "x-azureml-token" not in sent_headers(azure, 1)


def test_a_call_that_needs_no_token_asks_for_none(azure: responses.RequestsMock, credential: Credential) -> None:
    """What its headers say goes out as it is."""
    azure.post("https://endpoint.eastus.inference.ml.azure.com/score", json={})
    backend = AzureBackend(credential)
    headers = {"Authorization": "Bearer endpoint-key"}
    backend.send(Request("POST", "https://endpoint.eastus.inference.ml.azure.com/score", {}, headers, {}, None))
    assert sent_headers(azure)["Authorization"] == "Bearer endpoint-key"
    assert credential.asked == []


@pytest.mark.parametrize("cloud", [CHINA, US_GOVERNMENT])
def test_the_scopes_are_the_clouds(azure: responses.RequestsMock, credential: Credential, cloud: Any) -> None:
    """For both audiences."""
    azure.get(f"{cloud.resource_manager}/x", json={})
    backend = AzureBackend(credential, cloud=cloud)
    for audience in ("arm", "ml"):
        backend.send(Request("GET", "/x", audience=audience))
    assert credential.scopes == [f"{cloud.resource_manager}/.default", f"{cloud.machine_learning}/.default"]


def test_a_token_is_used_until_shortly_before_it_expires(azure: responses.RequestsMock) -> None:
    """Asked for once as long as it is good, and again in its last minutes."""
    azure.get(MODEL, json=model_body())
    for lifetime, tokens in ((3600, 1), (30, 3)):
        credential = Credential(lifetime)
        client = connect(credential)
        for _ in range(3):
            client.models.get("iris", "1")
        assert len(credential.asked) == tokens
        assert sent_headers(azure)["Authorization"] == f"Bearer token-{tokens}"


def test_a_token_is_renewed_when_its_giver_says_so(azure: responses.RequestsMock) -> None:
    """`refresh_on`, before it expires."""
    azure.get(MODEL, json=model_body())
    now, count = int(time.time()), []

    def get_token_info(*_: str, options: Any) -> Any:  # noqa: ARG001 - azure-core's signature
        count.append(1)
        return Token("info", now + 3600, now - 120)

    client = connect(SimpleNamespace(get_token_info=get_token_info))
    client.models.get("iris", "1")
    client.models.get("iris", "1")
    assert len(count) == 2


def test_clients_of_some_calls_share_the_token(azure: responses.RequestsMock, credential: Credential) -> None:
    """`with_options` makes no new sign-in."""
    azure.get(MODEL, json=model_body())
    client = connect(credential)
    client.models.get("iris", "1")
    client.with_options(timeout=5).models.get("iris", "1")
    assert len(credential.asked) == 1


def test_a_challenge_is_met_with_one_new_token(
    azure: responses.RequestsMock, client: MLClient, credential: Credential
) -> None:
    """The claims that the service asks for reach the credential, and the request goes out once more, body and all."""
    azure.get(MODEL, json=refusal("InvalidAuthenticationToken"), status=401, headers={"WWW-Authenticate": CHALLENGE})
    azure.get(MODEL, json=model_body())
    assert client.models.get("iris", "1").name == "iris"
    assert credential.asked[1] == (("https://management.azure.com/.default",), {"claims": CLAIMS})
    assert [sent_headers(azure, index)["Authorization"] for index in (0, 1)] == ["Bearer token-1", "Bearer token-2"]
    client.models.get("iris", "1")
    assert len(credential.asked) == 2


def test_a_challenge_of_a_post_is_met_too(
    azure: responses.RequestsMock, client: MLClient, credential: Credential
) -> None:
    """Nothing was done before it, so it is no repetition."""
    url = f"{BASE}/computes/c/stop"
    azure.post(url, json=refusal(), status=401, headers={"WWW-Authenticate": CHALLENGE})
    azure.post(url, status=202)
    client.compute.begin_stop("c").result()
    assert len(credential.asked) == 2


def test_a_challenge_that_stays_is_an_error(
    azure: responses.RequestsMock, client: MLClient, credential: Credential
) -> None:
    """It is met once."""
    azure.get(MODEL, json=refusal("Conditional", "not from here"), status=401, headers={"WWW-Authenticate": CHALLENGE})
    with pytest.raises(ClientAuthenticationError, match="not from here") as caught:
        client.models.get("iris", "1")
    assert caught.value.error.code == "Conditional"
    assert (len(azure.calls), len(credential.asked)) == (2, 2)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"WWW-Authenticate": 'Bearer error="invalid_token"'},
        {"WWW-Authenticate": 'Bearer error="insufficient_claims"'},
        {"WWW-Authenticate": "Basic realm"},
    ],
)
def test_a_token_that_is_refused_is_an_error_and_not_used_again(
    azure: responses.RequestsMock, client: MLClient, credential: Credential, headers: dict[str, str]
) -> None:
    """The next call asks for another one, so that signing in again helps."""
    azure.get(MODEL, json=refusal("ExpiredAuthenticationToken", "expired"), status=401, headers=headers)
    azure.get(MODEL, json=model_body())
    with pytest.raises(ClientAuthenticationError, match="expired"):
        client.models.get("iris", "1")
    assert len(azure.calls) == 1
    client.models.get("iris", "1")
    assert sent_headers(azure)["Authorization"] == "Bearer token-2"
    assert len(credential.asked) == 2


@pytest.mark.parametrize(
    "failure", [ClientAuthenticationError("sign in again"), RuntimeError("my own vault is sealed")]
)
def test_a_credential_that_fails_is_asked_once_and_its_error_comes_out(
    azure: responses.RequestsMock, failure: Exception
) -> None:
    """Nothing is sent."""
    credential = Credential(failure=failure)
    with pytest.raises(type(failure)) as caught:
        connect(credential).models.get("iris", "1")
    assert caught.value is failure
    assert (len(credential.asked), len(azure.calls)) == (1, 0)


def test_a_credential_that_fails_at_a_challenge_shows_both_errors(azure: responses.RequestsMock) -> None:
    """Its own, and the service's 401 as the cause."""
    azure.get(MODEL, json=refusal(), status=401, headers={"WWW-Authenticate": CHALLENGE})
    credential = Credential()

    def get_token(*_: str, claims: str | None = None) -> Any:
        if claims:
            message = "interaction is needed"
            raise ClientAuthenticationError(message)
        return Token("first", int(time.time()) + 3600)

    credential.get_token = get_token  # type: ignore[method-assign,assignment]
    with pytest.raises(ClientAuthenticationError, match="interaction is needed") as caught:
        connect(credential).models.get("iris", "1")
    assert isinstance(caught.value.__cause__, HttpResponseError)
    assert caught.value.__cause__.status_code == 401


def test_a_token_never_travels_without_encryption(azure: responses.RequestsMock, credential: Credential) -> None:
    """Not to an address that the service names either; no token is asked for."""
    with pytest.raises(ServiceRequestError, match="not permitted for non-TLS"):
        AzureBackend(credential, retry_total=0).send(Request("GET", "http://management.azure.com/x"))
    azure.get(f"{BASE}/models", json={"value": [], "nextLink": "http://management.azure.com/next"})
    with pytest.raises(ServiceRequestError, match="not permitted for non-TLS"):
        list(connect(credential, retry_total=0).models.list())
    assert len(azure.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_within_the_host_keeps_the_token(
    azure: responses.RequestsMock, client: MLClient, status: int
) -> None:
    """It is followed."""
    azure.get(MODEL, status=status, headers={"Location": f"{BASE}/models/other/versions/1"})
    azure.get(f"{BASE}/models/other/versions/1", json=model_body())
    client.models.get("iris", "1")
    assert asked(azure) == ["GET /models/iris/versions/1", "GET /models/other/versions/1"]
    assert sent_headers(azure)["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/x", "https://management.azure.com:8443/x"])
def test_a_redirect_to_another_host_does_not_take_the_token_along(
    azure: responses.RequestsMock, client: MLClient, status: int, elsewhere: str
) -> None:
    """Neither do its repetitions there."""
    azure.get(MODEL, status=status, headers={"Location": elsewhere})
    azure.get(elsewhere, status=503)
    azure.get(elsewhere, json=model_body())
    client.models.get("iris", "1")
    assert len(azure.calls) == 3
    for index in (1, 2):
        assert "Authorization" not in sent_headers(azure, index)


def test_a_redirect_to_plain_http_is_not_followed(azure: responses.RequestsMock, credential: Credential) -> None:
    """With a token on the way."""
    azure.get(MODEL, status=307, headers={"Location": MODEL.replace("https:", "http:")})
    with pytest.raises(ServiceRequestError, match="not permitted for non-TLS"):
        connect(credential, retry_total=0).models.get("iris", "1")
