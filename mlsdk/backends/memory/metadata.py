"""What Azure Resource Manager says of the clouds there are: `{resource manager}/metadata/endpoints`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import ServiceError, not_emulated
from mlsdk.clouds import CHINA, PUBLIC, US_GOVERNMENT

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.clouds import Cloud


def clouds(call: Call) -> Reply:
    """The three clouds of Microsoft's, each with the addresses of its services."""
    if call.path.rstrip("/") != "/metadata/endpoints":
        raise not_emulated(400, f"the path '{call.path}'")
    if call.method != "GET":
        message = f"The memory backend does not emulate {call.method} of '{call.path}'."
        raise ServiceError(405, "MethodNotAllowed", message)
    return reply([_described(cloud) for cloud in (PUBLIC, CHINA, US_GOVERNMENT)])


def _described(cloud: Cloud) -> dict[str, Any]:
    manager = f"{cloud.resource_manager}/"
    return {
        "name": cloud.name,
        "portal": cloud.portal,
        "resourceManager": manager,
        "authentication": {"loginEndpoint": cloud.active_directory, "audiences": [manager]},
        "suffixes": {"storage": cloud.storage_suffix},
    }
