"""Command jobs whose constructor takes the command itself."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from mlsdk.entities.command import Command, tell
from mlsdk.entities.command_component import CommandComponent, code_form, reference_form
from mlsdk.entities.environment import Environment
from mlsdk.entities.job_ports import input_form, output_form
from mlsdk.entities.port_types import component_inputs, component_outputs
from mlsdk.schema import files
from mlsdk.schema.fields import JSON, Path, entity, wire

_ALWAYS = ("tags", "properties", "environment_variables")
"""Mappings that the file form has where they are empty, too."""


def _environment_form(environment: str | Environment | None) -> Any:
    if isinstance(environment, Environment):
        return environment.named().to_dict()
    return None if environment is None else reference_form(environment)


@entity(eq=False)
class CommandJob(Command):
    """A command line that is run in an environment, as a job.

    `command(...)` makes the same job, and a step that others can be wired to; what the service answers is a `Command`.

    >>> CommandJob(command="python train.py", code="./src", environment="azureml:sklearn:1", compute="cpu-cluster")
    """

    __lenient__: ClassVar[bool] = False
    __open__: ClassVar[Path | None] = None
    _command: str | None = wire(None, default="", file=None, alias="command")
    _code: str | os.PathLike[str] | None = wire(None, default=None, file=None, alias="code")

    def __attrs_post_init__(self) -> None:
        if self.component is None:
            self.component = self._written_out()
        self._command = self._code = None
        super().__attrs_post_init__()

    def _written_out(self) -> CommandComponent:
        """The component that the job amounts to."""
        component = CommandComponent(
            command=self._command,
            code=self._code,
            environment=self.environment,
            distribution=self.distribution,
            resources=self.resources,
            inputs=component_inputs({name: value for name, value in self.inputs.items() if value is not None}),
            outputs=component_outputs({name: port.data for name, port in self.outputs.items()}),
            base_path=self.base_path,
            _source=self._source or "CLASS",
        )
        for name, port in self.outputs.items():
            port.meta = component.outputs.get(name)
        about = ("name", "display_name", "description", "tags")
        tell(
            component, {name: getattr(self, name) for name in about if getattr(self, name)}, self.environment_variables
        )
        return component

    def to_dict(self) -> JSON:
        """The file form: the command and all that is said of it in one place."""
        form = files.to_dict(self)
        form.pop("component", None)
        ports = {
            "inputs": {name: input_form(value) for name, value in self.inputs.items() if value is not None},
            "outputs": {name: output_form(port.data) for name, port in self.outputs.items()},
        }
        for key, part in (
            ("command", self.command),
            ("code", None if self.code is None else code_form(self.code, self.base_path)),
            ("environment", _environment_form(self.environment)),
        ):
            if part is not None:
                form[key] = part
        form["parameters"] = self.parameters or {}
        return {**form, **{name: dict(getattr(self, name)) for name in _ALWAYS}, **ports}
