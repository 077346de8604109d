"""`mlsdk demo`: a folder of YAML applied to an Azure Machine Learning in memory, and its training step run."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import mlsdk
from mlsdk import assets
from mlsdk.backends.memory import MemoryBackend
from mlsdk.client import MLClient
from mlsdk.command_line import contents, step
from mlsdk.command_line.tables import WIDTH, paragraph, shortened
from mlsdk.entities import Component, Compute, Data, Datastore, Environment, Model, Workspace
from mlsdk.exceptions import MlException, ValidationException

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("workspace", "compute", "datastore", "environment", "data", "component")
"""What the folder holds a `.yml` of, in the order in which one needs the other."""
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
RESOURCE_GROUP = "demo"
"""Where the workspace is made when its file names no resource group."""
LOCATION = "eastus"
INDENT = " " * 12
"""Room for what was done, before the name of what it was done with."""
MODEL_TYPES = frozenset({"custom_model", "mlflow_model", "triton_model"})


def example() -> Path:
    """The folder `examples/iris`: in an installed package inside it, in a clone of the repository beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "examples" / "iris"
    return inside if inside.is_dir() else package.parent / "examples" / "iris"


@attrs.frozen
class Folder:
    """What the files of a folder describe."""

    path: Path
    workspace: Workspace
    compute: Compute
    datastore: Datastore
    environment: Environment
    data: Data
    component: Component


def read(path: Path) -> Folder:
    """The folder's six YAML files; ValidationException with what is wrong in any of them, before anything is made."""
    if not path.is_dir():
        message = f"{path} is no folder; give one with {', '.join(f'{kind}.yml' for kind in KINDS)}"
        raise ValidationException(message)
    found: dict[str, Any] = {}
    problems = []
    for kind in KINDS:
        file = path / f"{kind}.yml"
        try:
            if not file.is_file():
                problems.append(f"{file}: no such file")
            else:
                found[kind] = getattr(mlsdk, f"load_{kind}")(file)
        except ValidationException as error:
            problems.append(str(error))
    if problems:
        raise ValidationException("\n".join(problems))
    return Folder(path, **found)


def run(path: Path) -> Iterator[str]:
    """Apply the folder, run its component on its data, register the model, and show the workspace, line by line.

    Raises what went wrong: ValidationException for the folder, JobException for its script, azure-core's errors for
    what the service refuses, MlException when files come back otherwise than they were sent.
    """
    folder = read(path)
    yield from paragraph(f"An Azure Machine Learning in memory, made from {folder.path}")
    yield ""
    group = folder.workspace.resource_group or RESOURCE_GROUP
    backend = MemoryBackend()
    backend.add_resource_group(SUBSCRIPTION, group, location=folder.workspace.location or LOCATION)
    maker = MLClient(None, SUBSCRIPTION, group, backend=backend)
    workspace = maker.begin_create_or_update(folder.workspace).result()
    yield said("workspace", workspace.name, f"in {workspace.location}")
    client = MLClient(None, SUBSCRIPTION, group, workspace.name, backend=backend)
    yield from _apply(client, folder)
    with tempfile.TemporaryDirectory(prefix="mlsdk-demo-") as temporary:
        yield from _train(client, folder, Path(temporary))
    yield from contents.show(client)
    client.close()


def _apply(client: MLClient, folder: Folder) -> Iterator[str]:
    """Make what the folder describes in its workspace."""
    compute: Any = client.begin_create_or_update(folder.compute).result()
    yield said("compute", compute.name, compute.type)
    datastore: Any = client.create_or_update(folder.datastore)
    yield said("datastore", datastore.name, datastore.type)
    for kind in ("environment", "data", "component"):
        made = client.create_or_update(getattr(folder, kind))
        yield said(kind, made.name, f"version {made.version}")


