"""The graph of a pipeline: what it says of the pipeline, and of what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from display.pipelines import nested, steered

from mlsdk import Input, automl, load_component, load_job
from mlsdk.display import Edge, Graph, Node, graph_of
from mlsdk.display.graph_runs import assigned, is_reused, joined, seconds_of, time_of
from mlsdk.display.layout import layout, ranks
from mlsdk.display.states import NEVER_RAN
from mlsdk.entities import Command

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "pipeline"


def wires(graph: Graph) -> set[tuple[str, str, str]]:
    """The edges as source, target and label."""
    return {(edge.source, edge.target, label) for edge in graph.edges for label in edge.labels}


def test_a_pipeline_is_its_steps_and_what_they_give_to_one_another() -> None:
    """With the names of the outputs and inputs, and the data that comes in and goes out."""
    graph = graph_of(load_job(EXAMPLES / "pipeline.yml"))
    assert graph.name == "Flowers"
    assert [(node.id, node.type) for node in graph.nodes] == [
        ("input:flowers", "input"),
        ("prepare", "command"),
        ("train", "command"),
        ("evaluate", "command"),
        ("output:model", "output"),
        ("output:report", "output"),
    ]
    assert wires(graph) == {
        ("input:flowers", "prepare", "flowers"),
        ("prepare", "train", "training"),
        ("prepare", "evaluate", "test"),
        ("train", "evaluate", "model"),
        ("train", "output:model", "model"),
        ("evaluate", "output:report", "report"),
    }


def test_pipelines_within_a_pipeline_stand_around_their_steps() -> None:
    """What passes their border is told from the step that gives it to the one that takes it."""
    graph = graph_of(nested())
    assert [(cluster.id, cluster.parent) for cluster in graph.clusters] == [("learn", None), ("learn/few", "learn")]
    assert [node.id for node in graph.below("learn/few")] == ["learn/few/fit", "learn/few/score"]
    assert wires(graph) == {
        ("input:raw", "prepare", "raw"),
        ("prepare", "learn/few/fit", "train → data"),
        ("prepare", "learn/few/score", "train → data"),
        ("learn/few/fit", "learn/few/score", "model"),
        ("learn/few/fit", "learn/check", "model"),
        ("learn/few/fit", "compare", "model → one"),
        ("prepare", "compare", "test"),
        ("compare", "output:best", "best"),
    }
    steps = [node.name for node in graph.below(None) if node.type not in ("input", "output")]
    assert steps == ["prepare", "learn", "compare"]


def test_steps_that_decide_show_what_they_look_at_and_what_they_decide() -> None:
    """A condition both of its blocks, a loop its body, how often it runs, and what it gives to its next round."""
    graph = graph_of(steered())
    assert {(node.id, node.type, node.detail) for node in graph.nodes if node.detail or node.type == "if_else"} == {
        ("decide", "if_else", ""),
        ("until", "do_while", "5 rounds at most"),
        ("loop", "parallel_for", "3 items"),
    }
    assert {edge for edge in wires(graph) if not edge[0].startswith("input")} == {
        ("check", "decide", "condition: good"),
        ("decide", "deploy", "if true"),
        ("decide", "repair", "if false"),
        ("until", "train", "runs"),
        ("train", "until", "condition: go_on"),
        ("train", "train", "again: model → start"),
        ("loop", "each", "runs"),
        ("each", "choose", "model → models"),
    }


def test_a_component_has_a_graph_too() -> None:
    """And what is known by its name only is one node."""
    job = nested()
    assert {node.id for node in graph_of(job.component).steps} >= {"prepare", "learn/few/fit"}
    job.jobs["learn"].component = "azureml:middle:3"
    graph = graph_of(job)
    assert [(node.id, node.type, node.component) for node in graph.steps][1] == ("learn", "pipeline", "middle:3")
    assert ("learn", "compare", "model → one") in wires(graph)


def test_what_is_no_pipeline_has_no_graph() -> None:
    """Said in a sentence."""
    with pytest.raises(TypeError, match="Command is no pipeline"):
        graph_of(Command(component=load_component(EXAMPLES / "prepare.yml")))


def test_a_step_of_automated_machine_learning_is_wired_by_its_tables() -> None:
    """It has no inputs."""
    job: Any = nested()
    table = Input(type="mltable", path="${{parent.inputs.raw}}")
    tried = automl.classification(training_data=table, target_column_name="kind")
    job.jobs["tables"] = tried
    assert ("input:raw", "tables", "raw → training_data") in wires(graph_of(job))


def test_steps_that_wait_for_each_other_are_drawn_as_they_are() -> None:
    """The checks tell what is wrong; the picture helps to see it."""
    job = load_job(EXAMPLES / "pipeline.yml")
    job.jobs["prepare"].inputs["flowers"] = "${{parent.jobs.evaluate.outputs.report}}"
    graph = graph_of(job)
    assert ("evaluate", "prepare", "report → flowers") in wires(graph)
    assert sum(map(len, ranks(graph))) == len(graph.nodes)


# -- runs ------------------------------------------------------------------------------------------------------
def run(name: str, status: str = "Completed", **more: Any) -> dict[str, Any]:
    """A run as run history has it."""
    shown = more.pop("shown", name)
    times = {"createdUtc": f"2025-01-01T00:00:0{more.pop('made', 0)}Z", **more.pop("times", {})}
    return {"runId": f"run-{name}-{times['createdUtc']}", "displayName": shown, "status": status, **times, **more}


ONE_AFTER_THE_OTHER = Graph(
    name="two",
    nodes=(
        Node(id="prepare", name="prepare", type="command", component="prepare_rows:3"),
        Node(id="train", name="train", type="command", display_name="Train it", place=1),
    ),
    edges=(Edge(source="prepare", target="train", names=(("rows", "rows"),)),),
)


def test_runs_are_known_by_what_their_step_is_called() -> None:
    """By its name, its display name or its component."""
    runs = [run("a", shown="Train it"), run("b", shown="other", properties={"azureml.moduleName": "prepare_rows"})]
    found = assigned(ONE_AFTER_THE_OTHER, None, runs)
    assert {id_: [each["runId"] for each in them] for id_, them in found.items()} == {
        "train": [runs[0]["runId"]],
        "prepare": [runs[1]["runId"]],
    }


def test_steps_of_one_name_get_their_runs_in_the_order_in_which_these_were_made() -> None:
    """There is nothing else to tell them by."""
    graph = Graph(
        nodes=tuple(Node(id=str(place), name=f"s{place}", type="command", display_name="same") for place in range(3))
    )
    found = assigned(graph, None, [run("x", shown="same", made=2), run("y", shown="same", made=1)])
    assert {id_: them[0]["displayName"] for id_, them in found.items()} == {"0": "same", "1": "same"}
    assert found["0"][0]["createdUtc"] < found["1"][0]["createdUtc"]


def test_a_run_that_no_step_is_known_for_is_shown_all_the_same() -> None:
    """As a node of its own."""
    runs = assigned(ONE_AFTER_THE_OTHER, None, [run("stranger")])
    graph = joined(ONE_AFTER_THE_OTHER, runs, status="Running", now=0)
    assert [(node.name, node.status) for node in graph.nodes] == [
        ("prepare", "NotStarted"),
        ("train", "NotStarted"),
        ("stranger", "Completed"),
    ]


def test_states_times_and_errors_come_from_the_runs() -> None:
    """Times count until the end, or until now; a step that never came to run is told as that."""
    times = {"startTimeUtc": "2025-01-01T00:00:10.1234567Z"}
    ended = {**times, "endTimeUtc": "2025-01-01T00:00:40.1234567+00:00"}
    error = {"error": {"code": "UserError", "message": "exit code 1, password=hunter2"}}
    moment = time_of("2025-01-01T00:01:10.123456Z")
    assert moment is not None
    graph = joined(
        ONE_AFTER_THE_OTHER,
        {"prepare": [run("a", "Failed", times=ended, error=error)]},
        status="Failed",
        now=moment.timestamp(),
    )
    prepare, train = graph.nodes
    assert (prepare.said, prepare.error) == ("Failed, 30 s", "exit code 1, password=***")
    assert (train.status, graph.status) == (NEVER_RAN, "Failed")
    assert seconds_of(run("b", "Running", times=times), moment.timestamp()) == pytest.approx(60)
    assert seconds_of(run("b", "Canceled", times=times), moment.timestamp()) is None


def test_several_runs_of_a_step_are_told_together() -> None:
    """A loop runs its body again and again: what failed, or still runs, counts."""
    runs = [
        run("a", times={"startTimeUtc": "2025-01-01T00:00:00Z", "endTimeUtc": "2025-01-01T00:00:05Z"}),
        run("b", "Running"),
    ]
    graph = joined(ONE_AFTER_THE_OTHER, {"train": runs}, status="Running", now=1735689700)
    assert graph.by_id["train"].said == "Running, 1 of 2 runs, 5.0 s"


def test_a_step_that_took_earlier_results_says_so() -> None:
    """As the service marks it."""
    one = run("a", properties={"azureml.isreused": "true", "azureml.reusedrunid": "z"})
    assert is_reused(one)
    assert (
        joined(ONE_AFTER_THE_OTHER, {"train": [one]}, status="Completed", now=0).by_id["train"].said
        == "Completed (reused)"
    )


def test_the_inner_steps_of_a_pipeline_whose_graph_is_not_known_are_found() -> None:
    """A node within which there are runs becomes a pipeline."""
    runs = {"train": [run("train", "Running")], "train/run-1": [run("inner", "Running")]}
    graph = joined(ONE_AFTER_THE_OTHER, runs, status="Running", now=0)
    assert [(cluster.id, cluster.type) for cluster in graph.clusters] == [("train", "pipeline")]
    assert [node.name for node in graph.below("train")] == ["inner"]


@pytest.mark.parametrize("text", [None, "", "soon", 5])
def test_what_is_no_moment_is_none(text: Any) -> None:
    """No time is better than a wrong one."""
    assert time_of(text) is None


# -- layout ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [nested, steered], ids=["nested", "steered"])
def test_no_box_of_a_drawing_lies_on_another(make: Any) -> None:
    """Each stands after what it needs."""
    graph = graph_of(make())
    placed = layout(graph, {node.id: (100.0 + len(node.id), 40.0) for node in graph.nodes}, gap=20, between=30)
    boxes = placed.boxes
    for one in boxes:
        assert 0 <= one.x - one.width / 2 <= one.x + one.width / 2 <= placed.width + 0.01
        for other in boxes:
            apart = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
            assert one is other or apart or abs(one.y - other.y) >= (one.height + other.height) / 2 - 0.01
    rank = {box.id: box.rank for box in boxes}
    assert all(rank[edge.source] < rank[edge.target] for edge in graph.edges if edge.kind in ("data", "true", "false"))


def test_many_steps_beside_one_another_are_drawn_from_left_to_right() -> None:
    """So that a page scrolls down, not aside."""
    many = Graph(nodes=tuple(Node(id=str(number), name="x", type="command") for number in range(40)))
    placed = layout(many, {node.id: (100.0, 40.0) for node in many.nodes}, gap=20, between=30)
    assert placed.across
    assert placed.width == 100
