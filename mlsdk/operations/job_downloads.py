"""What a job left behind, fetched: its own files below `artifacts/`, its outputs below `named-outputs/<name>/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ResourceNotFoundError

from mlsdk.assets import places
from mlsdk.exceptions import ErrorCategory, ErrorTarget, JobException
from mlsdk.operations.run_history import ENDED
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlsdk.operations.run_history import RunHistory
    from mlsdk.operations.session import Session

JSON = dict[str, Any]

DEFAULT = "default"
"""The output that is the job's own folder, with its logs."""
SCORE = "score"
"""The output of a batch endpoint's job."""
RUN_DATA = frozenset({"mltable", "uri_file", "uri_folder"})
RUN_MODELS = frozenset({"CustomModel", "MLFlowModel", "TritonModel"})
"""The types of outputs as run history writes them."""
PIPELINE = "azureml.pipelinejob"
"""What the tag `azureml.jobtype` says of a pipeline."""
OWN_FOLDER = "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.{name}/"
UNTOLD = ("azureml/{job}/{name}", "dataset/{job}/{name}")
"""Where the default datastore has an output whose place the service does not tell."""


class JobDownload:
    """One call of `jobs.download`: whose files, and where they go."""

    def __init__(self, session: Session, history: RunHistory, fetch: Callable[[str], JSON], destination: Path) -> None:
        """Write below `destination`; `fetch` gives the body of a job."""
        self._session, self._history, self._fetch = session, history, fetch
        self._destination = destination
        self._found = 0

    def run(self, name: str, output_name: str | None, *, every: bool) -> None:
        """Fetch the job's own files, or one output, or all of both; ResourceNotFoundError when nothing was there."""
        self._job(name, output_name, every=every)
        if self._found == 0:
            what = f"output {output_name!r}" if output_name else "no files"
            message = (
                f"job {name!r} left {what if not output_name else f'nothing as {what}'}: there is nothing to download"
            )
            raise ResourceNotFoundError(message)

    def _job(self, name: str, output_name: str | None, *, every: bool) -> None:
        body = self._ended(name)
        properties = body["properties"]
        kept, tags = properties.get("properties") or {}, properties.get("tags") or {}
        if kept.get("azureml.isreused") == "true" and kept.get("azureml.reusedrunid"):
            self._job(kept["azureml.reusedrunid"], output_name, every=every)
        elif properties.get("jobType") == "Sweep":
            best = kept.get("best_child_run_id")
            if best:
                self._job(best, output_name, every=every)
            if not output_name:
                self._save(self._own_files(body), self._destination / "hd-artifacts")
        elif tags.get("azureml.batchrun") == "true" and tags.get("azureml.jobtype") != PIPELINE:
            self._scores(body["name"])
        else:
            self._outputs(body, output_name, every=every)

    def _ended(self, name: str) -> JSON:
        """The body of a job that has ended; JobException (with the official client's words) while it has not."""
        body = self._fetch(name)
        status = body["properties"].get("status")
        if status not in ENDED:
            message = f"This job is in state {status}. Download is allowed only in states {sorted(ENDED)}"
            raise JobException(message, message, target=ErrorTarget.JOB, error_category=ErrorCategory.USER_ERROR)
        return body

    def _outputs(self, body: JSON, output_name: str | None, *, every: bool) -> None:
        name = body["name"]
        if output_name == DEFAULT or not (output_name or every):
            self._save(self._own_files(body), self._destination / "artifacts")
            return
        found = self._places(name, output_name)
        if output_name and output_name not in found:
            untold = self._untold(name, output_name)
            if untold is None:
                names: set[str] = {DEFAULT, *(body["properties"].get("outputs") or {}), *self._history.outputs(name)}
                message = f"job {name!r} has no output {output_name!r} to download; it has {', '.join(sorted(names))}"
                raise ResourceNotFoundError(message)
            found[output_name] = untold
        for each, uri in found.items():
            self._save(uri, self._destination / "named-outputs" / _folder(each))
        if every:
            self._save(self._own_files(body), self._destination / "artifacts")

    def _places(self, name: str, output_name: str | None) -> dict[str, str]:
        """Where the outputs are that run history tells of, or the one called `output_name`."""
        outputs = self._history.outputs(name)
        names = {
            output["assetId"]: each
            for each, output in outputs.items()
            if each != DEFAULT and output_name in (None, each)
        }
        found: dict[str, str] = {}
        for service, key, types in (("data", "uri", RUN_DATA), ("modelregistry", "path", RUN_MODELS)):
            assets = [asset for asset, each in names.items() if outputs[each].get("type") in types]
            if assets:
                told = self._history.places(service, assets)
                found.update({names[asset]: place[key] for asset, place in told.items() if place.get(key)})
        return found

    def _untold(self, job: str, name: str) -> str | None:
        """Where an output is that run history does not tell of, None where there is none either."""
        store = self._session.datastores.get_default().name
        for pattern in UNTOLD:
            uri = f"azureml://datastores/{store}/paths/{pattern.format(job=job, name=name)}/"
            container, path = places.stored(uri, self._session, None)
            if next(iter(container.list(path)), None) is not None:
                return uri
        return None

    def _own_files(self, body: JSON) -> str:
        output = (body["properties"].get("outputs") or {}).get(DEFAULT) or {}
        return output.get("uri") or OWN_FOLDER.format(name=body["name"])

    def _scores(self, name: str) -> None:
        """What a batch endpoint has scored: the output of the step that scores, into the folder itself."""
        for run in self._history.children(name, lambda run: str(run["runId"])):
            uri = self._places(run, SCORE).get(SCORE) or self._untold(run, SCORE)
            if uri is not None:
                self._save(uri, self._destination)
                return

    def _save(self, uri: str, folder: Path) -> None:
        """Write the files behind an address into a folder, which is not made where there are none."""
        container, path = places.stored(uri, self._session, None)
        try:
            self._found += len(places.fetch(container, path.strip("/"), folder, self._session))
        except ResourceNotFoundError:
            # A job may leave an output empty, or end before it writes a log: `run` says so if there was nothing at all.
            return


def _folder(name: str) -> str:
    """An output's name as that of a folder; ValidationException when it would lead elsewhere."""
    if name in ("", ".", "..") or any(sign in name for sign in "/\\:\0"):
        message = f"the output {name!r} cannot be downloaded: its name is none of a folder"
        raise wrong(message)
    return name
