"""Containers of the blob service, and lists of them and of what is in them."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import TYPE_CHECKING

from mlsdk.backends.memory import signatures, storage_conditions, storage_xml
from mlsdk.backends.memory.blobs import CONTAINER_NAME
from mlsdk.backends.memory.clock import http_date
from mlsdk.backends.memory.storage_errors import StorageError, parameter_refused, storage_not_emulated
from mlsdk.backends.memory.storage_exchange import METADATA

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.storage_exchange import Exchange
    from mlsdk.backends.memory.stored_files import StoredFiles

MOST = 5000
"""How much a page of a list holds at most, and by default."""
NOT_INCLUDED = {"uncommittedblobs", "permissions"}
INCLUDED = {"", "metadata", "copy", "deleted", "deletedwithversions", "snapshots", "versions", "tags", "legalhold",
            "immutabilitypolicy", "system"}  # fmt: skip
"""What a list may be asked to include: metadata, or what there never is any of here."""
DELEGATION_SECONDS = 7 * 24 * 3600


def create(exchange: Exchange) -> Reply:
    """Make a container; 409 when it is there."""
    made = make(exchange, "ContainerAlreadyExists")
    made.metadata = exchange.metadata()
    return exchange.reply(201, _version(made))


def make(exchange: Exchange, taken: str) -> StoredFiles:
    """A new container; StorageError (400, 409) when its name is none, or `taken`."""
    if not 3 <= len(exchange.container) <= 63:
        raise StorageError(400, "OutOfRangeInput")
    if re.fullmatch(CONTAINER_NAME, exchange.container) is None:
        raise StorageError(400, "InvalidResourceName")
    if exchange.header("x-ms-blob-public-access"):
        raise StorageError(409, "PublicAccessNotPermitted")
    if f"blob/{exchange.container}" in exchange.account.containers:
        raise StorageError(409, taken)
    exchange.account.add_container(exchange.container)
    return exchange.stored()


def properties(exchange: Exchange) -> Reply:
    """What is known of a container."""
    found = exchange.stored()
    headers = {
        **_version(found),
        **{METADATA + name: value for name, value in found.metadata.items()},
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        "x-ms-has-immutability-policy": "false",
        "x-ms-has-legal-hold": "false",
    }
    return exchange.reply(200, headers)


def set_metadata(exchange: Exchange) -> Reply:
    """Replace the metadata of a container."""
    found = exchange.stored()
    storage_conditions.check(exchange, found.etag, found.modified or 0.0)
    found.metadata = exchange.metadata()
    found.modified, found.etag = exchange.now, found.next_etag(exchange.now)
    return exchange.reply(200, _version(found))


def delete(exchange: Exchange) -> Reply:
    """Delete a container with all that is in it, at once."""
    found = exchange.stored()
    storage_conditions.check(exchange, found.etag, found.modified or 0.0)
    del exchange.account.containers[f"blob/{exchange.container}"]
    return exchange.reply(202)


def account_information(exchange: Exchange) -> Reply:
    """What kind of account it is, and whether its names are hierarchical."""
    if exchange.container:
        exchange.stored()
    hierarchical = "true" if exchange.account.hierarchical else "false"
    kind = {"x-ms-sku-name": "Standard_LRS", "x-ms-account-kind": "StorageV2", "x-ms-is-hns-enabled": hierarchical}
    return exchange.reply(200, kind)


def list_containers(exchange: Exchange) -> Reply:
    """The containers of an account by name, page by page."""
    limit, include, start = _list_options(exchange)
    prefix = exchange.param("prefix")
    found, following = page_of_containers(exchange, limit, start)
    text = storage_xml.page(
        _endpoint(exchange),
        None,
        {"Prefix": prefix, "Marker": exchange.param("marker"), "MaxResults": exchange.param("maxresults")},
        storage_xml.containers(found, exchange.now, metadata="metadata" in include),
        following,
    )
    return exchange.xml(text)


def page_of_containers(exchange: Exchange, limit: int, start: str) -> tuple[list[tuple[str, StoredFiles]], str | None]:
    """Up to `limit` containers by name, from the name `start` on, and what the list goes on with."""
    prefix = exchange.param("prefix")
    names = sorted(key.partition("/")[2] for key in exchange.account.containers if key.startswith("blob/"))
    names = [name for name in names if name.startswith(prefix) and name >= start]
    found = []
    for name in names[:limit]:
        exchange.container = name
        found.append((name, exchange.stored()))
    return found, marker(names[limit]) if len(names) > limit else None


def list_blobs(exchange: Exchange) -> Reply:
    """The blobs of a container by name, page by page; with a delimiter, those below a prefix and the folders beside them."""
    limit, include, start = _list_options(exchange)
    prefix, delimiter = exchange.param("prefix"), exchange.param("delimiter")
    files = exchange.stored()
    found, following = files.page(prefix, delimiter, start, limit)
    asked = {
        "Prefix": prefix,
        "Marker": exchange.param("marker"),
        "MaxResults": exchange.param("maxresults"),
        "Delimiter": delimiter,
    }
    content = storage_xml.blobs(found, metadata="metadata" in include, typed=files.hierarchical)
    following = marker(following) if following is not None else None
    return exchange.xml(storage_xml.page(_endpoint(exchange), exchange.container, asked, content, following))


def delegate(exchange: Exchange) -> Reply:
    """Give out a key which shared access signatures of a user's are made with, for a week at most."""
    if not exchange.header("authorization").lower().startswith("bearer"):
        raise StorageError(403, "AuthenticationFailed", "Only a user's token gets a key of the user's.")
    begin, end = storage_xml.read_key_info(exchange.body)
    until = signatures.moment(end)
    if until is None or not exchange.now < until <= exchange.now + DELEGATION_SECONDS:
        message = "The value for one of the XML nodes is not in the correct format."
        raise StorageError(400, "InvalidXmlNodeValue", message, details={"XmlNodeName": "Expiry", "XmlNodeValue": end})
    fields = {
        "skoid": str(uuid.uuid5(uuid.NAMESPACE_URL, exchange.backend.user)),
        "sktid": exchange.backend.tenant_id,
        "skt": begin,
        "ske": end,
    }
    shown = {
        "SignedOid": fields["skoid"],
        "SignedTid": fields["sktid"],
        "SignedStart": begin,
        "SignedExpiry": end,
        "SignedService": "b",
        "SignedVersion": exchange.header("x-ms-version"),
        "Value": signatures.delegation_key(exchange.account.keys[0], fields),
    }
    return exchange.xml(storage_xml.delegation_key(shown))


def marker(name: str) -> str:
    """What a list goes on with, at a name."""
    return "2!" + base64.urlsafe_b64encode(name.encode()).decode()


def marked(exchange: Exchange, parameter: str = "marker") -> str:
    """The name that a list goes on at, `""` at its beginning; StorageError (400) for what was not given out here."""
    text = exchange.param(parameter)
    if not text:
        return ""
    try:
        if text.startswith("2!"):
            return base64.b64decode(text[2:], altchars="-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise parameter_refused(exchange, parameter)


def _list_options(exchange: Exchange) -> tuple[int, set[str], str]:
    include = {word.strip().lower() for word in exchange.param("include").split(",")}
    if include & NOT_INCLUDED:
        raise storage_not_emulated(400, f"lists that include {', '.join(sorted(include & NOT_INCLUDED))}")
    if not include <= INCLUDED:
        raise parameter_refused(exchange, "include")
    return exchange.number("maxresults", MOST), include, marked(exchange)


def _endpoint(exchange: Exchange) -> str:
    return f"{exchange.address.scheme}://{exchange.address.host}/"


def _version(found: StoredFiles) -> dict[str, str]:
    return {"etag": f'"{found.etag}"', "last-modified": http_date(found.modified or 0.0)}
