"""Command jobs and the steps that run a command: as arguments, built in several steps, as files and as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BESIDE = {
    "src/train.py": "print(1)\n",
    "conda.yml": "name: c\ndependencies: [python=3.8]\n",
    "data.csv": "a,b\n",
}
Case = tuple[str, "Callable[[Any], Any]"]


# -- Python --------------------------------------------------------------------------------------------------
def _given(**more: Any) -> Case:
    return "command", lambda _: {"command": "echo", "environment": "e:1", **more}


def _with(make: Callable[[Any], dict[str, Any]]) -> Case:
    return "command", lambda m: {"command": "echo", "environment": "e:1", **make(m)}


def _step(make: Callable[[Any], dict[str, Any]]) -> Case:
    return "Command", lambda m: {"component": _component(m), "environment": "e:1", **_inputs(m, make(m))}


def _inputs(m: Any, given: dict[str, Any]) -> dict[str, Any]:
    data = m.Input(type="uri_folder", path="azureml:d:1")
    return {**given, "inputs": {"data": data, "rate": 1, **given.get("inputs", {})}}


def _component(m: Any, **more: Any) -> Any:
    return m.CommandComponent(
        **{
            "name": "c",
            "version": "1",
            "command": "echo ${{inputs.data}} ${{inputs.rate}} ${{outputs.model}}",
            "environment": "e:1",
            "inputs": {"data": m.Input(type="uri_folder"), "rate": m.Input(type="number", default=0.5)},
            "outputs": {"model": m.Output(type="mlflow_model")},
            **more,
        }
    )


_PLAIN = (0, 1, -3, "", "a", "0", "true", True, False, 0.0, 0.5, 1e-7, "${{parent.inputs.x}}")
_REGISTERED = "azureml://registries/r/environments/e/versions/1"
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"

_SERVICES: tuple[Callable[[Any], Any], ...] = (
    lambda m: m.JupyterLabJobService(),
    lambda m: m.VsCodeJobService(nodes="all"),
    lambda m: m.SshJobService(ssh_public_keys="k", port=22),
    lambda m: m.TensorBoardJobService(log_dir="l", properties={"a": "b"}),
    lambda m: m.JobService(type="jupyter_lab", port=0),
    lambda m: m.JobService(type="ssh"),
    lambda m: m.JobService(properties={}, endpoint="e", status="s"),
    lambda m: m.JobService(),
)
_DISTRIBUTIONS: tuple[Callable[[Any], Any], ...] = (
    lambda m: m.MpiDistribution(),
    lambda m: m.MpiDistribution(process_count_per_instance=0),
    lambda m: m.PyTorchDistribution(process_count_per_instance=2),
    lambda m: m.TensorFlowDistribution(),
    lambda m: m.TensorFlowDistribution(parameter_server_count=1, worker_count=0),
    lambda m: m.RayDistribution(port=0, include_dashboard=False, head_node_additional_args=""),
    lambda m: {"type": "mpi", "process_count_per_instance": 2},
    lambda m: {"type": "nope"},
)
_IDENTITIES: tuple[Callable[[Any], Any], ...] = (
    lambda m: m.UserIdentityConfiguration(),
    lambda m: m.AmlTokenConfiguration(),
    lambda m: m.ManagedIdentityConfiguration(),
    lambda m: m.ManagedIdentityConfiguration(client_id="c", object_id="o"),
    lambda m: m.ManagedIdentityConfiguration(client_id=""),
)
_INPUTS: tuple[Callable[[Any], Any], ...] = (
    lambda m: m.Input(),
    lambda m: m.Input(path="azureml:d:1"),
    lambda m: m.Input(path="./data.csv", type="uri_file"),
    lambda m: m.Input(path="./nowhere", type="uri_file"),
    lambda m: m.Input(path="", type="uri_file"),
    lambda m: m.Input(path="https://x/y", type="uri_file", mode="download"),
    lambda m: m.Input(path="${{parent.inputs.x}}"),
    lambda m: m.Input(path="${{parent.inputs.x}}", mode="download"),
    lambda m: m.Input(type="mltable", path="azureml:t:1", mode="eval_mount"),
    lambda m: m.Input(type="mltable", path="azureml:t@latest", mode="ro_mount"),
    lambda m: m.Input(type="number", default=0.5, min=0, max=1),
    lambda m: m.Input(type="integer"),
    lambda m: m.Input(type="string", optional=True),
    lambda m: m.Input(type="string", default="", description="d", enum=["a", ""]),
    lambda m: m.Input(type="boolean", default=False),
    lambda m: m.Input(type="uri_folder", path="azureml://datastores/s/paths/p", optional=True, description="d"),
    lambda m: {"type": "uri_folder", "path": "azureml:d:1", "mode": "ro_mount"},
    lambda m: {"type": "custom_model", "path": "azureml:m:1"},
    lambda m: [1],
    lambda m: object(),
)
_OUTPUTS: tuple[Callable[[Any], Any], ...] = (
    lambda m: m.Output(),
    lambda m: m.Output(type="uri_file", mode="upload", path="azureml://datastores/s/paths/p"),
    lambda m: m.Output(type="mltable", mode="mount", name="n", version="1"),
    lambda m: m.Output(type="mltable", mode="direct", name="n"),
    lambda m: m.Output(type="uri_folder", path="${{parent.outputs.x}}"),
    lambda m: m.Output(type="uri_folder", path="${{parent.outputs.x}}", mode="upload"),
    lambda m: m.Output(type="custom_model", description="d", path_on_compute="/x"),
    lambda m: m.Output(type=None),
    lambda m: {"type": "uri_file"},
    lambda m: {},
    lambda m: None,
    lambda m: 5,
)

CASES: list[Case] = [
    ("command", lambda _: {}),
    ("command", lambda _: {"command": "echo"}),
    ("command", lambda _: {"environment": "e:1"}),
    ("command", lambda _: {"component": "c:1"}),
    ("command", lambda m: {"component": _component(m)}),
    _given(),
    _given(name="n", description="d", display_name="D", experiment_name="x", tags={"a": "b"}, properties={"a": "b"}),
    _given(name="", description="", display_name="", experiment_name="", tags={}, properties={}),
    *(_given(name=name) for name in ("Upper", "with-dash", "1st", "with space", "a" * 300)),
    _given(tags={"a": None}),
    _given(properties={"a": None, "b": "", "c": 1}),
    _given(properties={"_azureml.ComputeTargetType": "amlctrain", "a": "b"}),
    _given(command=""),
    *(_given(compute=name) for name in ("cpu", "local", "serverless", f"{_ID}/computes/cpu")),
    *(
        _given(environment=text)
        for text in ("e", "e:1", "e@latest", "", _REGISTERED, f"{_ID}/environments/e/versions/1")
    ),
    _with(lambda m: {"environment": m.Environment(image="u", conda_file="conda.yml")}),
    _with(lambda m: {"environment": m.Environment(name="e", version="2", image="u")}),
    _given(environment_variables={"A": "b", "C": 1, "D": "", "E": None}),
    _given(environment_variables={}),
    *(_given(code=text) for text in ("", ".", "./src", "src/train.py", "https://github.com/a/b")),
    _given(instance_count=2),
    _given(instance_count=0),
    _given(instance_type="s", locations=["a"], docker_args="--x", shm_size="2g"),
    _given(instance_type="", locations=[], docker_args="", shm_size=""),
    *(_given(timeout=seconds) for seconds in (1, 30, 59, 60, 3600, 86400, 90061)),
    _given(is_deterministic=False),
    _given(is_deterministic=None),
    *(_given(job_tier=word) for word in ("spot", "Spot", "STANDARD", "premium", "null", "nope")),
    *(_given(priority=word) for word in ("low", "Medium", "high", "nope")),
    _given(job_tier="basic", priority="low"),
    _given(parent_job_name="p"),
    _given(parent_job_name=""),
    _given(services={}),
    *(_with(lambda m, make=make: {"services": {"s": make(m)}}) for make in _SERVICES),
    _given(services=["s"]),
    *(_with(lambda m, make=make: {"distribution": make(m)}) for make in _DISTRIBUTIONS),
    *(_with(lambda m, make=make: {"identity": make(m)}) for make in _IDENTITIES),
    _given(identity={"type": "user_identity"}),
    _given(inputs={}, outputs={}),
    _given(inputs=None, outputs=None),
    *(_given(inputs={"x": value}) for value in _PLAIN),
    *(_with(lambda m, make=make: {"inputs": {"x": make(m)}}) for make in _INPUTS),
    *(_with(lambda m, make=make: {"outputs": {"x": make(m)}}) for make in _OUTPUTS),
    _given(inputs={"Upper": 1, "with_2": 2}),
    _given(inputs={"with-dash": 1}),
    _given(inputs={"with space": 1}),
    _given(inputs={"1st": 1}),
    _given(inputs={"a": 1, "A": 2}),
    # the class
    _step(lambda _: {}),
    _step(lambda _: {"inputs": {"data": None}}),
    _step(lambda _: {"inputs": {"nope": 1}}),
    _step(lambda _: {"inputs": {"rate": 0}}),
    _step(lambda m: {"inputs": {"data": m.Input(path="azureml:d:1", mode="download"), "rate": 3}}),
    _step(lambda m: {"outputs": {"model": m.Output(mode="upload")}}),
    _step(lambda m: {"outputs": {"model": m.Output(type="uri_file", name="n", version="1")}}),
    _step(lambda _: {"compute": "cpu", "display_name": "d", "tags": {"a": "b"}, "comment": "x"}),
    _step(lambda m: {"limits": m.CommandJobLimits(timeout=30)}),
    _step(lambda m: {"limits": m.CommandJobLimits()}),
    _step(lambda m: {"limits": m.CommandJobLimits(timeout=0)}),
    _step(lambda m: {"resources": m.JobResourceConfiguration(instance_count=2, shm_size="8g")}),
    _step(lambda m: {"resources": m.JobResourceConfiguration(max_instance_count=2, properties={"a": {"b": 1}})}),
    _step(lambda m: {"resources": m.JobResourceConfiguration()}),
    _step(lambda _: {"resources": {"instance_count": 3}}),
    _step(lambda m: {"queue_settings": m.QueueSettings(job_tier="spot", priority="high")}),
    _step(lambda m: {"queue_settings": m.QueueSettings()}),
    *(_step(lambda m, make=make: {"services": {"s": make(m)}}) for make in _SERVICES),
    *(_step(lambda m, make=make: {"distribution": make(m)}) for make in _DISTRIBUTIONS),
    *(_step(lambda m, make=make: {"identity": make(m)}) for make in _IDENTITIES),
    _step(lambda _: {"environment": "f:2", "environment_variables": {"A": "b"}}),
    _step(lambda _: {"parent_job_name": "p"}),
    ("Command", lambda m: {"component": _component(m, distribution={"type": "mpi"}, instance_count=3)}),
    ("Command", lambda m: {"component": _component(m, instance_count=3), "resources": {"instance_type": "s"}}),
]


# -- built in several steps ------------------------------------------------------------------------------------
def _made(m: Any, **more: Any) -> Any:
    return m.command(
        **{
            "name": "step",
            "command": "echo ${{inputs.rate}} ${{inputs.data}}",
            "environment": "e:1",
            "inputs": {"rate": 0.1, "data": m.Input(path="azureml:d:1")},
            "outputs": {"model": m.Output(type="uri_folder")},
            **more,
        }
    )


def _changed(*changes: Callable[[Any, Any], Any], **more: Any) -> Case:
    def build(m: Any) -> Any:
        made = _made(m, **more)
        for change in changes:
            change(made, m)
        return made

    return "step", build


def _set(**values: Any) -> Callable[[Any, Any], Any]:
    def change(made: Any, _: Any) -> None:
        for name, value in values.items():
            setattr(made, name, value)

    return change


BUILT: list[Case] = [
    _changed(),
    *(_changed(_set(**{name: value})) for name in ("compute", "display_name") for value in ("x", None)),
    _changed(_set(description="d", experiment_name="x")),
    _changed(_set(tags={"a": "b"}, properties={"a": "b"}, comment="c")),
    _changed(_set(tags={}, properties={})),
    _changed(_set(name="other")),
    _changed(_set(command="ls", code="./src")),
    _changed(_set(environment="f:1")),
    _changed(_set(environment_variables={"A": ""})),
    _changed(lambda made, m: setattr(made, "environment", m.Environment(image="u"))),
    _changed(_set(environment_variables={"A": "1"}), environment_variables={"A": "0", "B": "2"}),
    _changed(lambda made, _: made.environment_variables.update(C="3"), environment_variables={"A": "0"}),
    _changed(lambda made, m: setattr(made, "limits", m.CommandJobLimits(timeout=5))),
    _changed(lambda made, _: made.set_limits(timeout=5)),
    _changed(lambda made, _: made.set_limits(timeout=5), timeout=6),
    _changed(lambda made, _: setattr(made.limits, "timeout", 7), timeout=6),
    _changed(_set(limits=None), timeout=6),
    _changed(lambda made, _: made.set_resources(instance_count=3)),
    _changed(lambda made, _: made.set_resources(instance_type="b"), instance_count=2, shm_size="2g"),
    _changed(lambda made, _: setattr(made.resources, "instance_count", 4), instance_count=2),
    _changed(lambda made, m: setattr(made, "resources", m.JobResourceConfiguration(locations=["a"]))),
    _changed(lambda made, _: made.set_queue_settings(job_tier="spot")),
    _changed(lambda made, _: made.set_queue_settings(priority="low"), job_tier="spot"),
    _changed(lambda made, m: setattr(made, "queue_settings", m.QueueSettings(priority="low"))),
    _changed(lambda made, m: setattr(made, "distribution", m.MpiDistribution(process_count_per_instance=2))),
    _changed(_set(distribution=None), distribution={"type": "mpi"}),
    _changed(lambda made, m: setattr(made, "identity", m.UserIdentityConfiguration())),
    _changed(lambda made, m: setattr(made, "services", {"a": m.SshJobService(ssh_public_keys="k")})),
    _changed(lambda made, m: setattr(made, "services", {})),
    _changed(lambda made, _: setattr(made.inputs.data, "mode", "download")),
    _changed(lambda made, _: setattr(made.inputs.data, "path", "azureml:other:1")),
    _changed(lambda made, _: setattr(made.inputs["data"], "type", "mltable")),
    _changed(lambda made, _: setattr(made.outputs.model, "mode", "upload")),
    _changed(lambda made, _: setattr(made.outputs.model, "path", "azureml://datastores/s/paths/p")),
    _changed(lambda made, _: setattr(made.outputs["model"], "type", "mlflow_model")),
    _changed(lambda made, _: (setattr(made.outputs.model, "name", "n"), setattr(made.outputs.model, "version", "1"))),
    ("step called", lambda m: _named(_made(m)())),
    ("step called", lambda m: _named(_made(m)(rate=0))),
    ("step called", lambda m: _named(_made(m)(rate=""))),
    ("step called", lambda m: _named(_made(m)(data=m.Input(path="azureml:x:1", mode="download")))),
    ("step called", lambda m: _named(_made(m)(nope=1))),
    (
        "step called",
        lambda m: _named(
            _made(
                m,
                compute="cpu",
                tags={"a": "b"},
                display_name="D",
                description="d",
                environment_variables={"A": "b"},
                instance_count=2,
                timeout=100,
                job_tier="spot",
                identity=m.UserIdentityConfiguration(),
                services={"s": m.JupyterLabJobService()},
                distribution=m.MpiDistribution(),
                properties={"p": "q"},
                experiment_name="x",
            )(rate=2)
        ),
    ),
    ("step called", lambda m: _named(_component(m)(data=m.Input(path="azureml:d:1")))),
    ("step called", lambda m: _named(_component(m)(data=m.Input(path="azureml:d:1"), rate=0))),
    ("step called", lambda m: _named(_component(m)(data=m.Input(path="azureml:d:1"), rate=None))),
    ("step called", lambda m: _named(_component(m)(data="${{parent.inputs.d}}"))),
    ("step called", lambda m: _named(_component(m)(rate=1))),
    (
        "step by name",
        lambda m: m.Command(component="c:1", name="step", inputs={"a": 0, "b": "", "c": m.Input(path="x")}),
    ),
    ("step by name", lambda m: m.Command(component="azureml:c@latest", name="step", outputs={"o": m.Output()})),
    (
        "step by name",
        lambda m: m.Command(component="azureml://registries/r/components/c/versions/1", name="step", compute="cpu"),
    ),
]


def _named(made: Any) -> Any:
    made.name = "step"
    return made


# Where the two clients differ on purpose: each under a name of its own, which `DEPARTURES` has.
def _differs(about: str, change: Callable[[Any, Any], Any], **more: Any) -> Case:
    return f"step, {about}", _changed(change, **more)[1]


_REFERENCES = {"compute": "azureml:cpu", "environment": "azureml:e:1", "code": "azureml:c:1"}
BUILT += [
    ("command, a reference with its prefix", lambda m: m.command(command="echo", **_REFERENCES)),
    ("command, an environment as a mapping", lambda m: m.command(command="e", environment={"image": "u"})),
    ("command, code that is nowhere", lambda m: m.command(command="e", environment="e:1", code="./nowhere")),
    ("command, tags that are no texts", lambda m: m.command(command="e", environment="e:1", tags={"b": 1})),
    (
        "command, lists",
        lambda m: m.command(command="e", environment="e:1", instance_type=["a", "b"], docker_args=["-a", "-b"]),
    ),
    ("command, what nobody knows", lambda m: m.command(command="e", environment="e:1", bogus=1)),
    *(
        ("command, falsy", lambda m, more=more: m.command(command="e", environment="e:1", **more(m)))
        for more in (
            lambda _: {"timeout": 0},
            lambda _: {"compute": ""},
            lambda m: {"services": {"s": m.SshJobService(ssh_public_keys="")}},
            lambda m: {"services": {"s": m.TensorBoardJobService(log_dir="")}},
            lambda _: {"inputs": {"x": {}}},
        )
    ),
    *(
        ("command, a word that nobody knows", lambda m, more=more: m.command(command="e", environment="e:1", **more(m)))
        for more in (
            lambda _: {"job_tier": ""},
            lambda _: {"priority": ""},
            lambda m: {"outputs": {"x": m.Output(mode="nope")}},
        )
    ),
    *(
        (
            "command, a service as a mapping",
            lambda m, said=said: m.command(command="e", environment="e:1", services=said),
        )
        for said in ({"s": {"type": "jupyter_lab"}}, {"s": {"type": "ssh", "ssh_public_keys": "k"}})
    ),
    (
        "command, the id of an identity",
        lambda m: m.command(
            command="e", environment="e:1", identity=m.ManagedIdentityConfiguration(client_id="c", resource_id="r")
        ),
    ),
    (
        "command, a path on the compute",
        lambda m: m.command(
            command="e", environment="e:1", inputs={"x": m.Input(path="azureml:t:1", path_on_compute="/p")}
        ),
    ),
    ("command, an input without a value", lambda m: m.command(command="e", environment="e:1", inputs={"x": None})),
    (
        "command, an output as an expression",
        lambda m: m.command(command="e", environment="e:1", outputs={"x": "${{parent.outputs.x}}"}),
    ),
    (
        "step, an output that the component does not have",
        lambda m: m.Command(
            component=_component(m), name="step", environment="e:1", **_inputs(m, {"outputs": {"nope": m.Output()}})
        ),
    ),
    (
        "step, the environment of its component",
        lambda m: _named(_component(m)(data=m.Input(path="azureml:d:1"), rate=0)),
    ),
    *(
        _differs("an input changed afterwards", lambda made, _, value=value: setattr(made.inputs, "rate", value))
        for value in (0, "", False, 7)
    ),
    _differs(
        "an input changed afterwards", lambda made, m: setattr(made.inputs, "data", m.Input(path="a", mode="download"))
    ),
    *(
        _differs("inputs updated", lambda made, _, value=value: made.inputs.update(rate=value))
        for value in (0, "", False, 7)
    ),
    _differs(
        "an output replaced", lambda made, m: setattr(made.outputs, "model", m.Output(type="uri_file", mode="upload"))
    ),
    _differs("outputs replaced", lambda made, m: setattr(made, "outputs", {"model": m.Output(mode="upload")})),
    ("step, called in order", lambda m: _named(_made(m)(0.7, m.Input(path="azureml:x:1")))),
    ("step, a name in another case", _changed(_set(name="Upper"))[1]),
]


# -- files -----------------------------------------------------------------------------------------------------
HEAD = "command: echo\nenvironment: azureml:e:1\n"


def _files(*texts: str) -> list[tuple[str, str, dict[str, str]]]:
    return [("job", HEAD + text + "\n", BESIDE) for text in texts]


FILES = [
    ("job", "command: echo\n"),
    ("job", "environment: azureml:e:1\n"),
    ("job", "type: command\n"),
    ("job", ""),
    ("job", "[1]\n"),
    ("job", "command: echo\nenvironment: e\n"),
    ("job", "command: echo\nenvironment: {image: u}\n"),
    ("job", "command: echo\nenvironment: {image: u, conda_file: conda.yml}\n", BESIDE),
    ("job", "command: echo\nenvironment: {bogus: u}\n"),
    ("job", "command: echo\nenvironment: azureml:e@latest\n"),
    ("job", f"command: echo\nenvironment: {_REGISTERED}\n"),
    ("job", "command:\nenvironment: azureml:e:1\n"),
    ("job", "command: |\n  echo\n  ls\nenvironment: azureml:e:1\n"),
    *_files(
        "",
        "$schema: x",
        *(f"type: {word}" for word in ("command", "Command", "COMMAND", "nope", "''", "")),
        *(f"name: {word}" for word in ("n", "Upper-1", "''", "")),
        *(
            f"{key}: {word}"
            for key in ("display_name", "description", "experiment_name", "parent_job_name")
            for word in ("x", "''", "")
        ),
        *(f"tags: {text}" for text in ("{a: b}", "{}", "{a: }", "{a: 1}", "{a: {b: c}}", "a", "")),
        *(f"properties: {text}" for text in ("{a: b}", "{}", "{a: }", "{a: 1}", "")),
        *(
            f"compute: {text}"
            for text in ("azureml:cpu", "cpu", "local", "serverless", f"azureml:{_ID}/computes/c", "", "azureml:")
        ),
        *(
            f"code: {text}"
            for text in ("./src", "src/train.py", ".", "./nowhere", "azureml:c:1", "https://github.com/a/b", "", "5")
        ),
        *(
            f"environment_variables: {text}"
            for text in ("{A: b}", "{A: 1}", "{A: true}", "{A: 0.5}", "{A: }", "{}", "{A: {b: c}}", "x", "")
        ),
        *(
            f"resources: {{{text}}}"
            for text in (
                "",
                "instance_count: 2",
                "instance_count: 0",
                "instance_count: '2'",
                "instance_count: two",
                "instance_type: s",
                "instance_type: a, locations: [l, m], docker_args: --x, shm_size: 2g, max_instance_count: 3",
                "shm_size: ''",
                "properties: {a: {b: c}}",
                "bogus: 1",
            )
        ),
        "resources:",
        *(
            f"distribution: {{{text}}}"
            for text in (
                "type: mpi",
                "type: Mpi, process_count_per_instance: 0",
                "type: pytorch, process_count_per_instance: 2",
                "type: tensorflow",
                "type: tensorflow, parameter_server_count: 1, worker_count: 2",
                "type: ray, port: 1, include_dashboard: false",
                "type: nope",
                "process_count_per_instance: 2",
                "type: mpi, bogus: 1",
                "",
            )
        ),
        *(f"limits: {{{text}}}" for text in ("timeout: 60", "timeout: '60'", "timeout: soon", "", "bogus: 1")),
        *(
            f"queue_settings: {{{text}}}"
            for text in (
                "job_tier: Spot",
                "job_tier: basic, priority: Low",
                "priority: high",
                "job_tier: nope",
                "priority: nope",
                "job_tier: 'null'",
                "job_tier: ",
                "",
                "bogus: 1",
            )
        ),
        *(
            f"identity: {{{text}}}"
            for text in (
                "type: user_identity",
                "type: User_Identity",
                "type: aml_token",
                "type: managed",
                "type: managed_identity",
                "type: managed, client_id: c",
                "type: managed_identity, object_id: o",
                "type: managed, msi_resource_id: m",
                "type: nope",
                "client_id: c",
                "",
            )
        ),
        *(
            f"services: {{s: {{{text}}}}}"
            for text in (
                "type: jupyter_lab",
                "type: vs_code, nodes: all",
                "type: ssh, ssh_public_keys: k",
                "type: ssh",
                "type: tensor_board, log_dir: l",
                "type: tensor_board, port: 5, properties: {a: b}",
                "type: jupyter_lab, port: '5'",
                "type: jupyter_lab, port: five",
                "type: jupyter_lab, nodes: some",
                "type: jupyter_lab, log_dir: l",
                "type: vs_code, endpoint: e, status: s",
                "type: vs_code, bogus: 1",
            )
        ),
        "services: {}",
        "services:",
        *(
            f"inputs: {{x: {text}}}"
            for text in (
                "0",
                "1",
                "0.5",
                "1.0",
                "1e-7",
                "1_000",
                "0x10",
                "1.10",
                "''",
                "a",
                "'0'",
                "true",
                "false",
                "",
                "[1]",
                "{}",
                "{path: azureml:d:1}",
                "{path: azureml:d@latest}",
                "{path: d}",
                "{path: ./data.csv}",
                "{path: ./data.csv, type: uri_file}",
                "{path: ./nowhere, type: uri_folder}",
                "{path: file:./data.csv, type: uri_file}",
                "{path: https://x/y, type: uri_file, mode: download}",
                "{path: wasbs://x/y, type: uri_file, mode: ro_mount}",
                "{path: azureml://datastores/s/paths/p, type: uri_folder}",
                f"{{path: azureml:{_ID}/data/d/versions/1, type: uri_folder}}",
                "{path: azureml://registries/r/data/d/versions/1, type: uri_folder}",
                "{type: uri_folder}",
                "{type: mltable, path: azureml:t:1, mode: eval_mount}",
                "{type: uri_file, path: azureml:t:1, mode: eval_mount}",
                "{type: uri_folder, path: azureml:t:1, mode: rw_mount}",
                "{type: uri_folder, path: azureml:t:1, mode: direct}",
                "{type: uri_folder, path: azureml:t:1, mode: Download}",
                "{type: uri_folder, path: azureml:t:1, mode: nope}",
                "{type: custom_model, path: azureml:m:1, mode: download}",
                "{type: mlflow_model, path: azureml:m:1}",
                "{type: triton_model, path: azureml:m:1}",
                "{type: URI_FOLDER, path: azureml:d:1}",
                "{type: nope, path: azureml:d:1}",
                "{type: uri_folder, path: azureml:d:1, datastore: s}",
                "{type: uri_folder, path: azureml:d:1, bogus: 1}",
                "{type: number, default: 1}",
                "{type: string}",
                "{value: 5}",
                "{value: }",
                "'${{parent.inputs.x}}'",
                "{path: '${{parent.inputs.x}}'}",
                "'${{parent.jobs.a.outputs.b}}'",
                "{type: uri_folder, path: }",
            )
        ),
        "inputs:",
        "inputs: {}",
        "inputs: 5",
        "inputs: [x]",
        *(f"inputs: {{{name}: 1}}" for name in ("Upper", "with-dash", "'with space'", "1st", "_x", "a.b", "''")),
        "inputs: {a: 1, A: 2}",
        *(
            f"outputs: {{x: {text}}}"
            for text in (
                "",
                "{}",
                "{type: uri_file}",
                "{type: uri_folder, mode: upload}",
                "{type: uri_folder, mode: rw_mount}",
                "{type: uri_folder, mode: mount}",
                "{type: uri_folder, mode: direct}",
                "{type: uri_folder, mode: ro_mount}",
                "{type: uri_folder, mode: nope}",
                "{type: mltable, path: azureml://datastores/s/paths/p}",
                "{path: azureml://datastores/s/paths/p}",
                "{mode: upload}",
                "{type: custom_model, name: n}",
                "{type: custom_model, name: n, version: 1}",
                "{type: custom_model, name: n, version: '2'}",
                "{type: mlflow_model, version: 1}",
                "{type: mlflow_model, name: 'a b'}",
                "{type: nope}",
                "{type: string}",
                "{type: uri_file, bogus: 1}",
                "'${{parent.outputs.x}}'",
                "a",
                "5",
                "[1]",
            )
        ),
        "outputs:",
        "outputs: {}",
        "outputs: 5",
        "status: Completed",
        "id: x",
        "log_files: {a: b}",
        "parameters: {a: b}",
        "creation_context: {created_by: me}",
        "bogus: 1",
        "is_deterministic: false",
        "component: azureml:c:1",
        "version: 1",
    ),
    ("job", "command: echo ${{inputs.x}}\nenvironment: azureml:e:1\ninputs: {x: 1}\n"),
    ("job", "command: echo ${{inputs.x}}\nenvironment: azureml:e:1\n"),
    ("job", "command: echo ${{outputs.x}} $[[--a ${{inputs.a}}]]\nenvironment: azureml:e:1\n"),
]


FILES += [
    ("job, numbers as texts", "command: 5\nenvironment: azureml:e:1\n"),
    *(
        ("job, numbers as texts", HEAD + text)
        for text in ("name: 1\n", "display_name: 3\n", "inputs: {x: {path: 5}}\n")
    ),
    ("job, a date", HEAD + "inputs: {x: 2024-05-01}\n"),
    ("job, a key twice", HEAD + "name: a\nname: b\n"),
    ("job, several sizes of nodes", HEAD + "resources: {instance_type: [a, b]}\n"),
    ("job, several arguments", HEAD + "resources: {docker_args: [-a, -b]}\n"),
    ("job, falsy", HEAD + "limits: {timeout: 0}\n"),
    ("job, falsy", HEAD + "compute: ''\n"),
    ("job, a path on the compute", HEAD + "inputs: {x: {path: azureml:d:1, path_on_compute: /p}}\n"),
    ("job, what an output is", HEAD + "outputs: {x: {type: uri_file, description: d}}\n"),
    *(
        ("job, a service of no known type", HEAD + f"services: {{s: {{{text}}}}}\n")
        for text in ("type: JupyterLab", "type: Custom", "")
    ),
]


# -- answers ---------------------------------------------------------------------------------------------------
_ANSWER: dict[str, Any] = {
    "id": f"{_ID}/jobs/n",
    "name": "n",
    "type": "Microsoft.MachineLearningServices/workspaces/jobs",
    "systemData": {"createdBy": "me", "createdByType": "User", "createdAt": "2024-05-01T10:00:00.1234567Z"},
    "properties": {
        "jobType": "Command",
        "displayName": "d",
        "description": "e",
        "experimentName": "x",
        "status": "Completed",
        "isArchived": False,
        "tags": {"a": "b"},
        "properties": {"_azureml.ComputeTargetType": "amlctrain", "a": "b"},
        "services": {
            "Tracking": {"jobServiceType": "Tracking", "endpoint": "azureml://t", "port": None, "status": None},
            "Studio": {"jobServiceType": "Studio", "endpoint": "https://ml.azure.com/runs/n"},
            "lab": {"jobServiceType": "JupyterLab", "nodes": {"nodesValueType": "All"}, "port": 8888},
            "ssh": {"jobServiceType": "SSH", "properties": {"sshPublicKeys": "k"}},
            "board": {"jobServiceType": "TensorBoard", "properties": {"logDir": "l"}, "errorMessage": "no"},
        },
        "computeId": f"{_ID}/computes/cpu",
        "command": "echo ${{inputs.n}}",
        "codeId": f"{_ID}/codes/c/versions/1",
        "environmentId": f"{_ID}/environments/e/versions/1",
        "environmentVariables": {"A": "b"},
        "inputs": {
            "d": {"jobInputType": "uri_folder", "uri": "azureml:d:1", "mode": "ReadOnlyMount", "description": None},
            "e": {"jobInputType": "mltable", "uri": "azureml:t:1", "mode": "EvalMount"},
            "f": {"jobInputType": "custom_model", "uri": "azureml:m:1", "mode": "Download"},
            "n": {"jobInputType": "literal", "value": "0"},
        },
        "outputs": {
            "default": {"jobOutputType": "uri_folder", "uri": "azureml://datastores/a/p", "mode": "ReadWriteMount"},
            "model": {"jobOutputType": "mlflow_model", "mode": "Upload", "assetName": "m", "assetVersion": "2"},
        },
        "resources": {
            "instanceCount": 2,
            "instanceType": "s",
            "shmSize": "2g",
            "dockerArgs": "--x",
            "locations": ["l"],
            "properties": {"a": {"b": "c"}},
        },
        "limits": {"jobLimitsType": "Command", "timeout": "PT1H"},
        "distribution": {"distributionType": "PyTorch", "processCountPerInstance": 2},
        "identity": {"identityType": "Managed", "clientId": "c"},
        "queueSettings": {"jobTier": "Spot", "priority": 1},
        "parameters": {"alpha": "0.1"},
    },
}


def _answered(**changes: Any) -> tuple[str, str, dict[str, Any]]:
    return ("Job", "JobBase", {**_ANSWER, "properties": {**_ANSWER["properties"], **changes}})


ANSWERS = [
    _answered(),
    _answered(services=None, inputs=None, outputs=None, resources=None, limits=None, distribution=None, identity=None),
    _answered(queueSettings=None, environmentVariables=None, tags=None, properties=None, computeId=None, codeId=None),
    _answered(services={}, inputs={}, outputs={}, environmentVariables={}, tags={}, properties={}),
    _answered(computeId=None, resources={"instanceCount": 1, "properties": {"IsLocal": {"IsLocal": True}}}),
    _answered(distribution={"distributionType": "Mpi", "processCountPerInstance": None}),
    _answered(distribution={"distributionType": "TensorFlow", "parameterServerCount": 0, "workerCount": 2}),
    _answered(distribution={"distributionType": "Ray", "port": 1, "includeDashboard": False}),
    _answered(identity={"identityType": "UserIdentity"}),
    _answered(identity={"identityType": "AMLToken"}),
    _answered(limits={"jobLimitsType": "Command", "timeout": None}),
    _answered(parentJobName="p"),
    _answered(environmentId="azureml://registries/r/environments/e/versions/1", status="Running"),
    ("Job", "JobBase", {**_ANSWER, "name": "m", "id": None, "systemData": None}),
]

_LATER = "what is changed afterwards counts; the official client sends the job as it was made, or crashes"
_BARE = "the same reference; the official client takes the prefix away later"
_WORDS = "a wrong word is refused, also an empty one"
_FALSY = "what the user set is sent and shown, falsy or not"
DEPARTURES: dict[tuple[str, str], str] = {
    ("Command", "body:$.properties.limits.timeout"): _FALSY,
    ("command, a path on the compute", "dict:refused"): "the official client crashes",
    ("command, a reference with its prefix", "body:$.properties.codeId"): _BARE,
    ("command, a reference with its prefix", "body:$.properties.computeId"): _BARE,
    ("command, a reference with its prefix", "body:$.properties.environmentId"): _BARE,
    (
        "command, a service as a mapping",
        "body:$.properties.services.s.jobServiceType",
    ): "a mapping becomes the service that its type names; the official client loses the type, or refuses it",
    (
        "command, a service as a mapping",
        "body:refused",
    ): "a mapping becomes the service that its type names; the official client loses the type, or refuses it",
    (
        "command, a service as a mapping",
        "dict:$.services",
    ): "a mapping becomes the service that its type names; the official client loses the type, or refuses it",
    (
        "command, a service as a mapping",
        "dict:refused",
    ): "a mapping becomes the service that its type names; the official client loses the type, or refuses it",
    ("command, a word that nobody knows", "body:refused"): _WORDS,
    ("command, a word that nobody knows", "dict:refused"): _WORDS,
    ("command, an environment as a mapping", "body:refused"): "a mapping becomes the entity",
    ("command, an environment as a mapping", "dict:refused"): "a mapping becomes the entity",
    ("command, an input without a value", "body:refused"): "None says that nothing is given",
    ("command, an input without a value", "dict:refused"): "None says that nothing is given",
    ("command, an output as an expression", "dict:refused"): "the official client crashes",
    (
        "command, code that is nowhere",
        "dict:$.component.code",
    ): "a path that does not exist yet is a path, no reference",
    ("command, falsy", "body:$.properties.inputs.x"): _FALSY,
    ("command, falsy", "body:$.properties.limits.timeout"): _FALSY,
    ("command, falsy", "body:$.properties.services.s.properties"): _FALSY,
    ("command, falsy", "dict:$.compute"): _FALSY,
    ("command, falsy", "dict:$.inputs"): _FALSY,
    ("command, lists", "dict:$.resources.docker_args"): "lists are written as lists, not as their text in Python",
    ("command, lists", "dict:$.resources.instance_type"): "lists are written as lists, not as their text in Python",
    ("command, tags that are no texts", "dict:$.component.tags.b"): "the tags of a component are texts",
    ("command, the id of an identity", "dict:$.identity.resource_id"): "what was set is shown",
    ("command, what nobody knows", "dict:$.bogus"): "it is said of the component, where it is sent",
    ("command, what nobody knows", "dict:$.component.bogus"): "it is said of the component, where it is sent",
    ("job, a date", "body:refused"): "an unquoted date is a text",
    ("job, a date", "dict:refused"): "an unquoted date is a text",
    ("job, a key twice", "body:refused"): "a key that is given twice is refused, as YAML has it",
    ("job, a key twice", "dict:refused"): "a key that is given twice is refused, as YAML has it",
    ("job, a path on the compute", "body:refused"): "a path may be written without `file:`",
    ("job, a path on the compute", "dict:refused"): "a path may be written without `file:`",
    (
        "job, a service of no known type",
        "body:$.properties.services.s.jobServiceType",
    ): "a wrong word is refused; the official client takes the service without its type, or for another one",
    (
        "job, a service of no known type",
        "body:refused",
    ): "a wrong word is refused; the official client takes the service without its type, or for another one",
    (
        "job, a service of no known type",
        "dict:$.services",
    ): "a wrong word is refused; the official client takes the service without its type, or for another one",
    (
        "job, a service of no known type",
        "dict:refused",
    ): "a wrong word is refused; the official client takes the service without its type, or for another one",
    ("job, falsy", "body:$.properties.limits.timeout"): _FALSY,
    ("job, falsy", "dict:$.compute"): _FALSY,
    ("job, numbers as texts", "body:refused"): "a text takes the digits of a number as they were written",
    ("job, numbers as texts", "dict:refused"): "a text takes the digits of a number as they were written",
    (
        "job, several arguments",
        "dict:$.resources.docker_args",
    ): "lists are written as lists, not as their text in Python",
    ("job, several sizes of nodes", "body:refused"): "what Python takes, files take",
    ("job, several sizes of nodes", "dict:refused"): "what Python takes, files take",
    ("job, what an output is", "body:refused"): "an output may be described, in files as in Python",
    ("job, what an output is", "dict:refused"): "an output may be described, in files as in Python",
    ("step called", "body:refused"): "the environment of the component counts where the job names none",
    ("step, an input changed afterwards", "body:$.properties.inputs.data.mode"): _LATER,
    ("step, an input changed afterwards", "body:$.properties.inputs.data.uri"): _LATER,
    ("step, an input changed afterwards", "body:$.properties.inputs.rate.value"): _LATER,
    ("step, an output replaced", "body:$.properties.outputs.model.jobOutputType"): _LATER,
    ("step, an output replaced", "body:$.properties.outputs.model.mode"): _LATER,
    ("step, called in order", "body:refused"): "inputs may be given in the order in which the component has them",
    ("step, called in order", "dict:refused"): "inputs may be given in the order in which the component has them",
    ("step, called in order", "step:refused"): "inputs may be given in the order in which the component has them",
    ("step, inputs updated", "body:$.properties.inputs.rate.value"): _LATER,
    ("step, inputs updated", "dict:refused"): _LATER,
    ("step, inputs updated", "step:refused"): _LATER,
    ("step, outputs replaced", "body:refused"): _LATER,
    ("step, outputs replaced", "dict:refused"): _LATER,
    ("step, outputs replaced", "step:refused"): _LATER,
    (
        "step, the environment of its component",
        "body:refused",
    ): "the environment of the component counts where the job names none",
}
