"""`@pipeline`: a function whose calls of components are the steps of a pipeline."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, overload

from mlsdk.entities.bindings import PipelineInput
from mlsdk.entities.building import begin, end, innermost, register
from mlsdk.entities.component_spec import Component
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.node import bound, check_name
from mlsdk.entities.node_ports import NodeOutput, wired
from mlsdk.entities.pipeline_component import PipelineComponent
from mlsdk.entities.pipeline_job import PipelineJob
from mlsdk.entities.pipeline_node import Pipeline
from mlsdk.entities.pipeline_settings import PipelineJobSettings
from mlsdk.entities.port_types import PLAIN
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import did_you_mean

if TYPE_CHECKING:
    from types import FrameType

    from typing_extensions import ParamSpec

    P = ParamSpec("P")

F = TypeVar("F", bound=Callable[..., Any])
_SETTINGS = ("default_datastore", "continue_on_step_failure", "force_rerun", "on_init", "on_finalize")
_DEFAULT_COMPUTE = ("default_compute", "default_compute_target")
_NOT_INPUTS = ("non_pipeline_inputs", "non_pipeline_parameters")
_KNOWN = (*_SETTINGS, *_DEFAULT_COMPUTE, *_NOT_INPUTS, "compute")
_TYPES = {kind.__name__: word for kind, word in PLAIN.items()}
_OUTPUTS = "what a @pipeline function returns is a mapping of names to outputs of its steps"


@overload
def pipeline(
    func: None = ...,
    *,
    name: str | None = ...,
    version: str | None = ...,
    display_name: str | None = ...,
    description: str | None = ...,
    experiment_name: str | None = ...,
    tags: Mapping[str, str] | None = ...,
    **kwargs: Any,
) -> Callable[[Callable[P, Any]], Callable[P, PipelineJob]]: ...
@overload
def pipeline(
    func: Callable[P, Any],
    *,
    name: str | None = ...,
    version: str | None = ...,
    display_name: str | None = ...,
    description: str | None = ...,
    experiment_name: str | None = ...,
    tags: Mapping[str, str] | None = ...,
    **kwargs: Any,
) -> Callable[P, PipelineJob]: ...
def pipeline(
    func: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    version: str | None = None,
    display_name: str | None = None,
    description: str | None = None,
    experiment_name: str | None = None,
    tags: Mapping[str, str] | str | None = None,
    **kwargs: Any,
) -> Any:
    """Make a function a pipeline: it is called to get a `PipelineJob`, or within another such function a step of that.

    >>> @pipeline(default_compute="cpu-cluster")
    ... def train_and_score(data: Input, rate: float = 0.1):
    ...     train = train_component(data=data, rate=rate)
    ...     score = score_component(model=train.outputs.model)
    ...     return {"scores": score.outputs.scores}

    The function's parameters are the pipeline's inputs, with the defaults it has; steps are called as the variables that
    hold them; what it returns are the pipeline's outputs.

    Parameters
    ----------
    name, version, display_name, description, tags
        What the pipeline is called and said about; its name is the function's, its description the function's docstring.
    experiment_name
        The experiment that its jobs belong to.
    default_compute, compute, default_datastore, continue_on_step_failure, force_rerun, on_init, on_finalize
        Settings of its jobs, see `PipelineJobSettings`.
    non_pipeline_inputs
        The names of parameters that are plain Python, known while the pipeline is written.
    """
    for key in kwargs:
        if key not in _KNOWN:
            from mlsdk.exceptions import UnknownArgumentWarning

            message = f"pipeline({key}=…) is not known and left out{did_you_mean(key, _KNOWN)}"
            warnings.warn(message, UnknownArgumentWarning, stacklevel=2)

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        given: Any = function
        if not callable(given):
            message = f"@pipeline decorates a function, not {type(function).__name__}"
            raise wrong(message)
        plain: Any = next((kwargs[key] for key in _NOT_INPUTS if kwargs.get(key)), [])
        written = _Function(function, plain, name, version, display_name, description, tags)
        settings = {key: kwargs[key] for key in _SETTINGS if kwargs.get(key) is not None}
        compute = next((kwargs[key] for key in _DEFAULT_COMPUTE if kwargs.get(key)), None)
        if compute is not None:
            settings["default_compute"] = compute

        @wraps(function)
        def build(*args: Any, **named: Any) -> Any:
            given = written.bound(args, named)
            component, inputs, outputs, modes = written.build(given)
            if innermost() is not None:
                return _step(component, inputs, outputs, tags, settings, function.__name__)
            job = PipelineJob(
                component=component,
                inputs=inputs,
                outputs=outputs,
                tags=tags if isinstance(tags, Mapping) else None,
                experiment_name=experiment_name,
                compute=kwargs.get("compute"),
                settings=PipelineJobSettings(**settings),
            )
            for key, port in job.outputs.items():
                if port.meta is not None:
                    port.meta = port.meta.evolve(mode=modes[key])
            return job

        made: Any = build
        made._as_component = written.component  # noqa: SLF001 - of our own
        return made  # type: ignore[no-any-return]

    return decorated if func is None else decorated(func)


def _step(
    component: PipelineComponent,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    tags: Any,
    settings: Any,
    name: str,
) -> Pipeline:
    if settings:
        from mlsdk.exceptions import UnknownArgumentWarning

        message = (
            f"the settings {', '.join(settings)} of {name}() count only where it is the pipeline that is submitted"
        )
        warnings.warn(message, UnknownArgumentWarning, stacklevel=3)
    step = Pipeline(
        component=component, inputs=inputs, outputs=outputs, tags=tags if isinstance(tags, Mapping) else None
    )
    register(step)
    return step


# -- the function --------------------------------------------------------------------------------------------
class _Function:
    """A function that writes a pipeline: its parameters, and a new pipeline each time it is called."""

    def __init__(
        self,
        function: Callable[..., Any],
        plain: Any,
        name: str | None,
        version: str | None,
        display_name: str | None,
        description: str | None,
        tags: Any,
    ) -> None:
        if not isinstance(plain, (list, tuple)) or not all(isinstance(one, str) for one in plain):
            message = "non_pipeline_inputs has to be a list of names of parameters"
            raise wrong(message)
        self.function, self.plain = function, tuple(plain)
        self.signature = _signature(function)
        self.parameters = self._parameters()
        text = function.__doc__
        self.about: dict[str, Any] = {
            "name": name or function.__name__,
            "version": version,
            "display_name": display_name or name or function.__name__,
            "description": description or text,
            "tags": tags if isinstance(tags, Mapping) else None,
        }
        described = _described(text or "")
        self.declared = {
            key: _declared(parameter, described.get(key))
            for key, parameter in self.parameters.items()
            if key not in self.plain
        }

    def _parameters(self) -> dict[str, inspect.Parameter]:
        found = dict(self.signature.parameters)
        open_ended = [str(one) for one in found.values() if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
        if open_ended:
            from mlsdk.exceptions import UnsupportedParameterKindError

            raise UnsupportedParameterKindError(self.function.__name__, open_ended[0])
        unknown = [one for one in self.plain if one not in found]
        if unknown:
            from mlsdk.exceptions import ParamValueNotExistsError

            raise ParamValueNotExistsError(self.function.__name__, unknown)
        return found

    def bound(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """What the function is called with, by name; TypeError when that does not fit its parameters."""
        given = bound(self.function.__name__, [*self.parameters], args, named)
        return {key: value if key in self.plain else wired(value) for key, value in given.items()}

    def component(self) -> PipelineComponent:
        """The pipeline as a component, to be registered; ValidationException when not all its inputs are known by type."""
        if self.plain:
            message = f"{self.function.__name__}() is no component: {self.plain[0]!r} is known only while it is called"
            raise wrong(message)
        for key, port in self.declared.items():
            if port.type is None:
                message = f"{self.function.__name__}() is no component yet: say the type of {key!r} by an annotation"
                raise wrong(message)
        return self.build({})[0]

    def build(
        self, given: Mapping[str, Any]
    ) -> tuple[PipelineComponent, dict[str, Any], dict[str, Output], dict[str, str | None]]:
        """The pipeline that the function writes, what it is called with, what its steps say of its outputs, and their modes."""
        inputs = {key: value for key, value in given.items() if key not in self.plain}
        declared = {key: port.evolve() for key, port in self.declared.items()}
        told = {key: _told(port, inputs.get(key)) for key, port in declared.items()}
        arguments = {
            key: given.get(key, _default(parameter))
            if key in self.plain
            else PipelineInput(key, told[key], inputs.get(key, _default(parameter)))
            for key, parameter in self.parameters.items()
        }
        writing = _Writing(self.function)
        token = begin(writing)
        try:
            returned = self.function(**arguments)
        finally:
            end(token)
        component = PipelineComponent(
            **self.about,
            inputs=declared,
            jobs=writing.named(str(self.about["name"])),
            _source="DSL",
        )
        component.outputs, outputs, modes = _outputs(returned)
        return component, inputs, outputs, modes


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """The parameters of a function, with annotations that are texts read: `from __future__ import annotations` makes all so.

    One that names something that is not there stays a text.
    """
    signature = inspect.signature(function)
    names = getattr(inspect.unwrap(function), "__globals__", {})

    def said(annotation: Any) -> Any:
        if not isinstance(annotation, str) or annotation in _TYPES:
            return annotation
        try:
            return eval(annotation, names)  # noqa: S307 - the user's own code, as inspect.signature(eval_str=True) does
        except Exception:  # noqa: BLE001 - whatever the user's own names raise
            return annotation

    made = [one.replace(annotation=said(one.annotation)) for one in signature.parameters.values()]
    return signature.replace(parameters=made)


def _default(parameter: inspect.Parameter) -> Any:
    return None if parameter.default is inspect.Parameter.empty else parameter.default


def _declared(parameter: inspect.Parameter, description: str | None) -> Input:
    """What a parameter says of the pipeline's input: by its annotation, else by its default."""
    default, annotation = _default(parameter), parameter.annotation
    if isinstance(default, Input):
        made = default.evolve()
        made.description = description or made.description
        return made
    kind: Any = None
    if isinstance(annotation, Input):
        made = annotation.evolve()
        made.description = description or made.description
        if default is not None and made.default is None:
            made.default, made.optional = default, True
        return made
    if annotation is not inspect.Parameter.empty:
        kind = _TYPES.get(annotation if isinstance(annotation, str) else getattr(annotation, "__name__", ""))
        if kind is None and (annotation is Input or annotation == "Input"):
            kind = "uri_folder"
    if kind is None and default is not None:
        kind = PLAIN.get(type(default))
    made = Input(type=kind, description=description)
    if default is not None:
        made.default = default
    return made


