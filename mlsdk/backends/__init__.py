"""The one seam under the client: a backend takes a request and gives a reply, both plain data.

Above it stand the api-version, references, operations and the client; below it real Azure or an Azure ML that lives in
memory. A backend knows bodies and resource ids, never an entity class, and imports nothing of what is above it.

The fields here are settled: both backends use all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, Protocol, Union, runtime_checkable
from urllib.parse import quote, urlencode

import attrs

if TYPE_CHECKING:
    from mlsdk.clouds import Cloud

JSON = Any
"""What `json.loads` gives: dicts with text keys, lists, text, numbers, booleans and None."""

Body = Union[JSON, bytes, IO[bytes]]


@attrs.frozen(kw_only=True)
class Options:
    """How one call wants to be carried out; a backend that has no use for an option leaves it alone."""

    timeout: float | None = None
    """Seconds that the exchange may take, its repetitions included; what the backend thinks right when None."""
    repeatable: bool | None = None
    """Whether carrying the exchange out twice is as good as once, so that it may be repeated when its answer was lost or the
    service failed. When None, the method decides: a POST or PATCH is not."""
    raw_response_hook: Callable[[Any], None] | None = None
    """Called with azure-core's `PipelineResponse` where there is one."""
    expected: bool = False
    """The caller was made for what it asks for: a backend that makes what is first referred to makes this too, where it
    answers a mere question after it with 404."""
    user_token: bool = False
    """The service acts in the caller's name: a token of theirs for Azure Machine Learning goes with the exchange."""


@attrs.frozen
class Request:
    """One exchange to be made."""

    method: str
    """`GET`, `PUT`, `PATCH`, `POST`, `DELETE` or `HEAD`."""
    url: str
    """An absolute URL, or a path that starts with `/` and belongs to Azure Resource Manager; escaped."""
    params: Mapping[str, str] = attrs.field(factory=dict)
    """Query parameters, `api-version` among them; not escaped."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: Body = attrs.field(default=None, repr=False)
    """JSON, or bytes or a readable binary stream that travel as they are."""
    audience: str | None = "arm"
    """Whose token the call carries: `arm`, `ml` (`https://ml.azure.com`), or None where the headers already say it."""
    options: Options = attrs.field(factory=Options, repr=False)

    def address(self, cloud: Cloud) -> str:
        """The whole address: a path below the cloud's Azure Resource Manager, the parameters escaped.

        A query that came with the address is kept to the letter, since it may be signed.
        """
        url = self.url if "://" in self.url else f"{cloud.resource_manager}{self.url}"
        if not self.params:
            return url
        return url + ("&" if "?" in url else "?") + urlencode(self.params, safe="$,:/", quote_via=quote)


@attrs.frozen
class Reply:
    """What came back, whatever its status; a status of 400 or more raises nothing here."""

    status: int
    body: JSON = attrs.field(default=None, repr=False)
    """JSON where the service sent JSON, else bytes; None when there was no content."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Header names in lower case."""


@attrs.frozen
class BlobInfo:
    """What is known of one stored file without reading it."""

    name: str
    """Its path inside the container, with `/` between the parts."""
    size: int
    """Bytes."""
    metadata: Mapping[str, str] = attrs.field(factory=dict)
    content_md5: bytes | None = None


@runtime_checkable
class Container(Protocol):
    """The files of one blob container."""

    def put(
        self, name: str, stream: IO[bytes], *, metadata: Mapping[str, str] | None = None, overwrite: bool = False
    ) -> None:
        """Store all of `stream` under `name`, at once or not at all; FileExistsError unless `overwrite`."""
        ...

    def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes `offset` to `offset + length` of a file (to its end when None); FileNotFoundError when there is none."""
        ...

    def head(self, name: str) -> BlobInfo | None:
        """What is known of a file, None when there is none."""
        ...

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """The files whose name starts with `prefix`, sorted by name."""
        ...

    def set_metadata(self, name: str, metadata: Mapping[str, str]) -> None:
        """Replace the metadata of a file; FileNotFoundError when there is none."""
        ...


@runtime_checkable
class Backend(Protocol):
    """An Azure: real, or in memory. May be used by several threads at once."""

    @property
    def cloud(self) -> Cloud:
        """Where its services stand: the host of Azure Resource Manager, the suffix of storage accounts."""
        ...

    @property
    def distant(self) -> bool:
        """Whether an exchange takes so long that the next page of a list is better asked for before it is needed."""
        ...

    def send(self, request: Request) -> Reply:
        """Make one exchange. Raises only when no reply could be had (azure-core's ServiceRequestError and its like)."""
        ...

    def container(self, url: str, credential: Any = None) -> Container:
        """The files behind `https://{account}.blob.{suffix}/{container}`, with or without a SAS query.

        `credential` is an account key, a SAS text, an azure-identity credential, or None where `url` says it all.
        """
        ...

    def sleep(self, seconds: float) -> float | None:
        """Let time pass between two polls. A clock moved by hand advances itself.

        Gives the seconds that have passed where there was something to be seen before all of them had; else None.
        """
        ...

    def close(self) -> None:
        """Release what the backend holds; calling it twice is fine."""
        ...
