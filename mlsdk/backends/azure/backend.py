"""Real Azure behind the seam: one exchange is one run of azure-core's pipeline over `requests`."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, DecodeError, ODataV4Format
from azure.core.pipeline import Pipeline
from azure.core.rest import HttpRequest

from mlsdk.backends import Reply
from mlsdk.backends.azure.credentials import SharedCredential, check, default_credential
from mlsdk.backends.azure.environments import chosen_cloud
from mlsdk.backends.azure.policies import REPEATABLE, USER_TOKEN, SharedTokenPolicy, policies
from mlsdk.backends.azure.sessions import make_transport
from mlsdk.backends.azure.unanswered import advised

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import requests
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport
    from typing_extensions import Self

    from mlsdk.backends import Container, Options, Request
    from mlsdk.clouds import Cloud

AUDIENCES = {"arm": "resource_manager", "ml": "machine_learning"}
"""The words of `Request.audience`, and the address of the cloud whose token they mean."""
ACCEPT = {"Accept": "application/json"}
"""What every request asks for, as the official client's do (wire.md §1.5)."""


class AzureBackend:
    """Azure, reached over HTTPS. Making one sends nothing; it may be used by several threads at once.

    Parameters
    ----------
    credential
        Anything with `get_token` or `get_token_info`; `DefaultAzureCredential` when None.
    cloud
        A `Cloud`, or the name of one. When None, the environment variables `AZUREML_CURRENT_CLOUD` and
        `ARM_CLOUD_METADATA_URL` decide, else it is the public one.
    session
        A `requests.Session` of one's own, with the proxies, certificates and adapters that it has; it is not closed here.
    transport
        An azure-core transport instead of one over `requests`.
    options
        azure-core's own keywords: `retry_total`, `retry_backoff_factor`, `connection_timeout`, `read_timeout` (seconds),
        `connection_verify` (False, or the file of a CA), `proxies` (`{"https": "http://…"}`), `user_agent`, `headers` and
        the like.

    """

    def __init__(
        self,
        credential: TokenCredential | None = None,
        *,
        cloud: Cloud | str | None = None,
        session: requests.Session | None = None,
        transport: HttpTransport[Any, Any] | None = None,
        **options: Any,
    ) -> None:
        """Work with this credential in this cloud; TypeError for what is no credential."""
        self._given: TokenCredential | None = check(credential)
        self._default: TokenCredential | None = None
        self._shared: SharedCredential | None = None
        self._options = options
        self._transport = transport if transport is not None else make_transport(session, **options)
        self._closes = transport is None
        self._cloud_name = cloud
        self._cloud: Cloud | None = None
        self._pipelines: dict[str | None, Pipeline[Any, Any]] = {}
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"AzureBackend(cloud={getattr(self._cloud or self._cloud_name, 'name', self._cloud_name)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def cloud(self) -> Cloud:
        """Where the services stand; a cloud that is not Microsoft's is looked up when first needed."""
        if self._cloud is None:
            with self._lock:
                if self._cloud is None:
                    self._cloud = chosen_cloud(self._cloud_name, self._document)
        return self._cloud

    @property
    def distant(self) -> bool:
        """Always: each exchange goes over the network."""
        return True

    @property
    def credential(self) -> TokenCredential:
        """Who is signed in: the credential given, else azure-identity's default one."""
        if self._given is not None:
            return self._given
        if self._default is None:
            with self._lock:
                if self._default is None:
                    self._default = default_credential(self.cloud)
        return self._default

    @property
    def _shared_credential(self) -> SharedCredential:
        if self._shared is None:
            credential = self.credential
            with self._lock:
                if self._shared is None:
                    self._shared = SharedCredential(credential)
        return self._shared

    # The seam.

    def send(self, request: Request) -> Reply:
        """Make one exchange, repeated where that is safe; azure-core's ServiceRequestError and its like when no reply came."""
        made = HttpRequest(request.method, request.address(self.cloud), headers=dict(ACCEPT), **_content(request.body))
        try:
            # Given to the call, the headers win over those of the whole client.
            response = self._pipeline(request.audience).run(
                made,
                headers={**request.headers, **self._user_token(request.options)},
                **_options(request.options, request.method),
            )
        except AzureError as error:
            advised(error, made.url, self.cloud, default_credential=self._given is None)
            raise
        return _reply(made, response.http_response)

    def container(self, url: str, credential: Any = None) -> Container:
        """The files behind `https://{account}.blob.{suffix}/{container}`, with or without a SAS query."""
        from mlsdk.backends.azure.storage import BlobContainer

        signed = "sig=" in url
        return BlobContainer(
            url,
            credential if credential is not None or signed else self._shared_credential,
            transport=self._transport,
            **self._options,
        )

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def close(self) -> None:
        """Close the connections, a session of one's own excepted; calling it twice is fine.

        A call after that raises azure-core's ValueError, which says so.
        """
        if self._closes:
            self._transport.close()
        closing = getattr(self._default, "close", None)
        if closing is not None:
            closing()

    # Inside.

    def _pipeline(self, audience: str | None) -> Pipeline[Any, Any]:
        found = self._pipelines.get(audience)
        if found is None:
            with self._lock:
                found = self._pipelines.get(audience)
                if found is None:
                    found = self._pipelines[audience] = Pipeline(self._transport, self._policies(audience))
        return found

    def _policies(self, audience: str | None) -> list[Any]:
        if audience is None:
            return policies(self._options, None)
        scope = f"{getattr(self.cloud, AUDIENCES[audience])}/.default"
        return policies(self._options, SharedTokenPolicy(self.credential, scope))

    def _user_token(self, options: Options) -> dict[str, str]:
        """The header by which the service may act in the caller's name (wire.md §1.4), where it is to."""
        if not options.user_token:
            return {}
        scope = f"{self.cloud.machine_learning}/.default"
        return {USER_TOKEN: self._shared_credential.token(scope)}

    def _document(self, url: str) -> Any:
        """The JSON behind an address that anyone may read."""
        made = HttpRequest("GET", url, headers=dict(ACCEPT))
        response = self._pipeline(None).run(made).http_response
        response.raise_for_status()
        return _reply(made, response).body