def _train(client: MLClient, folder: Folder, temporary: Path) -> Iterator[str]:
    """Run the registered component on the registered data, and register the model it writes."""
    data = client.data.get(str(folder.data.name), label="latest")
    fetched = _fetched(client, folder.data, data, temporary / "data")
    yield said("read back", data.name, "the bytes that were sent")

    component: Any = client.components.get(str(folder.component.name), folder.component.version)
    downloaded = temporary / "component"
    client.components.download(component.name, downloaded, version=component.version)
    inputs, outputs = _inputs(component, data, fetched), _outputs(component, temporary / "outputs")
    yield said("run", component.name, "with the code that was registered")
    code = downloaded / "code"
    words = step.arguments(component.command, inputs, {name: str(path) for name, path in outputs.items()})
    for line in step.run(words, code if code.is_dir() else downloaded).splitlines():
        yield from paragraph(line, INDENT)

    written, kind = _model_of(component, outputs)
    made = client.models.create_or_update(
        Model(
            name=f"{data.name}-model",
            path=written,
            type=kind,
            description=component.description,
            tags={**_metrics(outputs), "data": f"{data.name}:{data.version}"},
        )
    )
    yield said("model", made.name, f"version {made.version}")
    model = client.models.get(str(made.name), label="latest")
    client.models.download(str(model.name), str(model.version), temporary / "models")
    _same(written, temporary / "models" / str(model.name) / written.name, f"model {model.name!r}")
    yield said("read back", model.name, "the bytes that were sent")
    yield ""


def said(what: str, name: Any, detail: str) -> str:
    """A line about one thing done."""
    return shortened(f"{what:<{len(INDENT)}}{name}: {detail}", WIDTH)


def _fetched(client: MLClient, sent: Data, registered: Data, target: Path) -> Path:
    """The file or folder of registered data, brought here; MlException when it is not what was sent."""
    assets.download(str(registered.path), target, client._session)  # noqa: SLF001 - no public call downloads data
    (fetched,) = target.iterdir()
    _same(assets.local_path(sent.path, sent.base_path), fetched, f"data {registered.name!r}")
    return fetched


def _same(sent: Path, fetched: Path, what: str) -> None:
    """MlException when the files of two places differ."""
    before, after = _files(sent), _files(fetched)
    differing = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if differing:
        message = f"{what} came back otherwise than it was sent: {', '.join(differing)}"
        raise MlException(message)


def _files(path: Path) -> dict[str, bytes]:
    """The content of a file or of the files below a folder, by relative path."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def _inputs(component: Any, data: Data, fetched: Path) -> dict[str, str | None]:
    """What each input of the component is given: the data where its type is asked for, else the default.

    None for an optional input without one; ValidationException for a required one.
    """
    given: dict[str, str | None] = {}
    for name, wanted in component.inputs.items():
        if wanted.type == data.type:
            given[name] = str(fetched)
        elif wanted.default is not None or wanted.optional:
            given[name] = None if wanted.default is None else str(wanted.default)
        else:
            message = (
                f"input {name!r} of component {component.name!r} is of type {wanted.type} and has no default; "
                f"the demo has data {data.name!r} of type {data.type} to give"
            )
            raise ValidationException(message)
    return given


def _outputs(component: Any, target: Path) -> dict[str, Path]:
    """Where each output of the component is to be written: a file for `uri_file`, else a folder that is there."""
    places = {name: target / name for name in component.outputs}
    for name, place in places.items():
        (place.parent if component.outputs[name].type == "uri_file" else place).mkdir(parents=True, exist_ok=True)
    return places


def _model_of(component: Any, outputs: dict[str, Path]) -> tuple[Path, str]:
    """The output that is a model and its type; ValidationException when there is none, or the script left it empty."""
    for name, place in outputs.items():
        kind = component.outputs[name].type
        if kind in MODEL_TYPES:
            if not _files(place):
                message = f"component {component.name!r} wrote nothing to its output {name!r}"
                raise ValidationException(message)
            return place, kind
    message = f"component {component.name!r} writes no model: no output is of type {', '.join(sorted(MODEL_TYPES))}"
    raise ValidationException(message)


def _metrics(outputs: dict[str, Path]) -> dict[str, str]:
    """The numbers in the `metrics.json` that an output holds, as text for tags; empty when none holds one."""
    for place in outputs.values():
        file = place / "metrics.json"
        if file.is_file():
            found = json.loads(file.read_bytes())
            return {name: f"{value:.4g}" for name, value in found.items() if type(value) in (int, float)}
    return {}
