"""Refusals of Azure Resource Manager and of the ML front end as tests make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.arm.errors import refused
from mlsdk.backends import Reply, Request

if TYPE_CHECKING:
    from azure.core.exceptions import (
        HttpResponseError,
    )

SUBSCRIPTION = "5f2ed6c2-3d1e-4a8b-9d0f-0c7a4b1f2e3d"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ML = "Microsoft.MachineLearningServices"
WORKSPACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{ML}/workspaces/ws"
ASKED = Request("GET", f"{WORKSPACE}/models/m", {"api-version": "2023-08-01-preview"})

FRONT_END = [
    {"type": "ComponentName", "info": {"value": "managementfrontend"}},
    {
        "type": "Correlation",
        "info": {"value": {"operation": "6e4c9385ea4ab2cbe675b3ea87817616", "request": "5437c8df3ad9226c"}},
    },
    {"type": "Environment", "info": {"value": "westeurope"}},
    {"type": "Location", "info": {"value": "westeurope"}},
    {"type": "Time", "info": {"value": "2022-11-23T14:58:44.8639911+00:00"}},
    {"type": "InnerError", "info": {"value": {"code": "NotFoundError", "innerError": None}}},
]
"""What the ML front end adds to an error; the shape is that of public traces."""


def arm(code: str | None, message: str, **more: Any) -> dict[str, Any]:
    """An error in the envelope of Azure Resource Manager."""
    return {"error": {"code": code, "message": message, **more}}


def error_for(status: int, body: Any, **headers: str) -> HttpResponseError:
    """The error of a reply to a question after a model; `x_ms_request_id` stands for `x-ms-request-id`."""
    return refused(ASKED, Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


def denied(action: str) -> str:
    """How Azure Resource Manager says that a role is missing."""
    return (
        f"The client 'me@example.org' with object id 'f6bde659' does not have authorization to perform action '{action}' "
        f"over scope '{WORKSPACE}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )


def missing(resource: str) -> str:
    """How Azure Resource Manager says that a resource is not there."""
    return f"The Resource '{resource}' under resource group 'rg' was not found. For more details please go to https://aka.ms/x"