def _content(body: Any) -> dict[str, Any]:
    if body is None:
        return {}
    if isinstance(body, bytes) or hasattr(body, "read"):
        return {"content": body}
    return {"json": body}


def _options(options: Options, method: str) -> dict[str, Any]:
    """A call's options as azure-core's policies and transport take them."""
    found: dict[str, Any] = {}
    if options.timeout is not None:
        found.update(timeout=options.timeout, connection_timeout=options.timeout, read_timeout=options.timeout)
    repeatable = method.upper() in REPEATABLE if options.repeatable is None else options.repeatable
    found["retry_on_methods"] = (method.upper(),) if repeatable else ()
    if options.raw_response_hook is not None:
        found["raw_response_hook"] = options.raw_response_hook
    return found


def _reply(request: HttpRequest, response: Any) -> Reply:
    """What came back. DecodeError for an answer that says to be JSON and is not, or is a page instead of JSON."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    content = response.content
    return Reply(response.status_code, _body(request, response, content, headers) if content else None, headers)


def _body(request: HttpRequest, response: Any, content: bytes, headers: Mapping[str, str]) -> Any:
    kind = headers.get("content-type", "").lower()
    if "json" in kind:
        try:
            return json.loads(content)
        except ValueError:
            if response.status_code >= 400:
                return content
            raise _unreadable(request, response, "broken JSON") from None
    if "html" in kind and response.status_code < 400:
        raise _unreadable(request, response, "a web page, not by Azure; a proxy or a sign-in page may stand between")
    return content


def _unreadable(request: HttpRequest, response: Any, what: str) -> DecodeError:
    message = f"{request.method} {request.url.partition('?')[0]} was answered with {what}"
    error = DecodeError(message, response=response)
    # azure-core shows the content of an error that has no envelope, and there may be keys in it.
    error.error = ODataV4Format({"code": "UnreadableAnswer", "message": message})
    return error