def _told(port: Input, value: Any) -> Input:
    """What a pipeline says of an input, where its function does not say the type: that of what it is called with."""
    port = port.evolve()
    if port.type is None and value is not None:
        port.type = PLAIN.get(type(value)) or getattr(value, "type", None)
    return port


def _outputs(returned: Any) -> tuple[dict[str, Output], dict[str, Output], dict[str, str | None]]:
    """What the components of a pipeline's steps say of its outputs, what the steps say, and the components' modes.

    The steps are wired to them. A component that is a pipeline has no modes; they count where it is submitted.
    """
    if returned is None:
        return {}, {}, {}
    if not isinstance(returned, Mapping):
        message = f"{_OUTPUTS}, not {type(returned).__name__}"
        raise wrong(message)
    declared: dict[str, Output] = {}
    given: dict[str, Output] = {}
    modes: dict[str, str | None] = {}
    for name, port in returned.items():
        if not isinstance(port, NodeOutput) or not isinstance(name, str):
            message = f"{_OUTPUTS}; {name!r} is {type(port).__name__}"
            raise wrong(message)
        meta = (
            port.meta if port.meta is not None else Output(type=port.type, mode=port.mode, description=port.description)
        )
        declared[name] = Output(type=meta.type or "uri_folder", description=meta.description)
        modes[name] = meta.mode
        binding: Any = f"${{{{parent.outputs.{name}}}}}"
        if isinstance(port.data, Output):
            given[name] = said = port.data.evolve()
            if said.mode and not port.copied:
                binding = Output(type="uri_folder", path=binding, mode=said.mode)
        port.data = binding
    return declared, given, modes


