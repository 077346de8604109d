"""The graph that a pipeline describes, read from the pipeline itself: a job, a component, or what a client gave."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from mlsdk.display.graph import AGAIN, CONTROL, DATA, Cluster, Edge, Graph, Node, component_name

EXPRESSION = re.compile(r"\$\{\{\s*([^\s{}]+)\s*\}\}")
OF_STEP = re.compile(r"parent\.jobs\.(?P<step>[^.]+)(?:\.(?P<side>inputs|outputs)\.(?P<port>.+))?")
OF_PIPELINE = re.compile(r"parent\.(?P<side>inputs|outputs)\.(?P<port>.+)")
LITERAL = frozenset({"boolean", "integer", "literal", "number", "string"})
"""The types of values that are no data."""
TABLES = ("training_data", "validation_data", "test_data")
"""What steps of automated machine learning take in the place of inputs."""
DEEPEST = 100
"""How many pipelines are shown within one another, as many as may be written."""

Source = tuple[str, str]
"""The id of a node, and the name of what it gives."""


@attrs.define(eq=False)
class Scope:
    """One pipeline: its steps, and where it stands."""

    steps: Mapping[str, Any]
    id: str | None = None
    outer: Scope | None = None
    step: Any = None
    """The step of `outer` that it is."""
    inner: dict[str, Scope] = attrs.field(factory=dict)

    def id_of(self, name: str) -> str:
        """The id of one of its steps."""
        return name if self.id is None else f"{self.id}/{name}"


def graph_of(pipeline: Any) -> Graph:
    """The graph of a pipeline job, of a pipeline component, or of a pipeline as a step.

    Nothing is asked of anybody: how its steps are, `client.jobs.view(name).graph` tells. What is not known (a component
    by its name only) is one node. TypeError for what is no pipeline.
    """
    if not hasattr(pipeline, "jobs") and not hasattr(getattr(pipeline, "component", None), "jobs"):
        message = f"{type(pipeline).__name__} is no pipeline; a job or a component of type pipeline has a graph"
        raise TypeError(message)
    return _Reading(pipeline).graph()


def _steps_of(pipeline: Any) -> Mapping[str, Any]:
    """The steps of a pipeline, or those of the component that it runs."""
    own = getattr(pipeline, "jobs", None)
    return own or getattr(getattr(pipeline, "component", None), "jobs", None) or {}


class _Reading:
    """A pipeline as it is read."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._nodes: list[Node] = []
        self._clusters: list[Cluster] = []
        self._edges: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        self._root = Scope(_steps_of(pipeline))
        self._inputs = [name for name, value in (getattr(pipeline, "inputs", None) or {}).items() if _is_data(value)]

    def graph(self) -> Graph:
        """The whole graph."""
        for name in self._inputs:
            self._nodes.append(Node(id=f"input:{name}", name=name, type="input"))
        self._take(self._root, 0)
        self._wire(self._root)
        for name in getattr(self._pipeline, "outputs", None) or {}:
            sources = list(self._given_by(self._root, name, frozenset()))
            if sources:
                made = Node(id=f"output:{name}", name=name, type="output")
                self._nodes.append(made)
                for source, port in sources:
                    self._edge(source, made.id, DATA, port, name)
        used = {end for source, target, _ in self._edges for end in (source, target)}
        name = getattr(self._pipeline, "display_name", None) or getattr(self._pipeline, "name", None) or ""
        return Graph(
            name=str(name),
            nodes=tuple(node for node in self._nodes if node.type != "input" or node.id in used),
            clusters=tuple(self._clusters),
            edges=tuple(
                Edge(source=source, target=target, kind=kind, names=tuple(dict.fromkeys(names)))
                for (source, target, kind), names in self._edges.items()
            ),
        )

    # -- steps ---------------------------------------------------------------------------------------------------
    def _take(self, scope: Scope, depth: int) -> None:
        """The steps of a pipeline, and those within them."""
        for place, (name, step) in enumerate(scope.steps.items()):
            about: dict[str, Any] = {
                "id": scope.id_of(name),
                "place": place,
                "name": name,
                "parent": scope.id,
                "display_name": getattr(step, "display_name", None),
                "component": component_name(getattr(step, "component", None) or getattr(step, "trial", None)),
            }
            steps = _steps_of(step)
            if steps and depth < DEEPEST:
                self._clusters.append(Cluster(**about))
                inner = scope.inner[name] = Scope(steps, about["id"], scope, step)
                self._take(inner, depth + 1)
                continue
            kind = str(getattr(step, "type", None) or "step")
            self._nodes.append(Node(**about, type=kind, detail=_detail(step)))

    # -- edges ---------------------------------------------------------------------------------------------------
    def _edge(self, source: str, target: str, kind: str, given: str = "", taken: str = "") -> None:
        self._edges.setdefault((source, target, kind), []).append((given, taken))

    def _wire(self, scope: Scope) -> None:
        for name, step in scope.steps.items():
            if name in scope.inner:
                self._wire(scope.inner[name])
                continue
            if getattr(step, "type", None) in CONTROL:
                self._control(scope, scope.id_of(name), step)
                continue
            for port, value in _taken(step):
                for path in _paths(value):
                    for source, given in self._sources(scope, path, frozenset()):
                        self._edge(source, scope.id_of(name), DATA, given, port)

    def _control(self, scope: Scope, me: str, step: Any) -> None:
        """What a step that decides looks at, and which steps it decides about."""
        for key, kind in (("true_block", "true"), ("false_block", "false"), ("body", "body")):
            them = getattr(step, key, None)
            for one in them if isinstance(them, (list, tuple)) else [them]:
                name = _step_name(one, scope)
                if name is not None:
                    self._edge(me, scope.id_of(name), kind)
        for path in _paths(getattr(step, "items", None)):
            for source, given in self._sources(scope, path, frozenset()):
                self._edge(source, me, DATA, given, "items")
        body, condition = _step_name(getattr(step, "body", None), scope), getattr(step, "condition", None)
        for path in _paths(condition):
            for source, given in self._sources(scope, path, frozenset()):
                self._edge(source, me, "condition", given)
        if body is None:
            return
        if isinstance(condition, str) and not _paths(condition):  # the name of an output of the body
            self._edge(scope.id_of(body), me, "condition", condition)
        for given, taken in (getattr(step, "mapping", None) or {}).items():
            for one in taken if isinstance(taken, (list, tuple)) else [taken]:
                self._edge(scope.id_of(body), scope.id_of(body), AGAIN, _port_name(given), _port_name(one))

    def _sources(self, scope: Scope, path: str, seen: frozenset[tuple[str | None, str]]) -> Iterator[Source]:
        """The nodes behind an expression: through nested pipelines to the step that really gives it."""
        if (scope.id, path) in seen:  # steps that wait for each other; the checks say so
            return
        seen |= {(scope.id, path)}
        of_step, of_pipeline = OF_STEP.fullmatch(path), OF_PIPELINE.fullmatch(path)
        if of_step is not None and of_step["step"] in scope.steps:
            name, port = of_step["step"], of_step["port"] or ""
            # What a loop gathers, its body gives.
            body = _step_name(getattr(scope.steps[name], "body", None), scope)
            name = name if body is None else body
            inner = scope.inner.get(name)
            found = list(self._given_by(inner, port, seen)) if inner is not None else []
            yield from found or [(scope.id_of(name), port)]
        elif of_pipeline is not None and of_pipeline["side"] == "inputs":
            port = of_pipeline["port"]
            if scope.outer is None:
                if port in self._inputs:
                    yield f"input:{port}", port
                return
            given = (getattr(scope.step, "inputs", None) or {}).get(port)
            for outer in _paths(given):
                yield from self._sources(scope.outer, outer, seen)

    def _given_by(self, scope: Scope, output: str, seen: frozenset[tuple[str | None, str]]) -> Iterator[Source]:
        """The nodes whose outputs are the output of a pipeline."""
        wanted = f"parent.outputs.{output}"
        for name, step in scope.steps.items():
            for port, value in (getattr(step, "outputs", None) or {}).items():
                if wanted in _paths(getattr(value, "data", value)):
                    yield from self._sources(scope, f"parent.jobs.{name}.outputs.{port}", seen)


