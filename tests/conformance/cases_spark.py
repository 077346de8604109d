"""Spark jobs, steps and components: as arguments, as files, within pipelines, and as answers."""

from __future__ import annotations

from typing import Any

BESIDE = {"src/main.py": "print(1)\n"}
ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/ws/jobs/j"
)
_ENTRY = {"file": "main.py"}
_CLUSTER = {
    "driver_cores": 1,
    "driver_memory": "2g",
    "executor_cores": 2,
    "executor_memory": "2g",
    "executor_instances": 2,
}
_FIXED = {key: value for key, value in _CLUSTER.items() if key != "executor_instances"}
_DYNAMIC = {
    **_FIXED,
    "dynamic_allocation_enabled": True,
    "dynamic_allocation_min_executors": 1,
    "dynamic_allocation_max_executors": 4,
}
_CONF = {
    "spark.driver.cores": 1,
    "spark.driver.memory": "2g",
    "spark.executor.cores": 2,
    "spark.executor.memory": "2g",
    "spark.executor.instances": 2,
}
_NODES = {"instance_type": "standard_e4s_v3", "runtime_version": "3.4"}


def _component(**more: Any) -> tuple[str, Any]:
    return ("SparkComponent", lambda m: {"name": "c", "code": "./src", "entry": _ENTRY, **more})


def _job(**more: Any) -> tuple[str, Any]:
    """What `spark()` makes, submitted alone."""
    return ("spark", lambda m: {"code": "./src", "entry": _ENTRY, "resources": _NODES, **_CLUSTER, **more})


def _of(build: Any) -> tuple[str, Any]:
    return (
        "spark",
        lambda m: {"code": "./src", "entry": _ENTRY, "resources": _NODES, **_CLUSTER, **build(m)},
    )


def _step(**more: Any) -> tuple[str, Any]:
    """A pipeline of one step that is given these arguments."""
    return (
        "PipelineJob",
        lambda m: {
            "jobs": {
                "s": m.Spark(
                    **{
                        "component": m.SparkComponent(name="c", code="azureml:code:1", entry=_ENTRY, conf=_CONF),
                        "name": "s",
                        **more,
                    }
                )
            }
        },
    )


