"""Command jobs that are made of the command itself: as arguments, and changed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BESIDE = {"src/train.py": "print(1)\n"}
Case = tuple[str, "Callable[[Any], Any]"]


def _given(make: Callable[[Any], dict[str, Any]] = lambda _: {}, **more: Any) -> Case:
    return "CommandJob", lambda m: {"command": "echo", "environment": "e:1", **more, **make(m)}


def _changed(change: Callable[[Any, Any], None]) -> Case:
    def build(m: Any) -> Any:
        made = m.CommandJob(command="echo", environment="e:1")
        change(m, made)
        return made

    return "CommandJob", build


def _set(**values: Any) -> Case:
    def change(_: Any, made: Any) -> None:
        for name, value in values.items():
            setattr(made, name, value)

    return _changed(change)


CASES: list[Case] = [
    ("CommandJob", lambda _: {}),
    ("CommandJob", lambda _: {"command": "echo"}),
    ("CommandJob", lambda _: {"environment": "e:1"}),
    _given(),
    _given(command=None),
    _given(command="", environment=""),
    _given(command="echo ${{inputs.a}}", inputs={"a": 0}),
    _given(command="echo ${{inputs.a}}"),
    _given(environment="azureml://registries/r/environments/e/versions/1"),
    _given(lambda m: {"environment": m.Environment(image="u")}),
    _given(code="./src"),
    ("CommandJob, code by reference", _given(code="azureml:c:1")[1]),
    _given(compute="cpu"),
    _given(compute="local"),
    _given(name="n", display_name="d", description="e", experiment_name="x"),
    _given(name="", display_name="", description="", experiment_name=""),
    _given(tags={"a": "b"}, properties={"p": "q"}),
    _given(tags={}, properties={}, inputs={}, outputs={}, environment_variables={}),
    _given(tags=None, properties=None, inputs=None, outputs=None, environment_variables=None),
    _given(environment_variables={"A": "b", "C": ""}),
    _given(inputs={"a": 0, "b": "", "c": False, "d": 0.5, "e": "t"}),
    _given(lambda m: {"inputs": {"x": m.Input(type="uri_file", path="azureml:d:1", mode="download")}}),
    _given(inputs={"x": {"type": "uri_folder", "path": "./src"}}),
    _given(lambda m: {"outputs": {"o": m.Output(type="uri_folder", mode="upload"), "p": m.Output()}}),
    _given(outputs={"o": {"type": "mltable"}, "p": None}),
    _given(resources={"instance_count": 0}),
    _given(lambda m: {"resources": m.JobResourceConfiguration(instance_count=2, instance_type="s", shm_size="2g")}),
    _given(distribution={"type": "mpi", "process_count_per_instance": 2}),
    ("CommandJob, no time", _given(lambda m: {"limits": m.CommandJobLimits(timeout=0)})[1]),
    ("CommandJob, an identity as a mapping", _given(identity={"type": "user_identity"})[1]),
    _given(lambda m: {"identity": m.ManagedIdentityConfiguration(client_id="c")}),
    _given(lambda m: {"services": {"a": m.JobService(type="jupyter_lab"), "b": m.SshJobService(ssh_public_keys="k")}}),
    _given(lambda m: {"queue_settings": m.QueueSettings(job_tier="spot", priority="low")}),
    _given(parent_job_name="p"),
    _given(bogus=1),
    _given(distribution={"type": "nope"}),
    ("CommandJob", lambda m: {"command": "echo", "environment": "e:1", "inputs": {"with-dash": 1}}),
]
BUILT: list[Case] = [
    _set(command="other", code="./src", environment="f:2", compute="cpu"),
    _set(tags={"a": "b"}, display_name="d", environment_variables={"A": "b"}),
    _set(resources={"instance_count": 2}, distribution={"type": "pytorch"}),
    _changed(lambda m, made: made.inputs.update({"x": m.Input(type="uri_file", path="azureml:d:1")})),
    (
        "a sweep of a CommandJob",
        lambda m: m.SweepJob(
            trial=m.CommandJob(command="echo ${{search_space.x}}", environment="azureml:e:1", code="azureml:c:1"),
            search_space={"x": m.Uniform(0, 1)},
            objective=m.Objective("maximize", "m"),
        ),
    ),
]
_BARE = "the same reference; the official client takes the prefix away later"
DEPARTURES: dict[tuple[str, str], str] = {
    ("CommandJob, code by reference", "body:$.properties.codeId"): _BARE,
    ("a sweep of a CommandJob", "body:$.properties.trial.environmentId"): _BARE,
    ("CommandJob, no time", "body:$.properties.limits.timeout"): "what the user set is sent",
    (
        "CommandJob, an identity as a mapping",
        "body:$.properties.identity",
    ): "the official client sends no identity for one",
}
