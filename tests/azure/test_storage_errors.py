"""What opens a blob container, and what errors say where it stays shut."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError, ServiceRequestError

from mlsdk.backends.azure import AzureBackend
from mlsdk.backends.azure.storage import BlobContainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azurite import Azurite

from storage_transports import KEY, Answering, Credential

pytest_plugins = ["azurite"]


def texts(error: BaseException) -> str:
    """All that a person could see of an error, and of those that led to it."""
    found: list[BaseException | None] = [error]
    seen = []
    while found:
        one = found.pop()
        if one is not None and one not in seen:
            seen.append(one)
            found += [one.__cause__, one.__context__, getattr(one, "inner_exception", None)]
            found += [value for value in one.args if isinstance(value, BaseException)]
    requests = [getattr(getattr(one, "response", None), "request", None) for one in seen]
    return "\n".join(f"{one}\n{one!r}\n{vars(one)}" for one in seen) + "\n".join(map(repr, requests))


def test_a_signature_opens_it(azurite: Azurite) -> None:
    """A signature in the address or beside it opens a container, and no text of ours shows it."""
    url = azurite.new()
    signature = azurite.signature(url)
    for container in (BlobContainer(f"{url}?{signature}"), BlobContainer(url, f"?{signature}")):
        container.put("file", io.BytesIO(b"1"), overwrite=True)
        assert container.get("file") == b"1"
        assert repr(container) == f"BlobContainer({url!r})"
        assert container.url == url


def test_a_token_opens_it(azurite_over_https: Azurite) -> None:
    """A credential opens a container over HTTPS, and its token is for the storage service."""
    url = azurite_over_https.new()
    container = BlobContainer(url, Credential(), connection_verify=azurite_over_https.certificate)
    container.put("file", io.BytesIO(b"1"))
    assert [info.name for info in container.list()] == ["file"]


def test_the_backend_gives_containers(azurite: Azurite, azurite_over_https: Azurite) -> None:
    """A backend's containers are opened by what is named, else by who is signed in; closing the backend twice is fine."""
    url, guarded = azurite.new(), azurite_over_https.new()
    with AzureBackend(Credential(), connection_verify=azurite_over_https.certificate) as backend:
        for container in (
            backend.container(url, azurite.key),
            backend.container(url, azurite.signature(url)),
            backend.container(f"{url}?{azurite.signature(url)}"),
            backend.container(guarded),
        ):
            container.put("file", io.BytesIO(b"1"), overwrite=True)
            assert [info.name for info in container.list()] == ["file"]
        backend.close()


def test_a_wrong_key_is_told(azurite: Azurite) -> None:
    """An error about a key says so, and does not show the key."""
    wrong = base64.b64encode(b"another key of the same length or not").decode()
    container = BlobContainer(azurite.new(), wrong)
    for call in (
        lambda: container.put("a", io.BytesIO(b"1")),
        lambda: container.head("a"),
        lambda: list(container.list()),
    ):
        with pytest.raises(HttpResponseError, match="account key is not one of this account") as raised:
            call()
        assert raised.value.status_code == 403
        assert wrong not in texts(raised.value)
    with pytest.raises(AzureError, match="no base64 text") as badly:
        BlobContainer(azurite.new(), "wr0ng").head("a")
    assert "wr0ng" not in texts(badly.value)


def test_an_expired_signature_is_told(azurite: Azurite) -> None:
    """An error about a signature says when it ended, and does not show it."""
    url = azurite.new()
    signature = azurite.signature(url, hours=-1)
    secret = signature.partition("sig=")[2].partition("&")[0]
    container = BlobContainer(f"{url}?{signature}")
    for call in (
        lambda: container.put("a", io.BytesIO(b"1")),
        lambda: container.head("a"),
        lambda: list(container.list()),
    ):
        with pytest.raises(HttpResponseError, match=r"has expired \(20\d\d-.* UTC\); get a new one") as raised:
            call()
        assert secret not in texts(raised.value)


def test_a_signature_that_allows_too_little_is_told(azurite: Azurite) -> None:
    """What a signature does not allow is told as that."""
    url = azurite.new()
    with pytest.raises(
        HttpResponseError, match="does not allow this; on the container it needs rl to read, racwl to write"
    ):
        BlobContainer(f"{url}?{azurite.signature(url, 'rl')}").put("a", io.BytesIO(b"1"))


def test_a_missing_container_is_told(azurite: Azurite) -> None:
    """A container that is not there is named with its account, by every call."""
    container = azurite.container(f"{azurite.url}/missing")
    calls: list[Any] = [
        lambda: container.put("a", io.BytesIO(b"1")),
        lambda: container.get("a"),
        lambda: container.head("a"),
        lambda: list(container.list()),
        lambda: container.set_metadata("a", {}),
    ]
    for call in calls:
        with pytest.raises(ResourceNotFoundError, match=r"container 'missing' does not exist in .*'filesoftests'"):
            call()


def test_a_server_that_is_not_there_is_told_without_the_signature(free_port: int) -> None:
    """Errors of the network are azure-core's, with the host and without what opens it."""
    container = BlobContainer(f"http://127.0.0.1:{free_port}/account/c?sv=1&sig=s3cr3t%3D&se=2090-01-01", retry_total=0)
    for call in (lambda: container.put("a", io.BytesIO(b"1")), lambda: container.head("a")):
        with pytest.raises(ServiceRequestError, match=r"127\.0\.0\.1") as raised:
            call()
        assert "s3cr3t" not in texts(raised.value)


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port where nothing listens."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("credential", "code", "said"),
    [
        (Credential(), "AuthorizationPermissionMismatch", "role 'Storage Blob Data Contributor'"),
        (Credential(), "AuthorizationFailure", "network rules"),
        (Credential(), "InvalidAuthenticationInfo", "sign in again"),
        (KEY, "AuthorizationFailure", "network rules"),
        (KEY, "AuthenticationFailed", "account key"),
        (KEY, "KeyBasedAuthenticationNotPermitted", "without credentials"),
        (KEY, "AccountIsDisabled", "disabled"),
        ("sv=1&sig=abc", "AuthenticationFailed", "get a new one"),
        ("sv=1&sig=abc", "AuthorizationSourceIPMismatch", "this machine's address"),
        (None, "NoAuthenticationInformation", "give an account key"),
    ],
)
def test_refusals_say_what_to_do(credential: Any, code: str, said: str) -> None:
    """Each refusal of the service is told in words, with its code and the request's id, and without what was signed."""
    container = BlobContainer("https://acct.blob.core.windows.net/c", credential, transport=Answering(403, code))
    for call in (lambda: container.put("a", io.BytesIO(b"1")), lambda: container.get("a")):
        with pytest.raises(HttpResponseError, match=said) as raised:
            call()
        assert code in str(raised.value)
        assert "request-1" in str(raised.value)
        assert "sig=abc" not in str(raised.value)
        assert raised.value.status_code == 403
