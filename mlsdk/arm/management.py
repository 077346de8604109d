"""Azure's own management client over any backend: resource groups, and resources of whatever type by their ids.

Azure's backend puts the token on, repeats, logs and traces; the client over it does none of that a second time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import ContentDecodePolicy, RequestIdPolicy, SansIOHTTPPolicy
from azure.mgmt.core.policies import ARMAutoResourceProviderRegistrationPolicy
from azure.mgmt.resource.resources import ResourceManagementClient

from mlsdk.arm.errors import enriched
from mlsdk.arm.longrunning import polling_method
from mlsdk.arm.transport import BackendTransport

if TYPE_CHECKING:
    from collections.abc import Generator

    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest
    from azure.core.polling import LROPoller, PollingMethod

    from mlsdk.arm.connection import Connection

JSON = dict[str, Any]


class _ConnectionPolicy(SansIOHTTPPolicy[Any, Any]):
    """Puts the connection's headers and options on each request."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers.update(self._connection.headers)
        request.context.options.setdefault("options", self._connection.options)


def management_client(connection: Connection) -> ResourceManagementClient:
    """A `ResourceManagementClient` whose network is the connection's backend, in the backend's cloud.

    A resource provider that the subscription has not used before is registered by it, as a deployment of ARM would.
    """
    policies = [
        # azure-core's poller asks with the id that its operation was started with.
        RequestIdPolicy(),
        _ConnectionPolicy(connection),
        ContentDecodePolicy(),
        ARMAutoResourceProviderRegistrationPolicy(),
    ]
    return ResourceManagementClient(
        # It asks for one and has no use for it: the backend knows who is signed in.
        cast("TokenCredential", connection.backend),
        connection.scope.need("subscription_id"),
        base_url=connection.backend.cloud.resource_manager,
        authentication_policy=SansIOHTTPPolicy(),
        policies=policies,
        transport=BackendTransport(connection.backend),
        polling_interval=connection.polling_interval,
    )


class Management:
    """What is asked of Azure Resource Manager beside Azure Machine Learning; its errors are this package's."""

    def __init__(self, connection: Connection) -> None:
        """Work for one connection; may be used by several threads at once."""
        self._connection = connection
        self._client = management_client(connection)

    # -- resources of any type ---------------------------------------------------------------------------------
    def get(self, resource_id: str, api_version: str) -> JSON:
        """The body of a resource; ResourceNotFoundError when there is none."""
        with _explained():
            found = self._client.resources.get_by_id(
                _address(resource_id), api_version=api_version, cls=lambda response, *_: response.http_response.json()
            )
        return cast("JSON", found)

    def begin_put(self, resource_id: str, api_version: str, body: JSON) -> LROPoller[JSON]:
        """Start to make or replace a resource; the result is its body. A refusal raises here, a failure in `result()`."""
        with _explained():
            poller = self._client.resources.begin_create_or_update_by_id(
                _address(resource_id),
                body,
                api_version=api_version,
                cls=lambda response, *_: response.http_response.json(),
                polling=self._polling(),
            )
        return cast("LROPoller[JSON]", poller)

    def delete(self, resource_id: str, api_version: str) -> None:
        """Delete a resource and wait until it is gone; what is gone already is no error."""
        with _explained():
            try:
                self._client.resources.begin_delete_by_id(
                    _address(resource_id), api_version=api_version, polling=self._polling()
                ).result()
            except ResourceNotFoundError:
                return

    # -- resource groups ---------------------------------------------------------------------------------------
    def location_of_group(self, name: str) -> str:
        """The region of a resource group; ResourceNotFoundError when there is none."""
        with _explained():
            return self._client.resource_groups.get(name).location

    def make_group(self, name: str, location: str) -> None:
        """Make a resource group."""
        with _explained():
            self._client.resource_groups.create_or_update(name, {"location": location})

    def is_empty(self, group: str) -> bool:
        """Whether nothing stands in a resource group."""
        with _explained():
            return next(iter(self._client.resources.list_by_resource_group(group)), None) is None

    def delete_group(self, name: str) -> None:
        """Delete a resource group and all that stands in it, and wait until it is gone."""
        with _explained():
            self._client.resource_groups.begin_delete(name, polling=self._polling()).result()

    def _polling(self) -> PollingMethod[Any]:
        """Our way to follow an operation, one for each."""
        return polling_method(self._connection, "arm", self._connection.options)


@contextmanager
def _explained() -> Generator[None]:
    """The management client's errors with the text of ours."""
    try:
        yield
    except HttpResponseError as error:
        enriched(error)
        raise


def _address(resource_id: str) -> str:
    """An id as the management client puts it behind its `/`, escaped."""
    return quote(resource_id.lstrip("/"), safe="/()")
