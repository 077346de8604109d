"""Pipelines with conditions and loops: as files, right and wrong, and as `@pipeline` functions.

The official client knows them only where its private features are on, which is decided when it is imported: it makes its
forms of these cases in a process of its own. Run as a program, this file is that process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BESIDE = {
    "c.yml": "type: command\nname: c\ncommand: echo\nenvironment: azureml:e:1\n"
    "inputs: {a: {type: uri_folder, optional: true}, n: {type: integer, default: 1}}\n"
    "outputs: {ok: {type: boolean}, d: {type: uri_folder}, num: {type: integer}}\n"
}
_HEAD = (
    "type: pipeline\ninputs: {x: {type: uri_folder, path: 'azureml:d:1'}, flag: true, items: '[]'}\njobs:\n"
    + "".join(f"  {name}: {{type: command, component: ./c.yml}}\n" for name in ("first", "t", "u"))
)


def _step(text: str) -> str:
    return _HEAD + "  s:\n" + "".join(f"    {line}\n" for line in text.splitlines())


_IF, _DO, _FOR = "type: if_else\n", "type: do_while\nbody: ${{parent.jobs.t}}\n", "type: parallel_for\n"
_OK, _T, _U = "condition: ${{parent.jobs.first.outputs.ok}}\n", "${{parent.jobs.t}}", "${{parent.jobs.u}}"
_MAPPING, _LIMITS = "mapping: {d: a}\n", "limits: {max_iteration_count: 4}\n"
_BODY = "body: ${{parent.jobs.t}}\n"

FILES_OF_PIPELINES = [
    # conditions
    _step(_IF + _OK + f"true_block: {_T}\nfalse_block: {_U}"),
    _step(_IF + _OK + f"true_block: {_T}"),
    _step(_IF + _OK + f"false_block: ['{_T}', '{_U}']"),
    _step(_IF + _OK + f"true_block: ['{_T}']"),
    _step(_IF + f"condition: true\ntrue_block: {_T}"),
    _step(_IF + f"condition: false\ntrue_block: {_T}"),
    _step(_IF + f"condition: ${{{{parent.inputs.flag}}}}\ntrue_block: {_T}"),
    _step(_IF + f"condition: nope\ntrue_block: {_T}"),
    _step(_IF + f"condition: 3.5\ntrue_block: {_T}"),
    _step(_IF + _OK + "true_block: nope"),
    _step(_IF + _OK + "true_block: [1]"),
    # until
    _step(_DO + _MAPPING + _LIMITS + "condition: ok"),
    _step(_DO + _MAPPING + _LIMITS),
    _step(_DO + _MAPPING + _LIMITS + "condition: ${{parent.jobs.t.outputs.ok}}"),
    _step(_DO + "mapping: {d: [a], num: n}\n" + _LIMITS),
    _step(_DO + "mapping: {'${{parent.jobs.t.outputs.d}}': '${{parent.jobs.t.inputs.a}}'}\n" + _LIMITS),
    _step(_DO + "mapping: {}\n" + _LIMITS),
    _step(_DO + _LIMITS),
    _step(_DO + _MAPPING),
    _step(_DO + _MAPPING + "limits: {max_iteration_count: 0}"),
    _step(_DO + _MAPPING + "limits: {max_iteration_count: 1000}"),
    _step(_DO + _MAPPING + "limits: {max_iteration_count: 1001}"),
    _step(_DO + _MAPPING + "limits: {max_iteration_count: nope}"),
    _step(_DO + _MAPPING + "limits: {}"),
    _step(_DO + _MAPPING + _LIMITS + "condition: nope"),
    _step(_DO + "mapping: {d: nope}\n" + _LIMITS),
    _step(_DO.replace("jobs.t", "jobs.nope") + _MAPPING + _LIMITS),
    # for each
    _step(_FOR + _BODY + "items: [{n: 1}, {n: 2}]"),
    _step(_FOR + _BODY + "items: {one: {n: 1}, two: {n: 2}}\nmax_concurrency: 2"),
    _step(_FOR + _BODY + "items: '[{\"n\": 1}]'"),
    _step(_FOR + _BODY + "items: ${{parent.inputs.items}}"),
    _step(_FOR + _BODY + "items: [{n: 1}]\noutputs: {d: {type: uri_folder, mode: upload}, num: }"),
    _step(_FOR + _BODY + "items: [{n: 1}]\nmax_concurrency: nope"),
    _step(_FOR + _BODY),
    _step(_FOR + _BODY.replace("jobs.t", "jobs.nope") + "items: [{n: 1}]"),
    _step(_FOR + _BODY + "items: [{n: 1}]\n")
    + "  last: {type: command, component: ./c.yml, inputs: {a: '${{parent.jobs.s.outputs.d}}'}}\n",
]
BODIES_ONLY = [
    _step(_FOR + _BODY + "items: [{a: {type: uri_folder, path: 'azureml:d:1'}, n: 0}]"),
    _step(_FOR + _BODY + "items: [{n: 0, a: {type: uri_folder, path: 'azureml:d:1', mode: ro_mount}}]"),
]
"""Of files with data as items, whose YAML form the official client writes as texts that it cannot read."""


def functions(m: Any, condition: Any, do_while: Any, parallel_for: Any) -> list[Any]:
    """Pipelines that are written with one of the clients."""
    component = m.CommandComponent(
        name="c",
        command="echo",
        environment="e:1",
        inputs={"a": m.Input(type="uri_folder", optional=True), "n": m.Input(type="integer", default=1)},
        outputs={"ok": m.Output(type="boolean"), "d": m.Output(type="uri_folder"), "num": m.Output(type="integer")},
    )
    one = m.CommandComponent(name="one", command="echo", environment="e:1", outputs={"ok": m.Output(type="boolean")})

    @m.pipeline()
    def conditions(data, flag=True):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - an input
        check = one()
        left, right = component(a=data), component(a=data)
        condition(check.outputs.ok, true_block=left, false_block=right)
        more, most = component(a=data), component(a=data)
        decided = condition(check, true_block=[more, most])  # noqa: F841 - the variable names it
        other = component(a=data)
        by_input = condition(flag, false_block=other)  # noqa: F841 - the same
        last = component(a=data)
        by_text = condition("${{parent.jobs.check.outputs.ok}}", true_block=last)  # noqa: F841 - the same

    @m.pipeline()
    def unnamed(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - annotations say types of inputs
        check, left = one(), component(a=data)
        condition(check.outputs.ok, true_block=left)

    @m.pipeline()
    def until(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as above
        body = component(a=data, n=1)
        mapping = {body.outputs.d: body.inputs.a, "num": [body.inputs.n]}
        loop = do_while(body=body, condition=body.outputs.ok, mapping=mapping, max_iteration_count=5)  # noqa: F841
        endless = component(a=data)
        do_while(endless, {"d": endless.inputs.a}, 3)
        return {"found": body.outputs.d}

    @m.pipeline()
    def inner(a, n=1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as above
        step = component(a=a, n=n)
        return {"d": step.outputs.d, "num": step.outputs.num}

    @m.pipeline()
    def each(data, items):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as above
        body = component(a=data)
        loop = parallel_for(body=body, items=[{"n": 1}, {"n": 2}])
        graph = inner(a=data)
        all_of = parallel_for(body=graph, items={"k": {"n": 3}}, max_concurrency=3)
        later = component(a=data)
        parallel_for(body=later, items=items)
        last = component(a=loop.outputs.d)  # noqa: F841 - the variable names it
        return {"found": all_of.outputs.d}

    given = m.Input(path="azureml:d:1", type="uri_folder")
    return [conditions(given), unnamed(given), until(given), each(given, '[{"n": 1}]')]


def wrong_functions(m: Any, condition: Any, do_while: Any, parallel_for: Any) -> list[Any]:
    """Functions that make what neither client takes."""
    component = m.CommandComponent(
        name="c", command="echo", environment="e:1", outputs={"d": m.Output(type="uri_folder")}
    )
    two = m.CommandComponent(name="two", command="echo", environment="e:1", outputs={"a": m.Output(), "b": m.Output()})

    def write(build: Any) -> Any:
        @m.pipeline()
        def pipeline() -> None:
            build()

        return lambda: _forms(m, pipeline())[0]

    return [
        write(lambda: condition(two(), true_block=component())),
        write(lambda: condition(True)),
        write(lambda: _both(condition, component())),
        write(lambda: do_while("nope", {}, 3)),
        write(lambda: parallel_for(body=component(), items=[])),
        write(lambda: parallel_for(body=component(), items="nope")),
        write(lambda: parallel_for(body=component(), items=[1])),
        write(lambda: parallel_for(body=component(), items=[{"a": 1}, {"b": 2}])),
        write(lambda: parallel_for(body=component(), items=[{"a": m.Input(type="uri_folder")}])),
    ]


def _both(condition: Any, step: Any) -> Any:
    return condition(True, true_block=step, false_block=step)


def _forms(m: Any, entity: Any) -> tuple[Any, Any]:
    from conformance import official

    if m is official.OURS:
        return official.our_body(entity), official.our_dict(entity)
    return official.official_body(entity), official.official_dict(entity)


def _attempted(make: Any) -> Any:
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - that it refuses, by whatever class, is the answer
        return f"refused: {type(error).__name__}: {error}"[:500]


def made(m: Any, builders: tuple[Any, Any, Any], folder: Path) -> dict[str, list[Any]]:
    """What one of the clients makes of all cases, with files in a folder: forms, or texts that tell of a refusal."""
    files = []
    for number, text in enumerate([*FILES_OF_PIPELINES, *BODIES_ONLY]):
        path = folder / f"{number}.yml"
        path.write_text(text, encoding="utf-8")
        files.append(_attempted(lambda path=path: _forms(m, m.load_job(path))))
    return {
        "files": files,
        "functions": [_forms(m, one) for one in functions(m, *builders)],
        "wrong": [_attempted(one) for one in wrong_functions(m, *builders)],
    }


if __name__ == "__main__":
    import logging

    from azure.ai.ml.dsl._condition import condition
    from azure.ai.ml.dsl._do_while import do_while
    from azure.ai.ml.dsl._parallel_for import parallel_for
    from conformance.official import OFFICIAL

    logging.disable(logging.CRITICAL)
    json.dump(made(OFFICIAL, (condition, do_while, parallel_for), Path(sys.argv[1])), sys.stdout)