def _described(text: str) -> dict[str, str]:
    """What a docstring says of parameters below `Args:`, as `name: what it is` or `name (type): what it is`."""
    region = re.search(r"^[ \t]*args:[ \t]*\n((?:[ \t]*\S.*(?:\n|$))+)", text, re.IGNORECASE | re.MULTILINE)
    found: dict[str, str] = {}
    last = None
    for line in region[1].splitlines() if region else ():
        parameter = re.match(r"\s*(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)", line)
        if parameter:
            last = parameter[1]
            found[last] = parameter[2].strip()
        elif last is not None:
            found[last] += " " + line.strip()
    return found


# -- its steps -----------------------------------------------------------------------------------------------
class _Writing:
    """A pipeline that is being written: the steps made so far, and the frame whose variables name them."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.steps: list[Any] = []
        self._code = getattr(inspect.unwrap(function), "__code__", None)
        self._frame: FrameType | None = None

    def add(self, node: Any) -> None:
        """Take a step that was just made."""
        self.steps.append(node)
        if self._frame is None:
            frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - how Python names it
            while frame is not None and frame.f_code is not self._code:
                frame = frame.f_back
            self._frame = frame

    def named(self, pipeline_name: str) -> dict[str, Any]:
        """The steps by name: their own, else the variable's, else one made of their component's."""
        variables = {} if self._frame is None else dict(self._frame.f_locals)
        self._frame = None
        steps = {id(step): step for step in self.steps if not getattr(step, "swept", False)}
        names: dict[int, str] = {}
        for variable, value in variables.items():
            step = steps.get(id(value))
            name = None if step is None else (step.name or "").lower() or variable
            if step is None or name in (None, "_"):
                continue
            check_name(name)
            if name in names.values() and id(step) not in names:
                message = f"two steps of the pipeline {pipeline_name!r} are called {name!r}"
                raise wrong(message)
            names[id(step)] = name
        return self._numbered(steps, names)

    @staticmethod
    def _numbered(steps: Mapping[int, Any], names: dict[int, str]) -> dict[str, Any]:
        """All steps by name; those without a variable are counted by the name of their component."""
        known = {_component_name(step): names[key] for key, step in steps.items() if key in names}
        counts = dict.fromkeys(names.values(), 1)
        found: dict[str, Any] = {}
        for key, step in steps.items():
            if key not in names:
                name = step.name or _component_name(step)
                if step.name is None:
                    name = known.get(name, name)
                counts[name] = counts.get(name, 0) + 1
                suffix = "" if counts[name] == 1 else f"_{counts[name] - 1}"
                names[key] = re.sub(r"[^a-z0-9_]", "_", name.lower()) + suffix
            found[names[key]] = step
        return found


def _component_name(step: Any) -> str:
    component = getattr(step, "component", None)
    if isinstance(component, Component):
        return component.name or "step"
    return str(component) if component else type(step).__name__.lower()