CASES = [
    _component(),
    ("SparkComponent", lambda m: {"name": "c", "entry": _ENTRY}),
    ("SparkComponent", lambda m: {"name": "c", "code": "./src", "entry": m.SparkJobEntry(entry="main.py")}),
    ("SparkJobEntry", lambda m: {}),
    _component(version="2", description="d", display_name="d", tags={"a": "b"}, properties={"a": "b"}),
    _component(is_deterministic=False),
    _component(py_files=["a.zip"], jars=["a.jar"], files=["f"], archives=["x"]),
    _component(py_files=[], jars=[]),
    _component(**_CLUSTER),
    _component(**_DYNAMIC),
    _component(conf=_CONF),
    _component(conf={**_CONF, "spark.x": 1, "spark.y": "2", "spark.z": "w", "spark.t": True}),
    _component(conf={}),
    _component(conf={"spark.driver.cores": "3"}),
    _component(conf={"spark.driver.cores": 3}, driver_cores=4),
    _component(driver_cores="2", executor_instances="3"),
    _component(dynamic_allocation_enabled="true"),
    _component(dynamic_allocation_enabled=False),
    _component(environment="azureml:e:1"),
    _component(environment="e@latest"),
    ("SparkComponent", lambda m: {"name": "c", "entry": _ENTRY, "environment": m.Environment(image="i")}),
    (
        "SparkComponent",
        lambda m: {"name": "c", "entry": _ENTRY, "environment": m.Environment(conda_file={"name": "x"}, name="e")},
    ),
    _component(args="--a ${{inputs.a}}", inputs={"a": {"type": "uri_file", "mode": "direct"}}),
    _component(args=""),
    _component(inputs={"n": {"type": "number", "default": 0}}, outputs={"o": {"type": "uri_folder", "mode": "direct"}}),
    _component(additional_includes=["../x"]),
    _component(bogus=1),
    _component(code=None),
    _component(code="azureml:code:1"),
    # jobs
    _job(),
    _job(name="n", display_name="d", description="d", experiment_name="e", tags={"a": "b"}),
    _job(py_files=["a.zip"], jars=["a.jar"], files=["f"], archives=["x"]),
    _job(environment="azureml:e:1"),
    _of(lambda m: {"environment": m.Environment(conda_file={"name": "x"})}),
    _of(lambda m: {"environment": m.Environment(image="i", conda_file={"name": "x"})}),
    _job(conf={"spark.x": 1, "spark.y": True, "spark.z": None, "spark.w": 0.5}),
    _job(conf={"spark.driver.cores": 7}),
    _job(driver_cores="1", executor_instances="2"),
    _job(inputs={"a": {"type": "uri_file", "path": "./d", "mode": "direct"}, "n": 0, "t": "", "f": 0.5}),
    _job(inputs={"a": {"type": "uri_file", "path": "./d", "mode": "download"}}),
    _job(inputs={"a": {"type": "uri_file", "path": "./d"}}),
    _job(outputs={"o": {"type": "uri_folder", "path": "azureml://datastores/s/paths/p", "mode": "direct"}}),
    _job(outputs={"o": {"type": "uri_folder", "mode": "upload"}}),
    _job(args="--a ${{inputs.a}}"),
    _job(args="--a ${{inputs.a}}", inputs={"a": 1}),
    _job(args="$[[--a ${{inputs.a}}]]"),
    _job(resources=None),
    _job(resources=None, compute="pool"),
    _job(compute="pool"),
    _job(resources={"instance_type": "Standard_E8S_V3", "runtime_version": "3.3"}),
    _job(resources={"instance_type": "nope", "runtime_version": "3.3"}),
    _job(resources={"runtime_version": "3.3"}),
    _of(lambda m: {"resources": m.SparkResourceConfiguration(instance_type="standard_e64s_v3")}),
    _of(lambda m: {"identity": m.UserIdentityConfiguration(), "resources": None, "compute": "pool"}),
    _of(lambda m: {"identity": m.ManagedIdentityConfiguration(client_id="c")}),
    _of(lambda m: {"identity": m.AmlTokenConfiguration()}),
    _of(lambda m: {"entry": m.SparkJobEntry(entry="main.py")}),
    _job(entry=None),
    _job(driver_cores=None),
    _job(executor_memory=None),
    _job(executor_instances=None),
    _job(dynamic_allocation_min_executors=1),
    _job(**{**dict.fromkeys(_CLUSTER), **_DYNAMIC}),
    _job(**{**_DYNAMIC, "executor_instances": 3}),
    _job(**{**_DYNAMIC, "executor_instances": 9}),
    _job(**{**_DYNAMIC, "dynamic_allocation_max_executors": None}),
    _job(**{**_DYNAMIC, "dynamic_allocation_min_executors": 0}),
    _job(**{**_DYNAMIC, "dynamic_allocation_min_executors": 5}),
    _job(dynamic_allocation_enabled=False),
    # steps
    _step(),
    _step(compute="pool", display_name="d", tags={"a": "b"}, properties={"a": "b"}, comment="c"),
    _step(resources=_NODES),
    _step(resources={"instance_type": "Standard_E8S_V3", "runtime_version": "3.3"}),
    _step(conf={"spark.x": "1"}),
    _step(driver_cores=4, executor_instances=7),
    _step(dynamic_allocation_enabled=True, dynamic_allocation_min_executors=1, dynamic_allocation_max_executors=3),
    _step(component="c:1"),
    _step(component="c:1", entry=_ENTRY, args="--x", py_files=["a.zip"], jars=["j"], files=["f"], archives=["a"]),
    _step(component="c:1", inputs={"a": 0, "b": "${{parent.inputs.x}}"}, outputs={"o": "${{parent.outputs.y}}"}),
    (
        "PipelineJob",
        lambda m: {"jobs": {"s": m.Spark(component="c:1", name="s", identity=m.UserIdentityConfiguration())}},
    ),
]

_HEAD = "type: spark\n"
_MAIN = {"src/main.py": "print(1)\n"}
_WHAT = "code: ./src\nentry: {file: main.py}\n"
_CONF_TEXT = "conf:\n" + "".join(f"  {key}: {value}\n" for key, value in _CONF.items())
_ON = "resources: {instance_type: standard_e4s_v3, runtime_version: '3.4'}\n"

