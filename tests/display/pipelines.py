"""Pipelines for the tests of what people look at."""

from __future__ import annotations

from typing import Any

from mlsdk import Input, Output, dsl
from mlsdk.entities import CommandComponent

ENVIRONMENT = "AzureML-sklearn-1.5@latest"
PLACE = "azureml://datastores/workspaceblobstore/paths/x"
HOSTILE = (
    "<script>alert(1)</script>",
    'a"b',
    "x|y`z`",
    "größe ✓ 日本語",
    "end",
    "back\\slash \\n \\N",
    "'; DROP",
    "#quot; #35; &amp;",
    "a\nb\x00c",
    "[[{{(x)}}]]",
    "%%{init}%%",
    "a --> b; style: x#;",
    "<b>bold</b>",
    "x" * 200,
    "\u202eevil",
)
"""Names that would be something else to a page, to Mermaid, to Graphviz or to a terminal."""


def folder() -> Input:
    """Some data."""
    return Input(type="uri_folder", path=PLACE)


def step(outputs: tuple[str, ...] = ("out",), kinds: dict[str, str] | None = None, **given: Any) -> Any:
    """A step that is given something, and gives something."""
    made = CommandComponent(
        name="echo_" + "_".join((*given, *outputs)),
        version="1",
        command="echo",
        environment=ENVIRONMENT,
        inputs={name: Input(type="number" if name == "rate" else "uri_folder") for name in given},
        outputs={name: Output(type=(kinds or {}).get(name, "uri_folder")) for name in outputs},
        is_deterministic=True,
    )
    return made(**given)


def nested() -> Any:
    """A pipeline with a pipeline within a pipeline."""

    @dsl.pipeline()  # type: ignore[misc]
    def inner(data: Input, rate: float = 0.1) -> Any:
        fit = step(("model",), data=data, rate=rate)
        score = step(("report",), model=fit.outputs.model, data=data)
        return {"model": fit.outputs.model, "report": score.outputs.report}

    @dsl.pipeline()  # type: ignore[misc]
    def middle(data: Input) -> Any:
        few = inner(data=data)
        check = step(("fine",), model=few.outputs.model)  # noqa: F841 - the variable names the step
        return {"model": few.outputs.model}

    @dsl.pipeline(display_name="Nested", default_compute="cpu", experiment_name="looks")  # type: ignore[misc]
    def outer(raw: Input) -> Any:
        prepare = step(("train", "test"), raw=raw)
        learn = middle(data=prepare.outputs.train)
        compare = step(("best",), one=learn.outputs.model, test=prepare.outputs.test)
        return {"best": compare.outputs.best}

    return outer(raw=folder())


def steered() -> Any:
    """A pipeline with a condition and both kinds of loops."""

    @dsl.pipeline(display_name="Steered", default_compute="cpu", experiment_name="looks")  # type: ignore[misc]
    def flow(raw: Input) -> Any:
        check = step(("good",), {"good": "boolean"}, raw=raw)
        deploy = step(raw=raw)
        repair = step(raw=raw)
        decide = dsl.condition(check.outputs.good, true_block=deploy, false_block=repair)  # noqa: F841 - as above
        train = step(("model", "go_on"), {"go_on": "boolean"}, start=raw)
        until = dsl.do_while(train, {train.outputs.model: "start"}, 5, train.outputs.go_on)  # noqa: F841 - as above
        each = step(("model",), raw=raw, rate=0.5)
        loop = dsl.parallel_for(body=each, items=[{"rate": 0.1}, {"rate": 0.2}, {"rate": 0.3}])
        choose = step(models=loop.outputs.model)  # noqa: F841 - as above

    return flow(raw=folder())
