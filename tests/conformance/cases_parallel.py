"""Parallel steps and components: as arguments, as files, within pipelines, and as answers."""

from __future__ import annotations

from typing import Any

BESIDE = {"src/score.py": "print(1)\n"}


def _task(m: Any, **more: Any) -> Any:
    return m.ParallelTask(
        **{"type": "run_function", "code": "./src", "entry_script": "score.py", "environment": "azureml:e:1", **more}
    )


def _component(m: Any, **more: Any) -> dict[str, Any]:
    return {"name": "c", "task": _task(m), **more}


def _plain(m: Any) -> dict[str, Any]:
    """A component whose code is no path of this machine."""
    return _component(m, task=_task(m, code="azureml:code:1"))


def _given(**more: Any) -> tuple[str, Any]:
    return ("ParallelComponent", lambda m: _component(m, **more))


def _with_task(**more: Any) -> tuple[str, Any]:
    return ("ParallelComponent", lambda m: {"name": "c", "task": _task(m, **more)})


def _step(**more: Any) -> tuple[str, Any]:
    """A pipeline of one step that is given these arguments."""
    return (
        "PipelineJob",
        lambda m: {"jobs": {"s": m.Parallel(**{"component": m.ParallelComponent(**_plain(m)), "name": "s", **more})}},
    )


def _built(build: Any) -> tuple[str, Any]:
    """A pipeline of one step that the builder makes."""
    return ("PipelineJob", lambda m: {"jobs": {"n": m.parallel_run_function(**{"name": "n", **build(m)})}})


_PORTS = {"a": {"type": "mltable", "mode": "direct"}, "b": {"type": "number", "default": 0.5}}

