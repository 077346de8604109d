"""The demo of a folder with a component: it runs on the folder's data, and the model that it writes is registered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlsdk import assets
from mlsdk.command_line import contents
from mlsdk.command_line.tables import INDENT, paragraph, said
from mlsdk.entities import Input, Output
from mlsdk.exceptions import MlException, ValidationException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsdk.client import MLClient

MODEL_TYPES = frozenset({"custom_model", "mlflow_model", "triton_model"})
LOG = "user_logs/std_log.txt"


def run(client: MLClient, sent: Any, described: Any, temporary: Path) -> Iterator[str]:
    """Run the registered component on the registered data, and show the workspace with the model.

    `sent` and `described` are the data and the component as the folder has them.
    """
    data = client.data.get(str(sent.name), label="latest")
    assets.download(str(data.path), temporary / "data", client._session)  # noqa: SLF001 - no public call downloads data
    (fetched,) = (temporary / "data").iterdir()
    _same(assets.local_path(sent.path, sent.base_path), fetched, f"data {data.name!r}")
    yield said("read back", data.name, "the bytes that were sent")

    component: Any = client.components.get(str(described.name), described.version)
    job: Any = component(**_inputs(component, data))
    model = _model_of(component)
    for name, wanted in component.outputs.items():
        job.outputs[name] = Output(type=wanted.type, name=f"{data.name}-model" if name == model else None)
    job.compute, job.experiment_name = described_compute(client), str(component.name)
    job = client.jobs.create_or_update(job)
    yield said("run", component.name, f"as the job {job.name}")
    job = client.jobs.wait(job.name)
    client.jobs.download(job.name, download_path=temporary / "job", all=True)
    left = temporary / "job" / "named-outputs"
    log = temporary / "job" / "artifacts" / LOG
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        yield from paragraph(line, INDENT)

    made = client.models.get(f"{data.name}-model", label="latest")
    made.description = component.description
    made.tags = {**_metrics(left), "data": f"{data.name}:{data.version}"}
    client.models.create_or_update(made)
    yield said("model", made.name, f"version {made.version}")
    client.models.download(str(made.name), str(made.version), temporary / "models")
    (registered,) = (temporary / "models" / str(made.name)).iterdir()
    _same(left / model, registered, f"model {made.name!r}")
    yield said("read back", made.name, "the bytes that the job wrote")
    yield ""
    yield from contents.show(client)


def described_compute(client: MLClient) -> str:
    """The compute of the folder, the only one of the workspace."""
    (compute,) = client.compute.list()
    return str(compute.name)


def _same(before: Path, after: Path, what: str) -> None:
    """MlException when the files of two places differ."""
    sent, fetched = _files(before), _files(after)
    differing = sorted(name for name in sent.keys() | fetched.keys() if sent.get(name) != fetched.get(name))
    if differing:
        message = f"{what} came back otherwise than it was sent: {', '.join(differing)}"
        raise MlException(message)


def _files(path: Path) -> dict[str, bytes]:
    """The content of a file or of the files below a folder, by relative path."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def _inputs(component: Any, data: Any) -> dict[str, Any]:
    """What the component is given: the data where its type is asked for; defaults are the service's to fill in.

    ValidationException for a required input without a default.
    """
    given: dict[str, Any] = {}
    for name, wanted in component.inputs.items():
        if wanted.type == data.type:
            given[name] = Input(type=data.type, path=data.id)
        elif wanted.default is None and not wanted.optional:
            message = (
                f"input {name!r} of component {component.name!r} is of type {wanted.type} and has no default; "
                f"the demo has data {data.name!r} of type {data.type} to give"
            )
            raise ValidationException(message)
    return given


def _model_of(component: Any) -> str:
    """The output that is a model; ValidationException when there is none."""
    for name, output in component.outputs.items():
        if output.type in MODEL_TYPES:
            return str(name)
    message = f"component {component.name!r} writes no model: no output is of type {', '.join(sorted(MODEL_TYPES))}"
    raise ValidationException(message)


def _metrics(left: Path) -> dict[str, str]:
    """The numbers in the `metrics.json` that an output holds, as text for tags; empty when none holds one."""
    for file in sorted(left.glob("*/metrics.json")):
        found = json.loads(file.read_bytes())
        return {name: f"{value:.4g}" for name, value in found.items() if type(value) in (int, float)}
    return {}
