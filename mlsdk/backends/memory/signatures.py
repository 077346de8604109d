"""Signatures that open a storage account: shared access signatures, and requests signed with an account key.

What is signed, and how, is Azure Storage's own, so that signatures made by azure-storage-blob are honoured here and those
made here would be understood there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OLDEST = "2020-12-06"
"""Signatures of earlier versions of the service sign another text."""
VERSION = "2022-11-02"
ACCOUNT = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv", "ses")
OVERRIDES = {
    "rscc": "cache-control",
    "rscd": "content-disposition",
    "rsce": "content-encoding",
    "rscl": "content-language",
    "rsct": "content-type",
}
"""Headers of the answer that a signature may set."""
DELEGATED = ("skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid")
SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


@attrs.frozen
class Target:
    """What a request is after: a container, and a path in it where there is one."""

    container: str = ""
    path: str = ""

    @property
    def scope(self) -> str:
        """`service`, `container` or `object`."""
        return "object" if self.path else "container" if self.container else "service"


def hashed(key: str, text: str) -> str:
    """The signature of a text by an account key, in Base64."""
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        secret = key.encode()
    return base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).decode()


def same(left: str, right: str) -> bool:
    """Whether two signatures are equal, told in a time that says nothing about them."""
    return hmac.compare_digest(left.encode(), right.encode())


def delegation_key(key: str, fields: Mapping[str, str]) -> str:
    """The key that a signature of a user's is made with: it follows from the account's, and from whose it is and until when."""
    return hashed(key, "\n".join(fields.get(name, "") for name in ("skoid", "sktid", "skt", "ske")))


def moment(text: str) -> float | None:
    """Seconds since 1970 of a time in a signature, `2025-01-01` or `2025-01-01T00:00:00Z`; None for what is none."""
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=timezone.utc)).timestamp()


def in_force(fields: Mapping[str, str], now: float) -> bool:
    """Whether a shared access signature has begun and has not expired."""
    begin, end = moment(fields["st"]) if fields.get("st") else 0.0, moment(fields.get("se", ""))
    delegated = moment(fields["ske"]) if fields.get("ske") else end
    return begin is not None and end is not None and delegated is not None and begin <= now < min(end, delegated)


def genuine(account: str, keys: Iterable[str], fields: Mapping[str, str], target: Target) -> bool:
    """Whether a shared access signature was made with one of the account's keys, for what the request is after."""
    given = fields.get("sig", "")
    if fields.get("sv", "") < OLDEST:
        return False
    return any(same(given, expected) for key in keys for expected in _expected(account, key, fields, target))


def mismatch(fields: Mapping[str, str], target: Target, permission: str, protocol: str = "https") -> str | None:
    """In what a signature does not allow an operation: `Protocol`, `Service`, `ResourceType` or `Permission`.

    None when it allows it; any letter of `permission` is enough.
    """
    if protocol not in (fields.get("spr") or protocol).split(","):
        return "Protocol"
    if "srt" in fields and "b" not in fields.get("ss", ""):
        return "Service"
    if "srt" in fields and target.scope[0] not in fields["srt"]:
        return "ResourceType"
    # A container's own signature opens what is in it and lists it, and never the container itself.
    inside = "srt" in fields or target.scope == "object" or (target.scope == "container" and permission == "l")
    return None if inside and set(permission) & set(fields.get("sp", "")) else "Permission"


def sign_container(account: str, key: str, container: str, permissions: str, until: float) -> str:
    """A shared access signature for one container, as a query."""
    end = datetime.fromtimestamp(until, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = {"sv": VERSION, "sr": "c", "sp": permissions, "se": end}
    signature = next(iter(_expected(account, key, fields, Target(container))))
    escaped = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return "&".join([*(f"{name}={value}" for name, value in fields.items()), f"sig={escaped}"])


def _expected(account: str, key: str, fields: Mapping[str, str], target: Target) -> list[str]:
    """The signatures that would be right: versions of the clients differ in what they sign."""
    if "srt" in fields:
        return [hashed(key, account + "\n" + "".join(fields.get(name, "") + "\n" for name in ACCOUNT))]
    resource = _resource(account, fields, target)
    begin = [fields.get("sp", ""), fields.get("st", ""), fields.get("se", ""), resource]
    access = [fields.get(name, "") for name in ("sip", "spr", "sv", "sr")] + ["", fields.get("ses", "")]
    end = [fields.get(name, "") for name in OVERRIDES]
    if "skoid" not in fields:
        return [hashed(key, "\n".join([*begin, fields.get("si", ""), *access, *end]))]
    secret = delegation_key(key, fields)
    who = [fields.get(name, "") for name in DELEGATED]
    newer = [fields.get("skdutid", ""), fields.get("sduoid", "")]
    texts = ([*begin, *who, *newer, *access, "", "", *end], [*begin, *who, *newer, *access, *end],
             [*begin, *who, *access, *end])  # fmt: skip
    return [hashed(secret, "\n".join(text)) for text in texts]


def _resource(account: str, fields: Mapping[str, str], target: Target) -> str:
    """What a signature is for: a container, a file, or a folder that lies so many levels deep."""
    path, kind = target.path, fields.get("sr", "")
    if kind == "c":
        path = ""
    elif kind == "d" and fields.get("sdd", "").isdecimal():
        path = "/".join(path.strip("/").split("/")[: int(fields["sdd"])])
    return f"/blob/{account}/{target.container}" + (f"/{path}" if path else "")


def signed_by_key(
    account: str, keys: Iterable[str], signature: str, method: str, url_path: str, query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
) -> bool:  # fmt: skip
    """Whether a request was signed with one of the account's keys (`Authorization: SharedKey`); header names in lower case."""
    length = {"content-length": ""} if headers.get("content-length") == "0" else {}
    plain = "".join(f"{length.get(name, headers.get(name, ''))}\n" for name in SIGNED_HEADERS)
    own = [name for name in headers if name.startswith("x-ms-")]
    asked = "".join(f"\n{name.lower()}:{unquote(value)}" for name, value in sorted(query))
    # The service sorts as dictionaries do, hyphens aside; some clients sort by code.
    orders = (sorted(own), sorted(own, key=_dictionary_order))
    texts = {
        f"{method}\n{plain}{''.join(f'{name}:{headers[name]}' + chr(10) for name in order)}/{account}{url_path}{asked}"
        for order in map(tuple, orders)
    }
    return any(same(signature, hashed(key, text)) for key in keys for text in texts)


def _dictionary_order(name: str) -> tuple[str, str]:
    return name.replace("-", "").replace("_", " "), name
