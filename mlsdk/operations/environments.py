"""The environments of a workspace or a registry."""

from __future__ import annotations

from mlsdk.assets.environments import resolve_environment
from mlsdk.entities.environment import ENVIRONMENT, Environment
from mlsdk.operations.group import VersionedGroup


class EnvironmentOperations(VersionedGroup[Environment]):
    """Register, find and share environments."""

    kind = ENVIRONMENT

    def create_or_update(self, environment: Environment) -> Environment:
        """Register an environment, or change what may change of a registered version.

        A local build context is uploaded, unless the same content is there. Without a version, the latest version is given
        back when it has the same definition, and the next one is taken otherwise. ResourceExistsError when the version is
        taken by another definition.
        """
        self._expect(environment)
        return self._create(resolve_environment(environment, self._session))

    def _proposed(self, name: str, attempt: int) -> str:
        """At first the latest version.

        The service takes it when the definition is the same and refuses it with 409 when it differs; the official client
        relies on that too (wire.md §8).
        """
        properties = self._container(name)
        return str(properties.get("latestVersion" if attempt == 1 else "nextVersion") or "1")

    def share(
        self, name: str, version: str, *, share_with_name: str, share_with_version: str, registry_name: str
    ) -> Environment:
        """Copy a version into the registry `registry_name` under another name and version, and give what is there then."""
        return self._share(
            name, version, new_name=share_with_name, new_version=share_with_version, registry=registry_name
        )
