"""The demo of a folder with a pipeline: its graph, its run while it goes on, what it wrote, and the models it registered."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mlsdk.command_line import contents
from mlsdk.command_line.tables import INDENT, paragraph, said
from mlsdk.display import graph_of
from mlsdk.display.lines import graph_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsdk.client import MLClient
    from mlsdk.entities import PipelineJob

SHORT = 4096
"""Bytes of the longest file that is shown as it is."""


def run(client: MLClient, pipeline: PipelineJob, temporary: Path) -> Iterator[str]:
    """Run a pipeline and show what came of it; JobException when it fails, with its reason and the end of the log."""
    job: Any = client.jobs.create_or_update(pipeline)
    yield said("pipeline", job.name, f"{len(pipeline.jobs or ())} steps")
    yield ""
    yield from graph_lines(graph_of(pipeline))
    yield ""
    client.jobs.watch(job.name)
    yield ""
    if find_spec("mlflow") is None:
        yield "MLflow is not installed here, so that metrics stand in the logs alone."
        yield "  pip install 'mlsdk[local]'"
        yield ""
    yield from _written(client, job, temporary)
    yield from contents.models(client)
    yield from paragraph(
        "The same file runs on Azure: client.jobs.create_or_update(load_job(...)) is the call here and there."
    )


def _written(client: MLClient, job: Any, temporary: Path) -> Iterator[str]:
    """The outputs of a pipeline: their files, and what is in those that are one short text."""
    for name, output in job.outputs.items():
        client.jobs.download(str(job.name), download_path=temporary / "outputs", output_name=name)
        folder = temporary / "outputs" / "named-outputs" / name
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            yield said("output", name, f"{file.relative_to(folder).as_posix()}, {file.stat().st_size} bytes")
            if output.type == "uri_file":
                yield from paragraph(_text(file), INDENT)
    yield ""


def _text(file: Path) -> str:
    """What is in a short text; nothing of any other file."""
    if file.stat().st_size > SHORT:
        return ""
    content = file.read_bytes()
    try:
        return "" if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
