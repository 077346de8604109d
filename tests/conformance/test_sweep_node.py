"""Sweeps made of commands and of components: as steps, as jobs and in files, beside the official client's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conformance.official import Names, differences, official_body, official_dict, our_body, our_dict, plain

from mlsdk.entities.sweep_node import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICIAL = Names("azure.ai.ml", "azure.ai.ml.entities", "azure.ai.ml.sweep")
OURS = Names("mlsdk.builders.command", "mlsdk", "mlsdk.entities.sweep_node", "mlsdk.entities", "mlsdk.sweep")


def _command(m: Any, **changes: Any) -> Any:
    return m.command(
        **{
            "name": "step",
            "command": "train ${{inputs.rate}} ${{inputs.data}}",
            "environment": "azureml:e:1",
            "code": ".",
            "inputs": {
                "rate": 0.1,
                "data": m.Input(type="uri_folder", path="azureml://datastores/s/paths/t"),
                "size": m.Choice([1, 2]),
            },
            "outputs": {"model": m.Output(type="uri_folder", mode="upload")},
            "compute": "cpu",
            "display_name": "d",
            "experiment_name": "e",
            "description": "d",
            "tags": {"a": "b"},
            **changes,
        }
    )


def _swept(m: Any, more: dict[str, Any] | None = None, **settings: Any) -> Any:
    return _command(m, **(more or {})).sweep(primary_metric="accuracy", goal="maximize", **settings)


def _changed(m: Any) -> Any:
    made = _swept(m)
    made.set_limits(max_total_trials=5)
    made.set_limits(timeout=600)
    made.set_objective(primary_metric="loss", goal="minimize")
    made.set_resources(instance_count=2)
    made.early_termination = m.BanditPolicy(slack_amount=0.2)
    return made


CASES: dict[str, Callable[[Any], Any]] = {
    "plain": _swept,
    "settings": lambda m: _swept(
        m,
        sampling_algorithm="grid",
        max_total_trials=3,
        max_concurrent_trials=2,
        timeout=10,
        trial_timeout=100,
        early_termination_policy=m.BanditPolicy(slack_factor=0.1),
        search_space={"rate": m.Uniform(0, 1)},
        identity=m.UserIdentityConfiguration(),
        compute="other",
    ),
    "command's": lambda m: _swept(
        m,
        {
            "instance_count": 2,
            "distribution": {"type": "mpi"},
            "job_tier": "Spot",
            "identity": m.UserIdentityConfiguration(),
            "timeout": 300,
        },
        priority="low",
        sampling_algorithm=m.RandomSamplingAlgorithm(seed=1, logbase="e"),
        early_termination_policy=m.BanditPolicy(),
    ),
    "called": lambda m: _named(
        _command(m)(rate=m.Uniform(0, 1), size=m.LogUniform(1, 2)).sweep(
            primary_metric="accuracy", goal="minimize", early_termination_policy=m.MedianStoppingPolicy()
        )
    ),
    "changed": _changed,
    "search space": lambda m: _swept(
        m, search_space={"x": m.Choice([{"a": m.Uniform(0, 1)}]), "y": m.QLogNormal(1, 2, 3)}
    ),
    "by name": lambda m: m.Sweep(
        name="step",
        trial="c:1",
        objective=m.Objective("minimize", "m"),
        search_space={"x": {"type": "uniform", "min_value": 1, "max_value": 2}},
        limits=m.SweepJobLimits(max_total_trials=1),
        early_termination=m.TruncationSelectionPolicy(truncation_percentage=0),
        resources={"instance_type": "x"},
        queue_settings=m.QueueSettings(job_tier="spot"),
        inputs={"d": m.Input(type="uri_file", path="azureml://datastores/s/paths/t"), "n": 0},
    ),
    "of a component": lambda m: m.Sweep(
        name="step",
        trial=m.CommandComponent(
            name="c",
            version="2",
            command="train ${{inputs.x}}",
            environment=m.Environment(image="ubuntu"),
            inputs={"x": m.Input(type="number")},
        ),
        compute="cpu",
        objective={"goal": "minimize", "primary_metric": "m"},
        search_space={"x": m.Randint(3)},
        sampling_algorithm="random",
    ),
}


def _named(made: Any) -> Any:
    made.name = "step"
    return made


def _same(expected: Any, found: Any) -> None:
    assert [*differences(expected, json.loads(json.dumps(found)))] == []


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_has_the_body_of_the_official_client(build: Callable[[Any], Any]) -> None:
    """What a pipeline's body says of a sweep is what the official client says."""
    _same(plain(build(OFFICIAL)._to_rest_object()), build(OURS).node_body())


@pytest.mark.parametrize("build", [one for name, one in CASES.items() if name != "by name"])
def test_a_job_has_the_body_of_the_official_client(build: Callable[[Any], Any]) -> None:
    """A sweep that is submitted alone is sent as the official client sends it."""
    _same(official_body(build(OFFICIAL)._to_job()), our_body(build(OURS)))


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_has_the_file_form_of_the_official_client(build: Callable[[Any], Any]) -> None:
    """A sweep is written to a file as the official client writes it."""
    _same(official_dict(build(OFFICIAL)), our_dict(build(OURS)))


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_that_was_loaded_is_sent_again_as_it_was(build: Callable[[Any], Any]) -> None:
    """The body of a step survives being read, fields of tomorrow included."""
    body = {**build(OURS).node_body(), "tomorrow": {"a": None, "b": 1}}
    _same(json.loads(json.dumps(body)), Sweep.of_node_body(body).node_body())


def _over_a_job(m: Any, more: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A sweep job whose trial is a command job: `CommandJob` there, what `command()` makes here."""
    make = m.CommandJob if m is OFFICIAL else m.command
    trial = make(
        **{
            "command": "echo ${{inputs.q}}",
            "environment": "e:1",
            "code": ".",
            "compute": "trial's",
            "inputs": {"q": 1},
            "outputs": {"o": m.Output(type="uri_file")},
            **({"limits": m.CommandJobLimits(timeout=300)} if m is OFFICIAL else {"timeout": 300}),
            **(more or {}),
        }
    )
    return m.SweepJob(trial=trial, search_space={"rate": m.Uniform(0, 1)}, **changes)


@pytest.mark.parametrize(
    "build",
    [
        _over_a_job,
        lambda m: _over_a_job(m, compute="own", inputs={"q": 2}, outputs={"p": m.Output()}),
        lambda m: _over_a_job(m, limits=m.SweepJobLimits(max_total_trials=3)),
        lambda m: _over_a_job(m, limits=m.SweepJobLimits(max_total_trials=3, trial_timeout=60)),
        lambda m: _over_a_job(m, {"environment_variables": {"A": "b"}, "distribution": {"type": "mpi"}}),
    ],
)
def test_what_a_command_job_says_counts_where_the_sweep_says_nothing(build: Callable[[Any], Any]) -> None:
    """Compute, inputs, outputs and the timeout of a trial are those of the sweep that has none."""
    _same(official_body(build(OFFICIAL)), our_body(build(OURS)))


def test_a_registered_component_is_no_trial_of_a_job() -> None:
    """A sweep over a component that is known by its name only can be a step, and no job of its own."""
    made = CASES["by name"](OURS)
    with pytest.raises(ValueError, match="has to have its component at hand"):
        our_body(made)


def test_the_queue_of_a_sweep_can_be_said_where_the_command_has_none() -> None:
    """`job_tier` counts although the command was given no place in the queue."""
    assert _swept(OURS, job_tier="spot").queue_settings.job_tier == "spot"
