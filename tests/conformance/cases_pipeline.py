"""Pipelines: as arguments, as `@pipeline` functions, as files and as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.pipeline_functions import FUNCTIONS, train

if TYPE_CHECKING:
    from collections.abc import Callable

Case = tuple[str, "Callable[[Any], Any]"]
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
BESIDE = {"src/train.py": "print(1)\n"}


# -- Python ----------------------------------------------------------------------------------------------------
def _data(m: Any, **more: Any) -> Any:
    return m.Input(**{"type": "uri_folder", "path": "azureml:d:1", **more})


def _step(m: Any, **more: Any) -> Any:
    return m.Command(component=train(m), name="a", inputs={"data": "${{parent.inputs.data}}"}, **more)


def _job(make: Callable[[Any], dict[str, Any]] = lambda _: {}) -> Case:
    return "PipelineJob", lambda m: {"inputs": {"data": _data(m)}, "jobs": {"a": _step(m)}, **make(m)}


def _component(make: Callable[[Any], dict[str, Any]] = lambda _: {}) -> Case:
    return "PipelineComponent", lambda m: {
        "name": "p",
        "inputs": {"data": m.Input(type="uri_folder")},
        "jobs": {"a": _step(m)},
        **make(m),
    }


def _settings(**said: Any) -> Case:
    return _job(lambda m: {"settings": m.PipelineJobSettings(**said)})


CASES: list[Case] = [
    ("PipelineJob", lambda _: {}),
    ("PipelineJob", lambda _: {"jobs": {}}),
    _job(),
    _job(lambda _: {"name": "n", "display_name": "d", "description": "e", "experiment_name": "x"}),
    _job(lambda _: {"name": "", "display_name": "", "description": "", "experiment_name": ""}),
    _job(lambda _: {"tags": {"a": "b"}, "properties": {"a": "b"}}),
    _job(lambda _: {"tags": {}, "properties": {}}),
    _job(lambda _: {"tags": None, "properties": None, "inputs": None, "outputs": None}),
    _job(lambda _: {"compute": "cpu"}),
    _job(lambda _: {"compute": "serverless"}),
    *(_job(lambda _, value=value: {"inputs": {"x": value}}) for value in (0, 1, "a", True, False, 0.5, None)),
    _job(lambda m: {"inputs": {"data": m.Input(type="uri_file", path="./src/train.py", mode="download")}}),
    _job(lambda m: {"inputs": {"data": m.Input(type="mltable", path="azureml:t:1", mode="eval_mount")}}),
    _job(lambda _: {"inputs": {"group.rate": 1}}),
    _job(lambda _: {"inputs": {"with-dash": 1}}),
    _job(lambda m: {"outputs": {"o": m.Output()}}),
    _job(lambda m: {"outputs": {"o": m.Output(type="mltable", mode="upload", path="azureml://datastores/s/paths/p")}}),
    _job(lambda m: {"outputs": {"o": m.Output(type="custom_model", name="n", version="1")}}),
    _job(lambda _: {"outputs": {"o": None}}),
    _job(lambda _: {"settings": {"default_compute": "cpu", "force_rerun": True}}),
    _settings(),
    _settings(default_compute="cpu", default_datastore="store"),
    _settings(default_compute="serverless"),
    _settings(continue_on_step_failure=False, force_rerun=False),
    _settings(continue_on_step_failure=True, force_rerun=True),
    _settings(on_init="a", on_finalize="a"),
    _settings(tomorrow=1, more={"a": "b"}),
    _job(lambda m: {"identity": m.UserIdentityConfiguration()}),
    _job(lambda m: {"identity": m.ManagedIdentityConfiguration(client_id="c")}),
    _job(lambda m: {"identity": m.AmlTokenConfiguration()}),
    _job(lambda m: {"services": {"s": m.JupyterLabJobService()}}),
    _job(
        lambda m: {
            "jobs": {
                "a": _step(m),
                "b": m.Command(component="c:1", name="b", inputs={"x": "${{parent.jobs.a.outputs.m}}"}),
            }
        }
    ),
    _job(lambda m: {"jobs": {"a": _step(m, compute="cpu", comment="c", tags={"a": "b"}, properties={"a": "b"})}}),
    _job(lambda m: {"jobs": {"a": _step(m, display_name="d", description="e", environment_variables={"A": "b"})}}),
    _job(lambda m: {"jobs": {"a": _step(m, limits=m.CommandJobLimits(timeout=90))}}),
    _job(lambda m: {"jobs": {"a": _step(m, resources=m.JobResourceConfiguration(instance_count=2, shm_size="8g"))}}),
    _job(lambda m: {"jobs": {"a": _step(m, distribution=m.PyTorchDistribution(process_count_per_instance=2))}}),
    _job(lambda m: {"jobs": {"a": _step(m, queue_settings=m.QueueSettings(job_tier="spot", priority="low"))}}),
    _job(lambda m: {"jobs": {"a": _step(m, identity=m.UserIdentityConfiguration())}}),
    _job(lambda m: {"jobs": {"a": _step(m, services={"s": m.SshJobService(ssh_public_keys="k", nodes="all")})}}),
    _job(lambda m: {"jobs": {"a": _step(m, environment="f:1")}}),
    _component(),
    _component(lambda _: {"version": "2", "display_name": "d", "description": "e", "tags": {"a": "b"}}),
    _component(lambda _: {"is_deterministic": False}),
    _component(lambda m: {"outputs": {"o": m.Output(type="mltable")}}),
    _component(
        lambda m: {
            "inputs": {"data": m.Input(type="uri_folder", optional=True), "n": m.Input(type="integer", default=0)}
        }
    ),
    _component(lambda _: {"jobs": {}}),
    _component(lambda _: {"jobs": None}),
]

BUILT: list[Case] = [(f"pipeline {name}", build) for name, build in FUNCTIONS.items()]

# -- files -----------------------------------------------------------------------------------------------------
FILES_BESIDE = {
    **BESIDE,
    "train.yml": (
        "$schema: x\nname: train\nversion: 1\ntype: command\ncommand: echo ${{inputs.data}} ${{inputs.rate}}\n"
        "environment: azureml:e:1\ncode: ./src\n"
        "inputs: {data: {type: uri_folder}, rate: {type: number, default: 0.5}, word: {type: string, optional: true}}\n"
        "outputs: {model: {type: mlflow_model}}\n"
    ),
    "sub.yml": (
        "type: pipeline\nname: sub\ninputs: {d: {type: uri_folder}, r: {type: number, default: 1}}\n"
        "outputs: {m: {type: mlflow_model}}\n"
        "jobs: {inner: {type: command, component: ./train.yml, inputs: {data: '${{parent.inputs.d}}', "
        "rate: '${{parent.inputs.r}}'}, outputs: {model: '${{parent.outputs.m}}'}}}\n"
    ),
}
HEAD = "type: pipeline\ninputs: {data: {type: uri_folder, path: 'azureml:d:1'}, rate: 0.1}\noutputs: {out: }\n"
STEP = "type: command, component: ./train.yml"
WRITTEN = "type: command, command: echo, environment: 'azureml:e:1'"


def _files(*texts: str) -> list[tuple[str, str, dict[str, str]]]:
    return [("job", text + "\n", FILES_BESIDE) for text in texts]


def _one(*steps: str) -> list[tuple[str, str, dict[str, str]]]:
    return _files(*(f"{HEAD}jobs: {{a: {{{step}}}}}" for step in steps))


def _with(*more: str) -> list[tuple[str, str, dict[str, str]]]:
    return _files(
        *(f"{HEAD}jobs: {{a: {{{STEP}, inputs: {{data: '${{{{parent.inputs.data}}}}'}}}}}}\n{one}" for one in more)
    )


_DATA = "inputs: {data: '${{parent.inputs.data}}'}"
FILES = [
    *_files(
        "type: pipeline",
        "type: pipeline\njobs: {}",
        "type: pipeline\njobs:",
        "type: pipeline\njobs: []",
        "type: pipeline\njobs: {a: }",
        "type: pipeline\njobs: {a: 5}",
        "type: Pipeline\njobs: {}",
    ),
    *_with(
        "",
        "$schema: x",
        "name: n\ndisplay_name: d\ndescription: e\nexperiment_name: x",
        "name: ''\ndisplay_name: ''\ndescription: ''\nexperiment_name: ''",
        "tags: {a: b, c: }\nproperties: {a: b}",
        "tags: {a: 1}",
        "compute: azureml:cpu",
        "compute: serverless",
        "compute: cpu",
        "bogus: 1",
        "identity: {type: user_identity}",
        "identity: {type: managed, client_id: c}",
        "identity: {type: nope}",
        "services: {s: {type: jupyter_lab}}",
        "status: Completed\nid: x",
        *(
            f"settings: {{{text}}}"
            for text in (
                "",
                "default_compute: azureml:cpu",
                "default_compute: cpu",
                "default_compute: serverless",
                "default_datastore: azureml:store",
                "default_datastore: store",
                "continue_on_step_failure: false",
                "continue_on_step_failure: 'true'",
                "continue_on_step_failure: maybe",
                "force_rerun: true",
                "on_init: a",
                "on_init: nope",
                "on_finalize: a",
                "on_init: a, on_finalize: a",
                "tomorrow: 1, more: {a: b}",
                "default_compute: ",
            )
        ),
        "settings:",
    ),
    *_files(
        *(
            f"type: pipeline\ninputs: {{x: {text}}}\njobs: {{a: {{{WRITTEN}, inputs: {{y: '${{{{parent.inputs.x}}}}'}}}}}}"
            for text in (
                "0",
                "1",
                "0.5",
                "1.0",
                "a",
                "'0'",
                "true",
                "false",
                "",
                "{}",
                "{path: azureml:d:1}",
                "{type: uri_file, path: ./src/train.py}",
                "{type: uri_file, path: file:./src/train.py, mode: download}",
                "{type: mltable, path: azureml:t:1, mode: eval_download}",
                "{type: custom_model, path: azureml:m:1}",
                "{type: uri_folder, path: azureml://datastores/s/paths/p, mode: ro_mount}",
                "{type: nope, path: a}",
                "{type: number, default: 1}",
                "{type: string}",
                "{type: uri_folder, optional: true}",
                "{bogus: 1}",
                "[1]",
            )
        ),
        *(
            f"type: pipeline\noutputs: {{x: {text}}}\njobs: {{a: {{{WRITTEN}, outputs: {{y: '${{{{parent.outputs.x}}}}'}}}}}}"
            for text in (
                "",
                "{}",
                "{type: uri_file}",
                "{type: uri_folder, mode: upload}",
                "{type: mltable, path: azureml://datastores/s/paths/p}",
                "{type: custom_model, name: n, version: 1}",
                "{mode: rw_mount}",
                "{type: nope}",
                "{type: uri_folder, mode: nope}",
                "a",
                "5",
            )
        ),
    ),
    *_one(
        STEP,
        f"{STEP}, {_DATA}",
        f"component: ./train.yml, {_DATA}",
        f"type: command, component: file:./train.yml, {_DATA}",
        f"type: command, component: train.yml, {_DATA}",
        f"type: command, component: ./nowhere.yml, {_DATA}",
        f"type: command, component: 'azureml:train:1', {_DATA}",
        f"type: command, component: 'azureml:train@latest', {_DATA}",
        f"type: command, component: 'azureml:train', {_DATA}",
        f"type: command, component: 'azureml:{_ID}/components/c/versions/1', {_DATA}",
        f"type: command, component: 'azureml://registries/r/components/c/versions/1', {_DATA}",
        f"component: 'azureml:train:1', {_DATA}",
        "type: command, component: {command: echo, environment: 'azureml:e:1'}",
        "type: command, component: {name: c, version: 2, command: echo, environment: 'azureml:e:1', code: ./src}",
        f"type: command, component: {{command: 'echo ${{{{inputs.data}}}}', environment: {{image: u}}, "
        f"inputs: {{data: {{type: uri_folder}}}}}}, {_DATA}",
        "type: command, component: 5",
        "type: command, component: ",
        "type: nope, component: ./train.yml",
        "type: pipeline, component: ./sub.yml, inputs: {d: '${{parent.inputs.data}}', r: 0}",
        "type: pipeline, component: ./sub.yml, outputs: {m: '${{parent.outputs.out}}'}",
        "type: pipeline, component: ./sub.yml, outputs: {m: {mode: upload}}",
        "type: pipeline, component: 'azureml:sub:1', inputs: {d: {path: 'azureml:d:1'}}",
        f"type: pipeline, component: ./train.yml, {_DATA}",
        "type: command, component: ./sub.yml",
        f"{STEP}, {_DATA}, compute: 'azureml:cpu'",
        f"{STEP}, {_DATA}, compute: cpu",
        f"{STEP}, {_DATA}, compute: serverless",
        f"{STEP}, {_DATA}, comment: c, display_name: d, description: e, tags: {{a: b}}, properties: {{a: b}}",
        f"{STEP}, {_DATA}, tags: {{a: 1}}",
        f"{STEP}, {_DATA}, name: other",
        f"{STEP}, {_DATA}, environment: 'azureml:f:2'",
        f"{STEP}, {_DATA}, environment_variables: {{A: b, C: 1}}",
        f"{STEP}, {_DATA}, limits: {{timeout: 60}}",
        f"{STEP}, {_DATA}, limits: {{bogus: 60}}",
        f"{STEP}, {_DATA}, resources: {{instance_count: 2, instance_type: s, shm_size: 8g}}",
        f"{STEP}, {_DATA}, resources: {{bogus: 2}}",
        f"{STEP}, {_DATA}, resources: {{instance_count: '${{{{parent.inputs.rate}}}}'}}",
        f"{STEP}, {_DATA}, distribution: {{type: pytorch, process_count_per_instance: 2}}",
        f"{STEP}, {_DATA}, distribution: {{type: mpi, process_count_per_instance: '${{{{parent.inputs.rate}}}}'}}",
        f"{STEP}, {_DATA}, queue_settings: {{job_tier: spot, priority: low}}",
        f"{STEP}, {_DATA}, identity: {{type: user_identity}}",
        f"{STEP}, {_DATA}, services: {{s: {{type: ssh, ssh_public_keys: k}}}}",
        f"{STEP}, {_DATA}, bogus: 1",
        f"{STEP}, {_DATA}, bogus: {{a: [1]}}",
        *(
            f"{STEP}, inputs: {{data: '${{{{parent.inputs.data}}}}', rate: {text}}}"
            for text in (
                "0",
                "0.7",
                "'0.7'",
                "",
                "'${{parent.inputs.rate}}'",
                "true",
                "{path: '${{parent.inputs.rate}}'}",
                "{type: number, path: '${{parent.inputs.rate}}'}",
            )
        ),
        *(
            f"{STEP}, inputs: {{data: {text}}}"
            for text in (
                "{path: '${{parent.inputs.data}}', mode: download}",
                "{type: uri_folder, path: '${{parent.inputs.data}}', mode: ro_mount}",
                "{type: uri_folder, path: 'azureml:d:1'}",
                "{path: ./src}",
                "'${{ parent.inputs.data }}'",
                "'${{parent.inputs.nope}}'",
                "'${{parent.jobs.nope.outputs.x}}'",
                "'${{parent.jobs.a.outputs.model}}'",
                "'${{inputs.data}}'",
                "'a ${{parent.inputs.data}}'",
                "{type: uri_folder, path: 'azureml:d:1', mode: nope}",
                "{type: nope, path: 'azureml:d:1'}",
            )
        ),
        f"{STEP}, inputs: {{nope: 1}}",
        *(
            f"{STEP}, {_DATA}, outputs: {{model: {text}}}"
            for text in (
                "",
                "'${{parent.outputs.out}}'",
                "{}",
                "{mode: upload}",
                "{type: mlflow_model, mode: upload, path: 'azureml://datastores/s/paths/p'}",
                "{type: mlflow_model, path: '${{parent.outputs.out}}', mode: upload}",
                "{name: n, version: 1}",
                "{path: '${{parent.outputs.out}}', name: n}",
                "{type: nope}",
                "a",
                "5",
            )
        ),
        f"{STEP}, {_DATA}, outputs: {{nope: {{mode: upload}}}}",
        WRITTEN,
        "command: echo, environment: 'azureml:e:1'",
        "type: command, environment: 'azureml:e:1'",
        f"{WRITTEN}, code: ./src",
        f"{WRITTEN}, name: x, display_name: d, description: e, tags: {{a: b}}",
        f"{WRITTEN}, resources: {{instance_count: 2}}, distribution: {{type: mpi}}, environment_variables: {{A: b}}",
        f"{WRITTEN}, distribution: {{type: mpi, bogus: 1}}",
        f"{WRITTEN}, compute: 'azureml:cpu', limits: {{timeout: 60}}, identity: {{type: aml_token}}",
        f"{WRITTEN}, bogus: 1",
        *(
            f"{WRITTEN}, inputs: {{x: {text}}}"
            for text in (
                "0",
                "''",
                "true",
                "'${{parent.inputs.data}}'",
                "'${{parent.inputs.rate}}'",
                "{path: '${{parent.inputs.data}}', mode: download}",
                "{type: uri_file, path: ./src/train.py}",
                "{type: uri_folder, path: '${{parent.inputs.data}}'}",
            )
        ),
        *(
            f"{WRITTEN}, outputs: {{x: {text}}}"
            for text in (
                "",
                "'${{parent.outputs.out}}'",
                "{type: uri_file}",
                "{mode: upload}",
                "{type: mltable, path: '${{parent.outputs.out}}', mode: upload}",
                "{type: uri_file, name: n, version: '1'}",
            )
        ),
    ),
    *_files(
        f"{HEAD}jobs:\n  a: {{{STEP}, {_DATA}}}\n"
        f"  b: {{{WRITTEN}, inputs: {{m: '${{{{parent.jobs.a.outputs.model}}}}'}}, "
        "outputs: {o: '${{parent.outputs.out}}'}}\n"
        "  c: {type: command, component: 'azureml:x:1', inputs: {y: '${{parent.jobs.b.outputs.o}}'}}",
        f"{HEAD}jobs:\n  a: {{{STEP}, {_DATA}}}\n  b: {{type: pipeline, component: ./sub.yml, "
        "inputs: {d: '${{parent.jobs.a.outputs.model}}'}}\n"
        "  c: {type: command, component: ./train.yml, inputs: {data: '${{parent.jobs.b.outputs.m}}'}}",
        *(f"{HEAD}jobs: {{{name}: {{{STEP}, {_DATA}}}}}" for name in ("A", "a-b", "'a b'", "_a", "1a", "a.b", "''")),
        f"{HEAD}jobs: {{a: {{{STEP}, {_DATA}}}, A: {{{STEP}, {_DATA}}}}}",
    ),
    *(
        ("component", FILES_BESIDE["sub.yml"].replace(old, new), FILES_BESIDE)
        for old, new in (
            ("", ""),
            ("name: sub", "name: sub\nversion: 3\ndisplay_name: d\ndescription: e\ntags: {a: b}"),
            ("name: sub\n", ""),
            ("name: sub", "name: Sub"),
            ("name: sub", "name: sub\nis_deterministic: false"),
            ("name: sub", "name: sub\nsettings: {default_compute: cpu}"),
            ("name: sub", "name: sub\nbogus: 1"),
            ("type: pipeline\n", ""),
            ("default: 1", "default: 0, min: 0, max: 2"),
            ("{type: uri_folder}", "{type: nope}"),
            ("{type: uri_folder}", "{type: uri_folder, path: 'azureml:d:1'}"),
            ("{type: mlflow_model}", "{type: mlflow_model, mode: upload}"),
            ("component: ./train.yml", "component: 'azureml:train:1'"),
            ("component: ./train.yml", "component: {command: echo, environment: 'azureml:e:1'}"),
            ("component: ./train.yml", "command: echo, environment: 'azureml:e:1'"),
        )
    ),
]

FILES += [
    (
        "job, a falsy input",
        f"type: pipeline\ninputs: {{x: ''}}\njobs: {{a: {{{WRITTEN}, inputs: {{y: '${{{{parent.inputs.x}}}}'}}}}}}",
    ),
    ("job, a step without an environment", f"{HEAD}jobs: {{a: {{type: command, command: echo}}}}"),
    ("job, a step without anything", "type: pipeline\njobs: {a: {}}"),
]

# -- answers ---------------------------------------------------------------------------------------------------
_ANSWER: dict[str, Any] = {
    "id": f"{_ID}/jobs/n",
    "name": "n",
    "type": "Microsoft.MachineLearningServices/workspaces/jobs",
    "systemData": {"createdBy": "me", "createdByType": "User", "createdAt": "2024-05-01T10:00:00.1234567Z"},
    "properties": {
        "jobType": "Pipeline",
        "displayName": "d",
        "description": "e",
        "experimentName": "x",
        "status": "Completed",
        "isArchived": False,
        "tags": {"a": "b"},
        "properties": {"azureml.runsource": "azureml.PipelineRun"},
        "services": {"Studio": {"jobServiceType": "Studio", "endpoint": "https://ml.azure.com/runs/n"}},
        "computeId": None,
        "settings": {
            "_source": "YAML.JOB",
            "default_compute": f"{_ID}/computes/cpu",
            "default_datastore": f"{_ID}/datastores/s",
            "continue_on_step_failure": False,
            "force_rerun": False,
        },
        "inputs": {
            "data": {"jobInputType": "uri_folder", "uri": "azureml:d:1", "mode": "ReadOnlyMount"},
            "rate": {"jobInputType": "literal", "value": "0.1"},
        },
        "outputs": {"out": {"jobOutputType": "uri_folder", "mode": "ReadWriteMount", "uri": "azureml://x"}},
        "jobs": {
            "a": {
                "name": "a",
                "type": "command",
                "_source": "YAML.COMPONENT",
                "componentId": f"{_ID}/components/c/versions/1",
                "computeId": f"{_ID}/computes/cpu",
                "display_name": "D",
                "tags": {"a": "b"},
                "properties": {},
                "resources": {"instance_count": 2, "properties": {}},
                "limits": {"job_limits_type": "Command", "timeout": "PT1M"},
                "distribution": {"distribution_type": "PyTorch", "process_count_per_instance": 2},
                "environment_variables": {"A": "b"},
                "inputs": {
                    "data": {"job_input_type": "literal", "value": "${{parent.inputs.data}}", "mode": "Download"},
                    "rate": {"job_input_type": "literal", "value": "${{parent.inputs.rate}}"},
                    "more": {"job_input_type": "uri_file", "uri": "azureml:d:1", "mode": "ReadOnlyMount"},
                    "n": {"job_input_type": "literal", "value": "0"},
                },
                "outputs": {
                    "model": {"type": "literal", "value": "${{parent.outputs.out}}", "mode": "Upload"},
                    "log": {"job_output_type": "uri_file", "mode": "ReadWriteMount"},
                },
            },
        },
    },
}


def _answered(**changes: Any) -> tuple[str, str, dict[str, Any]]:
    return ("Job", "JobBase", {**_ANSWER, "properties": {**_ANSWER["properties"], **changes}})


def _step_answered(**changes: Any) -> tuple[str, str, dict[str, Any]]:
    step = {**_ANSWER["properties"]["jobs"]["a"], **changes}
    return _answered(jobs={"a": {key: value for key, value in step.items() if value is not None}})


ANSWERS = [
    _answered(),
    _answered(inputs=None, outputs=None, tags=None, properties=None, services=None),
    _answered(inputs={}, outputs={}, jobs={}, tags={}, properties={}, services={}),
    _answered(settings={}),
    _answered(settings={"ContinueOnStepFailure": True, "DefaultCompute": "cpu", "_source": "DSL"}),
    _answered(settings={"default_compute": "serverless", "tomorrow": 1}),
    _answered(computeId=f"{_ID}/computes/cpu", identity={"identityType": "UserIdentity"}),
    _step_answered(inputs=None, outputs=None, resources=None, limits=None, distribution=None),
    _step_answered(inputs={}, outputs={}, environment_variables={}),
    _step_answered(componentId="azureml://registries/r/components/c/versions/1"),
    _step_answered(componentId="azureml:c:1"),
    _step_answered(type=None),
    _step_answered(type="pipeline", resources=None, limits=None, distribution=None, environment_variables=None),
    _step_answered(identity={"identity_type": "Managed", "client_id": "c"}),
    _step_answered(queue_settings={"job_tier": "Spot", "priority": 1}),
    _step_answered(services={"s": {"job_service_type": "SSH", "properties": {"sshPublicKeys": "k"}}}),
    _step_answered(tomorrow={"a": 1}),
]

DEPARTURES: dict[tuple[str, str], str] = {
    (
        "Job",
        "attribute:$.component",
    ): "a job that was loaded has its steps; the component they would make is not made up",
    (
        "Job",
        "attribute:$.services",
    ): "a job that was loaded has its steps; the component they would make is not made up",
    ("job, a step without an environment", "body:refused"): "told when the file is read, not by the service",
    ("job, a step without an environment", "dict:refused"): "told when the file is read, not by the service",
    (
        "job, a step without anything",
        "body:refused",
    ): "an empty step is refused; the official client takes it for a parallel one",
    (
        "job, a step without anything",
        "dict:refused",
    ): "an empty step is refused; the official client takes it for a parallel one",
    ("pipeline command within", "body:refused"): "a command that is written within a pipeline takes its inputs",
    ("pipeline command within", "dict:refused"): "a command that is written within a pipeline takes its inputs",
    (
        "pipeline data given in every way",
        "body:$.properties.jobs.four.inputs.model.value",
    ): "a step in the path of an `Input` is known by its name, not as `None`",
    (
        "pipeline data given in every way",
        "body:$.properties.jobs.three.inputs.model.value",
    ): "a step in the path of an `Input` is known by its name, not as `None`",
    (
        "pipeline data given in every way",
        "dict:$.jobs.four.inputs.model.path",
    ): "a step in the path of an `Input` is known by its name, not as `None`",
    (
        "pipeline data given in every way",
        "dict:$.jobs.three.inputs.model.path",
    ): "a step in the path of an `Input` is known by its name, not as `None`",
    ("pipeline inputs of the job", "body:refused"): "inputs may be set by key; the official client crashes",
    ("pipeline inputs of the job", "dict:refused"): "inputs may be set by key; the official client crashes",
    (
        "pipeline output replaced",
        "body:$.properties.jobs.first.outputs.log.job_output_type",
    ): "the type that was set counts",
    ("pipeline outputs by key", "body:refused"): "inputs may be set by key; the official client crashes",
    ("pipeline outputs by key", "dict:$.jobs.second.$schema"): "inputs may be set by key; the official client crashes",
    ("pipeline outputs by key", "dict:$.jobs.second.command"): "inputs may be set by key; the official client crashes",
    (
        "pipeline outputs by key",
        "dict:$.jobs.second.component",
    ): "inputs may be set by key; the official client crashes",
    (
        "pipeline outputs by key",
        "dict:$.jobs.second.inputs.data",
    ): "inputs may be set by key; the official client crashes",
    (
        "pipeline outputs by key",
        "dict:$.jobs.second.inputs.model",
    ): "inputs may be set by key; the official client crashes",
    ("pipeline outputs by key", "dict:$.jobs.second.name"): "inputs may be set by key; the official client crashes",
    ("pipeline outputs by key", "dict:$.jobs.second.outputs"): "inputs may be set by key; the official client crashes",
    ("pipeline step by name", "body:refused"): "a component that is known by its name only may give any output",
    ("pipeline step by name", "dict:refused"): "a component that is known by its name only may give any output",
}
