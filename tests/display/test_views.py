"""A job to look at: what it tells, and how it shows itself."""

from __future__ import annotations

import io
import math
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from display.pipelines import ENVIRONMENT, HOSTILE, PLACE, folder, nested, steered
from rich.console import Console

from mlsdk import Input, Output, automl, command
from mlsdk.backends.memory import JobOutcome
from mlsdk.display import Graph, JobView, Node, Port, Trial
from mlsdk.sweep import Choice

if TYPE_CHECKING:
    from display.conftest import Clock, Counting

    from mlsdk import MLClient
    from mlsdk.backends.memory import MemoryBackend

    Outcomes = dict[str, JobOutcome]

ADDRESS = re.compile(
    r"""(?:src|srcset|data|poster|action|background)\s*=|url\(|@import|<link|<script|<iframe|<object|<img|javascript:"""
)
"""What makes a browser fetch or run something."""


def training(**changes: Any) -> Any:
    """A job with inputs and an output."""
    return command(
        command="python train.py ${{inputs.data}}",
        environment=ENVIRONMENT,
        display_name="train",
        experiment_name="iris",
        inputs={"data": Input(type="uri_file", path=PLACE), "rate": 0.1, "password": "hunter2"},
        outputs={"model": Output(type="custom_model", name="flowers")},
        compute="cpu",
        **changes,
    )


def sweep() -> Any:
    """A sweep of four trials."""
    tried = command(
        command="echo ${{inputs.depth}}", environment=ENVIRONMENT, inputs={"depth": 3}, display_name="trial"
    )
    job = tried(depth=Choice([1, 2, 3, 4])).sweep(sampling_algorithm="grid", primary_metric="acc", goal="maximize")
    job.set_limits(max_total_trials=4, max_concurrent_trials=2)
    job.experiment_name, job.compute, job.display_name = "iris", "cpu", "search"
    return job


def printed(view: JobView, **options: Any) -> str:
    """A job as a console of 80 columns prints it."""
    console = Console(width=80, file=io.StringIO(), **options)
    console.print(view)
    written: Any = console.file
    return written.getvalue()  # type: ignore[no-any-return]


