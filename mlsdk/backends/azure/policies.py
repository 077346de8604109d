"""azure-core's policies as this client uses them: what is repeated, who is asked for a token, what a log may show."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from azure.core.pipeline.policies import (
    CustomHookPolicy,
    DistributedTracingPolicy,
    HeadersPolicy,
    ProxyPolicy,
    RedirectPolicy,
    RequestIdPolicy,
    RetryPolicy,
    SensitiveHeaderCleanupPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy, ARMHttpLoggingPolicy

from mlsdk._version import __version__
from mlsdk.backends.azure.lost_answers import LostAnswerPolicy

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

REPEATABLE = frozenset({"HEAD", "GET", "PUT", "DELETE", "OPTIONS"})
"""Methods which carried out twice leave what once leaves."""
USER_AGENT = f"mlsdk/{__version__}"
"""What this client calls itself; azure-core's own name, Python's and the system's follow."""


USER_TOKEN = "x-azureml-token"  # noqa: S105 - the name of a header
"""The header of a token by which the service acts in the caller's name."""
CREDENTIALS = [*SensitiveHeaderCleanupPolicy.DEFAULT_SENSITIVE_HEADERS, USER_TOKEN]
"""The headers that do not follow a redirect to another host."""


class CarefulRetryPolicy(RetryPolicy[Any, Any]):
    """Repeats what failed for a moment, but never what may have been carried out already and must not be twice.

    azure-core repeats every method after a 500, 503 or 504 and after any answer with `Retry-After`; here a POST or PATCH is
    repeated only when it was turned away by a 429, or when the caller said that it may be (`Options.repeatable`).
    And `timeout` is kept: by each read, and by not starting a wait that would go beyond it.
    """

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """azure-core's settings of one call, and when its time is up."""
        settings = super().configure_retries(options)
        settings["deadline"] = time.monotonic() + settings["timeout"]
        return settings

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        """Whether the answer is one to try again after, and there is time for it."""
        again = response.http_response.status_code == 429 or (
            self._is_method_retryable(settings, response.http_request) and super().is_retry(settings, response)
        )
        return bool(again) and time.monotonic() + (self.get_retry_after(response) or 0) < settings["deadline"]

    def _configure_timeout(self, request: Any, absolute_timeout: float, is_response_error: bool) -> None:
        super()._configure_timeout(request, absolute_timeout, is_response_error)
        options, configured = request.context.options, getattr(request.context.transport, "connection_config", None)
        if absolute_timeout < options.get("read_timeout", getattr(configured, "read_timeout", absolute_timeout)):
            options["read_timeout"] = absolute_timeout

    def _is_method_retryable(self, settings: dict[str, Any], request: Any, response: Any = None) -> bool:  # noqa: ARG002 - azure-core's signature
        return request.method.upper() in settings["methods"]


class SharedTokenPolicy(ARMChallengeAuthenticationPolicy):
    """Asks for a token once, however many threads need it at the same moment."""

    def __init__(self, credential: TokenCredential, *scopes: str) -> None:
        self._asking = threading.RLock()
        super().__init__(credential, *scopes)

    @property
    def _token(self) -> Any:
        return self._kept

    @_token.setter
    def _token(self, token: Any) -> None:
        # azure-core forgets the token after a 401; not while another thread puts it on its request.
        with self._asking:
            self._kept = token

    def on_request(self, request: Any) -> None:
        """Put the token on the request, a new one when the last is about to expire."""
        with self._asking:
            super().on_request(request)

    def authorize_request(self, request: Any, *scopes: str, **options: Any) -> None:
        """Put a new token on the request, with the claims that the service asks for."""
        with self._asking:
            super().authorize_request(request, *scopes, **options)


def policies(options: dict[str, Any], authorization: SharedTokenPolicy | None) -> list[Any]:
    """The policies of one pipeline, outermost first; `options` are azure-core's own keyword arguments.

    azure-core's policy that prints whole bodies (`logging_enable`) is not among them, since they hold keys.
    """
    own: dict[str, Any] = {**options, "user_agent": " ".join(filter(None, (options.get("user_agent"), USER_AGENT)))}
    return [
        RequestIdPolicy(**own),
        HeadersPolicy(**own),
        UserAgentPolicy(**own),
        ProxyPolicy(**own),
        RedirectPolicy(**own),
        LostAnswerPolicy(),
        CarefulRetryPolicy(**own),
        *([authorization] if authorization is not None else []),
        CustomHookPolicy(**own),
        DistributedTracingPolicy(**own),
        SensitiveHeaderCleanupPolicy(**{"blocked_redirect_headers": CREDENTIALS, **own}),  # pyright: ignore[reportArgumentType]
        ARMHttpLoggingPolicy(**own),
    ]
