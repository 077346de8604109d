"""Components: what each attribute, union member and key of a file makes of the body and of the YAML form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "name: a\ncommand: echo\nenvironment: azureml:x:1\n"
BARE = "name: a\ncommand: echo\n"
ENVIRONMENT = (
    "azureml:/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
    "/environments/e/versions/1"
)
CODE = ENVIRONMENT.replace("/environments/e", "/codes/c")
BESIDE = {
    "src/train.py": "print(1)\n",
    "src/Dockerfile": "FROM scratch\n",
    "conda.yml": "name: c\ndependencies: [python=3.8, {pip: [a]}]\nchannels: [z]\n",
    "environment.yml": "name: e\nversion: 3\nimage: foo\nconda_file: conda.yml\n",
}


# -- Python --------------------------------------------------------------------------------------------------
def _command(**arguments: Any) -> tuple[str, Callable[[Any], dict[str, Any]]]:
    return "CommandComponent", lambda _: {"name": "a", "command": "echo", "environment": "x:1", **arguments}


def _with(make: Callable[[Any], dict[str, Any]]) -> tuple[str, Callable[[Any], dict[str, Any]]]:
    return "CommandComponent", lambda m: {"name": "a", "command": "echo", "environment": "x:1", **make(m)}


def _input(**arguments: Any) -> tuple[str, Callable[[Any], dict[str, Any]]]:
    return _with(lambda m: {"inputs": {"x": m.Input(**arguments)}})


def _output(**arguments: Any) -> tuple[str, Callable[[Any], dict[str, Any]]]:
    return _with(lambda m: {"outputs": {"x": m.Output(**arguments)}})


CASES = [
    ("CommandComponent", lambda _: {}),
    ("CommandComponent", lambda _: {"command": "echo", "environment": "x:1"}),
    ("CommandComponent", lambda _: {"version": "1", "command": "echo", "environment": "x:1"}),
    _command(),
    _command(version="7"),
    _command(version=""),
    _command(name="A b"),
    _command(name=""),
    _command(name="", version="1"),
    _command(command=""),
    _command(description="d", display_name="D"),
    _command(description="", display_name=""),
    _command(tags={"a": "b", "c": ""}),
    _command(tags={}),
    _command(properties={"a": "b"}),
    _command(properties={}),
    _command(is_deterministic=False),
    _command(is_deterministic=None),
    _command(is_anonymous=True),
    _command(foo=1, bar={"a": None, "b": [1, 2.5, True]}),
    _command(environment_variables={"A": "b"}),
    _command(additional_includes=["a", "../b"]),
    _command(additional_includes=[]),
    _command(instance_count=2),
    _command(instance_count=0),
    _command(instance_count=1, resources={"instance_count": 2}),
    *(
        _command(environment=text)
        for text in (
            "x",
            "x:1",
            "x@latest",
            "azureml:x:1",
            "azureml://registries/r/environments/e/labels/latest",
            ENVIRONMENT,
            ENVIRONMENT.removeprefix("azureml:"),
        )
    ),
    _with(lambda m: {"environment": m.Environment(image="foo")}),
    _with(
        lambda m: {
            "environment": m.Environment(image="foo", conda_file={"name": "c"}, description="d", tags={"a": "b"})
        }
    ),
    _with(lambda m: {"environment": m.Environment(name="n", version="2", image="foo")}),
    _with(lambda m: {"environment": m.Environment(name="n", image="foo")}),
    *(
        _command(code=text)
        for text in (
            ".",
            "",
            "git+https://github.com/a/b",
            "azureml:c:1",
            "c:1",
            "azureml://registries/r/codes/c/versions/1",
            CODE,
            CODE.removeprefix("azureml:"),
            "https://github.com/a/b",
        )
    ),
    _command(resources={"instance_count": 2}),
    _command(resources={}),
    _with(
        lambda m: {
            "resources": m.JobResourceConfiguration(
                locations=["a"],
                instance_count=2,
                instance_type="b",
                docker_args="--c",
                shm_size="2g",
                max_instance_count=4,
            )
        }
    ),
    _with(
        lambda m: {
            "resources": m.JobResourceConfiguration(
                locations=[],
                instance_count=0,
                instance_type="",
                docker_args="",
                shm_size="",
                max_instance_count=0,
                properties={},
            )
        }
    ),
    _with(lambda m: {"resources": m.JobResourceConfiguration(instance_type=["a", "b"], docker_args=["c", "d"])}),
    _command(distribution={"type": "mpi"}),
    _command(distribution={"type": "PyTorch", "process_count_per_instance": 2}),
    _command(distribution={"type": "x"}),
    _command(distribution={}),
    _with(lambda m: {"distribution": m.MpiDistribution(process_count_per_instance=3)}),
    _with(lambda m: {"distribution": m.MpiDistribution()}),
    _with(lambda m: {"distribution": m.PyTorchDistribution(process_count_per_instance=0)}),
    _with(lambda m: {"distribution": m.TensorFlowDistribution()}),
    _with(lambda m: {"distribution": m.TensorFlowDistribution(parameter_server_count=None, worker_count=2)}),
    _with(lambda m: {"distribution": m.TensorFlowDistribution(parameter_server_count=3, worker_count=0)}),
    _with(
        lambda m: {
            "distribution": m.RayDistribution(
                port=1,
                address="a",
                include_dashboard=True,
                dashboard_port=2,
                head_node_additional_args="b",
                worker_node_additional_args="c",
            )
        }
    ),
    _with(
        lambda m: {
            "distribution": m.RayDistribution(
                port=0,
                address="",
                include_dashboard=False,
                dashboard_port=0,
                head_node_additional_args="",
                worker_node_additional_args="",
            )
        }
    ),
    _command(
        inputs={"x": {"type": "number", "default": 3}, "y": {"type": "uri_file", "optional": True}},
        outputs={"o": {"type": "mltable"}},
    ),
    _command(inputs={"x": 3}),
    _command(inputs={}, outputs={}),
    _input(),
    *(_input(type="number", default=value) for value in (0, 3, "3", 0.1, 1e-5)),
    *(_input(type="integer", default=value) for value in (0, 3, "3", 3.0, "x", "3.0")),
    *(_input(type="boolean", default=value) for value in (True, False, "true", "False", "x", 0)),
    *(_input(type="string", default=value) for value in ("", "a", 3, True, False)),
    _input(type="number", default=[1]),
    _input(type="uri_file", default="x"),
    _input(type="number", min=0, max=0),
    _input(type="integer", min="0", max=10.0, default=5),
    _input(type="integer", min="x"),
    _input(type="string", min=1),
    _input(type="boolean", max=1),
    _input(type="uri_file", min=1),
    *(_input(type="string", optional=value) for value in (True, False, "False", "true")),
    _input(type="string", enum=["a", "b"], default="a"),
    _input(type="string", enum=[]),
    _input(type="integer", enum=[1, 2]),
    _input(type="string", description=""),
    _input(type="string", description="d"),
    _input(type="string", mode="x"),
    _input(type="string", path="x"),
    *(
        _input(type="uri_folder", mode=mode)
        for mode in (
            "direct",
            "download",
            "eval_download",
            "eval_mount",
            "link",
            "mount",
            "ro_mount",
            "rw_mount",
            "upload",
        )
    ),
    *(
        _input(type=kind)
        for kind in ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model", "path")
    ),
    _input(type="uri_file", path="p", path_on_compute="/x", datastore="d", enum=["a"]),
    _input(type=None),
    _output(),
    *(
        _output(type=kind)
        for kind in (
            "uri_file",
            "mltable",
            "custom_model",
            "mlflow_model",
            "triton_model",
            "string",
            "number",
            "integer",
            "boolean",
        )
    ),
    _output(type="uri_file", name="n", version="1", path="p", path_on_compute="/x", mode="upload", description="d"),
    _output(type="boolean", mode="direct", description="", early_available=True),
    _output(type="boolean", early_available=False),
    _output(type="boolean", early_available="false"),
    _output(type="uri_file", early_available=True),
    _output(version="1"),
    _output(name="a b"),
]


# -- files ---------------------------------------------------------------------------------------------------
def _files(head: str, *texts: str) -> list[tuple[str, str, dict[str, str]]]:
    return [("component", head + text + "\n", BESIDE) for text in texts]


def _ports(side: str, *ports: str) -> list[tuple[str, str, dict[str, str]]]:
    return _files(HEAD, *(f"{side}:\n  x: {port}" for port in ports))


FILES = [
    *_files(
        HEAD,
        "environment_variables:",
        "instance_count:",
        "id:",
        "properties: {a: }",
        "additional_includes: [null]",
        "resources: {locations: [null]}",
        "resources: {instance_count: }",
        "distribution: {type: mpi, process_count_per_instance: }",
        "inputs: {x: }",
        "inputs: {x: {type: }}",
        "outputs: {x: {type: }}",
        "outputs: {x: {type: uri_file, mode: }}",
        *(f"inputs: {{x: {{type: boolean, default: {word}}}}}" for word in ("1", "0", "'yes'", "'TRUE'", "off")),
        *(f"is_deterministic: {word}" for word in ("'yes'", "'off'", "1", "2", "''")),
        "",
        "type: command",
        "type: Command",
        "type:",
        "type: comand",
        "version: 1",
        "version: '1.10'",
        "version: ''",
        "version:",
        "$schema: http://x",
        "description: d",
        "description: ''",
        "description:",
        "display_name: D",
        "display_name:",
        "tags: {a: b, c: ''}",
        "tags: {}",
        "tags: {a: 1}",
        "tags: []",
        "tags:",
        "is_deterministic: false",
        "is_deterministic: 'true'",
        "is_deterministic: yes",
        "is_deterministic: x",
        "is_deterministic:",
        "foo: 1\nbar: {x: [1, 2.5, true], y: null}",
        "foo:",
        "successful_return_code: Zero",
        "stage: dev",
        "limits: {timeout: 3}",
        "is_anonymous: true",
        "environment_variables: {A: b}",
        "environment_variables: {}",
        "properties: {a: b}",
        "properties: {}",
        "properties: []",
        "creation_context: {created_by: x}",
        "latest_version: 3",
        "yaml_str: x",
        "instance_count: 3",
        "instance_count: 3\nresources: {instance_count: 2}",
        "inputs: {}\noutputs: {}",
        "inputs:",
        "outputs:",
        "inputs: [1]",
        "inputs: x",
    ),
    *_files(
        "command: echo\nenvironment: azureml:x:1\n",
        "",
        "name: A",
        "name: 1a",
        "name: a-b",
        "name: a_1",
        "name:",
        "name: ''",
    ),
    *_files("name: a\nenvironment: azureml:x:1\n", "", "command:", "command: ''", "command: >-\n  python a.py\n  --b"),
    *_ports(
        "inputs",
        "{type: number, default: 0.01, min: 0, max: 1.5}",
        "{type: number, default: 5}",
        "{type: number, default: 1e-5}",
        "{type: number, default: x}",
        "{type: integer, default: 3, min: 0, max: '10', optional: false}",
        "{type: integer, default: 0}",
        "{type: integer, default: '3'}",
        "{type: integer, default: 3.0}",
        "{type: integer, default: x}",
        "{type: integer, min: x}",
        "{type: integer, enum: ['1', '2']}",
        "{type: boolean, default: false, optional: true}",
        "{type: boolean, default: 'TRUE'}",
        "{type: boolean, default: maybe}",
        "{type: boolean, default: 1}",
        "{type: boolean, default: null}",
        "{type: string, default: ''}",
        "{type: string, default: yes}",
        "{type: string, enum: [a, b], default: a}",
        "{type: string, enum: [1]}",
        "{type: string, enum: x}",
        "{type: string, default: [1]}",
        "{type: string, min: 1}",
        "{type: string, description: ''}",
        "{type: string, mode: direct}",
        "{type: number, foo: 1}",
        "{type: Number}",
        "{type: uri_folder, mode: ro_mount, optional: true, description: d}",
        "{type: uri_folder, mode: RO_MOUNT}",
        "{type: Uri_Folder}",
        "{type: path}",
        "{type: triton_model}",
        "{type: safe_tensors}",
        "{type: AnyDirectory}",
        "{type: uri_folder, optional: 'False'}",
        "{type: uri_folder, optional: 3}",
        "{type: uri_folder, default: x}",
        "{type: uri_folder, default: ''}",
        "{type: uri_file, min: 3}",
        "{type: uri_file, enum: [a]}",
        "{type: uri_file, path: x}",
        "{type: mltable, mode: eval_mount}",
        "{type: [uri_file, mltable]}",
        "{description: x}",
        "{type: custom_model, mode: link}",
        "number",
        "",
        "{}",
        "{type: }",
    ),
    *_files(
        HEAD,
        "inputs:\n  1a: {type: string}\n  a-b: {type: string}",
        "inputs:\n  A: {type: string}\n  a: {type: number}",
        "inputs:\n  g.x: {type: integer}\n  g.y: {type: number, default: 2}",
    ),
    *_ports(
        "outputs",
        "{type: uri_folder, mode: upload, description: d}",
        "{type: uri_folder, foo: d}",
        "{type: string}",
        "{type: boolean, early_available: true}",
        "{type: uri_file, early_available: true}",
        "{type: uri_file, path: azureml://datastores/x/paths/y}",
        "{type: uri_file, name: n}",
        "{mode: upload}",
        "",
        "{type: mltable, mode: ReadWriteMount}",
        "{type: custom}",
        "{type: string, mode: direct, description: x}",
        "{type: string, mode: foo}",
        "{type: Number}",
        "{type: uri_file, optional: true}",
    ),
    *_files(
        BARE,
        "",
        *(
            f"environment: {said}"
            for said in (
                "azureml:x:1",
                "azureml:x@latest",
                "azureml:x",
                "x:1",
                "x",
                "''",
                "[x]",
                "3",
                "${{parent.inputs.env}}",
                "AzureML-Minimal@latest",
                "azureml:a:b:c",
                "azureml:x@a@b",
                "azureml:x:1@latest",
                ENVIRONMENT,
                ENVIRONMENT.removeprefix("azureml:"),
                ENVIRONMENT.removesuffix("/versions/1"),
                "azureml://registries/r/environments/e/versions/1",
                "azureml://registries/r/environments/e/labels/latest",
                "azureml://registries/r/environments/e",
                "azureml://feeds/r/environments/e/versions/1",
                "file:environment.yml",
                "file:./environment.yml",
                "file:nope.yml",
                "environment.yml",
                "{image: foo}",
                "{image: foo, conda_file: conda.yml}",
                "{image: foo, conda_file: ./conda.yml, name: n, version: 7, description: d}",
                "{image: foo, tags: {a: b}, os_type: Linux}",
                "{image: foo, conda_file: {name: c, dependencies: [python=3.8], channels: [z]}}",
                "{image: foo, conda_file: nope.yml}",
                "{image: foo, conda_file: {}}",
                "{build: {path: src}}",
                "{build: {path: ./src, dockerfile_path: Dockerfile}}",
                "{build: {path: nope}}",
                "{image: x, build: {path: src}}",
                "{image: x, foo: 1}",
                "{image: x, properties: {a: b}}",
                "{image: x, os_type: windows}",
                "{image: x, os_type: beos}",
                "{image: x, datastore: y}",
                "{image: x, tags: {}, description: ''}",
                "",
            )
        ),
    ),
    *_files(
        HEAD,
        *(
            f"code: {said}"
            for said in (
                "src",
                "./src",
                "./src/",
                "../src",
                "src/train.py",
                ".",
                "nope",
                "''",
                "3",
                "",
                "{path: x}",
                "https://github.com/a/b",
                "http://localhost:80/a",
                "ftp://example.org/a",
                "https://x",
                "git+https://github.com/a/b@c",
                "azureml:c:1",
                "azureml:c",
                "azureml:c@latest",
                "azureml://registries/r/codes/c/versions/1",
                "azureml://feeds/r/codes/c/versions/1",
                CODE,
                "azureml://datastores/x/paths/y",
                "wasbs://x@example.org/a",
                "~/x",
                "file:src",
            )
        ),
    ),
    *_files(
        HEAD,
        "additional_includes: [../a, b.py]",
        "additional_includes: []",
        "additional_includes: x",
        "additional_includes:",
    ),
    *_files(
        HEAD,
        *(
            f"resources: {said}"
            for said in (
                "{instance_count: 2}",
                "{instance_count: '2'}",
                "{instance_count: 2.0}",
                "{instance_count: x}",
                "{instance_count: 0}",
                "{instance_count: true}",
                "{instance_count: '${{inputs.x}}'}",
                "{instance_count: }",
                "{instance_type: a, shm_size: 2g, docker_args: '--x', max_instance_count: 4, locations: [a, b]}",
                "{docker_args: [a, b]}",
                "{docker_args: ''}",
                "{}",
                "x",
                "",
                "{properties: x}",
                "{properties: {}}",
                "{locations: a}",
            )
        ),
    ),
    *_files(
        HEAD,
        *(
            f"distribution: {said}"
            for said in (
                "{type: mpi, process_count_per_instance: 2}",
                "{type: MPI}",
                "{type: PyTorch, process_count_per_instance: '2'}",
                "{type: tensorflow, worker_count: 2}",
                "{type: TensorFlow, parameter_server_count: 0, worker_count: 0}",
                "{type: ray, port: 1, address: a, include_dashboard: yes, dashboard_port: 3}",
                "{type: ray, head_node_additional_args: x, worker_node_additional_args: y}",
                "{type: ray}",
                "{type: foo}",
                "{process_count_per_instance: 2}",
                "{type: mpi, process_count_per_instance: x}",
                "{}",
                "",
                "mpi",
            )
        ),
    ),
]


# -- what the service answers --------------------------------------------------------------------------------
_ID = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/components/train"
    "/versions/3"
)


def _answer(**spec: Any) -> tuple[str, str, dict[str, Any]]:
    return (
        "Component",
        "ComponentVersion",
        {
            "id": _ID,
            "name": "3",
            "type": "Microsoft.MachineLearningServices/workspaces/components/versions",
            "systemData": {"createdBy": "me", "createdByType": "User", "createdAt": "2024-01-02T03:04:05.123456+00:00"},
            "properties": {
                "isAnonymous": False,
                "isArchived": False,
                "description": "d",
                "tags": {"a": "b"},
                "properties": {"client_component_hash": "h"},
                "componentSpec": {
                    "name": "train",
                    "version": "3",
                    "type": "command",
                    "command": "echo",
                    "environment": ENVIRONMENT,
                    "is_deterministic": True,
                    "description": "d",
                    "tags": {"a": "b"},
                    "_source": "YAML.COMPONENT",
                    **spec,
                },
            },
        },
    )


DEPARTURES = {
    ("component", f"{form}inputs.digits.default"): "a text keeps the digits it was written with"
    for form in ("body:$.properties.componentSpec.", "dict:$.")
} | {
    ("component", f"{form}resources.properties"): "settings of resources are sent, not dropped"
    for form in ("body:$.properties.componentSpec.", "dict:$.")
}
FILES += _files(
    HEAD + "is_anonymous: true\n",
    "inputs:\n  digits: {type: string, default: 1.10}",
    "inputs:\n  digits: {type: string, default: 3}",
    "resources: {instance_count: 1, properties: {a: {b: 1}}}",
)

ANSWERS = [
    _answer(),
    _answer(display_name="D", is_deterministic=False, code=CODE, **{"$schema": "http://x"}),
    _answer(environment="azureml://registries/r/environments/e/versions/1"),
    _answer(
        inputs={
            "a": {"type": "number", "default": "0.5", "min": "0", "max": "1.0", "optional": True},
            "b": {"type": "integer", "default": "3"},
            "c": {"type": "boolean", "default": "False"},
            "d": {"type": "string", "default": "", "enum": ["", "x"]},
            "e": {"type": "Integer", "default": "0"},
            "f": {"type": "uri_folder", "mode": "ro_mount", "description": "d"},
        },
        outputs={"o": {"type": "mlflow_model", "description": "d"}, "p": {"type": "string", "early_available": True}},
    ),
    _answer(
        distribution={"type": "PyTorch", "process_count_per_instance": 2},
        resources={"instance_count": 2, "shm_size": "2g"},
    ),
    _answer(distribution={"type": "tensorflow", "parameter_server_count": 1, "worker_count": 2}),
    _answer(additional_includes=["../a"], properties={"x": "y"}),
]
