"""The network of one backend: a session of `requests`, whose connections all its calls and uploads share."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from mlsdk.redaction import redacted

if TYPE_CHECKING:
    from requests import PreparedRequest

CONNECTIONS = 64
"""How many connections to one host are kept: more than there are threads that upload, so that none is thrown away."""
BLOCK = 1 << 18
"""Bytes in which content is read: with azure-core's 4 kB a large download takes twice the processor."""
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Where requests looks for certificates of one's own."""
LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry")
"""Who tells, at the level DEBUG, which addresses are asked."""


class SessionTransport(RequestsTransport):  # type: ignore[misc] # azure-core imports it late: mypy sees Any
    """azure-core's transport, under which an entry in `~/.netrc` does not take the place of the token."""

    def send(self, request: Any, **options: Any) -> Any:
        """Send a request; requests looks into `.netrc` only for a call without an `auth`."""
        return super().send(request, auth=getattr(self.session, "auth", None) or _keep, **options)


def _without_secrets(record: logging.LogRecord) -> bool:
    """Let a line into the log, the secrets in it taken out."""
    if isinstance(record.args, tuple):
        record.args = tuple(redacted(part) if isinstance(part, str) else part for part in record.args)
    return True


# azure-core's own log has no query at all; urllib3 would log the signature that opens a container.
for _name in LOGGERS:
    logging.getLogger(_name).addFilter(_without_secrets)


def make_transport(session: Any = None, **options: Any) -> SessionTransport:
    """azure-core's transport over `session`, which stays its owner's, or over one of our own.

    `options` are azure-core's: `connection_timeout`, `read_timeout` (seconds), `connection_verify` (False, or the file of a
    CA), `connection_cert`, `use_env_settings`.
    """
    options.setdefault("connection_data_block_size", BLOCK)
    if session is not None:
        if not isinstance(session, requests.Session):
            message = f"session is a {type(session).__name__}; expected a requests.Session"
            raise TypeError(message)
        # azure-core says with each call what it verifies, which would take the place of what the session says.
        return SessionTransport(
            session=session, session_owner=False, **{"connection_verify": session.verify, **options}
        )
    from_environment = options.get("use_env_settings", True)
    if from_environment and "connection_verify" not in options:
        bundle = next((os.environ[name] for name in BUNDLES if os.environ.get(name)), None)
        options = options if bundle is None else {**options, "connection_verify": bundle}
    transport = SessionTransport(session=_own_session(from_environment=from_environment), **options)
    transport.open()  # else azure-core would make another session when it is used after it was closed unused
    return transport


def _own_session(*, from_environment: bool) -> requests.Session:
    """A session which many threads can use at once and which looks at the environment only where that says something.

    requests reads proxies and certificates anew for each call, a good part of what a call costs.
    """
    session = requests.Session()
    session.trust_env = from_environment and bool(getproxies())
    # None is nothing to merge into a call; requests goes through an empty mapping each time.
    for name in ("params", "proxies"):
        setattr(session, name, None)
    # Repeating is azure-core's business.
    adapter = HTTPAdapter(CONNECTIONS, CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _keep(request: PreparedRequest) -> PreparedRequest:
    """Leave the headers as they are."""
    return request
