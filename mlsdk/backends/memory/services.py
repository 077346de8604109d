"""The services beside Azure Resource Manager, by the front of their path whatever the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory import arm
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import ServiceError, not_emulated
from mlsdk.backends.memory.metadata import clouds
from mlsdk.backends.memory.registries import discovery

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call

MANAGEMENT_FRONT_END = "/mferp/managementfrontend"
NOT_EMULATED = (
    "azurecr.io",
    "azureedge.net",
    "graph.microsoft.com",
    "graph.windows.net",
    "login.chinacloudapi.cn",
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "vault.azure.net",
)
"""Hosts of Azure's, by the end of their name, of which nothing is emulated. All others speak the paths of Azure Resource
Manager or of Azure Machine Learning, whatever they are called."""


def others(call: Call) -> Reply:
    """What stands at the root of none of the services here; ServiceError (404) says what is not emulated."""
    if call.host.endswith(NOT_EMULATED):
        raise not_emulated(400, f"{call.method} of {call.host}{call.path}")
    return arm.carry_out(call)


def _front_end(call: Call) -> Reply:
    """Azure Machine Learning's own front end, which shares the paths of Resource Manager."""
    call.path = call.path[len(MANAGEMENT_FRONT_END) :]
    call.base = f"{call.host}{MANAGEMENT_FRONT_END}"
    return arm.carry_out(call)


def _registry(call: Call) -> Reply:
    """Where a registry is: `registrymanagement/v1.0/registries/{name}/discovery`."""
    parts = call.path.strip("/").split("/")
    if len(parts) != 5 or parts[2].lower() != "registries" or parts[4].lower() != "discovery":
        raise not_emulated(400, f"the path '{call.path}'")
    if call.method != "GET":
        raise ServiceError(
            405,
            "MethodNotAllowed",
            f"The memory backend does not emulate {call.method} of '{call.path}'.",
        )
    return discovery(call, parts[3])


def _discovery(call: Call) -> Reply:
    """The addresses of the services of a workspace; `api` is the one that clients use."""
    names = ("api", "history", "metrics", "rp", "mferp", "modelmanagement", "catalog", "studio")
    return reply(dict.fromkeys(names, call.host))


def _of_runs(call: Call) -> Reply:
    """Run history and the services beside it, which are imported with the first question about a job."""
    from mlsdk.backends.memory import runs

    return runs.answer(call)


def _mlflow(call: Call) -> Reply:
    """MLflow's own REST API, in the same way."""
    from mlsdk.backends.memory import mlflow_runs

    return mlflow_runs.answer(call)


SERVICES: tuple[tuple[str, Callable[[Call], Reply]], ...] = (
    (MANAGEMENT_FRONT_END, _front_end),
    ("/registrymanagement/v1.0/", _registry),
    ("/discovery", _discovery),
    *((f"/{service}/v1.0/", _of_runs) for service in ("history", "data", "modelregistry")),
    *((f"/mlflow/{version}/", _mlflow) for version in ("v1.0", "v2.0")),
    ("/metadata/endpoints", clouds),
)
