"""A connection to a model that is served by the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.resource import Resource
from mlsdk.schema.fields import JSON, entity, tag, wire

if TYPE_CHECKING:
    from collections.abc import Mapping


@entity
class ServerlessConnection(Resource):
    """Where a serverless endpoint is, and the key that it asks for.

    >>> ServerlessConnection(name="teacher", endpoint="https://llama.eastus2.models.ai.azure.com", api_key="…")
    """

    name: str | None = wire("name", default=None, sent=False)
    type: Literal["serverless"] = tag("properties.category", default="serverless", wire="Serverless")
    endpoint: str = wire("properties.target")
    """Its address."""
    api_key: str | None = wire("properties.credentials.key", default=None, required=True, secret=True)
    metadata: dict[str, Any] | None = wire("properties.metadata", default=None, missing=dict)
    is_shared: bool | None = wire("properties.isSharedToAll", default=True)
    """Whether the other projects of the hub may use it."""

    @property
    def target(self) -> str:
        """The address, by the word that connections of all types have for it."""
        return self.endpoint

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said in its own words or in those of connections of all types, its type included."""
        if data.get("type") is None:
            message = "'type' is required: serverless"
            raise ValueError(message)
        said = {key: value for key, value in data.items() if key not in ("target", "tags", "credentials")}
        for key, older in (("endpoint", "target"), ("metadata", "tags")):
            if key not in said and older in data:
                said[key] = data[older]
        return said

    def __complete__(self, body: JSON) -> None:
        """How the key is shown, and metadata even where there is none."""
        properties: JSON = body["properties"]
        properties["authType"] = "ApiKey"
        properties.setdefault("metadata", {})

    def to_dict(self) -> JSON:
        """The file form, in the words of connections of all types and in its own."""
        own = super().to_dict()
        metadata = self.metadata or {}
        name = {} if self.name is None else {"name": self.name}
        key = {} if self.api_key is None else {"key": self.api_key}
        return {
            **name,
            "tags": dict(metadata),
            "type": self.type,
            "target": self.endpoint,
            "credentials": {"type": "api_key", **key},
            "is_shared": self.is_shared,
            "metadata": dict(metadata),
            **{word: own[word] for word in ("api_key", "endpoint") if word in own},
        }
