"""Graphs as pictures: every state told apart, every name harmless, with and without Graphviz."""

from __future__ import annotations

import re
import subprocess
import sys
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from display.pipelines import HOSTILE, nested, steered
from fresh_process import loaded_by

from mlsdk.display import Cluster, Edge, Graph, Node, drawing, graph_of, graphviz
from mlsdk.display.states import LOOKS, NEVER_RAN, look, together
from mlsdk.exceptions import MlException
from mlsdk.operations.job_lists import STATUSES

EVERY = (*STATUSES, NEVER_RAN)
STATES = Graph(
    name="states",
    status="Running",
    nodes=(
        *(Node(id=status, name=status.upper(), type="command", status=status) for status in EVERY),
        Node(id="reused", name="REUSED", type="command", status="Completed", reused=True),
    ),
)
ODD = Graph(
    name=HOSTILE[0],
    status="<img src=x>",
    nodes=tuple(
        Node(
            id=f"{name}{place}",
            name=name,
            type="command",
            parent="<c>" if place > 8 else None,
            status="Failed",
            error=name,
        )
        for place, name in enumerate(HOSTILE)
    ),
    clusters=(Cluster(id="<c>", name='"]; evil <b>'),),
    edges=tuple(
        Edge(source=f"{one}{place}", target=f"{HOSTILE[place + 1]}{place + 1}", names=((one, HOSTILE[place + 1]),))
        for place, one in enumerate(HOSTILE[:-1])
    ),
)


# -- states ----------------------------------------------------------------------------------------------------
def test_states_are_told_apart_without_colours() -> None:
    """Each kind has a sign of its own, also in ASCII, and a kind of line that only quieter ones share."""
    looks = [one for one in LOOKS if one.kind not in ("plain", "canceled", "notrun")]
    assert len({one.sign for one in LOOKS}) == len(LOOKS)
    assert len({one.plain for one in looks}) == len(looks)
    assert {
        one.line for one in (look("Running"), look("Failed"), look("Completed"), look("Queued"), look("Canceled"))
    } == {
        "bold",
        "double",
        "solid",
        "dashed",
        "dotted",
    }


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_the_service_has_a_look(status: str) -> None:
    """And one that is new is shown as it is called."""
    assert look(status).kind != "plain"
    assert (look(status).kind == "unknown") == (status == "Unknown")
    assert look("Hibernating").kind == "unknown"


def test_of_several_runs_that_which_somebody_has_to_know_of_counts() -> None:
    """First what failed, then what runs."""
    assert together(["Completed", "Running", "Failed"]) == "Failed"
    assert together(["Completed", "Running", "NotStarted"]) == "Running"
    assert together(["Completed"]) == "Completed"
    assert together([]) is None


# -- Mermaid ---------------------------------------------------------------------------------------------------
def test_mermaid_tells_names_states_and_nesting() -> None:
    """By words and by classes that have a colour and a line."""
    text = graph_of(nested()).to_mermaid()
    assert text.startswith("flowchart TB\n")
    assert text.count("subgraph ") == text.count("    end\n") == 2
    assert '|"train → data"|' in text
    shown = STATES.to_mermaid()
    for status in EVERY:
        assert f"{status.upper()}<br/>command · {status}" in shown
    for kind in {look(status).kind for status in EVERY} | {"reused"}:
        assert f"classDef {kind} stroke:#" in shown
    assert re.search(r"↻ REUSED<br/>command · Completed #40;reused#41;\"\]:::reused", shown)


def test_no_name_means_anything_to_mermaid() -> None:
    """Between quotes there are letters, digits and numbers of characters alone."""
    for line in ODD.to_mermaid().splitlines():
        for label in re.findall(r'"([^"]*)"', line):
            assert not set(label.replace("<br/>", "")) & set("\"`<>[](){}|\\&'%*\n"), line
        assert line.count('"') in (0, 2), line
        assert re.fullmatch(r"[\w .,:/<>={}()\[\]|\"#;&→·✗✓…\N{REVERSE SOLIDUS OPERATOR}+-]*", line), line


