"""The graph of a pipeline as plain data: its steps, what they give to one another, and how each of them is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from mlsdk.display.states import word

CONTROL = frozenset({"if_else", "do_while", "parallel_for"})
"""The types of steps that decide which others run."""
PORTS = frozenset({"input", "output"})
"""The types of nodes that are no steps: the data that comes into a pipeline, and what it gives."""
DATA, AGAIN = "data", "again"


@attrs.frozen(kw_only=True)
class Node:
    """A step of a pipeline, or the data that comes into it or leaves it."""

    id: str
    """The names of the pipelines it is in and its own, with `/` between: `learn/train`."""
    name: str
    type: str
    """`command`, `sweep`, `parallel`, `spark` …; `if_else`, `do_while`, `parallel_for`; `input` and `output` of a pipeline."""
    place: int = 0
    """Where it stands among the steps of its pipeline."""
    parent: str | None = None
    """The id of the nested pipeline that it is a step of."""
    display_name: str | None = None
    component: str | None = None
    """What it runs, as `name:version`."""
    detail: str = ""
    """What else is worth a word: how often a loop runs."""
    status: str | None = None
    """In the service's words; None where the pipeline was not submitted."""
    seconds: float | None = None
    """How long it has run, until now or until it ended."""
    reused: bool = False
    """Whether it took the results of an earlier run."""
    runs: tuple[str, ...] = ()
    """The names of its jobs: several where a loop runs it."""
    ended: int = 0
    """How many of them have ended."""
    error: str = ""
    """Why it failed."""
    metrics: Mapping[str, float] = attrs.field(factory=dict)
    """What it has logged, each with its last value."""
    log: str = ""
    """The last line of its log, while it runs."""

    @property
    def said(self) -> str:
        """Its status and how long it took, in words: `Completed (reused), 12 s`."""
        from mlsdk.display.texts import duration

        times = f"{self.ended} of {len(self.runs)} runs" if len(self.runs) > 1 else ""
        parts = (word(self.status, reused=self.reused), times, duration(self.seconds))
        return ", ".join(part for part in parts if part)


@attrs.frozen(kw_only=True)
class Cluster(Node):
    """A pipeline that is a step of another one, and is shown around its own steps."""

    type: str = "pipeline"


@attrs.frozen(kw_only=True)
class Edge:
    """What one node gives to another."""

    source: str
    """The id of a node, or of a cluster of whose steps nobody knows which."""
    target: str
    kind: str = DATA
    """`data`; `condition`, `true`, `false` and `body` from and to steps that decide; `again` for what a loop takes from its
    last round."""
    names: tuple[tuple[str, str], ...] = ()
    """Pairs of the output's name and the input's name; either may be empty."""

    @property
    def labels(self) -> list[str]:
        """What stands at the edge, line by line: `model`, `model → start_from`, `if true`."""
        return [text for pair in self.names or (("", ""),) if (text := _label(self.kind, *pair))]


_WORDS = {"condition": "condition", "true": "if true", "false": "if false", "body": "runs", AGAIN: "again"}


def _label(kind: str, given: str, taken: str) -> str:
    ports = given if given == taken or not taken else f"{given} → {taken}" if given else taken
    if kind == DATA:
        return ports
    return f"{_WORDS[kind]}: {ports}" if ports else _WORDS[kind]


@attrs.frozen(kw_only=True, slots=False)
class Graph:
    """A pipeline as a graph.

    In a notebook it draws itself; `to_mermaid()`, `to_dot()` and `to_svg()` give it as text.
    """

    name: str = ""
    status: str | None = None
    nodes: tuple[Node, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    """Nested pipelines, each after the one that it is in."""
    edges: tuple[Edge, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """The nodes and clusters by their ids."""
        return {node.id: node for node in (*self.clusters, *self.nodes)}

    def below(self, parent: str | None) -> list[Node]:
        """The nodes and clusters of one pipeline, in the order of its steps; `None` is the outermost."""
        return sorted((node for node in self.by_id.values() if node.parent == parent), key=lambda node: node.place)

    @property
    def steps(self) -> list[Node]:
        """The nodes that do work: neither data nor steps that decide."""
        return [node for node in self.nodes if node.type not in PORTS and node.type not in CONTROL]

    def to_mermaid(self) -> str:
        """The graph for Mermaid, as GitHub, GitLab and many editors draw it in a block marked `mermaid`."""
        from mlsdk.display.mermaid import text

        return text(self)

    def to_dot(self) -> str:
        """The graph in the language of Graphviz; MlException without the package `graphviz`."""
        from mlsdk.display.graphviz import source

        return source(self)

    def to_svg(self) -> str:
        """The graph as a picture in SVG, by Graphviz where it is there (`dot` and `mlsdk[display]`), else by ourselves."""
        from mlsdk.display.pictures import standalone

        return standalone(self)

    def __str__(self) -> str:
        """The steps as lines of text."""
        from mlsdk.display.lines import graph_lines

        return "\n".join(graph_lines(self))

    def _repr_html_(self) -> str:
        from mlsdk.display.pictures import page

        return page(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook may choose from."""
        del include, exclude  # which leave to us what we give
        from mlsdk.display.pictures import bundle

        return bundle(self, self._repr_html_())


_COMPONENT = re.compile(r"components/(?P<name>[^/]+)/(?:versions|labels)/(?P<version>[^/]+)$", re.IGNORECASE)


def component_name(component: Any) -> str | None:
    """A component as `name:version`; None for one that is written out in its step."""
    if component is None:
        return None
    if isinstance(component, str):
        found = _COMPONENT.search(component)
        return f"{found['name']}:{found['version']}" if found is not None else component.removeprefix("azureml:")
    name, version = getattr(component, "name", None), getattr(component, "version", None)
    if not name or getattr(component, "is_anonymous", False):
        return None
    return f"{name}:{version}" if version else str(name)
