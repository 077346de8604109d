"""What a sweep runs again and again: a command, as the service keeps it within the sweep."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.entities.bindings import unmet
from mlsdk.entities.command import ENVIRONMENT, Command, double_braces
from mlsdk.entities.command_component import CommandComponent, bare, code_form, problems_of_sources, reference_form
from mlsdk.entities.distribution import Distribution
from mlsdk.entities.environment import Environment
from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import JSON, LOADED, Codec, Entity, entity, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*$")


@entity(eq=False)
class ParameterizedCommand(Entity):
    """The command of a sweep, in which `${{search_space.x}}` stands for what is drawn."""

    command: str | None = wire(
        "command", default="", required=True, kw_only=False, codec=Codec(double_braces, lambda found: found)
    )
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        "resources", default=None, kw_only=False
    )
    code: str | os.PathLike[str] | None = wire("codeId", default=None, kw_only=False, codec=Codec(os.fspath, bare))
    """A folder or file of this machine, or a snapshot's id."""
    environment_variables: dict[str, Any] | None = wire("environmentVariables", default=None, kw_only=False)
    distribution: Field[Distribution | None, Distribution | dict[str, Any] | None] = wire(
        "distribution", default=None, kw_only=False
    )
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        "environmentId", default=None, required=True, kw_only=False, codec=ENVIRONMENT
    )
    """What it runs in: `name:version`, or an `Environment`."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        None, default=None, kw_only=False
    )
    """That of the sweep counts."""
    base_path: str = attrs.field(factory=os.getcwd, kw_only=True, eq=False, metadata={LOADED: "."})
    """The folder that a relative path of the code starts from."""

    def __attrs_post_init__(self) -> None:
        if self.environment_variables is None:
            self.environment_variables = {}

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, references without their prefix."""
        from mlsdk.schema.files import Misstated

        problems = [*problems_of_sources(data, base)]
        said = {**data}
        if isinstance(said.get("code"), str) and said["code"].startswith("azureml:"):
            said["code"] = bare(code_form(said["code"], base))
        if isinstance(said.get("environment"), str):
            said["environment"] = bare(said["environment"])
        if problems:
            raise Misstated(problems, said)
        return said

    def to_dict(self) -> JSON:
        """The file form: code from the root, references with their prefix."""
        form = super().to_dict()
        if self.command is not None:
            form["command"] = double_braces(self.command)
        if self.code is not None:
            form["code"] = code_form(self.code, self.base_path)
        if isinstance(self.environment, Environment):
            form["environment"] = self.environment.named().to_dict()
        elif self.environment is not None:
            form["environment"] = reference_form(self.environment)
        return form


Trial = ParameterizedCommand | CommandComponent | Command


def as_trial(given: Trial) -> ParameterizedCommand:
    """The command of a sweep that a component or a command job amounts to."""
    if isinstance(given, ParameterizedCommand):
        return given
    environment = given.environment
    if isinstance(given, Command) and environment is None and isinstance(given.component, CommandComponent):
        environment = given.component.environment
    made = ParameterizedCommand(
        command=given.command,
        code=given.code,
        environment=environment,
        distribution=given.distribution,
        resources=given.resources,
        queue_settings=given.queue_settings,
        base_path=given.base_path,
    )
    made.environment_variables = given.environment_variables
    return made


TRIAL = Codec(lambda given: to_body(as_trial(given)), lambda body: from_body(ParameterizedCommand, body))
"""What a sweep runs; in a body always written out."""


# -- checks --------------------------------------------------------------------------------------------------
def check_search(trial: ParameterizedCommand, search_space: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """ValidationException where a hyperparameter cannot be called that, or the command names inputs that are not given.

    What stands within `$[[…]]` may be missing.
    """
    for name in search_space:
        if not _KEY.match(name):
            message = f"search_space: {name!r} may have letters, digits and underscores, and no digit first"
            raise wrong(message)
    missing = unmet(trial.command, inputs)
    if missing:
        message = f"the command of the trial names inputs that the sweep does not have: {', '.join(missing)}"
        raise wrong(message)