CASES = [
    ("ParallelComponent", lambda m: {}),
    ("ParallelComponent", lambda m: {"name": "c"}),
    ("ParallelComponent", lambda m: {"name": "c", "code": "./src"}),
    ("ParallelComponent", lambda m: {"name": "c", "instance_count": 2}),
    _given(),
    _given(version="2", description="d", display_name="d", tags={"a": "b"}, is_deterministic=False),
    _given(version="", description="", display_name="", tags={}),
    _given(inputs=_PORTS, outputs={"o": {"type": "uri_file", "mode": "rw_mount"}}),
    _given(retry_settings={"timeout": 60, "max_retries": 2}),
    _given(retry_settings={"timeout": 0}),
    _given(retry_settings={}),
    ("ParallelComponent", lambda m: _component(m, retry_settings=m.RetrySettings(max_retries=3))),
    _given(logging_level="DEBUG"),
    _given(logging_level="WARNING"),
    _given(max_concurrency_per_instance=2),
    _given(max_concurrency_per_instance=0),
    _given(error_threshold=5),
    _given(error_threshold=0),
    _given(error_threshold=-1),
    _given(mini_batch_error_threshold=0),
    *(_given(mini_batch_size=size) for size in ("5", "0", "10kb", "10KB", "2Mb", "1gb", "10tb", "kb", "", "1.5kb")),
    _given(partition_keys=["a", "b"]),
    _given(partition_keys=[]),
    _given(input_data="${{inputs.a}}"),
    _given(input_data=""),
    _given(instance_count=2),
    _given(instance_count=0),
    _given(resources={"instance_count": 2, "instance_type": "s", "shm_size": "8g"}),
    _given(resources={"instance_count": 0}),
    _given(resources={"instance_count": 2}, instance_count=3),
    _given(code="./src"),
    _given(task=None),
    _given(task={"type": "run_function", "environment": "azureml:e:1"}),
    _given(task="nope"),
    _with_task(type="model", model="azureml:m:1"),
    _with_task(program_arguments="--x ${{inputs.a}}", append_row_to="${{outputs.o}}"),
    _with_task(program_arguments="", entry_script="", append_row_to=""),
    _with_task(code=None, entry_script=None),
    _with_task(code="azureml:code:1"),
    _with_task(code="https://github.com/a/b"),
    _with_task(environment="e:1"),
    _with_task(environment="azureml:e@latest"),
    _with_task(environment="azureml://registries/r/environments/e/versions/1"),
    _with_task(environment=None),
    ("ParallelComponent", lambda m: {"name": "c", "task": _task(m, environment=m.Environment(image="i"))}),
    ("ParallelComponent", lambda m: {"name": "c", "task": _task(m, environment=m.Environment(name="e", image="i"))}),
    ("ParallelComponent", lambda m: {"name": "c", "task": m.RunFunction(environment="e:1", code="src")}),
    # steps
    _step(),
    _step(compute="cpu", display_name="d", tags={"a": "b"}, properties={"a": "b"}, comment="c"),
    _step(retry_settings={"timeout": 60, "max_retries": 2}),
    (
        "PipelineJob",
        lambda m: {"jobs": {"s": m.Parallel(name="s", component="c:1", retry_settings=m.RetrySettings(timeout=1))}},
    ),
    _step(logging_level="INFO"),
    _step(max_concurrency_per_instance=2),
    _step(error_threshold=0),
    _step(error_threshold=5, mini_batch_error_threshold=6),
    _step(input_data="${{inputs.a}}"),
    _step(partition_keys=["a"]),
    *(_step(mini_batch_size=size) for size in ("5", "10kb", 7, "nope", "${{parent.inputs.x}}")),
    _step(environment_variables={"A": "b"}),
    _step(environment_variables={}),
    (
        "PipelineJob",
        lambda m: {"jobs": {"s": m.Parallel(name="s", component="c:1", identity=m.UserIdentityConfiguration())}},
    ),
    (
        "PipelineJob",
        lambda m: {
            "jobs": {"s": m.Parallel(name="s", component="c:1", resources=m.JobResourceConfiguration(instance_count=0))}
        },
    ),
    (
        "PipelineJob",
        lambda m: {"jobs": {"s": m.Parallel(name="s", component="c:1", task=m.RunFunction(environment="e:1"))}},
    ),
    (
        "PipelineJob",
        lambda m: {
            "jobs": {
                "s": m.Parallel(
                    name="s", component="c:1", task=_task(m, code=None, environment=m.Environment(image="i"))
                )
            }
        },
    ),
    _step(component="c:1", inputs={"a": 1, "b": "${{parent.inputs.x}}"}, outputs={"o": "${{parent.outputs.y}}"}),
    _step(component="azureml://registries/r/components/c/versions/1"),
    (
        "PipelineJob",
        lambda m: {
            "jobs": {
                "s": m.Parallel(
                    name="s",
                    component=m.ParallelComponent(
                        **_component(
                            m,
                            task=_task(m, code="azureml:code:1"),
                            inputs=_PORTS,
                            outputs={"o": {"type": "uri_file"}},
                            resources={"instance_count": 2},
                            retry_settings={"timeout": 60},
                            logging_level="DEBUG",
                            error_threshold=3,
                            mini_batch_error_threshold=4,
                            max_concurrency_per_instance=5,
                            mini_batch_size="1kb",
                            partition_keys=["a"],
                            input_data="${{inputs.a}}",
                        )
                    ),
                    inputs={"a": m.Input(type="mltable", path="azureml:t:1", mode="direct"), "b": 0},
                    outputs={"o": m.Output(type="uri_file", path="azureml://datastores/s/paths/p", mode="upload")},
                )
            }
        },
    ),
    # the builder
    _built(lambda m: {"name": "n"}),
    _built(lambda m: {"task": m.RunFunction(code="azureml:code:1", entry_script="score.py", environment="e:1")}),
    _built(
        lambda m: {
            "name": "n",
            "display_name": "d",
            "description": "d",
            "tags": {"a": "b"},
            "properties": {"p": "q"},
            "experiment_name": "e",
            "compute": "cpu",
            "task": _task(m, code="azureml:code:1"),
            "inputs": {"a": m.Input(type="mltable"), "b": m.Input(type="string", default="x"), "c": 0},
            "outputs": {"o": m.Output(type="uri_file", mode="rw_mount"), "p": {"type": "uri_folder"}},
            "retry_settings": {"max_retries": 2, "timeout": 60},
            "environment_variables": {"A": "b"},
            "logging_level": "DEBUG",
            "max_concurrency_per_instance": 2,
            "error_threshold": 0,
            "mini_batch_error_threshold": 3,
            "mini_batch_size": "10kb",
            "partition_keys": ["a"],
            "input_data": "${{inputs.a}}",
            "instance_count": 2,
            "instance_type": "s",
            "docker_args": "--x",
            "shm_size": "8g",
            "identity": m.AmlTokenConfiguration(),
            "is_deterministic": False,
        }
    ),
    _built(lambda m: {"task": m.RunFunction(environment="e:1"), "instance_count": 0}),
    _built(lambda m: {"component": "c:1", "inputs": {"a": 1}}),
]

_HEAD = "type: parallel\nname: c\n"
_TASK = "task: {type: run_function, code: ./src, entry_script: score.py, environment: 'azureml:e:1'}\n"
_SRC = {"src/score.py": "print(1)\n"}


def _file(text: str) -> tuple[str, str, dict[str, str]]:
    return ("component", _HEAD + text + "\n", _SRC)


def _and(text: str) -> tuple[str, str, dict[str, str]]:
    return _file(_TASK + text)


