"""Bodies of jobs and components of all types beside the published ARM schema: no property that no version knows.

What is built and loaded are the cases that `test_bodies.py` compares with the official client, so that what strays here is a
habit of its own; each is listed with its reason.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from conformance.conftest import SHARED
from conformance.official import OURS, our_body
from conformance.published_schema import misfits

from mlsdk import dsl
from mlsdk.entities.base_job import BaseJob
from mlsdk.entities.component_spec import Component
from mlsdk.entities.import_job import ImportJob
from mlsdk.entities.job import Job
from mlsdk.entities.node import Node
from mlsdk.entities.steps import OtherStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILES = sorted(
    path.stem.removeprefix("cases_")
    for path in Path(__file__).parent.glob("cases_*.py")
    if path.stem not in ("cases_assets", "cases_compute", "cases_datastore", "cases_workspace")
)
"""The files of cases whose bodies are those of jobs and components."""

_TEXTS = "numbers, flags and nothing are sent among texts as they are"
_LEFT_OUT = "what a user leaves out is not sent, and the service tells of it"
_EMPTY = "a text without a letter or digit is sent as it is"
_NUMBER = "the stored schema takes numbers of the service for integers"
_EARLIER = "earlier previews of the API know it, of which none is stored"
STRAYS = {
    r"(tags|properties|environmentVariables|hyperParameters)\.\w+: .* is no string": _TEXTS,
    r"properties\.(\w+\.)?environmentId: \{.* is no string": "an environment in the place of its id: nothing is resolved yet",
    r"(objective|samplingAlgorithm|codeId|entry|model|taskType|trainingData|primaryMetric|uri): is required": _LEFT_OUT,
    r": '(\[\])?' is not written as the schema asks": _EMPTY,
    r"identity\.\w+: '[a-z]' is not written as the schema asks": "a letter in the place of a GUID, which neither client checks",
    r"fineTuningDetails\.taskType: '\w+_\w+' is none of": "the word is sent as it was given",
    r"(slackAmount|slackFactor|exitScore|beta2|boxScoreThreshold|DataSize): [\d.]+ is no integer": _NUMBER,
    r"learningRate(Multiplier)?: [\d.]+ is no integer": _NUMBER,
    r"outputs\.\w+\.assetVersion: is not known": _EARLIER,
    r"queueSettings\.priority: is not known": _EARLIER,
    r"resources\.(locations|maxInstanceCount): is not known": _EARLIER,
    r"resources\.instanceType: \['a', 'b'\] is no string": "several sizes, of which the service takes one",
    r"properties\.resources: is not known": "of sweeps; " + _EARLIER,
    r"samplingAlgorithm\.logbase: is not known": _EARLIER,
    r"taskDetails\.(fixedParameters|searchSpace): is not known": "of texts; " + _EARLIER,
    r"limitSettings\.(maxNodes|trialTimeout|sweepConcurrentTrials|sweepTrials): is not known": _EARLIER,
    r"forecastingSettings\.featuresUnknownAtForecastTime: is not known": _EARLIER,
    r"trainingSettings\.trainingMode: is not known": _EARLIER,
}
"""Where bodies, as the official client's, do not meet the schema, each with its reason."""

NEVER_SENT: set[Any] = {BaseJob, ImportJob, OtherStep}
"""The jobs of which no body is made: those that only run history knows, and those of which the official client makes none;
and steps of types that are not known, which are loaded and sent back as they came."""


class Sent(NamedTuple):
    """A body that one of the cases makes, and what the version of the schema that fits it best does not take."""

    case: str
    kind: type
    resource: str
    body: dict[str, Any]
    strays: list[str]


def _cases(module: Any) -> Iterator[tuple[str, Callable[[], Any], dict[str, str]]]:
    """Each case of a file: what it is called, what makes its entity, and the files beside that."""
    beside = getattr(module, "BESIDE", {})
    for number, (name, arguments) in enumerate(getattr(module, "CASES", ())):
        made = name.partition(",")[0]
        yield f"CASES-{name}-{number}", lambda made=made, given=arguments: getattr(OURS, made)(**given(OURS)), beside
    for number, (name, build) in enumerate(getattr(module, "BUILT", ())):
        yield f"BUILT-{name}-{number}", lambda build=build: build(OURS), beside
    for number, (name, text, *more) in enumerate(getattr(module, "FILES", ())):
        load = f"load_{name.partition(',')[0]}"
        files = {"given.yml": text, **(more[0] if more else {})}
        yield f"FILES-{name}-{number}", lambda load=load: getattr(OURS, load)("given.yml"), files
    loops = (*getattr(module, "FILES_OF_PIPELINES", ()), *getattr(module, "BODIES_ONLY", ()))
    for number, text in enumerate(loops):
        yield f"FILES-pipeline-{number}", lambda: OURS.load_job("given.yml"), {"given.yml": text, **beside}
    if hasattr(module, "functions"):
        built = module.functions(OURS, dsl.condition, dsl.do_while, dsl.parallel_for)
        for number, job in enumerate(built):
            yield f"BUILT-pipeline-{number}", lambda job=job: job, beside


