"""The processes of a distributed job know of each other by environment variables; all of them are on this host."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsdk.local.tasks import Task

HOST = "127.0.0.1"
"""Where all processes of a job are."""


def variables(task: Task) -> list[dict[str, str]]:
    """What tells each process of a task from the others, as environment variables; nothing where it knows of no others."""
    if task.distribution is None:
        return [{} for _ in range(task.processes)]
    if task.distribution == "tensorflow":
        return _tensorflow(task.processes, task.parameter_servers)
    if task.distribution not in {"pytorch", "mpi"}:
        return [{}]  # ray: the process starts, or joins, what it needs
    size = str(task.processes)
    (port,) = free_ports(1)
    shared = {
        "MASTER_ADDR": HOST,
        "MASTER_PORT": str(port),
        "WORLD_SIZE": size,
        "LOCAL_WORLD_SIZE": size,
        "NODE_RANK": "0",
    }
    if task.distribution == "mpi":
        shared |= {"OMPI_COMM_WORLD_SIZE": size, "OMPI_COMM_WORLD_LOCAL_SIZE": size, "OMPI_COMM_WORLD_NODE_RANK": "0"}
    return [shared | _rank(str(rank), mpi=task.distribution == "mpi") for rank in range(task.processes)]


def _rank(rank: str, *, mpi: bool) -> dict[str, str]:
    own = {"RANK": rank, "LOCAL_RANK": rank}
    if mpi:
        own |= {"OMPI_COMM_WORLD_RANK": rank, "OMPI_COMM_WORLD_LOCAL_RANK": rank}
    return own


def _tensorflow(processes: int, parameter_servers: int) -> list[dict[str, str]]:
    """`TF_CONFIG` of each process: the workers first, the last ones are parameter servers."""
    addresses = [f"{HOST}:{port}" for port in free_ports(processes)]
    workers = processes - parameter_servers
    cluster = {"worker": addresses[:workers]}
    if parameter_servers:
        cluster["ps"] = addresses[workers:]
    tasks = [{"type": role, "index": index} for role, members in cluster.items() for index in range(len(members))]
    return [{"TF_CONFIG": json.dumps({"cluster": cluster, "task": task, "environment": "cloud"})} for task in tasks]


def free_ports(count: int) -> list[int]:
    """Ports of this host on which nothing listens, all different."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in sockets]
