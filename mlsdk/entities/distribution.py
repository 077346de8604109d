"""How a job is spread over processes and nodes."""

from __future__ import annotations

from typing import Literal, Union

from mlsdk.schema.fields import Entity, choice, entity, tag, wire


@entity(lenient=True)
class MpiDistribution(Entity):
    """Processes started by MPI: `MpiDistribution(process_count_per_instance=4)`."""

    type: Literal["mpi"] = tag("distributionType", default="mpi", wire="Mpi")
    process_count_per_instance: int | None = wire("processCountPerInstance", default=None)
    """Processes on each node."""


@entity(lenient=True)
class PyTorchDistribution(Entity):
    """PyTorch's own launcher: `PyTorchDistribution(process_count_per_instance=2)`."""

    type: Literal["pytorch"] = tag("distributionType", default="pytorch", wire="PyTorch")
    process_count_per_instance: int | None = wire("processCountPerInstance", default=None)
    """Processes on each node, usually one for each GPU."""


@entity(lenient=True)
class TensorFlowDistribution(Entity):
    """TensorFlow with workers and parameter servers: `TensorFlowDistribution(worker_count=3)`."""

    type: Literal["tensorflow"] = tag("distributionType", default="tensorflow", wire="TensorFlow")
    parameter_server_count: int | None = wire("parameterServerCount", default=0)
    worker_count: int | None = wire("workerCount", default=None)
    """The number of workers; that of the nodes when None."""


@entity(lenient=True)
class RayDistribution(Entity):
    """A Ray cluster on the nodes: `RayDistribution(include_dashboard=True)`."""

    type: Literal["ray"] = tag("distributionType", default="ray", wire="Ray")
    port: int | None = wire("port", default=None)
    """The port of the head node's process."""
    address: str | None = wire("address", default=None)
    """The address of the head node."""
    include_dashboard: bool | None = wire("includeDashboard", default=None)
    """Whether the dashboard is started."""
    dashboard_port: int | None = wire("dashboardPort", default=None)
    head_node_additional_args: str | None = wire("headNodeAdditionalArgs", default=None)
    """Further arguments of `ray start` on the head node."""
    worker_node_additional_args: str | None = wire("workerNodeAdditionalArgs", default=None)
    """Further arguments of `ray start` on the other nodes."""


Distribution = Union[MpiDistribution, PyTorchDistribution, TensorFlowDistribution, RayDistribution]
"""Any of them; files tell them apart by `type`."""

choice(Distribution, at="distributionType")
