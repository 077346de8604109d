"""What goes into a job or a component and what comes out of it: one class each."""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any

from mlsdk.entities.bindings import Reference
from mlsdk.schema import documents
from mlsdk.schema.fields import Entity, Mapped, entity, wire
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import Number, Whole, described

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PARAMETERS = ("boolean", "integer", "number", "string")
"""The types of plain values; all others are data."""
DATA_TYPES = ("custom_model", "mlflow_model", "mltable", "path", "triton_model", "uri_file", "uri_folder")
MODES = ("direct", "download", "eval_download", "eval_mount", "link", "mount", "ro_mount", "rw_mount", "upload")
_OUTPUT_NAME = re.compile(r"[A-Za-z0-9_-]{0,255}")


# -- plain values --------------------------------------------------------------------------------------------
def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError
    number = int(value) if isinstance(value, int) else float(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError
    return float(value)


def _flag(value: Any) -> bool:
    word = str(value).lower() if isinstance(value, (bool, str)) else None
    if word not in ("true", "false"):
        raise ValueError
    return word == "true"


def _text(value: Any) -> str:
    return value.text if isinstance(value, (Number, Whole)) else str(value)


_PARSE: dict[str, tuple[Callable[[Any], Any], str]] = {
    "boolean": (_flag, "true or false"),
    "integer": (_whole, "a whole number"),
    "number": (_number, "a finite number"),
    "string": (_text, "a text"),
}


def parameter(value: Any, kind: str) -> Any:
    """A plain value of the type that an input names, given as such or as text; ValueError says what was expected."""
    parse, wanted = _PARSE[kind]
    try:
        if isinstance(value, (str, int, float, bool)):
            return parse(value)
    except (TypeError, ValueError, OverflowError):
        pass
    message = f"expected {wanted}, since the type is {kind!r}, got {described(value)}"
    raise ValueError(message)


# -- classes -------------------------------------------------------------------------------------------------
@entity(lenient=True)
class Input(Mapped, Entity):
    """An input: data, or a plain value.

    >>> Input(type="uri_folder", path="azureml:titanic:1", mode="ro_mount")
    >>> Input(type="number", default=0.1, min=0, max=1)

    The first is data of a job; the second says what a component asks for. Keyword arguments that are not known are left
    out with a warning (UnknownArgumentWarning).
    """

    type: str | list[str] | None = wire(None, default="uri_folder")
    """`uri_file`, `uri_folder`, `mltable`, `custom_model`, `mlflow_model`, `triton_model`, or for plain values
    `string`, `number`, `integer`, `boolean`."""
    path: str | os.PathLike[str] | Reference | None = wire(None, default=None)
    """Where the data is: a local path, a URL, `azureml:name:version` or `azureml://…`."""
    mode: str | None = wire(None, default=None)
    """How the data comes to the code: `ro_mount`, `download`, `direct`, and others of `InputOutputModes`."""
    path_on_compute: str | None = wire(None, default=None)
    """Where it is mounted or downloaded to."""
    default: str | int | float | bool | None = wire(None, default=None)
    """The value of a component's input that is given none; in the type that `type` names."""
    optional: bool | None = wire(None, default=None)
    """Whether a component runs without it."""
    min: int | float | None = wire(None, default=None)
    """The smallest value allowed, of a number or integer."""
    max: int | float | None = wire(None, default=None)
    enum: Any = wire(None, default=None)
    """The only values allowed, as a list of texts."""
    description: str | None = wire(None, default=None)
    datastore: str | None = wire(None, default=None)
    """The datastore that local data is uploaded to; the workspace's default one when None."""

    def __attrs_post_init__(self) -> None:
        kind = self.type
        if not isinstance(kind, str) or kind not in PARAMETERS:
            self._check_data()
            return
        self.mode = None
        if self.path is not None:
            message = f"Input(type={kind!r}) has no path; a plain value is given as it is"
            raise wrong(message)
        for name in ("default", "min", "max"):
            value = getattr(self, name)
            if value is None:
                continue
            if name != "default" and kind not in ("integer", "number"):
                message = f"Input(type={kind!r}) has no {name}; only numbers and integers have"
                raise wrong(message)
            try:
                setattr(self, name, parameter(value, kind))
            except ValueError as error:
                message = f"Input({name}=…): {error}"
                raise wrong(message) from None

    def _check_data(self) -> None:
        """ValidationException when an input of data has what only plain values have."""
        if self.default is not None:
            message = f"Input(type={self.type!r}) has no default; only {', '.join(PARAMETERS)} have"
            raise wrong(message)
        for name in ("min", "max") if self.type in DATA_TYPES else ():
            if getattr(self, name) is not None:
                message = f"Input(type={self.type!r}) has no {name}; only numbers and integers have"
                raise wrong(message)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; the default of a text keeps the digits it was written with."""
        default = data.get("default")
        if isinstance(default, (bool, int, float)):
            return {**data, "default": _text(default) if data.get("type") == "string" else documents.plain(default)}
        return data


@entity(lenient=True)
class Output(Mapped, Entity):
    """An output: data, or a plain value that a component's code writes.

    >>> Output(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/out", mode="rw_mount")

    Keyword arguments that are not known are left out with a warning (UnknownArgumentWarning).
    """

    type: str | None = wire(None, default="uri_folder")
    """`uri_file`, `uri_folder`, `mltable`, `custom_model`, `mlflow_model`, `triton_model`, or for plain values
    `string`, `number`, `integer`, `boolean`."""
    path: str | None = wire(None, default=None)
    """Where the data is written to: `azureml://datastores/…/paths/…`; the service chooses when None."""
    mode: str | None = wire(None, default=None)
    """How the data leaves the code: `rw_mount`, `upload` or `direct`."""
    description: str | None = wire(None, default=None)
    name: str | None = wire(None, default=None)
    """Registers the data as an asset of this name: at most 255 letters, digits, hyphens and underscores."""
    version: str | None = wire(None, default=None)
    """The version of that asset; the next one when None."""
    path_on_compute: str | None = wire(None, default=None)
    """Where it is mounted."""
    early_available: bool | None = wire(None, default=None)
    """Whether later steps of a pipeline may use a plain value before the job ends."""

    def __attrs_post_init__(self) -> None:
        if self.name and not _OUTPUT_NAME.fullmatch(self.name):
            message = f"Output(name={self.name!r}): at most 255 letters, digits, hyphens and underscores are allowed"
            raise wrong(message)
        if self.version and not self.name:
            message = f"Output(version={self.version!r}) needs a name too"
            raise wrong(message)
