"""What the fixture `azure_ml` costs: making it, and the official client's own time for each call."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from time import process_time
from typing import TYPE_CHECKING, Any

import requests
from figures import Figure, factor, milliseconds
from requests.adapters import HTTPAdapter
from timing import geometric_mean, in_turn
from urllib3 import HTTPResponse

from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCOPE = ("sub", "rg", "ws")
FIRST = """
import time, warnings
warnings.simplefilter("ignore")
import azure.ai.ml
from mlsdk.testing import plugin
begin = time.perf_counter()
from mlsdk.testing import azure_ml
with azure_ml():
    pass
print(time.perf_counter() - begin)
"""
"""The first context of a process: what it imports that azure-ai-ml did not."""


class Constants(HTTPAdapter):
    """The least that can stand in for the network: to each request the bytes that it was answered the first time."""

    def __init__(self) -> None:
        """Know no answer yet."""
        super().__init__()
        self.answers: dict[tuple[str, str], tuple[int, dict[str, str], bytes]] = {}

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The same answer as ever; the first time it is got from whoever answers all others."""
        asked = (request.method or "", request.url or "")
        if asked not in self.answers:
            found = HTTPAdapter().send(request)
            self.answers[asked] = (found.status_code, dict(found.headers), found.content)
        status, headers, content = self.answers[asked]
        raw = HTTPResponse(
            io.BytesIO(content), headers, status, 11, reason="OK", preload_content=False, request_method=asked[0]
        )
        return self.build_response(request, raw)


def clients() -> tuple[Any, Any]:
    """The official client as the fixture leaves it, and one whose transport answers constants."""
    from azure.ai.ml import MLClient
    from azure.core.pipeline.transport import RequestsTransport

    session = requests.Session()
    session.mount("https://", Constants())
    transport = RequestsTransport(session=session, session_owner=False)
    credential = FakeCredential()
    return MLClient(credential, *SCOPE), MLClient(credential, *SCOPE, transport=transport)


def calls() -> dict[str, Callable[[Any], object]]:
    """What is called, by name; each can be repeated for ever."""
    from azure.ai.ml.entities import Environment

    environment = Environment(name="trained", version="1", image="python:3.12")
    return {
        "create an environment": lambda client: client.environments.create_or_update(environment),
        "get an environment": lambda client: client.environments.get("trained", "1"),
        "get a compute": lambda client: client.compute.get("cpu"),
        "list computes": lambda client: list(client.compute.list()),
        "get a workspace": lambda client: client.workspaces.get("ws"),
        "list datastores": lambda client: list(client.datastores.list()),
    }


def rises() -> dict[str, float]:
    """The processor time of each call beside that of the same call over constants."""
    found: dict[str, float] = {}
    with azure_ml() as azure:
        azure.add_workspace(*SCOPE, computes=["cpu", "gpu"])
        ours, constant = clients()
        for name, call in calls().items():
            call(ours)
            pair = in_turn(
                lambda call=call: call(ours),
                lambda call=call: call(constant),
                rounds=60,
                seconds=0.03,
                clock=process_time,
            )
            print(f"  {name}: {pair}")
            found[name] = pair.ratio
    return found


def figures() -> Iterator[Figure]:
    """The rows of the table about `mlsdk.testing`."""
    warnings.filterwarnings("ignore", module=r"azure\.ai\.ml|marshmallow")

    def made() -> None:
        with azure_ml():
            pass

    pair = in_turn(made, made)
    yield Figure("`azure_ml`: set-up and tear-down", pair.ours, 2e-3, milliseconds)
    done = subprocess.run([sys.executable, "-c", FIRST], check=True, stdout=subprocess.PIPE, text=True)
    yield Figure("the first one of a process that has azure-ai-ml", float(done.stdout), None, milliseconds)
    ratios = rises()
    mean = geometric_mean(list(ratios.values()))
    what = "the official client's processor time for a call, beside a transport that answers constants"
    yield Figure(what, mean, 1.15, factor)
    yield Figure("the same, the call that rises most", max(ratios.values()), None, factor)