_SETTINGS = (
    "inputs: {a: {type: mltable, mode: direct}}\noutputs: {o: {type: uri_file, mode: rw_mount}}",
    "mini_batch_size: '10kb'",
    "mini_batch_size: '5'",
    "mini_batch_size: nope",
    "partition_keys: [a, b]",
    "partition_keys: a",
    "input_data: ${{inputs.a}}",
    "logging_level: DEBUG",
    "logging_level: debug",
    "logging_level: NOPE",
    "retry_settings: {timeout: 60, max_retries: 0}",
    "retry_settings: {timeout: '60'}",
    "retry_settings: {timeout: '${{inputs.a}}'}",
    "retry_settings: {timeout: nope}",
    "max_concurrency_per_instance: 2",
    "max_concurrency_per_instance: '2'",
    "max_concurrency_per_instance: nope",
    "error_threshold: 0",
    "error_threshold: 5\nmini_batch_error_threshold: -1",
    "error_threshold: true",
    "resources: {instance_count: 2, instance_type: s, shm_size: 8g}",
    "resources: {instance_count: nope}",
)
_TASKS = (
    "{environment: 'azureml:e:1'}",
    "{type: run_function}",
    "{type: Run_Function, environment: 'azureml:e:1'}",
    "{type: model, model: 'azureml:m:1', environment: 'azureml:e:1'}",
    "{type: function, environment: {image: i}}",
    "{type: nope, environment: {image: i}}",
    "{type: run_function, environment: e}",
    "{type: run_function, environment: {bogus: 1}}",
    "{type: run_function, environment: 'azureml:e:1', code: ./src, program_arguments: --x, append_row_to: y}",
    "{type: run_function, environment: 'azureml:e:1', code: ./missing}",
    "{type: run_function, environment: 'azureml:e:1', code: 'azureml:code:1'}",
    "nope",
)


def _job(text: str) -> tuple[str, str, dict[str, str]]:
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    head = "type: pipeline\nsettings: {default_compute: azureml:c}\ninputs: {x: {type: uri_folder, path: ./d}, n: 3}\n"
    beside = {**_SRC, "parts/c.yml": _HEAD + _TASK.replace("./src", "../src") + "inputs: {a: {type: mltable}}\n"}
    return ("job", head + "outputs: {y: {type: uri_file}}\njobs:\n  s:\n    type: parallel\n" + indented, beside)


_PLAIN_TASK = _TASK.replace(
    "./src", "'azureml:code:1'"
)  # the official client remembers the first folder it dumped from

FILES = [
    _file(""),
    *(_and(text) for text in _SETTINGS),
    *(_file(f"task: {task}") for task in _TASKS),
    ("component", _HEAD.replace("parallel", "Parallel") + _TASK, _SRC),
    # written out in a pipeline
    _job(_TASK),
    *(_job(_PLAIN_TASK + text) for text in _SETTINGS if not text.startswith("inputs")),
    *(_job(f"task: {task}") for task in _TASKS),
    _job(_PLAIN_TASK + "compute: azureml:other"),
    _job(_PLAIN_TASK + "inputs: {a: '${{parent.inputs.x}}', b: {type: mltable, path: 'azureml:t:1'}, c: 0, d: ''}"),
    _job(_PLAIN_TASK + "outputs: {o: '${{parent.outputs.y}}', p: {type: uri_file, mode: upload}, q: }"),
    _job(_PLAIN_TASK + "environment_variables: {A: b}"),
    _job(_PLAIN_TASK + "mini_batch_size: ${{parent.inputs.n}}\nerror_threshold: ${{parent.inputs.n}}"),
    _job(
        _PLAIN_TASK
        + "resources: {instance_count: '${{parent.inputs.n}}'}\nretry_settings: {timeout: '${{parent.inputs.n}}'}"
    ),
    # with a component
    _job("component: ./parts/c.yml\ninputs: {a: '${{parent.inputs.x}}'}"),
    _job("component: azureml:c:1\ninputs: {a: 1}"),
    _job("component: azureml:c@latest\nidentity: {type: user_identity}\ncompute: azureml:other"),
    _job("component: azureml://registries/r/components/c/versions/1"),
    _job("component: {type: parallel, name: c, task: {type: run_function, environment: 'azureml:e:1'}}"),
    _job("component: nope"),
    _job("component: ./parts/missing.yml"),
    *(_job("component: azureml:c:1\n" + text) for text in _SETTINGS if not text.startswith("inputs")),
    _job("component: ./parts/c.yml\nresources: {instance_count: 4}\nmini_batch_size: 1kb\nlogging_level: WARNING"),
]

DEPARTURES = {
    (
        "job",
        "dict:$.jobs.s.task.code",
    ): "a path starts from the current folder, not from the one that was it the first time"
}
