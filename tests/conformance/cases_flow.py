"""Prompt flows as components, and as parallel steps: as files, within pipelines and as functions."""

from __future__ import annotations

from typing import Any

_FLOW = "$schema: https://azuremlschemas.azureedge.net/promptflow/latest/Flow.schema.json\n"
_RUN = "$schema: https://azuremlschemas.azureedge.net/promptflow/latest/Run.schema.json\n"
_DAG = _FLOW + "inputs: {text: {type: string}}\noutputs: {o: {type: string, reference: '${llm.output}'}}\nnodes: []\n"
_BESIDE = {
    "my-flow/flow.dag.yaml": _DAG + "environment_variables: {A: flow, B: flow}\n",
    "my-flow/other.yaml": _DAG,
    "shared.txt": "x",
}


def _flow(text: str) -> tuple[str, str, dict[str, str]]:
    return ("component", _DAG + text + "\nname: chat\n" * ("name:" not in text), _BESIDE)


def _run(text: str) -> tuple[str, str, dict[str, str]]:
    return ("component", _RUN + text + "\n", _BESIDE)


def _step(text: str) -> tuple[str, str, dict[str, str]]:
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    head = "type: pipeline\ninputs: {x: {type: uri_file, path: azureml:d:1}}\njobs:\n  s:\n    type: parallel\n"
    run = {"run.yml": _RUN + "flow: ./my-flow\nvariant: ${a.b}\n", "my.flow.yaml": _DAG + "name: chat\n"}
    return ("job", head + indented, {**_BESIDE, **run})


_DATA = "inputs: {data: '${{parent.inputs.x}}'}\n"
FILES = [
    _flow(""),
    _flow("name: 1a"),
    _flow("version: '3'\ndisplay_name: d\ndescription: d\ntags: {a: b}"),
    _flow("environment_variables: {A: b}"),
    _flow("environment: {python_requirements_txt: requirements.txt}"),
    _flow("additional_includes: [./shared.txt]"),
    _flow("additional_includes: [./missing.txt]"),
    _flow("azureml: {environment: azureml:e:1, is_deterministic: false}"),
    _flow("azureml: {environment: nope}"),
    _flow("azureml: {bogus: 1}"),
    _flow("bogus: 1"),
    _run("flow: ./my-flow"),
    _run("flow: ./my-flow/other.yaml"),
    _run("flow: ./missing"),
    _run("flow: ./my-flow\nname: chat\nversion: '2'\nvariant: ${a.b}\nconnections: {llm: {connection: c}}"),
    _run("flow: ./my-flow\nenvironment_variables: {A: run}"),
    _run("flow: ./my-flow\ncolumn_mapping: {text: '${data.text}'}\ndata: ./x.jsonl"),
    _run("flow: ./my-flow\nazureml: {environment: azureml:e:1}"),
    ("component", "$schema: nope\ntype: promptflow_parallel\nname: chat\n", _BESIDE),
    # steps
    _step("component: ./my-flow/flow.dag.yaml\n" + _DATA),
    _step("component: ./my-flow/other.yaml\n" + _DATA),
    _step("component: ./my.flow.yaml\n" + _DATA),
    _step("component: ./run.yml\n" + _DATA + "compute: azureml:c\nenvironment_variables: {A: b}"),
    _step("component: ./my-flow/flow.dag.yaml\ninputs: {data: '${{parent.inputs.x}}', text: '${data.text}', n: 3}"),
    _step("component: ./my-flow/flow.dag.yaml\ninputs: {connections.llm.connection: c}"),
    _step("component: ./my-flow/flow.dag.yaml\ninputs: {connections: {llm: {connection: c}}}"),
    _step("component: ./my-flow/flow.dag.yaml\n" + _DATA + "mini_batch_size: '5'\nresources: {instance_count: 2}"),
    _step("component: ./my-flow/flow.dag.yaml\n" + _DATA + "outputs: {flow_outputs: {type: uri_folder, mode: upload}}"),
]


def called(m: Any, path: str) -> Any:
    """A pipeline that runs a flow twice."""
    flow = m.load_component(path)

    @m.pipeline()
    def pipeline(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - annotations say types of inputs
        first = flow(data=data, text="${data.text}", connections={"llm": {"connection": "c", "deployment_name": "x"}})
        first.max_concurrency_per_instance = 2
        second = flow(data=first.outputs.flow_outputs, flow_outputs=data)
        second.compute = "cpu"
        second.environment_variables = {"A": "b"}
        second.resources = {"instance_count": 2}
        return {"found": second.outputs.flow_outputs}

    return pipeline(m.Input(path="azureml:d:1", type="uri_file"))
