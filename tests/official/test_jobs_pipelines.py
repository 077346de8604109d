"""Pipelines through the official client: their steps as jobs, what goes from one to the next, conditions and loops."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import Input, MLClient, dsl, load_component
from azure.ai.ml.data_transfer import Database
from azure.ai.ml.entities import DataImport
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError
from every_job import DATA, mixed, pipeline, steered, step_component

from mlsdk.backends import Request
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"


def name_of(job: Mapping[str, Any]) -> str:
    """What the step that a runner is asked about is called."""
    name: str = job["properties"]["displayName"]
    return name


def steps(client: MLClient, name: str) -> dict[str, Any]:
    """The steps of a pipeline by what they are called; of several runs of one the last."""
    return {one.display_name: one for one in reversed(list(client.jobs.list(parent_job_name=name)))}


@pytest.mark.emulates("jobs.create_or_update", "jobs.list", "jobs.get")
def test_each_step_is_a_job_of_its_own(azure: MemoryBackend, client: MLClient) -> None:
    """The runner is asked of the pipeline, then of each step in order; steps are the children of the run, newest first."""
    asked: list[tuple[str, str]] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        asked.append((job["properties"]["jobType"], name_of(job)))
        return JobOutcome()

    azure.run_jobs_with(run)
    job = client.jobs.create_or_update(pipeline(display_name="whole"))
    client.jobs.stream(job.name)
    assert asked == [
        ("Pipeline", "whole"),
        ("Command", "prepare"),
        ("Command", "train"),
        ("Pipeline", "evaluate"),
        ("Command", "last"),
    ]
    children = list(client.jobs.list(parent_job_name=job.name))
    # The client never asks for the next page of children.
    assert [one.display_name for one in children] == ["evaluate", "train", "prepare"][: azure.page_size]
    assert [one.display_name for one in client.jobs.list(parent_job_name=children[0].name)] == ["last"]
    assert {one.properties["azureml.pipelinerunid"] for one in children} == {job.name}
    assert client.jobs.get(children[0].name).status == "Completed"
    assert [one.name for one in client.jobs.list()] == [job.name]


def test_what_a_step_leaves_the_next_one_reads(plain: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """Inputs come to a step resolved: those of the pipeline, defaults of the component, what another step has left."""
    seen: dict[str, Any] = {}

    def run(job: Mapping[str, Any]) -> JobOutcome:
        seen[name_of(job)] = job["properties"]
        outputs = {"out": {"part.txt": name_of(job)}} if job["properties"]["jobType"] == "Command" else {}
        return JobOutcome(outputs=outputs)

    plain.run_jobs_with(run)
    job = client.jobs.create_or_update(pipeline())
    inputs = {name: each["inputs"] for name, each in seen.items()}
    assert inputs["prepare"]["data"]["uri"] == DATA.path
    assert inputs["prepare"]["rate"] == {"jobInputType": "literal", "value": "0.2"}
    assert inputs["train"]["rate"]["value"] == "0.1"
    assert inputs["train"]["data"] == {"jobInputType": "uri_folder", "uri": seen["prepare"]["outputs"]["out"]["uri"]}
    assert inputs["last"]["data"]["uri"] == seen["train"]["outputs"]["out"]["uri"]
    assert {each["computeId"].rpartition("/")[2] for name, each in seen.items() if name != job.display_name} == {
        "cpu-cluster"
    }
    client.jobs.download(job.name, download_path=tmp_path, all=True)
    assert (tmp_path / "named-outputs/trained/part.txt").read_text() == "train"
    assert (tmp_path / "named-outputs/final/part.txt").read_text() == "last"
    prepare = steps(client, job.name)["prepare"]
    client.jobs.download(prepare.name, download_path=tmp_path / "step", all=True)
    assert (tmp_path / "step/named-outputs/out/part.txt").read_text() == "prepare"
    assert (tmp_path / "step/artifacts/user_logs/std_log.txt").exists()


@pytest.mark.emulates("jobs.stream")
def test_a_step_that_fails_fails_its_pipeline(azure: MemoryBackend, client: MLClient) -> None:
    """What comes after a failed step does not run, and the stream says which step it was."""
    asked: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        asked.append(name_of(job))
        return JobOutcome(status="Failed" if name_of(job) == "train" else "Completed", error="no gpu")

    azure.run_jobs_with(run)
    job = client.jobs.create_or_update(pipeline(display_name="whole"))
    with pytest.raises(JobException, match="Failed nodes: train"):
        client.jobs.stream(job.name)
    assert asked == ["whole", "prepare", "train"]
    assert steps(client, job.name)["train"].status == "Failed"


@pytest.mark.parametrize("goes_on", [True, False])
def test_other_steps_go_on_where_the_pipeline_says_so(plain: MemoryBackend, client: MLClient, goes_on: bool) -> None:
    """With `continue_on_step_failure` only what needs a failed step does not run."""
    step = step_component()

    @dsl.pipeline(default_compute="cpu-cluster", continue_on_step_failure=goes_on)
    def forked(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        bad = step(data=data)
        step(data=bad.outputs.out)
        good = step(data=data)
        after_good = step(data=good.outputs.out)  # noqa: F841 -- its name is the name of the step

    plain.run_jobs_with(lambda job: JobOutcome(status="Failed" if name_of(job) == "bad" else "Completed"))
    job = client.jobs.create_or_update(forked(data=DATA))
    assert client.jobs.get(job.name).status == "Failed"
    completed = {name for name, one in steps(client, job.name).items() if one.status == "Completed"}
    assert completed == ({"good", "after_good"} if goes_on else set())


@pytest.mark.parametrize(("again", "ran"), [(True, "yes"), (False, "no"), (None, "yes")])
def test_a_condition_decides_which_step_runs(
    plain: MemoryBackend, client: MLClient, again: bool | None, ran: str
) -> None:
    """The output of a step decides; where nobody says what it is the condition holds."""

    def run(job: Mapping[str, Any]) -> JobOutcome:
        says = again is not None and name_of(job) == "first"
        return JobOutcome(outputs={"again": bool(again)} if says else {})

    plain.run_jobs_with(run)
    job = client.jobs.create_or_update(steered(), skip_validation=True)
    assert client.jobs.get(job.name).status == "Completed"
    assert {"yes", "no"} & set(steps(client, job.name)) == {ran}


@pytest.mark.parametrize(("rounds", "ran"), [(0, 1), (1, 2), (9, 3)])
def test_a_loop_goes_round_until_it_is_told_to_stop(
    plain: MemoryBackend, client: MLClient, rounds: int, ran: int
) -> None:
    """The body runs again as long as its output says so, up to the limit, each time with what the last round left."""
    seen: list[Any] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        if name_of(job) != "body":
            return JobOutcome()
        seen.append(job["properties"])
        return JobOutcome(outputs={"again": len(seen) <= rounds})

    plain.run_jobs_with(run)
    job = client.jobs.create_or_update(steered(), skip_validation=True)
    assert client.jobs.get(job.name).status == "Completed"
    assert len(seen) == ran
    for before, after in pairwise(seen):
        assert after["inputs"]["data"]["uri"] == before["outputs"]["out"]["uri"]


def test_a_loop_over_items_runs_once_for_each(plain: MemoryBackend, client: MLClient) -> None:
    """Each run of the body gets the inputs of its item."""
    rates: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        if name_of(job) == "each":
            rates.append(job["properties"]["inputs"]["rate"]["value"])
        return JobOutcome()

    plain.run_jobs_with(run)
    client.jobs.create_or_update(steered(), skip_validation=True)
    assert rates == ["1", "2"]


def test_steps_of_every_type_run(plain: MemoryBackend, client: MLClient) -> None:
    """The runner gets each step as a job of its type; sweeps and automated machine learning have trials of their own."""
    asked: list[tuple[str, str]] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        asked.append((job["properties"]["jobType"], name_of(job)))
        return JobOutcome(metrics={"accuracy": float(len(asked))})

    plain.run_jobs_with(run)
    job = client.jobs.create_or_update(mixed())
    found = steps(client, job.name)
    assert {type_ for type_, name in asked if name in found} == {"Sweep", "Spark", "Parallel", "AutoML"}
    sweep = found["searched"]
    trials = list(client.jobs.list(parent_job_name=sweep.name))
    assert len(trials) == 3
    assert sweep.properties["best_child_run_id"] == f"{sweep.name}_2"
    assert len(list(client.jobs.list(parent_job_name=found["learned"].name))) == 2


def test_a_step_may_reuse_an_earlier_one(plain: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """A step that reuses another run says so in its properties, and its files are those of the other run."""
    plain.run_jobs_with(lambda job: JobOutcome(log=f"{name_of(job)}\n"))
    first = steps(client, client.jobs.create_or_update(pipeline()).name)["prepare"]
    plain.run_jobs_with(lambda job: JobOutcome(reuses=first.name if name_of(job) == "prepare" else None))
    second = steps(client, client.jobs.create_or_update(pipeline()).name)["prepare"]
    assert second.properties["azureml.isreused"] == "true"
    assert second.properties["azureml.reusedrunid"] == first.name
    client.jobs.download(second.name, download_path=tmp_path)
    assert (tmp_path / "artifacts/user_logs/std_log.txt").read_text() == "prepare\n"
    plain.run_jobs_with(lambda _: JobOutcome(reuses="other"))
    with pytest.raises(ValueError, match="is no step of a pipeline"):
        client.jobs.create_or_update(pipeline())


def test_steps_live_on_the_clock() -> None:
    """A step waits for those it needs, steps that need none run side by side, and the pipeline as long as one of them does."""
    clock = ManualClock()
    with azure_ml(MemoryBackend(clock=clock)) as azure:
        azure.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
        client = MLClient(FakeCredential(), "sub", "rg", "ws")
        job = client.jobs.create_or_update(pipeline())
        seen: list[tuple[str, ...]] = []
        for _ in range(600):
            found = {name: one.status for name, one in steps(client, job.name).items()}
            now = (client.jobs.get(job.name).status, found["prepare"], found["train"])
            if not seen or seen[-1] != now:
                seen.append(now)
            clock.advance(1)
    assert seen[:3] == [(one, "NotStarted", "NotStarted") for one in ("NotStarted", "Queued", "Preparing")]
    assert ("Running", "Running", "NotStarted") in seen
    assert ("Running", "Completed", "Running") in seen
    assert seen[-1] == ("Completed", "Completed", "Completed")
    assert not any(now[1] != "Completed" and now[2] != "NotStarted" for now in seen)


def test_an_output_of_a_pipeline_is_registered(plain: MemoryBackend, client: MLClient) -> None:
    """An output with the name of an asset becomes a version of it, that of a step too."""
    step = step_component()

    @dsl.pipeline(default_compute="cpu-cluster")
    def named(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        one = step(data=data)
        one.outputs.out.name = "of-the-step"
        two = step(data=one.outputs.out)
        return {"final": two.outputs.out}

    job = named(data=DATA)
    job.outputs.final.name = "of-the-pipeline"
    name = client.jobs.create_or_update(job).name
    assert client.jobs.get(name).status == "Completed"
    assert client.data.get("of-the-pipeline", version="1").path.endswith(f"/azureml/{name}/final/")
    prepared = client.data.get("of-the-step", version="1")
    assert prepared.path.endswith(f"/azureml/{steps(client, name)['one'].name}/out/")
    assert plain.find(f"{WORKSPACE}/data/of-the-step") is not None


def test_a_registered_pipeline_component_is_a_job(plain: MemoryBackend, client: MLClient) -> None:
    """A job may be made from a component alone, whose steps are its steps."""
    step = step_component()

    def both(data: Any) -> Any:
        one = step(data=data)
        two = step(data=one.outputs.out)
        return {"out": two.outputs.out}

    both.__annotations__ = {"data": Input(type="uri_folder")}
    made = client.components.create_or_update(dsl.pipeline(name="both", version="1")(both))
    inputs = {"data": {"jobInputType": "uri_folder", "uri": DATA.path}}
    properties = {"jobType": "Pipeline", "componentId": made.id, "inputs": inputs}
    settings = {"default_compute": f"{WORKSPACE}/computes/cpu-cluster"}
    plain.create(f"{WORKSPACE}/jobs/made", {"properties": {**properties, "settings": settings}})
    assert client.jobs.get("made").status == "Completed"
    assert set(steps(client, "made")) == {"one", "two"}


@pytest.mark.usefixtures("plain")
def test_a_component_of_a_registry_is_a_step(client: MLClient, plain: MemoryBackend, tmp_path: Path) -> None:
    """What was loaded from YAML and registered, here or in a registry, is called as a function and runs."""
    plain.add_registry("shared")
    registry = MLClient(FakeCredential(), registry_name="shared")
    (tmp_path / "c.yml").write_text(
        "$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json\n"
        "name: loaded\ntype: command\nversion: '1'\ncommand: ls ${{inputs.data}}\n"
        "inputs:\n  data:\n    type: uri_folder\n"
        "environment: azureml://registries/azureml/environments/sklearn-1.5/versions/1\n"
    )
    component = load_component(tmp_path / "c.yml")
    shared, own = registry.components.create_or_update(component), client.components.create_or_update(component)

    @dsl.pipeline(default_compute="cpu-cluster")
    def two(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        here = own(data=data)  # noqa: F841
        there = registry.components.get("loaded", version="1")(data=data)  # noqa: F841

    job = client.jobs.create_or_update(two(data=DATA))
    assert shared.version == own.version == "1"
    assert {one.status for one in steps(client, job.name).values()} == {"Completed"}
    assert set(steps(client, job.name)) == {"here", "there"}


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("data.import_data")
def test_data_is_imported_by_a_pipeline(client: MLClient) -> None:
    """What is imported becomes a version of the data asset when the job has completed."""
    path = "azureml://datastores/workspaceblobstore/paths/x/${{name}}"
    wanted = DataImport(name="rows", source=Database(query="select 1", connection="azureml:my"), path=path)
    job = client.data.import_data(wanted)
    client.jobs.stream(job.name)
    assert client.jobs.get(job.name).status == "Completed"
    assert client.data.get("rows", label="latest").type == "mltable"


def changed(change: Any) -> dict[str, Any]:
    """The body of a pipeline of two steps, changed."""
    component = f"{WORKSPACE}/components/step/versions/1"
    given = {"data": {"job_input_type": "literal", "value": "${{parent.inputs.data}}"}}
    one = {"name": "one", "type": "command", "componentId": component, "inputs": given}
    passed = {"data": {"job_input_type": "literal", "value": "${{parent.jobs.one.outputs.out}}"}}
    two = {"name": "two", "type": "command", "componentId": component, "inputs": passed}
    properties: dict[str, Any] = {
        "jobType": "Pipeline",
        "inputs": {"data": {"jobInputType": "uri_folder", "uri": DATA.path}},
        "jobs": {"one": one, "two": two},
        "settings": {"default_compute": f"{WORKSPACE}/computes/cpu-cluster"},
    }
    change(properties)
    return {"properties": properties}


def literal(value: str) -> dict[str, Any]:
    """An input with an expression."""
    return {"job_input_type": "literal", "value": value}


def setter(path: str, value: Any) -> Any:
    """A change of one place in a body."""

    def change(properties: dict[str, Any]) -> None:
        *above, last = path.split(".")
        for key in above:
            properties = properties.setdefault(key, {})
        if value is None:
            del properties[last]
        else:
            properties[last] = value

    return change


IF = {"type": "if_else", "condition": "${{parent.jobs.one.outputs.out}}", "true_block": "${{parent.jobs.two}}"}
WHILE = {"type": "do_while", "condition": "out", "body": "${{parent.jobs.two}}", "limits": {"max_iteration_count": 2}}
EACH = {"type": "parallel_for", "items": "[{}]", "body": "${{parent.jobs.two}}"}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("jobs", None, "The Jobs field is required"),
        ("jobs", ["one"], "'jobs' has to be an object"),
        ("jobs.one", "x", r"'properties.jobs.one' has to be an object"),
        ("jobs.1st", {"type": "command"}, "The node name '1st' is not valid"),
        ("jobs.one.type", None, r"Field: jobs.one.type. Allowed values"),
        ("jobs.one.type", "magic", r"Field: jobs.one.type. Allowed values"),
        ("jobs.one.componentId", None, "The ComponentId field is required"),
        ("jobs.one.componentId", f"{WORKSPACE}/components/gone/versions/1", "Component '.*gone.*' not found"),
        (
            "jobs.one.componentId",
            "azureml://registries/nowhere/components/c/versions/1",
            "Component '.*nowhere.*' not found",
        ),
        ("jobs.one.componentId", "azureml://registries/azureml/components/c/versions/1", "does not emulate"),
        ("jobs.one.inputs", {}, "The required input 'data' of component '.*' is not provided"),
        ("jobs.one.inputs.other", literal("1"), "has no input 'other'"),
        ("jobs.one.inputs.data", "x", "has to be an object"),
        ("jobs.one.inputs.data", {"job_input_type": "literal"}, "The Value field is required"),
        ("jobs.one.inputs.data", {"job_input_type": "uri_folder"}, "The Uri field is required"),
        ("jobs.one.inputs.data", {"job_input_type": "text"}, "job_input_type. Allowed values"),
        (
            "jobs.one.inputs.data",
            {"job_input_type": "uri_folder", "uri": "azureml:gone:1"},
            "Data 'azureml:gone:1' not found",
        ),
        (
            "jobs.one.inputs.data",
            literal("${{parent.inputs.gone}}"),
            "the pipeline has no input 'gone': there are data",
        ),
        (
            "jobs.one.inputs.data",
            literal("${{parent.jobs.gone.outputs.x}}"),
            "there is no node 'gone': there are one, two",
        ),
        (
            "jobs.two.inputs.data",
            literal("${{parent.jobs.one.outputs.x}}"),
            "the node 'one' has no output 'x': there are out",
        ),
        ("jobs.one.inputs.data", literal("${{parent.data}}"), "it is neither an input nor a step of the pipeline"),
        (
            "jobs.one.inputs.data",
            literal("${{parent.jobs.two.outputs.out}}"),
            "has a cycle: one, two wait for each other",
        ),
        ("jobs.one.outputs", {"out": "x"}, "has to be an object"),
        ("jobs.one.outputs", {"out": {"job_output_type": "x"}}, "job_output_type. Allowed values"),
        (
            "jobs.one.outputs",
            {"out": {"type": "literal", "value": "${{parent.outputs.x}}"}},
            "the pipeline has no output 'x'",
        ),
        (
            "jobs.one.outputs",
            {"out": {"job_output_type": "uri_folder", "uri": "azureml://datastores/gone/paths/x"}},
            "Datastore 'gone' of output '.*' not found",
        ),
        ("jobs.one.computeId", f"{WORKSPACE}/computes/gone", "Compute '.*gone' not found"),
        ("settings.default_compute", f"{WORKSPACE}/computes/gone", "Compute '.*gone' not found"),
        ("settings.default_datastore", "gone", "Datastore 'gone' not found"),
        ("settings.continue_on_step_failure", "yes", "has to be true or false"),
        ("settings", None, "Compute not set: the node 'jobs.one' has no compute"),
        ("sourceJobId", "azureml:other", "does not emulate a pipeline made from another job"),
        ("jobs.c", {**IF, "true_block": "${{parent.jobs.gone}}"}, "The true_block of the node 'jobs.c' is 'gone'"),
        ("jobs.c", {**IF, "true_block": None}, "The True_block field is required"),
        ("jobs.c", {**IF, "condition": None}, "The Condition field is required"),
        ("jobs.c", {**IF, "condition": 3}, "has to be an expression, or true or false"),
        (
            "jobs.c",
            {**IF, "false_block": "${{parent.jobs.two}}"},
            "the same step in its true_block and its false_block",
        ),
        ("jobs.c", {**WHILE, "limits": {"max_iteration_count": 1001}}, "has to be from 1 to 1000, not 1001"),
        ("jobs.c", {**WHILE, "limits": {"max_iteration_count": "2"}}, "has to be a whole number"),
        ("jobs.c", {**EACH, "items": None}, "The Items field is required"),
        ("jobs.c", {**EACH, "items": "[{"}, "neither a list nor an object in JSON"),
        ("jobs.c", {**EACH, "items": []}, "with something in it"),
        ("jobs.c", {"type": "automl", "task": "magic"}, r"Field: jobs.c.task. Allowed values"),
        ("jobs.c", {"type": "automl", "task": "regression"}, "The Training_data field is required"),
        ("jobs.c", {"type": "sweep"}, "The Trial.componentId field is required|The ComponentId field is required"),
        (
            "outputs",
            {"default": {"jobOutputType": "uri_folder"}},
            "does not emulate an output of a job that is called 'default'",
        ),
    ],
)
def test_what_is_wrong_with_a_pipeline(
    plain: MemoryBackend, client: MLClient, path: str, value: Any, said: str
) -> None:
    """A pipeline that cannot run is refused with the place and the reason, and nothing of it is stored."""
    made = step_component()
    made.version = "1"
    client.components.create_or_update(made)
    plain.add_registry("shared")
    body = changed(setter(path, value))
    reply = plain.send(Request("PUT", f"{WORKSPACE}/jobs/j", {"api-version": "2024-01-01-preview"}, body=body))
    assert reply.status == 400, reply.body
    assert re.search(said, reply.body["error"]["message"]), reply.body["error"]["message"]
    assert plain.find(f"{WORKSPACE}/jobs/j") is None
    good = plain.send(
        Request("PUT", f"{WORKSPACE}/jobs/j", {"api-version": "2024-01-01-preview"}, body=changed(lambda _: None))
    )
    assert good.status == 201


def test_the_client_says_what_the_service_refused(client: MLClient) -> None:
    """A compute of a step that is not there is named by the error that the client raises."""
    step = step_component()

    @dsl.pipeline(default_compute="cpu-cluster")
    def lonely(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        one = step(data=data)
        one.compute = "gone"

    with pytest.raises(HttpResponseError, match="gone"):
        client.jobs.create_or_update(lonely(data=DATA), skip_validation=True)
