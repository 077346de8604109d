"""What a pipeline wants for all of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlsdk.schema.codecs import pascal_to_snake
from mlsdk.schema.fields import JSON, Codec, Entity, Mapped, entity, wire
from mlsdk.schema.files import Problem
from mlsdk.schema.values import described

PREFIX = "azureml:"
_REFERENCE_FILE = Codec(
    lambda value: value if value == "serverless" or value.startswith((PREFIX, "${{")) else PREFIX + value,
    lambda value: value.removeprefix(PREFIX) if isinstance(value, str) else value,
)


def _bare(value: Any, _: Any) -> Any:
    return value.removeprefix(PREFIX) if isinstance(value, str) else value


@entity(keeps="")
class PipelineJobSettings(Mapped, Entity):
    """What a pipeline wants for all of its steps: `PipelineJobSettings(default_compute="cpu-cluster")`.

    Keyword arguments, and keys in files, that this version does not know are sent as they are.
    """

    default_datastore: str | None = wire(
        "default_datastore", default=None, file_codec=_REFERENCE_FILE, given=_bare, kw_only=False
    )
    """Where steps write what has no path of its own."""
    default_compute: str | None = wire(
        "default_compute", default=None, file_codec=_REFERENCE_FILE, given=_bare, kw_only=False
    )
    """Where steps run that name no compute."""
    continue_on_step_failure: bool | None = wire("continue_on_step_failure", default=None, kw_only=False)
    """Whether steps that do not need a failed one go on."""
    force_rerun: bool | None = wire("force_rerun", default=None, kw_only=False)
    """Whether steps are run again that were run before with the same inputs."""
    on_init: str | None = wire("on_init", default=None)
    """The step that runs before all others."""
    on_finalize: str | None = wire("on_finalize", default=None)
    """The step that runs after all others, also when they failed."""

    @classmethod
    def of_body(cls, body: Mapping[str, Any] | None) -> PipelineJobSettings:
        """The settings in a body, whose words may be PascalCase where an older client sent them."""
        from mlsdk.schema.bodies import from_body

        words = {pascal_to_snake(key) if key[:1].isupper() else key: value for key, value in (body or {}).items()}
        return from_body(cls, {key: value for key, value in words.items() if key != "_source"})


def settings_problems(said: Any) -> Iterator[Problem]:
    """What is wrong with the settings of a file: references there have their prefix."""
    for key in ("default_compute", "default_datastore") if isinstance(said, Mapping) else ():
        value = said.get(key)
        if isinstance(value, str) and value and value != "serverless" and not value.startswith((PREFIX, "${{")):
            yield Problem(("settings", key), f"{described(value)} is no reference; write {PREFIX}{value}")


def settings_given(value: Any, _: Any) -> Any:
    """Settings, also when nothing was said: they are changed one by one."""
    return PipelineJobSettings() if value is None else value


SETTINGS = Codec(
    lambda settings: {key: value for key, value in _body(settings).items() if value is not None},
    PipelineJobSettings.of_body,
)


def _body(settings: PipelineJobSettings) -> JSON:
    from mlsdk.schema.bodies import to_body

    return to_body(settings)