# -- our own drawing -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("graph", [STATES, ODD, graph_of(nested()), Graph()], ids=["states", "odd", "nested", "empty"])
def test_a_drawing_is_wellformed_and_loads_nothing(graph: Graph) -> None:
    """No script, no image, no address but the name of SVG itself."""
    drawn = graph.to_svg()
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {element.tag.partition("}")[2] for element in root.iter()} <= {
        *("svg", "g", "title", "rect", "polygon", "path", "text"),
    }
    assert drawn.count("http") == 1


def test_a_drawing_shows_every_state_and_name() -> None:
    """In words, so that no colour is needed."""
    drawn = drawing.svg(STATES)
    for status in EVERY:
        assert f">{look(status).sign} {status.upper()}</text>" in drawn
        assert f"command · {status}</text>" in drawn
    assert "stroke-dasharray" in drawn
    assert drawing.svg(graph_of(nested())).count("learn / few / fit</text>") == 1


def test_steps_that_decide_have_a_shape_of_their_own() -> None:
    """In our own drawing, in Mermaid and in Graphviz."""
    graph = graph_of(steered())
    drawn = drawing.svg(graph)
    for name in ("decide", "until", "loop"):
        assert re.search(rf"<title>{name}</title><polygon", drawn)
    assert re.search(r'\{"decide<br/>if else"\}', graph.to_mermaid())
    assert graph.to_mermaid().count("{{") == 2
    assert graph.to_dot().count("shape=hexagon") == 2
    assert graph.to_dot().count("shape=diamond") == 1


def test_labels_for_which_there_is_no_room_are_told_by_the_pointer() -> None:
    """None lies on a box or on another one."""
    names = tuple((f"output_{number}", f"input_{number}") for number in range(9))
    graph = Graph(
        nodes=(Node(id="a", name="a", type="command"), Node(id="b", name="b", type="command")),
        edges=(Edge(source="a", target="b", names=names), Edge(source="b", target="a", kind="condition", names=names)),
    )
    drawn = drawing.svg(graph)
    assert "and 6 others" in drawn
    assert drawn.count("output_8 → input_8") == 2


def test_a_graph_shows_itself_in_a_notebook() -> None:
    """As its pipeline does."""
    assert set(STATES._repr_mimebundle_()) == {"text/html", "text/vnd.mermaid", "text/plain"}
    assert "▶ Running" in STATES._repr_html_()


def test_a_page_has_the_colours_of_what_it_stands_in() -> None:
    """Text is `currentColor`; a file of its own is dark on white, since it may lie on anything."""
    page = STATES._repr_html_()
    assert page.count("currentColor") > len(EVERY)
    assert "currentColor" not in STATES.to_svg()
    assert "background:#ffffff" in STATES.to_svg()


def test_no_name_is_markup_in_a_page() -> None:
    """Nor may it control how the rest is shown."""
    page = ODD._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search("[\x00-\x08\u202e]", page)


# -- Graphviz --------------------------------------------------------------------------------------------------
def test_graphviz_tells_the_same() -> None:
    """Nested pipelines as clusters, states as colours and lines."""
    source = graph_of(nested()).to_dot()
    assert source.count("subgraph cluster_") == 2
    assert "train → data" in source
    states = STATES.to_dot()
    for status in EVERY:
        assert f"{look(status).sign} {status.upper()}\ncommand · {status}" in states
    assert "peripheries=2" in states
    assert "penwidth=2.5" in states


def test_no_name_means_anything_to_graphviz() -> None:
    """Quotes and backslashes are escaped, brackets and entities are text."""
    source = ODD.to_dot()
    assert '✗ a\\"b' in source
    assert "back\\\\slash \\\\n \\\\N" in source
    assert "&amp;amp;" in source
    assert re.search(r'label="✗ <b>bold</b>', source)


