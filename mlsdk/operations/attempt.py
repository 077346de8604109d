"""An attempt to make several resources: what it is at, what it made, what it may have made, and how that goes away again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
from azure.core.exceptions import HttpResponseError

from mlsdk.arm.management import Management
from mlsdk.operations.background import side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.polling import LROPoller


JSON = dict[str, Any]


@attrs.define(eq=False)
class Attempt:
    """Resources that are made for one purpose, by several threads at once."""

    management: Management
    made: dict[str, str] = attrs.field(factory=dict, init=False)
    """The api-version of each resource that is there, by its id."""
    perhaps: dict[str, str] = attrs.field(factory=dict, init=False)
    """The same of those whose making was accepted, or may have been, and is not known to have ended well."""
    failed: bool = attrs.field(default=False, init=False)
    """Whether something could not be made, so that nothing more needs to be begun."""
    doing: list[str] = attrs.field(factory=list, init=False)
    """The words for what is being made now."""

    def put(self, words: str, resource_id: str, api_version: str, body: JSON, *, own_name: bool = True) -> JSON:
        """Make a resource, wait until it is there and give its body.

        `own_name` says that no one else has a resource of this name, so that a conflict is one with an earlier try of ours
        whose answer was lost.
        """
        self.doing.append(words)
        self.perhaps[resource_id] = api_version
        try:
            poller = self._begin(resource_id, api_version, body, own_name=own_name)
            made = poller.result()
        except BaseException:
            self.failed = True
            raise
        finally:
            self.doing.remove(words)
        self.made[resource_id] = self.perhaps.pop(resource_id)
        return made

    def _begin(self, resource_id: str, api_version: str, body: JSON, *, own_name: bool) -> LROPoller[JSON]:
        try:
            return self.management.begin_put(resource_id, api_version, body)
        except HttpResponseError as error:
            # An answer of 400 to 499 says that nothing was done; without an answer, or with another, no one knows.
            status = error.status_code or 0
            if 400 <= status < 500 and not (status == 409 and own_name):
                del self.perhaps[resource_id]
            raise

    def status(self) -> str:
        """What is being made now, in words."""
        return ", ".join(self.doing)


def remove(management: Management, resources: Mapping[str, str]) -> dict[str, BaseException]:
    """Delete resources side by side, their api-versions by id, and wait; what was raised for those that are still there.

    What is gone already is no error, and one that fails keeps no other from being tried.
    """
    return side_by_side({one: partial(management.delete, one, version) for one, version in resources.items()})[1]


def reasons(errors: Mapping[str, BaseException]) -> str:
    """Errors in one line: `what (status) message; …`."""
    return "; ".join(f"{name}: {_reason(error)}" for name, error in errors.items())


def _reason(error: BaseException) -> str:
    told = getattr(error, "error", None)
    status = getattr(error, "status_code", None) or 0
    # An operation that failed later is told of by an answer whose own status is 200.
    said = [str(status)] if status >= 400 else []
    if told is not None and told.code:
        said.append(told.code)
    message = (told.message if told is not None else None) or str(error).partition("\n")[0]
    return f"({' '.join(said)}) {message}" if said else f"{type(error).__name__}: {message}"


def say_more(error: Any, *notes: str) -> None:
    """Say more in an error's own text, since azure-core's errors print their message."""
    for note in notes:
        error.args = (f"{error.args[0] if error.args else error}\n{note}", *error.args[1:])
        if hasattr(error, "message"):
            error.message = f"{error.message}\n{note}"