def _is_data(value: Any) -> bool:
    """Whether an input of a pipeline is data rather than a number or a word."""
    kind = getattr(value, "type", None)
    return isinstance(kind, str) and kind not in LITERAL


def _taken(step: Any) -> Iterator[tuple[str, Any]]:
    """What a step is given, by name."""
    yield from (getattr(step, "inputs", None) or {}).items()
    for name in TABLES:
        if getattr(step, name, None) is not None:
            yield name, getattr(step, name)


def _paths(value: Any) -> list[str]:
    """The expressions in what an input is given: a reference to a step, an `Input` with a path, a text."""
    if value is None or isinstance(value, (bool, int, float)):
        return []
    if not isinstance(value, str):
        path = getattr(value, "path", None) if not hasattr(value, "source") and not hasattr(value, "owner") else None
        value = path if path is not None else value
    text = str(value) if not isinstance(value, (dict, list)) else ""
    return EXPRESSION.findall(text) if "${{" in text else []


def _step_name(value: Any, scope: Scope) -> str | None:
    """The name of the step that is given as itself or as its expression; None where it is no step of the pipeline."""
    if isinstance(value, str):
        for path in _paths(value):
            found = OF_STEP.fullmatch(path)
            if found is not None and found["step"] in scope.steps:
                return found["step"]
        return None
    return next((name for name, step in scope.steps.items() if step is value), None)


def _port_name(value: Any) -> str:
    """The name of an output or input that is given as itself, as its name or as its expression."""
    name = getattr(value, "port_name", None) or getattr(value, "name", None)
    if name is not None:
        return str(name)
    paths = _paths(value)
    return (paths[0] if paths else str(value)).rpartition(".")[2]


def _detail(step: Any) -> str:
    """How often a loop runs, or a sweep tries."""
    limits = getattr(step, "limits", None)
    rounds, trials = (getattr(limits, name, None) for name in ("max_iteration_count", "max_total_trials"))
    items = getattr(step, "items", None)
    if getattr(step, "type", None) == "parallel_for":
        return f"{len(items)} items" if isinstance(items, (list, Mapping)) else "for each item"
    return (
        f"{rounds} rounds at most" if rounds is not None else f"{trials} trials at most" if trials is not None else ""
    )
