"""What can be opened while a job runs: a notebook, a terminal, a board of curves."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.redaction import redacted_json
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, Codec, Entity, Mapped, choice, entity, output, tag, wire
from mlsdk.schema.mappings import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = {"jupyter_lab": "JupyterLab", "ssh": "SSH", "tensor_board": "TensorBoard", "vs_code": "VSCode"}
_BACK = {theirs: ours for ours, theirs in _WORDS.items()}


def _property(body: JSON, name: str, value: Any) -> None:
    """Put what a class knows by name among the properties of its body."""
    if value is not None:
        body.setdefault("properties", {})[name] = value


@entity(lenient=True)
class _JobService(Mapped, Entity):
    """What services of all types have."""

    endpoint: str | None = wire("endpoint", default=None, read=False)
    """Its address, given by the service while the job runs."""
    nodes: Literal["all"] | None = wire("nodes.nodesValueType", default=None, codec=codecs.words(all="All"))
    """`all`: on every node rather than the first."""
    status: str | None = wire("status", default=None, sent=False, read=False)
    port: int | None = wire("port", default=None)
    """The port in the container; the service chooses when None."""
    properties: dict[str, Any] | None = wire("properties", default=None)
    error_message: str | None = output("errorMessage")
    """Why it could not be started, told by the service."""

    def __repr__(self) -> str:
        shown = copy(self)
        shown.properties = redacted_json(self.properties)  # which may hold tokens
        return Entity.__repr__(shown)


@entity(lenient=True)
class JobService(_JobService):
    """A service of any type, by its word; the ones named by a class of their own say more."""

    type: Literal["jupyter_lab", "ssh", "tensor_board", "vs_code"] | None = wire(
        "jobServiceType",
        default=None,
        codec=Codec(lambda word: _WORDS.get(word, word), lambda found: _BACK.get(found, found)),
    )


@entity(lenient=True)
class JupyterLabJobService(_JobService):
    """JupyterLab in the job's container."""

    type: Literal["jupyter_lab"] = tag("jobServiceType", default="jupyter_lab", wire="JupyterLab")


@entity(lenient=True)
class VsCodeJobService(_JobService):
    """Visual Studio Code attached to the job's container."""

    type: Literal["vs_code"] = tag("jobServiceType", default="vs_code", wire="VSCode")


@entity(lenient=True)
class SshJobService(_JobService):
    """A secure shell into the job's container: `SshJobService(ssh_public_keys="ssh-rsa …")`."""

    type: Literal["ssh"] = tag("jobServiceType", default="ssh", wire="SSH")
    ssh_public_keys: str | None = wire(None, default=None)
    """The public keys that may enter."""

    def __complete__(self, body: JSON) -> None:
        """The keys stand among the properties."""
        _property(body, "sshPublicKeys", self.ssh_public_keys)

    def __loaded__(self, body: JSON) -> None:
        """The keys, from the properties."""
        self.ssh_public_keys = (body.get("properties") or {}).get("sshPublicKeys")


@entity(lenient=True)
class TensorBoardJobService(_JobService):
    """TensorBoard over a folder of logs: `TensorBoardJobService(log_dir="outputs/tblogs")`."""

    type: Literal["tensor_board"] = tag("jobServiceType", default="tensor_board", wire="TensorBoard")
    log_dir: str | None = wire(None, default=None)
    """The folder that the job writes its logs to."""

    def __complete__(self, body: JSON) -> None:
        """The folder stands among the properties."""
        _property(body, "logDir", self.log_dir)

    def __loaded__(self, body: JSON) -> None:
        """The folder, from the properties."""
        self.log_dir = (body.get("properties") or {}).get("logDir")


AnyJobService = Union[JupyterLabJobService, SshJobService, TensorBoardJobService, VsCodeJobService, JobService]
choice(AnyJobService, at="jobServiceType", fallback=JobService, default=JobService)
ServiceMap = Names[AnyJobService]


def service_map(given: Mapping[str, Any] | None, _: Any) -> ServiceMap | None:
    """The services of a job by name, in a mapping of its own."""
    return None if given is None else Names(given)


@entity(lenient=True)
class ServiceInstance(Mapped, Entity):
    """A service of a running job on one of its nodes, as `jobs.show_services` tells it."""

    type: str | None = wire("type", default=None)
    port: int | None = wire("port", default=None)
    status: str | None = wire("status", default=None)
    error: str | None = wire("error", default=None)
    endpoint: str | None = wire("endpoint", default=None)
    """Where it is reached: an address, or the command to type."""
    properties: dict[str, Any] | None = wire("properties", default=None)