def test_without_the_package_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra by its name."""
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(MlException, match=r"pip install 'mlsdk\[display\]'"):
        STATES.to_dot()


DRAWN = b"""<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- Generated by graphviz -->
<svg width="80pt" height="40pt" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<g id="graph0"><title>%3</title><!-- n0 --><g id="node1"><title>n0</title>
<text fill="#1f2329">NotStarted</text></g></g></svg>
"""


def test_what_graphviz_draws_is_fitted_into_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its heading, which names addresses; in the page's colours; with the whole name where the pointer is."""
    asked: list[Any] = []

    def draw(command: list[str], **options: Any) -> Any:
        asked.append((command, options["input"].decode()))
        return SimpleNamespace(stdout=DRAWN)

    monkeypatch.setattr(graphviz, "is_there", lambda: True)
    monkeypatch.setattr(subprocess, "run", draw)
    page = STATES._repr_html_()
    assert "-Tsvg" in asked[0][0]
    assert asked[0][1] == STATES.to_dot()
    assert "http" not in page
    assert '<text fill="currentColor">NotStarted' in page
    assert "<title>NotStarted · NotStarted</title>" in page
    assert "<!--" not in page
    assert "min-width:52px" in page
    assert ET.fromstring(STATES.to_svg()).get("width") == "80pt"  # noqa: S314 - our own text


@pytest.mark.parametrize(
    "error", [subprocess.CalledProcessError(1, "dot"), subprocess.TimeoutExpired("dot", 1), FileNotFoundError("dot")]
)
def test_a_graphviz_that_fails_takes_no_graph_away(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """It is drawn without it."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(graphviz, "is_there", lambda: True)
    monkeypatch.setattr(subprocess, "run", fail)
    assert STATES._repr_html_().count("<rect") > len(EVERY)


def test_a_graph_that_graphviz_would_take_long_for_is_drawn_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand steps are on the page within seconds."""
    monkeypatch.setattr(graphviz, "is_there", lambda: True)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("dot is asked"))
    many = Graph(nodes=tuple(Node(id=f"s{place}", name="s", type="command") for place in range(1000)))
    assert many._repr_html_().count("<rect") == 1000


# -- notebooks -------------------------------------------------------------------------------------------------
def test_a_pipeline_in_a_notebook_draws_its_graph() -> None:
    """As a page, as Mermaid and as plain text; what was shown of every job stays above it."""
    job = nested()
    bundle = job._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/vnd.mermaid", "text/plain"}
    assert bundle["text/html"] == job._repr_html_()
    assert bundle["text/html"].startswith("<table><tr><th>Experiment</th>")
    assert "<svg" in bundle["text/html"]
    assert bundle["text/vnd.mermaid"] == graph_of(job).to_mermaid()
    assert bundle["text/plain"].splitlines() == [
        "Nested",
        "  prepare                          command",
        "  learn                            pipeline",
        "    few                            pipeline",
        "      fit                          command, after prepare",
        "      score                        command, after fit, prepare",
        "    check                          command, after learn/few/fit",
        "  compare                          command, after learn/few/fit, prepare",
    ]
    assert "<svg" in job.component._repr_mimebundle_()["text/html"]


def test_repr_stays_what_it_was() -> None:
    """A picture is for notebooks."""
    job = nested()
    assert repr(job).startswith("PipelineJob(display_name='Nested'")
    assert "\njobs:\n" in f"\n{job}"


def test_a_graph_without_steps_says_so() -> None:
    """In a page and as text."""
    assert "It has no steps." in Graph()._repr_html_()
    assert str(Graph()) == "no steps"


def test_nothing_of_it_is_loaded_before_something_is_shown() -> None:
    """Neither our own part nor the packages it draws with."""
    loaded = loaded_by("import mlsdk; from mlsdk.entities import PipelineJob; repr(PipelineJob())")
    assert not {name for name in loaded if name.startswith(("mlsdk.display", "rich", "graphviz", "IPython"))}


def test_drawing_loads_neither_rich_nor_notebooks() -> None:
    """Nor does it need the package of Graphviz."""
    loaded = loaded_by("from mlsdk.entities import PipelineJob; PipelineJob()._repr_mimebundle_()")
    assert not {name for name in loaded if name.partition(".")[0] in ("rich", "graphviz", "IPython")}
