"""Inputs and outputs as a job has them: the words of a body, and of the file form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from mlsdk.entities.bindings import NodeInput, Reference, is_binding
from mlsdk.entities.inputs import DATA_TYPES, PARAMETERS, Input, Output
from mlsdk.schema.fields import JSON, Codec
from mlsdk.schema.mappings import Names
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described, did_you_mean

INPUT_MODES = {
    "mount": "ReadOnlyMount",
    "ro_mount": "ReadOnlyMount",
    "rw_mount": "ReadWriteMount",
    "download": "Download",
    "direct": "Direct",
    "eval_mount": "EvalMount",
    "eval_download": "EvalDownload",
}
OUTPUT_MODES = {"mount": "ReadWriteMount", "rw_mount": "ReadWriteMount", "upload": "Upload", "direct": "Direct"}
"""How data comes and goes, by the word in Python; several words may mean one of a body."""
_INPUT_MODES_BACK = {theirs: ours for ours, theirs in INPUT_MODES.items()}
_OUTPUT_MODES_BACK = {theirs: ours for ours, theirs in OUTPUT_MODES.items()}
_TYPES_BACK = {kind.replace("_", ""): kind for kind in (*DATA_TYPES, "literal")}
"""Types of data by the word of a body, whose case and underscores differ between api-versions."""


# -- given in Python -----------------------------------------------------------------------------------------
class LiteralValue(str):
    """A plain value as a body has it, of which a newer service said more than the value."""

    __slots__ = ("_extra",)
    _extra: JSON | None

    @classmethod
    def of(cls, value: str, extra: JSON | None) -> str:
        """The value with what else is said of it; a plain text where that is nothing."""
        if extra is None:
            return value
        made = cls(value)
        made._extra = extra
        return made

    def __reduce__(self) -> Any:
        return (LiteralValue.of, (str(self), self._extra))


def input_value(value: Any) -> Any:
    """What stands for an input: a mapping becomes an Input, a registered asset the Input that names it."""
    if isinstance(value, Mapping):
        return Input(**value)
    if isinstance(value, Enum):
        return value.value
    kind, id_ = getattr(value, "type", None), getattr(value, "id", None)
    if isinstance(id_, str) and isinstance(kind, str) and hasattr(value, "version"):
        return Input(type=kind, path=id_)
    return value


def is_asked_for(value: Any) -> bool:
    """Whether an input says what is asked for rather than what is given."""
    return isinstance(value, Input) and value.type in PARAMETERS


def output_value(value: Any) -> Any:
    """What stands for an output: a mapping becomes an Output, an expression stays as it is."""
    if isinstance(value, Mapping):
        value = Output(**value)
    if value is None or isinstance(value, (Output, str, Reference)):
        return value
    message = f"an output is an Output, a mapping or None, not {value!r}"
    raise wrong(message)


def job_inputs(given: Mapping[str, Any] | None, _: Any) -> Names[Any]:
    """The inputs of a job by name, in a mapping of its own."""
    return Names((name, input_value(value)) for name, value in (given or {}).items())


def job_outputs(given: Mapping[str, Any] | None, _: Any) -> Names[Any]:
    """The outputs of a job by name, in a mapping of its own."""
    return Names((name, output_value(value)) for name, value in (given or {}).items())


def _extra(port: Any) -> JSON:
    """What a newer service said of an input or output."""
    return port._extra or {}  # noqa: SLF001 - of our own classes


def mode_problems(side: str, ports: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with how data comes and goes: pairs of a dotted place and what is wrong there.

    A word that starts with a capital is the service's own.
    """
    words = INPUT_MODES if side == "inputs" else OUTPUT_MODES
    for name, port in ports.items():
        mode = port.mode if isinstance(port, (Input, Output, NodeInput)) else None
        if mode is not None and mode.lower() not in words and not mode[:1].isupper() and not is_binding(mode):
            yield (
                f"{side}.{name}.mode",
                f"{described(mode)} is not one of {', '.join(words)}{did_you_mean(mode, words)}",
            )


# -- bodies --------------------------------------------------------------------------------------------------
def _mode(mode: Any, words: Mapping[str, str]) -> Any:
    return words.get(mode.lower(), mode) if isinstance(mode, str) else mode


def input_to_body(value: Any, kind_key: str = "jobInputType") -> JSON | None:
    """An input in a body; `kind_key` is how its type is called there, which differs between jobs and their nodes."""
    if isinstance(value, Input) and not isinstance(value.type, list) and value.type not in PARAMETERS:
        if value.path is not None and is_binding(str(value.path)):
            return {kind_key: "literal", "value": str(value.path)}
        body: JSON = {} if value.type is None else {kind_key: value.type}
        if value.path is not None:
            body["uri"] = str(value.path)
        if value.mode is not None:
            body["mode"] = _mode(value.mode, INPUT_MODES)
        return {**body, **_extra(value)}
    if isinstance(value, Input):
        return {kind_key: "literal", "value": None if value.default is None else str(value.default)}
    if value is None:
        return {kind_key: "literal"}
    return {kind_key: "literal", "value": str(value), **(_extra(value) if isinstance(value, LiteralValue) else {})}