_STATIC = (
    "py_files: [a.zip]\njars: [a.jar]\nfiles: [f]\narchives: [x]",
    "py_files: [a.zip, a.zip]",
    "jars: a.jar",
    "environment: azureml:e:1",
    "environment: {conda_file: {name: x}}",
    "environment: {image: i}",
    "environment: nope",
    "args: --x ${{inputs.a}}\ninputs: {a: {type: uri_file, mode: direct, path: ./d}}",
)


def _file(text: str) -> tuple[str, str, dict[str, str]]:
    return ("component", _HEAD + "name: c\n" + text + "\n", _MAIN)


def _alone(text: str) -> tuple[str, str, dict[str, str]]:
    return ("job", _HEAD + text + "\n", _MAIN)


def _in_pipeline(text: str) -> tuple[str, str, dict[str, str]]:
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    head = "type: pipeline\ninputs: {x: {type: uri_file, path: ./d, mode: direct}, n: 3}\noutputs: {y: {type: uri_folder}}\n"
    part = (
        _HEAD
        + "name: c\n"
        + _WHAT.replace("./src", "../src")
        + _CONF_TEXT
        + "inputs: {a: {type: uri_file, mode: direct}}\n"
    )
    return ("job", head + "jobs:\n  s:\n    type: spark\n" + indented, {**_MAIN, "parts/c.yml": part})


_JOB = _WHAT + _CONF_TEXT + _ON
FILES = [
    _file(_WHAT),
    _file(_WHAT + _CONF_TEXT),
    _file("entry: {file: main.py}"),
    _file("code: ./src"),
    _file("code: ./missing\nentry: {file: main.py}"),
    _file("code: azureml:code:1\nentry: {file: main.py}"),
    _file("code: ./src\nentry: {class_name: a.B}"),
    _file("code: ./src\nentry: {bogus: a.B}"),
    _file("code: ./src\nentry: main.py"),
    *(_file(_WHAT + text.replace(", path: ./d", "")) for text in _STATIC),
    _file(_WHAT + "conf: {spark.x: 1, spark.y: '2', spark.driver.cores: '3', spark.dynamicAllocation.enabled: true}"),
    _file(_WHAT + "conf: nope"),
    _file(_WHAT + "additional_includes: [../x]"),
    _file(_WHAT + "driver_cores: 3"),
    _file(_WHAT + "bogus: 1"),
    # alone
    _alone(_JOB),
    _alone(_JOB + "name: n\ndisplay_name: d\ndescription: d\nexperiment_name: e\ntags: {a: b}"),
    *(_alone(_JOB + text) for text in _STATIC),
    _alone(_WHAT + _CONF_TEXT + "compute: azureml:pool"),
    _alone(_WHAT + _CONF_TEXT),
    _alone(_JOB + "compute: azureml:pool"),
    _alone(_WHAT + _ON),
    _alone("entry: {file: main.py}\n" + _CONF_TEXT + _ON),
    _alone("code: ./src\n" + _CONF_TEXT + _ON),
    _alone(_JOB + "identity: {type: managed_identity}"),
    _alone(_JOB + "bogus: 1"),
    _alone(_JOB + "outputs: {o: {type: uri_folder, mode: direct}}"),
    _alone(_JOB + "outputs: {o: {type: uri_folder}}"),
    _alone(_WHAT + _CONF_TEXT + "resources: {instance_type: Standard_E8S_V3, runtime_version: 3.3}"),
    _alone(_WHAT + _CONF_TEXT + "resources: {instance_type: nope, runtime_version: 3.3}"),
    _alone(_WHAT + _CONF_TEXT + "resources: {bogus: nope}"),
    _alone(_WHAT + _ON + "conf: {spark.driver.cores: 1}"),
    # written out in a pipeline
    _in_pipeline(_JOB),
    _in_pipeline(_JOB + "display_name: d\ndescription: d\ntags: {a: b}\nproperties: {p: q}"),
    *(_in_pipeline(_JOB + text) for text in _STATIC),
    _in_pipeline(_WHAT + _CONF_TEXT + "compute: azureml:pool"),
    _in_pipeline(_WHAT + _CONF_TEXT),
    _in_pipeline(_JOB + "bogus: 1"),
    _in_pipeline("code: ./src\n" + _CONF_TEXT + _ON),
    _in_pipeline("entry: {file: main.py}\n" + _CONF_TEXT + _ON),
    _in_pipeline(_JOB + "identity: {type: user_identity}"),
    _in_pipeline(
        _JOB
        + "inputs: {a: {path: '${{parent.inputs.x}}', mode: direct, type: uri_file}, n: '${{parent.inputs.n}}', z: 0}\n"
        "outputs: {o: '${{parent.outputs.y}}', p: {type: uri_file, mode: direct}}"
    ),
    # with a component
    _in_pipeline("component: ./parts/c.yml\ninputs: {a: '${{parent.inputs.x}}'}\n" + _ON),
    _in_pipeline("component: ./parts/c.yml\ninputs: {a: '${{parent.inputs.x}}'}\ncompute: azureml:pool"),
    _in_pipeline("component: ./parts/c.yml\n" + _ON + "conf: {spark.driver.cores: 5, spark.x: y}"),
    _in_pipeline("component: azureml:c:1\n" + _ON),
    _in_pipeline("component: azureml:c:1\nresources: {instance_type: nope, runtime_version: '3.3'}"),
    _in_pipeline("component: azureml:c:1\nresources: {instance_type: Standard_E8s_V3, runtime_version: 3.3}"),
    _in_pipeline("component: azureml:c:1\nresources: {instance_type: standard_e8s_v3}"),
    _in_pipeline("component: azureml:c:1\nidentity: {type: managed_identity}\ncompute: azureml:pool"),
    _in_pipeline("component: azureml://registries/r/components/c/versions/1\n" + _ON),
    _in_pipeline("component: {name: c, type: spark, code: ./src, entry: {file: main.py}}\n" + _ON),
    _in_pipeline("component: nope\n" + _ON),
]


