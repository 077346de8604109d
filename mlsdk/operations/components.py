"""The components of a workspace or a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.assets.components import localize_component, resolve_component, write_catalog
from mlsdk.entities.component import COMPONENT, Component
from mlsdk.entities.validation import ValidationResult
from mlsdk.operations.group import VersionedGroup

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

DEFAULT_VERSION = "azureml_default"
"""The version by which the service is asked for a component's default one (wire.md §8)."""


class ComponentOperations(VersionedGroup[Component]):
    """Register, find, check and download components."""

    kind = COMPONENT

    def create_or_update(
        self,
        component: Component | Callable[..., Any],
        version: str | None = None,
        *,
        skip_validation: bool = False,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> Component:
        """Register a component, or a function with `@pipeline`, or change what may change of a registered version.

        Its code is uploaded, unless the same snapshot is there; an environment written into it is registered. `version` wins
        over the component's own; without either the next one is taken. ValidationException lists what is wrong unless
        `skip_validation`; ResourceExistsError when the version is taken by another definition.
        """
        component = _component(component)
        self._expect(component)
        if version is not None:
            component = component.evolve(version=version)
        if not skip_validation:
            self.validate(component, raise_on_failure=True)
        return self._create(resolve_component(component, self._session))

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Component:
        """One version: the one called `version`, the one created last with `label="latest"`, else the default one.

        ResourceNotFoundError when there is none.
        """
        if version in (None, "") and label in (None, "", "default"):
            return self._load(self._fetch_version(name, DEFAULT_VERSION))
        return super().get(name, version, label)

    def validate(
        self,
        component: Component | Callable[..., Any],
        raise_on_failure: bool = False,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> ValidationResult:
        """What this side can see is wrong with a component, nothing sent; raised as ValidationException when asked for."""
        component = _component(component)
        result = ValidationResult.of(component.problems(), component)
        if raise_on_failure:
            result.raise_for_problems()
        return result

    def download(self, name: str, download_path: PathLike[str] | str = ".", *, version: str | None = None) -> None:
        """Write a component and its code into the new or empty folder `download_path`, as `component_spec.yaml` and `code/`.

        OSError when the folder has something in it.
        """
        component = self.get(name, version)
        target = Path(download_path)
        if target.is_dir():
            target.rmdir()
        target.mkdir(parents=True)
        localize_component(component, target, self._session)

    def prepare_for_sign(self, component: Component) -> None:
        """Write the `catalog.json` and `catalog.json.sig` of a component's code folder, which signing tools ask for.

        It lists the SHA-256 of every file; ValidationException when the component has no local code.
        """
        write_catalog(component)


def _component(given: Any) -> Component:
    """The component itself, or the one that a function with `@pipeline` writes."""
    made = getattr(given, "_as_component", None)
    return given if made is None else made()  # type: ignore[no-any-return]
