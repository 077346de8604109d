"""Steps of pipelines: loaded again from bodies, written to files and read again, called, and refused alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conformance import cases_control_flow, cases_flow, cases_parallel, cases_spark
from conformance.official import OFFICIAL, OURS, differences, official_body, official_dict, our_body, our_dict

import mlsdk
from mlsdk.dsl import condition, do_while, parallel_for
from mlsdk.entities import CommandComponent, Parallel, PipelineJob, SparkJob
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path


def _pipelines(module: Any) -> list[tuple[str, dict[str, str]]]:
    return [
        (text, beside) for kind, text, beside in module.FILES if kind == "job" and text.startswith("type: pipeline")
    ]


FILES = [
    *_pipelines(cases_parallel),
    *_pipelines(cases_spark),
    *_pipelines(cases_flow),
    *((text, cases_control_flow.BESIDE) for text in cases_control_flow.FILES_OF_PIPELINES),
]


def _loaded(folder: Path, text: str, beside: dict[str, str]) -> Any:
    for name, content in {**beside, "pipeline.yml": text}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    try:
        return mlsdk.load_job(folder / "pipeline.yml")
    except ValidationException:
        return None


@pytest.mark.parametrize("number", range(len(FILES)))
def test_what_a_pipeline_sends_is_loaded_and_sent_again(tmp_path: Path, number: int) -> None:
    """A body of a pipeline with such steps gives a job that has the same body."""
    job = _loaded(tmp_path, *FILES[number])
    if job is None:
        return  # what both clients refuse, as the other tests hold
    body = our_body(job)
    again = our_body(mlsdk.from_wire(PipelineJob, json.loads(json.dumps(body))))
    for one in (body, again):
        one["properties"]["settings"].pop("_source")
    assert not [*differences(body, again)]


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_pipeline_that_is_written_is_read_again(tmp_path: Path, number: int) -> None:
    """`dump` of a pipeline with such steps writes a file that gives the same body, from another folder too."""
    job = _loaded(tmp_path, *FILES[number])
    if job is None:
        return
    (tmp_path / "elsewhere").mkdir()
    job.dump(tmp_path / "elsewhere" / "again.yml")
    again = mlsdk.load_job(tmp_path / "elsewhere" / "again.yml")
    rows = [
        row
        for row in differences(our_body(job), our_body(again))
        if not row[0].endswith(("_source", "client_component_hash", ".uri"))
    ]
    assert not rows


def test_a_flow_is_called_as_by_the_official_client(tmp_path: Path) -> None:
    """A flow's step is given its inputs, its connections one by one, and wired as any other step."""
    (tmp_path / "flow.dag.yaml").write_text(cases_flow._DAG + "name: chat\n", encoding="utf-8")
    path = str(tmp_path / "flow.dag.yaml")
    theirs, ours = cases_flow.called(OFFICIAL, path), cases_flow.called(OURS, path)
    assert not [*differences(official_body(theirs), our_body(ours))]
    assert not [*differences(official_dict(theirs), our_dict(ours))]


def test_a_parallel_step_is_no_job_of_its_own() -> None:
    """The service runs parallel steps within pipelines only, and the refusal says so."""
    with pytest.raises(ValidationException, match="step of a pipeline"):
        mlsdk.to_wire(Parallel(component="c:1"))


def test_a_spark_job_is_made_of_its_parts() -> None:
    """`SparkJob`, the official name of the job, takes what the component says in the place of a component."""
    job = SparkJob(
        code="src",
        entry={"file": "main.py"},
        conf=cases_spark._CONF,
        resources=cases_spark._NODES,
        inputs={"n": 0},
        args="--n ${{inputs.n}}",
    )
    properties = our_body(job)["properties"]
    assert properties["codeId"] == "src"
    assert properties["inputs"] == {"n": {"jobInputType": "literal", "value": "0"}}


def _component() -> CommandComponent:
    return CommandComponent(
        name="c",
        command="echo ${{inputs.n}}",
        environment="e:1",
        inputs={"n": mlsdk.Input(type="integer")},
        outputs={"ok": mlsdk.Output(type="boolean"), "d": mlsdk.Output(type="uri_folder")},
    )


def test_a_loop_gives_its_body_the_inputs_it_lacks() -> None:
    """An input of a body that items or mappings give a value is not missing; any other is."""
    component = _component()

    @mlsdk.dsl.pipeline(default_compute="cpu")
    def graph():  # type: ignore[no-untyped-def]  # noqa: ANN202 - annotations say types of inputs
        body, forgotten = component(), component()  # noqa: F841 - the variable names the step
        parallel_for(body=body, items=[{"n": 1}])

    assert [where for where, _ in graph().problems()] == ["jobs.forgotten.inputs.n"]


def test_what_control_flow_names_wrongly_is_told_with_its_place() -> None:
    """Unknown steps, inputs and outputs, and limits that the service does not take, are found before anything is sent."""
    component = _component()

    @mlsdk.dsl.pipeline(default_compute="cpu")
    def graph():  # type: ignore[no-untyped-def]  # noqa: ANN202 - as above
        step, body = component(n=1), component(n=1)
        decision = condition("${{parent.jobs.nope.outputs.ok}}", true_block=step)  # noqa: F841 - named by its variable
        typed = condition(step.outputs.d, true_block=body)  # noqa: F841 - the same
        loop = do_while(body, {"nope": "m"}, 1001, body.outputs.d)  # noqa: F841 - the same
        each = parallel_for(body=component(n=1), items=[{"m": 1}])  # noqa: F841 - the same

    assert {where for where, _ in graph().problems()} >= {
        "jobs.decision.condition",
        "jobs.typed.condition",
        "jobs.loop.condition",
        "jobs.loop.mapping.nope",
        "jobs.loop.limits.max_iteration_count",
        "jobs.each.items",
    }