# -- what it tells ---------------------------------------------------------------------------------------------
def test_a_view_tells_how_a_job_is(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """Its status, times, inputs, outputs and what it logged; secrets are not shown."""
    outcomes["train"] = JobOutcome(seconds=90, metrics={"loss": [0.9, 0.4], "acc": 0.8})
    name = str(client.jobs.create_or_update(training()).name)
    assert (client.jobs.view(name).status, client.jobs.view(name).seconds) == ("NotStarted", None)
    clock.advance(60)
    running = client.jobs.view(name)
    assert (running.status, running.seconds, running.ended) == ("Running", 33, None)
    clock.advance(3600)
    view = client.jobs.view(name)
    assert (view.name, view.title, view.type, view.status) == (name, "train", "command", "Completed")
    assert (view.experiment, view.compute, view.has_ended) == ("iris", "cpu", True)
    assert view.started is not None
    assert view.ended is not None
    assert view.seconds == (view.ended - view.started).total_seconds() == 95
    assert {port.name: port.said for port in view.inputs} == {
        "data": f"uri_file  {PLACE}",
        "rate": "0.1",
        "password": "***",
    }
    (model,) = view.outputs
    assert (model.name, model.type, model.asset) == ("model", "custom_model", "flowers:1")
    assert {key: [row[:2] for row in metric] for key, metric in view.metrics.items()} == {
        "loss": [(0, 0.9), (1, 0.4)],
        "acc": [(0, 0.8)],
    }
    assert (view.error, view.graph, list(view.trials), list(view.log)) == ("", None, [], [])


def test_a_failed_job_tells_why_and_shows_the_end_of_its_log(
    client: MLClient, clock: Clock, outcomes: Outcomes
) -> None:
    """As the service says it."""
    outcomes["train"] = JobOutcome(status="Failed", error="exit code 1", log="one\nValueError: no rows\n")
    name = str(client.jobs.create_or_update(training()).name)
    clock.advance(3600)
    view = client.jobs.view(name)
    assert (view.status, view.error, list(view.log)) == ("Failed", "exit code 1", ["one", "ValueError: no rows"])


def test_a_job_that_is_not_there_is_refused(client: MLClient) -> None:
    """As `get` refuses it."""
    with pytest.raises(ResourceNotFoundError):
        client.jobs.view("nothing")
    with pytest.raises(ResourceNotFoundError):
        client.jobs.watch("nothing")


def test_a_pipeline_shows_its_steps_at_every_depth(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """How they are, for how long, what they logged and why one failed."""
    outcomes["fit"] = JobOutcome(seconds=60, metrics={"loss": [0.9, 0.4]})
    outcomes["compare"] = JobOutcome(status="Failed", error="exit code 1")
    name = str(client.jobs.create_or_update(nested()).name)
    clock.advance(125)
    graph = client.jobs.view(name).graph
    assert graph is not None
    assert [graph.by_id[id_].status for id_ in ("prepare", "learn", "learn/few", "compare")] == [
        "Completed",
        "Running",
        "Preparing",
        "NotStarted",
    ]
    clock.advance(3600)
    view = client.jobs.view(name)
    assert view.graph is not None
    assert {node.id: node.said for node in view.graph.steps} == {
        "prepare": "Completed, 35 s",
        "learn/few/fit": "Completed, 1 min 5 s",
        "learn/few/score": "Completed, 35 s",
        "learn/check": "Completed, 35 s",
        "compare": "Failed, 1 min 5 s",
    }
    assert view.graph.by_id["compare"].error == "exit code 1"
    assert view.graph.by_id["learn"].status == "Completed"
    assert view.graph.by_id["learn/few/fit"].metrics == {"loss": 0.4}
    assert [row[1] for row in view.step_metrics["learn/few/fit"]["loss"]] == [0.9, 0.4]
    assert any(edge.source == "learn/few/fit" and edge.target == "compare" for edge in view.graph.edges)


def test_a_step_that_took_earlier_results_is_told_apart(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """Also where it is looked at alone."""
    first = str(client.jobs.create_or_update(nested()).name)
    clock.advance(3600)
    (earlier,) = [child.name for child in client.jobs.children(first) if child.display_name == "prepare"]
    outcomes["prepare"] = JobOutcome(reuses=earlier)
    name = str(client.jobs.create_or_update(nested()).name)
    clock.advance(3600)
    graph = client.jobs.view(name).graph
    assert graph is not None
    assert graph.by_id["prepare"].said.startswith("Completed (reused)")
    view = client.jobs.view(graph.by_id["prepare"].runs[0])
    assert (view.reused_from, view.type, view.status) == (earlier, "step", "Completed")
    assert f"took the results of {earlier}" in str(view)


def test_a_step_that_is_a_pipeline_shows_what_is_in_it(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """Run history knows no graph of it, but its steps."""
    del outcomes
    name = str(client.jobs.create_or_update(nested()).name)
    clock.advance(3600)
    graph = client.jobs.view(name).graph
    assert graph is not None
    view = client.jobs.view(graph.by_id["learn"].runs[0])
    assert view.type == "pipeline"
    assert view.graph is not None
    assert {node.name for node in view.graph.by_id.values()} == {"few", "check", "fit", "score"}


def test_steps_that_were_not_chosen_are_not_run_and_loops_are_counted(
    client: MLClient, clock: Clock, outcomes: Outcomes
) -> None:
    """A condition leaves one of its blocks out; a loop has a run for each item."""
    outcomes["check"] = JobOutcome(outputs={"good": True})
    outcomes["train"] = JobOutcome(outputs={"go_on": False})
    name = str(client.jobs.create_or_update(steered()).name)
    clock.advance(7200)
    graph = client.jobs.view(name).graph
    assert graph is not None
    assert graph.by_id["deploy"].status == "Completed"
    assert graph.by_id["repair"].status == "Not run"
    assert (len(graph.by_id["each"].runs), graph.by_id["each"].ended) == (3, 3)
    assert graph.by_id["decide"].status is None


def test_a_sweep_shows_its_trials_the_best_first(client: MLClient, clock: Clock, backend: MemoryBackend) -> None:
    """With what was drawn for each, and what it came to."""

    def run(job: Any) -> JobOutcome:
        depth = (job["properties"].get("parameters") or {}).get("depth")
        if depth is None:
            return JobOutcome()
        return JobOutcome(status="Failed" if depth == 4 else "Completed", metrics={"acc": [0.0, depth / 10]})

    backend.run_jobs_with(run)
    name = str(client.jobs.create_or_update(sweep()).name)
    clock.advance(3600)
    view = client.jobs.view(name)
    assert view.primary_metric == "acc"
    assert [(trial.drawn, trial.status, trial.value, trial.best) for trial in view.trials] == [
        ("depth=3", "Completed", 0.3, True),
        ("depth=1", "Completed", 0.1, False),
        ("depth=2", "Completed", 0.2, False),
        ("depth=4", "Failed", 0.4, False),
    ]
    assert "  * " in str(view)
    assert "★ best" in view._repr_html_()


def test_automated_machine_learning_shows_what_it_tried(client: MLClient, clock: Clock) -> None:
    """Each model with its algorithm; the best first."""
    table = Input(type="mltable", path=PLACE)
    job = automl.classification(
        training_data=table, target_column_name="kind", primary_metric="accuracy", compute="cpu", experiment_name="iris"
    )
    job.set_limits(max_trials=3)
    name = str(client.jobs.create_or_update(job).name)
    clock.advance(3600)
    view = client.jobs.view(name)
    assert {trial.drawn for trial in view.trials} > {"algorithm=LightGBM"}
    assert len(view.trials) == 3
    assert [trial.best for trial in view.trials] == [True, False, False]
    assert view.trials[0].value == max(trial.value or 0 for trial in view.trials)


def test_a_registered_pipeline_shows_its_steps(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """A job that names its component only, as it is read from the service."""
    del outcomes
    component = client.components.create_or_update(nested().component)
    job = component(raw=folder())
    job.settings.default_compute, job.experiment_name = "cpu", "looks"
    name = str(client.jobs.create_or_update(job).name)
    clock.advance(7200)
    graph = client.jobs.view(name).graph
    assert graph is not None
    assert {node.id: node.status for node in graph.steps} == dict.fromkeys(
        ("prepare", "learn/few/fit", "learn/few/score", "learn/check", "compare"), "Completed"
    )
    assert any(edge.source == "prepare" and edge.target == "learn/few/fit" for edge in graph.edges)


def test_a_view_costs_few_requests(client: MLClient, backend: Counting, clock: Clock, outcomes: Outcomes) -> None:
    """One for all steps of a pipeline, and one for what all of them logged last, however many there are."""
    del outcomes
    name = str(client.jobs.create_or_update(steered()).name)
    clock.advance(7200)
    client.jobs.view(name)
    backend.asked.clear()
    client.jobs.view(name)
    asked = [each.rpartition("/")[2] for each in backend.asked]
    assert asked.count("children") == 1
    assert asked.count("search") == 1
    assert len(asked) <= 5


# -- how it shows itself ---------------------------------------------------------------------------------------
ODD = JobView(
    name="job",
    display_name=HOSTILE[0],
    type="<i>pipeline</i>",
    status="<b>Odd</b>",
    experiment='"&<',
    error="<script>one</script>\nline [red]two[/red]\x1b[31m",
    inputs=[Port(name=name, type=name, value=name, asset=name) for name in HOSTILE],
    outputs=[Port(name="o" * 100, value="v" * 500)],
    graph=Graph(
        nodes=tuple(Node(id=str(place), name=name, type="command", error=name) for place, name in enumerate(HOSTILE))
    ),
    trials=[
        Trial(name=HOSTILE[1], status=HOSTILE[2], parameters={HOSTILE[0]: HOSTILE[3], "x": 0.1234567}, value=math.nan)
    ],
    primary_metric="<u>m</u>",
    log=HOSTILE,
    studio_url='javascript:alert("x")',
)


class Logged(list[tuple[int, float, None]]):
    """Values as they were logged."""

    @property
    def last(self) -> float:
        """The last one."""
        return self[-1][1]


def test_a_page_needs_nothing_from_elsewhere() -> None:
    """No script, no picture, no font, no style sheet; the one link is to the studio."""
    metrics = {f"m{count}": Logged([(step, step / 7, None) for step in range(5)]) for count in range(30)}
    view = JobView(name="x", status="Running", metrics=metrics, studio_url="https://ml.azure.com/runs/x?a=1&b=2")
    page = view._repr_html_()
    assert not ADDRESS.search(page)
    assert re.findall(r"https?:[^\"]*", page) == ["https://ml.azure.com/runs/x?a=1&amp;b=2"]
    assert page.count("<polyline") == 24
    assert "6 further metrics" in page
    assert "color:#000" not in page


def test_nothing_that_a_user_named_is_markup() -> None:
    """Not in a page, not in a terminal; an address that is none of the studio's is no link."""
    page = ODD._repr_html_()
    assert not ADDRESS.search(page.replace("&lt;script", ""))
    for word in ("<script", "<b>", "<u>", "<i>", "href", "\x1b", "\x00", "\u202e"):
        assert word not in page, word
    shown = printed(ODD)
    assert "[red]two[/red]" in shown
    assert "\x1b" not in shown
    assert "\x00" not in str(ODD)


def test_plain_text_fits_80_columns() -> None:
    """Whatever is called how."""
    assert max(map(len, str(ODD).splitlines())) <= 80
    assert "\x1b" not in str(ODD)
    assert str(ODD).splitlines()[0].startswith("<script>")


def test_rich_prints_trials_and_metrics() -> None:
    """With the best trial marked."""
    trials = [
        Trial(name="t1", status="Completed", parameters={"x": 0.5}, value=0.25, best=True),
        Trial(name="t2", status="Queued"),
    ]
    metrics = {"loss": Logged([(0, 0.5, None)])}
    ports = [Port(name="data", type="uri_file", value=PLACE)]
    shown = printed(
        JobView(
            name="x",
            status="Completed",
            trials=trials,
            metrics=metrics,
            primary_metric="acc",
            inputs=ports,
            log=["end"],
        )
    )
    assert re.search(r"\* +t1 +Completed +0.25 +x=0.5", shown)
    assert re.search(r"loss +0.5", shown)
    assert PLACE in shown
    assert "  end" in shown


def test_rich_prints_within_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """With colours where they are wanted, and without where `NO_COLOR` says so."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    view = JobView(
        name="x", status="Failed", graph=Graph(nodes=(Node(id="a", name="a", type="command", status="Failed"),))
    )
    assert "31m" in printed(view, force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in printed(view, force_terminal=True, color_system="standard")
    for line in printed(ODD).splitlines():
        assert len(line) <= 80


def test_a_console_of_few_letters_gets_other_signs() -> None:
    """No sign is a question mark."""
    console = Console(width=80, file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    graph = Graph(
        nodes=tuple(Node(id=each, name=each.lower(), type="command", status=each) for each in ("Completed", "Failed"))
    )
    console.print(JobView(name="x", status="Failed", graph=graph))
    console.file.flush()
    written: Any = console.file
    shown = written.buffer.getvalue().decode("ascii")
    assert "+ completed  Completed" in shown
    assert "x failed  Failed" in shown


def test_without_rich_a_view_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else needs it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.setitem(sys.modules, name, None)
    view = JobView(name="x", status="Completed")
    assert str(view) == "x  Completed\n  name        x"
    assert view._repr_mimebundle_()["text/plain"] == str(view)
    with pytest.raises(ImportError):
        view.__rich__()
