"""What a step of a pipeline is given of others: an input of its own, which may be left out where nobody needs it."""

from __future__ import annotations

from typing import Any

import pytest

from mlsdk import Input, MLClient, Output, command, to_wire
from mlsdk.dsl import pipeline
from mlsdk.entities import CommandJobLimits, QueueSettings
from mlsdk.exceptions import InputTypeWarning, ValidationException

copy = command(
    name="copy",
    command="cp ${{inputs.data}} ${{outputs.data}} $[[--note ${{inputs.note}}]]",
    environment="AzureML-sklearn-1.5@latest",
    inputs={"data": Input(type="uri_file"), "note": Input(type="string", optional=True)},
    outputs={"data": Output(type="uri_file")},
)
FILE = Input(type="uri_file", path="azureml://datastores/workspaceblobstore/paths/x.csv")


@pytest.fixture
def client() -> MLClient:
    """A client of a workspace in memory."""
    return MLClient(None, "sub", "rg", "team", backend="memory")


def test_the_mode_of_a_wired_input_is_its_own() -> None:
    """Wired at once or assigned later, and kept where the step is called again; the source is as before."""

    @pipeline()
    def twice(data: Input) -> None:
        first = copy(data=data)
        first.inputs.data.mode = "download"
        second = copy(data=first.outputs.data)
        second.inputs.data.mode = "eval_mount"
        third = copy()
        third.inputs.data = first.outputs.data
        third.inputs["data"].mode = "direct"
        again = third()
        assert again.inputs.data.mode == "direct"
        assert first.outputs.data.mode is None

    job = twice(data=FILE)
    bodies = to_wire(job)["properties"]["jobs"]
    assert [bodies[name]["inputs"]["data"] for name in ("first", "second", "third")] == [
        {"job_input_type": "literal", "value": "${{parent.inputs.data}}", "mode": "Download"},
        {"job_input_type": "literal", "value": "${{parent.jobs.first.outputs.data}}", "mode": "EvalMount"},
        {"job_input_type": "literal", "value": "${{parent.jobs.first.outputs.data}}", "mode": "Direct"},
    ]
    assert bodies["first"]["outputs"] == {"data": {"job_output_type": "uri_file"}} or "outputs" not in bodies["first"]
    assert job.to_dict()["jobs"]["second"]["inputs"]["data"] == {
        "mode": "eval_mount",
        "path": "${{parent.jobs.first.outputs.data}}",
    }


def test_a_wrong_mode_of_a_wired_input_is_found(client: MLClient) -> None:
    """At the input that has it."""

    @pipeline(default_compute="serverless")
    def one(data: Input) -> None:
        step = copy(data=data)
        step.inputs.data.mode = "eval_mout"

    found = client.jobs.validate(one(data=FILE))
    assert list(found.error_messages) == ["jobs.step.inputs.data.mode"]
    assert "eval_mount" in found.error_messages["jobs.step.inputs.data.mode"]


@pipeline()
def inner(data: Input) -> Any:
    """A parameter that says no more than `Input`."""
    step = copy(data=data)
    return {"data": step.outputs.data}


def test_an_input_is_of_the_type_that_it_is_given(client: MLClient) -> None:
    """`Input` alone takes any data, in a pipeline within a pipeline too; what is given decides where it is submitted."""

    @pipeline(default_compute="serverless")
    def outer(data: Input) -> Any:
        return {"data": inner(data=data).outputs.data}

    assert client.jobs.validate(outer(data=FILE)).passed
    assert client.jobs.create_or_update(outer(data=FILE)).status


def test_the_users_own_data_is_taken_as_a_file_or_a_folder(client: MLClient) -> None:
    """As on Azure, whose public pipelines do so; from one step to another the two are not the same."""
    folder = Input(type="uri_folder", path=FILE.path)

    @pipeline(default_compute="serverless")
    def one(data: Input) -> None:
        copy(data=data)

    with pytest.warns(InputTypeWarning, match="but the component wants uri_file"):
        assert client.jobs.validate(one(data=folder)).passed

    @pipeline(default_compute="serverless")
    def wired(data: Input) -> None:
        first = copy(data=data)
        first.outputs.data.type = "uri_folder"
        copy(data=first.outputs.data)

    problem = client.jobs.validate(wired(data=FILE)).error_messages["jobs.first_1.inputs.data"]
    assert problem.endswith("of type uri_folder, but the component wants uri_file")


def test_an_input_that_no_step_needs_may_be_left_out(client: MLClient) -> None:
    """The service is told so of the component: it takes an input for required otherwise."""

    @pipeline(name="noted", version="1")
    def noted(data: Input, note: str = "", asked: str = "x") -> None:  # noqa: ARG001 - nobody takes it
        copy(data=data, note=note)

    @pipeline(name="around", version="1")
    def around(data: Input, remark: str = "none") -> None:
        noted(data=data, note=remark)

    registered = client.components.create_or_update(noted)
    assert {name: port.optional for name, port in registered.inputs.items()} == {
        "data": None,
        "note": True,
        "asked": None,
    }
    assert client.components.create_or_update(around).inputs["remark"].optional is True


def test_a_function_is_a_component_once_all_its_inputs_are_known(client: MLClient) -> None:
    """The refusal names the parameter that says no type, or is none of the pipeline's."""

    @pipeline()
    def untyped(data) -> None:  # noqa: ANN001
        copy(data=data)

    @pipeline(non_pipeline_inputs=["count"])
    def plain(data: Input, count: int) -> None:
        for _ in range(count):
            copy(data=data)

    assert client.components.validate(inner).passed
    with pytest.raises(ValidationException, match="say the type of 'data'"):
        client.components.create_or_update(untyped)
    with pytest.raises(ValidationException, match="'count' is known only while it is called"):
        client.components.validate(plain)


def test_limits_and_queue_settings_are_taken_as_wholes() -> None:
    """By `command()`, as objects or as mappings."""
    for limits, queue in (
        (CommandJobLimits(timeout=5), QueueSettings(job_tier="spot")),
        ({"timeout": 5}, {"job_tier": "spot"}),
    ):
        body = to_wire(command(command="x", environment="e:1", limits=limits, queue_settings=queue))["properties"]
        assert body["limits"] == {"jobLimitsType": "Command", "timeout": "PT5S"}
        assert body["queueSettings"] == {"jobTier": "Spot"}