def _sent(name: str, folder: Path, versions: list[dict[str, Any]]) -> Iterator[Sent]:
    """The bodies that the cases of a file make; one that is refused makes none."""
    for case, make, files in _cases(importlib.import_module(f"conformance.cases_{name}")):
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        try:
            made = make()
            body = our_body(made)
        except Exception:  # noqa: BLE001, S112 - that it is right to refuse, by whatever class, test_bodies.py holds
            continue
        if isinstance(made, (Job, Component)):
            resource = "workspaces_jobs" if isinstance(made, Job) else "workspaces_components_versions"
            yield Sent(f"{name}-{case}", type(made), resource, body, _strays(versions, resource, body))


def _strays(versions: list[dict[str, Any]], resource: str, body: dict[str, Any]) -> list[str]:
    return min((misfits(schema, resource, body) for schema in versions), key=len)


@pytest.fixture(scope="module")
def versions(problems: object) -> list[dict[str, Any]]:
    """The published schema, version by version; absent together with its checker."""
    assert problems
    return [json.loads(path.read_text()) for path in sorted((SHARED / "reference" / "arm-schemas").glob("*.json"))]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, versions: list[dict[str, Any]]) -> dict[str, list[Sent]]:
    """All bodies, by the file of their cases."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in FILES:
            folder = tmp_path_factory.mktemp(name)
            patch.chdir(folder)
            found[name] = [*_sent(name, folder, versions)]
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_body_has_only_what_the_published_schema_knows(sent: dict[str, list[Sent]], name: str) -> None:
    """A published version of the API takes each body, what is listed with a reason aside."""
    assert sent[name]
    found = [
        f"{one.case}: {line}"
        for one in sent[name]
        for line in one.strays
        if not any(re.search(told, line) for told in STRAYS)
    ]
    assert found == []


def test_the_schema_objects_to_all_that_is_listed(sent: dict[str, list[Sent]]) -> None:
    """An exemption that no body needs would hide a mistake."""
    lines = [line for bodies in sent.values() for one in bodies for line in one.strays]
    assert [told for told in STRAYS if not any(re.search(told, line) for line in lines)] == []


def test_the_walk_says_of_a_body_what_the_checker_says(
    problems: Callable[[str, dict[str, Any]], list[str]], sent: dict[str, list[Sent]]
) -> None:
    """Of each type of job and component a body that fits and one that does not, judged alike by both."""
    picked: dict[tuple[type, bool], Sent] = {}
    for bodies in sent.values():
        for one in bodies:
            picked.setdefault((one.kind, bool(one.strays)), one)
    assert {fits for _, fits in picked} == {False, True}
    for (_, strays), one in picked.items():
        assert bool(problems(one.resource, one.body)) == strays, one.case


@pytest.mark.parametrize("place", ["properties.nonsense", "properties.limits.nonsense", "nonsense"])
def test_a_property_that_no_version_knows_is_found(versions: list[dict[str, Any]], place: str) -> None:
    """The walk goes into the type that a body names, and tells of what that does not have."""
    body = our_body(OURS.command(command="echo", environment="e:1", timeout=60))
    *steps, last = place.split(".")
    at: Any = body
    for step in steps:
        at = at[step]
    at[last] = 1
    assert _strays(versions, "workspaces_jobs", body) == [f"$.{place}: is not known"]


def test_every_type_of_job_and_component_is_sent(sent: dict[str, list[Sent]]) -> None:
    """No class of a job or component is without a body here: as one of its own, or as a step of a pipeline."""
    for path in Path(importlib.import_module("mlsdk.entities").__path__[0]).glob("*.py"):
        importlib.import_module(f"mlsdk.entities.{path.stem}")
    kinds = {one.kind for bodies in sent.values() for one in bodies}
    steps = {
        str(step.get("type"))
        for bodies in sent.values()
        for one in bodies
        for step in (one.body["properties"].get("jobs") or {}).values()
    }
    last = {cls for cls in _below(Job) | _below(Component) if _below(cls) == {cls}}
    missing = {cls for cls in last - kinds - NEVER_SENT if not (issubclass(cls, Node) and _word(cls) in steps)}
    assert sorted(cls.__name__ for cls in missing) == []


def _below(cls: type) -> set[type]:
    """The class and all that stand below it; a class with slots leaves one behind that has none."""
    found = {cls}.union(*(_below(one) for one in cls.__subclasses__()))
    return {one for one in found if getattr(sys.modules[one.__module__], one.__name__) is one}


def _word(cls: Any) -> Any:
    return next((one.default for one in cls.__attrs_attrs__ if one.name == "type"), None)
