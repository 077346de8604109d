"""What becomes of a request whose answer was lost and whose repetition is refused, as the first is still at work."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import HTTPPolicy
from azure.core.rest import HttpRequest

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse

ENDED = frozenset({"succeeded", "failed", "canceled"})
"""The states in which nothing is at work on a resource."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT")


class LostAnswerPolicy(HTTPPolicy[Any, Any]):
    """Follows what an earlier try began, where its repetition is refused because of just that.

    The answer to a PUT was lost, it is sent again, and the service says 409 since the first is still at work. The resource
    itself, in a state that is not final and as it was asked for, is then the answer: a poller waits for its end as for that
    of any PUT. What somebody else asked for stays a refusal.
    """

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send a request; where only its repetition was refused, look at the resource."""
        response = self.next.send(request)
        made = request.http_request
        if response.http_response.status_code != 409 or made.method != "PUT" or not _perhaps_begun(response):
            return response
        look = HttpRequest("GET", made.url, headers={"Accept": "application/json"})
        found = self.next.send(PipelineRequest(look, request.context))
        return found if _begun(made.content, found.http_response) else response


def _perhaps_begun(response: PipelineResponse[Any, Any]) -> bool:
    """Whether an earlier try may have reached the service: it was not turned away by throttling."""
    tries = response.context.get("history") or []
    return any(one.http_response is None or one.http_response.status_code != 429 for one in tries)


def _begun(content: Any, response: Any) -> bool:
    """Whether a resource is being made into what was asked for."""
    if response.status_code != 200:
        return False
    body = response.json()
    state = (body.get("properties") or {}).get("provisioningState")
    return isinstance(state, str) and state.lower() not in ENDED and _shows(body, json.loads(content))


def _shows(found: Any, asked: Any) -> bool:
    """Whether all that a body shows of what was asked for is as it was asked for.

    Secrets are not shown, and the times in a body which was got, changed and put are the service's own.
    """
    if isinstance(found, dict) and isinstance(asked, dict):
        return all(_shows(found[name], value) for name, value in asked.items() if name in found)
    if isinstance(found, list) and isinstance(asked, list):
        return len(found) == len(asked) and all(map(_shows, found, asked))
    return str(found).lower() == str(asked).lower() or bool(TIME.match(str(asked)))