def _answer(**more: Any) -> tuple[str, str, dict[str, Any]]:
    properties = {
        "jobType": "Spark",
        "status": "Completed",
        "isArchived": False,
        "codeId": "/subscriptions/s/codes/c/versions/1",
        "entry": {"sparkJobEntryType": "SparkJobPythonEntry", "file": "main.py"},
        "conf": {key: str(value) for key, value in _CONF.items()},
        **more,
    }
    return ("Job", "JobBase", {"id": ID, "name": "j", "properties": properties})


ANSWERS = [
    _answer(),
    _answer(displayName="d", description="d", experimentName="e", tags={"a": "b"}, properties={"p": "q"}),
    _answer(
        resources={"instanceType": "standard_e4s_v3", "runtimeVersion": "3.4"},
        identity={"identityType": "UserIdentity"},
    ),
    _answer(computeId="/subscriptions/s/computes/pool", identity={"identityType": "Managed"}, args="--x"),
    _answer(pyFiles=["a"], jars=["b"], files=["c"], archives=["d"]),
    _answer(
        inputs={
            "a": {"jobInputType": "uri_file", "uri": "u", "mode": "Direct"},
            "n": {"jobInputType": "literal", "value": "1"},
        }
    ),
    _answer(entry={"sparkJobEntryType": "SparkJobScalaEntry", "className": "a.B"}),
]

_KEPT = "a setting that is false or zero is kept"
DEPARTURES = {
    ("component", "body:$.properties.properties.client_component_hash"): "follows from the entry",
    **{
        ("component", f"{form}entry.{key}"): "an entry that is a class is told as one"
        for form in ("body:$.properties.componentSpec.", "dict:$.")
        for key in ("file", "class_name")
    },
    **{("SparkComponent", f"{form}conf"): _KEPT for form in ("body:$.properties.componentSpec.", "dict:$.")},
    ("SparkComponent", "body:$.properties.properties.client_component_hash"): "follows from conf",
    **{
        ("spark", f"dict:$.{form}conf.spark.dynamicAllocation.{key}"): _KEPT
        for form in ("", "component.")
        for key in ("enabled", "minExecutors")
    },
    ("spark", "dict:refused"): "a job that would not be sent is shown",
    ("job", "dict:refused"): "a job that would not be sent is shown",
}