def output_to_body(value: Any, kind_key: str = "jobOutputType") -> JSON | None:
    """An output in a body; one that says nothing is a folder."""
    if not isinstance(value, Output):
        if value is None:
            return {kind_key: "uri_folder"}
        message = f"an output is an Output, a mapping or None, not {value!r}"
        raise wrong(message)
    extra = _extra(value)
    body: JSON = {} if value.type is None and extra else {kind_key: value.type or "uri_folder"}
    if value.path is not None:
        body["uri"] = str(value.path)
    if value.mode is not None:
        body["mode"] = _mode(value.mode, OUTPUT_MODES)
    for name, place in (("name", "assetName"), ("version", "assetVersion"), ("description", "description")):
        if getattr(value, name) is not None:
            body[place] = getattr(value, name)
    return {**body, **extra}


def _kind(word: Any) -> Any:
    return _TYPES_BACK.get(str(word).replace("_", "").lower(), word)


def input_of_body(body: Any, kind_key: str = "jobInputType") -> Any:
    """An input from a body: a plain value as its text."""
    if not isinstance(body, Mapping):
        return body
    kind = _kind(body.get(kind_key))
    if kind == "literal":
        value = body.get("value")
        return LiteralValue.of(value, _rest(body, kind_key, "value", "mode")) if isinstance(value, str) else value
    made = Input(type=kind, path=body.get("uri"), mode=_INPUT_MODES_BACK.get(body.get("mode", ""), body.get("mode")))
    made.path_on_compute = body.get("pathOnCompute")
    made._extra = _rest(body, kind_key, "uri", "mode")  # noqa: SLF001 - of our own class
    return made


def output_of_body(body: Any, kind_key: str = "jobOutputType") -> Any:
    """An output from a body."""
    if not isinstance(body, Mapping):
        return body
    made = Output(
        type=_kind(body.get(kind_key)),
        path=body.get("uri"),
        mode=_OUTPUT_MODES_BACK.get(body.get("mode", ""), body.get("mode")),
        description=body.get("description"),
    )
    made.name, made.version = body.get("assetName"), body.get("assetVersion")
    made.path_on_compute = body.get("pathOnCompute")
    known = (kind_key, "uri", "mode", "description", "assetName", "assetVersion")
    made._extra = _rest(body, *known)  # noqa: SLF001 - as above
    return made


def _rest(body: Mapping[str, Any], *known: str) -> JSON | None:
    return {key: item for key, item in body.items() if key not in known and item is not None} or None


JOB_INPUTS = Codec(
    lambda given: {name: input_to_body(value) for name, value in given.items()},
    lambda found: Names((name, input_of_body(value)) for name, value in found.items() if value is not None),
)
JOB_OUTPUTS = Codec(
    lambda given: {name: output_to_body(value) for name, value in given.items()},
    lambda found: Names((name, output_of_body(value)) for name, value in found.items() if value is not None),
)


# -- files ---------------------------------------------------------------------------------------------------
def path_form(path: Any) -> str:
    """A path as files have it: with `azureml:` before anything but an expression, as the official client writes it."""
    text = str(path)
    return text if text.startswith("azureml:") or is_binding(text) else "azureml:" + text


def input_form(value: Any) -> Any:
    """An input in the file form: a plain value as it is, an expression as the path that it stands for."""
    if isinstance(value, LiteralValue):
        value = str(value)
    if isinstance(value, Input):
        form: JSON = {}
        bound = value.path is not None and is_binding(str(value.path))
        if value.type is not None and not bound:
            form["type"] = value.type
        for key in ("mode", "path_on_compute", "datastore"):
            if getattr(value, key) is not None:
                form[key] = getattr(value, key)
        if value.path is not None:
            form["path"] = path_form(value.path)
        if value.default is not None:
            return value.default
        return form
    if isinstance(value, Reference) or (isinstance(value, str) and is_binding(value)):
        mode = value.mode if isinstance(value, NodeInput) else None
        return {"path": str(value)} if mode is None else {"mode": mode, "path": str(value)}
    return int(value) if isinstance(value, bool) else value  # as the official client writes it


def output_form(value: Any, *, whole: bool = False) -> Any:
    """An output in the file form; `whole` with what the official client's form leaves out."""
    if not isinstance(value, Output):
        return None if value is None else str(value)
    keys = ("type", "mode", "name", "version", *(("description", "path_on_compute") if whole else ()))
    form = {key: getattr(value, key) for key in keys if getattr(value, key) is not None}
    if value.path is None:
        return form
    path = path_form(value.path)
    unsaid = {"type"} if whole else {"type", "name", "version"}
    return path if is_binding(path) and form.keys() <= unsaid else {**form, "path": path}
