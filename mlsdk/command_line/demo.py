"""`mlsdk demo`: a folder of YAML, run for real on this machine in an Azure Machine Learning that lives in memory."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import mlsdk
from mlsdk.backends.memory import MemoryBackend
from mlsdk.client import MLClient
from mlsdk.command_line import component_demo, pipeline_demo
from mlsdk.command_line.tables import paragraph, said
from mlsdk.entities import Component, Compute, Data, Datastore, Environment, PipelineJob, Workspace
from mlsdk.exceptions import ValidationException
from mlsdk.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

KINDS = ("workspace", "compute", "datastore", "environment", "data", "component")
"""What the folder of a component holds a `.yml` of, in the order in which one needs the other."""
PIPELINE = "pipeline.yml"
"""Whose folder may hold those of the others that it needs."""
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
RESOURCE_GROUP = "demo"
"""Where the workspace is made when its file names no resource group."""
WORKSPACE = "demo"
"""What the workspace is called that a folder without one gets."""
LOCATION = "eastus"


def example() -> Path:
    """The folder `examples/pipeline`: in an installed package inside it, in a clone of the repository beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "examples" / "pipeline"
    return inside if inside.is_dir() else package.parent / "examples" / "pipeline"


@attrs.frozen(kw_only=True)
class Folder:
    """What the files of a folder describe: those of a component describe all but a pipeline."""

    path: Path
    workspace: Workspace | None = None
    compute: Compute | None = None
    datastore: Datastore | None = None
    environment: Environment | None = None
    data: Data | None = None
    component: Component | None = None
    pipeline: PipelineJob | None = None


def read(path: Path) -> Folder:
    """The YAML files of a folder; ValidationException with what is wrong in any of them, before anything is made."""
    if not path.is_dir():
        names = ", ".join(f"{kind}.yml" for kind in KINDS)
        message = f"{path} is no folder; give one with {PIPELINE}, or with {names}"
        raise ValidationException(message)
    has_pipeline = (path / PIPELINE).is_file()
    # Beside a pipeline, a component belongs to one of its steps, which registers it.
    kinds = KINDS[:-1] if has_pipeline else KINDS
    found: dict[str, Any] = {}
    problems = []
    for kind in kinds:
        file = path / f"{kind}.yml"
        try:
            if file.is_file():
                found[kind] = getattr(mlsdk, f"load_{kind}")(file)
            elif not has_pipeline:
                problems.append(f"{file}: no such file")
        except ValidationException as error:
            problems.append(str(error))
    if has_pipeline:
        try:
            found["pipeline"] = _pipeline(path / PIPELINE)
        except ValidationException as error:
            problems.append(str(error))
    if problems:
        raise ValidationException("\n".join(problems))
    return Folder(path=path, **found)


def _pipeline(file: Path) -> PipelineJob:
    job = mlsdk.load_job(file)
    if not isinstance(job, PipelineJob):
        message = f"{file}: expected a job of type pipeline, found one of type {job.type}"
        raise ValidationException(message)
    return job


def run(path: Path) -> Iterator[str]:
    """Apply the folder, run its pipeline or its component here, and tell what comes of it, line by line.

    Raises what went wrong: ValidationException for the folder, JobException for a job that failed, azure-core's errors
    for what the service refuses, MlException when files come back otherwise than they were sent.
    """
    folder = read(path)
    yield from paragraph(f"An Azure Machine Learning in memory, made from {folder.path}")
    yield from paragraph("Its jobs are processes of this machine.")
    yield ""
    with tempfile.TemporaryDirectory(prefix="mlsdk-demo-") as temporary, _machine(Path(temporary) / "jobs") as backend:
        client = yield from _workspace(backend, folder)
        yield from _apply(client, folder)
        if folder.pipeline is not None:
            yield from pipeline_demo.run(client, folder.pipeline, Path(temporary))
        else:
            yield from component_demo.run(client, folder.data, folder.component, Path(temporary))


@contextmanager
def _machine(root: Path) -> Generator[MemoryBackend, None, None]:
    """An Azure in memory whose jobs run on this machine; no process is left afterwards."""
    backend = MemoryBackend(jobs=LocalRunner(root))
    try:
        yield backend
    finally:
        backend.close()


def _workspace(backend: MemoryBackend, folder: Folder) -> Generator[str, None, MLClient]:
    """Make the workspace; gives the client that works in it."""
    wanted = folder.workspace or Workspace(name=WORKSPACE, location=LOCATION)
    group = wanted.resource_group or RESOURCE_GROUP
    backend.add_resource_group(SUBSCRIPTION, group, location=wanted.location or LOCATION)
    maker = MLClient(None, SUBSCRIPTION, group, backend=backend)
    made = maker.begin_create_or_update(wanted).result()
    yield said("workspace", made.name, f"in {made.location}")
    return MLClient(None, SUBSCRIPTION, group, made.name, backend=backend)


def _apply(client: MLClient, folder: Folder) -> Iterator[str]:
    """Make what the folder describes in its workspace."""
    if folder.compute is not None:
        compute: Any = client.begin_create_or_update(folder.compute).result()
        yield said("compute", compute.name, f"{compute.type}, which this machine stands in for")
    if folder.datastore is not None:
        datastore: Any = client.create_or_update(folder.datastore)
        yield said("datastore", datastore.name, datastore.type)
    for kind in ("environment", "data", "component"):
        wanted = getattr(folder, kind)
        if wanted is not None:
            made = client.create_or_update(wanted)
            yield said(kind, made.name, f"version {made.version}")
