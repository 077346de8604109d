"""The words an entity is written with: `entity`, `wire`, `output`, `tag`, `constant`, `choice`.

One attrs class says where each attribute lives in the ARM body and in a file; every other form is derived from it. Entity
files import all their words from here.
"""

from __future__ import annotations

from mlsdk.schema.entity import Entity, Mapped, entity, fields
from mlsdk.schema.unions import (
    CHOICES,
    SCALARS,
    Choice,
    choice,
    find_choice,
    is_entity,
    is_plain,
    is_union,
)
from mlsdk.schema.words import (
    JSON,
    LOADED,
    MASK,
    UNSET,
    Codec,
    Constant,
    Path,
    Wire,
    attributes,
    constant,
    made_anew,
    output,
    tag,
    wire,
    without_nulls,
)

__all__ = [
    "CHOICES",
    "JSON",
    "LOADED",
    "MASK",
    "SCALARS",
    "UNSET",
    "Choice",
    "Codec",
    "Constant",
    "Entity",
    "Mapped",
    "Path",
    "Wire",
    "attributes",
    "choice",
    "constant",
    "entity",
    "fields",
    "find_choice",
    "is_entity",
    "is_plain",
    "is_union",
    "made_anew",
    "output",
    "tag",
    "wire",
    "without_nulls",
]
