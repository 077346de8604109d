"""Entity to ARM body and back, by functions compiled once for each class."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from mlsdk.schema.fields import (
    JSON,
    LOADED,
    SCALARS,
    UNSET,
    Choice,
    Entity,
    Path,
    attributes,
    fields,
    find_choice,
    is_entity,
    is_plain,
    is_union,
    made_anew,
)

T = TypeVar("T")
Hook = Callable[..., Any]

SERVICE_OWNED = frozenset(
    {
        "id",
        "name",
        "type",
        "systemData",
        "etag",
    }
)
"""At the top of a body, the service's own words: known to every kind and never echoed."""

SERVICE_PROPERTIES = frozenset(
    {
        "provisioningState",
        "provisioningErrors",
        "createdOn",
        "modifiedOn",
        "creationTime",
        "tenantId",
        "workspaceId",
        "discoveryUrl",
        "mlFlowTrackingUri",
        "privateLinkCount",
        "notebookInfo",
        "serviceProvisionedResourceGroup",
        "storageHnsEnabled",
        "soft_deleted_at",
        "softDeletedAt",
        "scheduledPurgeDate",
        "isAttachedCompute",
    }
)
"""Below `properties`, the same."""

SERVICE_STATE = frozenset(
    {
        "allocationState",
        "allocationStateTransitionTime",
        "currentNodeCount",
        "targetNodeCount",
        "nodeStateCounts",
        "errors",
        "state",
        "lastOperation",
        "connectivityEndpoints",
        "applications",
        "createdBy",
        "containers",
        "dataMounts",
        "versions",
    }
)
"""Below `properties.properties` of a compute, where it stands at the moment: read-only in the published schema."""


class WireError(ValueError):
    """A body which does not fit its entity."""


class Exactly:
    """Marks a place of a body that carries a constant: known when it holds that value, kept as found otherwise."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        """Know the place when it holds `value`."""
        self.value = value


def merge(into: JSON, extra: Mapping[str, Any]) -> None:
    """Add to `into` what it lacks; what is there stays."""
    for key, value in extra.items():
        if key not in into:
            into[key] = value
        elif isinstance(value, dict) and isinstance(into[key], dict):
            merge(into[key], value)


def remainder(body: JSON, known: JSON) -> JSON | None:
    """The part of `body` which no attribute reads; None when there is none."""
    rest: JSON | None = None
    for key, value in body.items():
        if key in known:
            below = known[key]
            if below is None:
                continue
            if below.__class__ is Exactly:
                if value == below.value:
                    continue
            elif isinstance(value, dict):
                value = remainder(value, below)  # noqa: PLW2901 - only what is left of it is of interest
                if value is None:
                    continue
            elif value is None:
                continue
        if rest is None:
            rest = {}
        rest[key] = value
    return rest


def _compile(name: str, cls: type, lines: list[str], names: JSON) -> Hook:
    text = "\n".join(lines) + "\n"
    file = f"<{name} {cls.__module__}.{cls.__qualname__}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)  # tracebacks and debuggers show it
    exec(compile(text, file, "exec"), names)  # noqa: S102 - the text is made from the class's own paths, escaped by repr
    return names[name]  # type: ignore[no-any-return]


class _Nodes(dict[Path, str]):
    """A local variable for each object of the body, parents first."""

    def at(self, path: Path) -> str:
        if path not in self:
            if path:
                self.at(path[:-1])
            self[path] = f"n{len(self)}"
        return self[path]


def make_dump(cls: type[Entity], converter: _Hooks) -> Hook:
    """Compile `entity -> body` for one class."""
    nodes, lines, late = _Nodes(), [], []
    shared, parts = _shared(cls), dict[Path, list[str]]()
    names: JSON = {"merge": merge, "UNSET": UNSET}
    nodes.at(())
    if cls.__sendable__ is not Entity.__sendable__:
        lines.append("    o.__sendable__()")
    last = ["    o.__complete__(n0)"] if cls.__complete__ is not Entity.__complete__ else []
    for index, (attribute, kind, mark) in enumerate(fields(cls)):
        if mark.word is not None:
            if mark.path is not None:
                lines.append(f"    {nodes.at(mark.path[:-1])}[{mark.path[-1]!r}] = {mark.word!r}")
            continue
        if not mark.sent:
            continue
        lines.append(f"    v = o.{attribute.name}")
        if mark.path is not None:
            hook = mark.codec.dump if mark.codec else converter.dump_hook(kind)
            names[f"h{index}"] = hook
            target = f"{nodes.at(mark.path[:-1])}[{mark.path[-1]!r}]"
            value = "v" if hook is _same else f"h{index}(v)"
            condition = "v is not None" if mark.empty else "v is not None and v != {} and v != []"
            if mark.path in shared:
                parts.setdefault(mark.path, []).extend(
                    [f"    v = o.{attribute.name}", f"    if {condition}: merge({nodes.at(mark.path)}, {value})"]
                )
            else:
                lines.append(f"    if {condition}: {target} = {value}")
            if mark.absent is not UNSET:
                lines.append(
                    f"    elif v is None: {target} = {mark.absent!r}"
                )  # JSON as source: no two bodies share it
        for number, (path, make) in enumerate(mark.also):
            names[f"m{index}_{number}"] = make
            lines += [
                f"    w = m{index}_{number}(v)",
                f"    if w is not UNSET: {nodes.at(path[:-1])}[{path[-1]!r}] = w",
            ]
    for fact in cls.__constants__:
        nodes.at(fact.path[:-1])
        late.append(f"    {_reach(fact.path[:-1])}.setdefault({fact.path[-1]!r}, {fact.value!r})")
    ups = [
        line
        for path, node in reversed(nodes.items())
        if path
        for line in (*parts.get(path, ()), f"    if {node}: {nodes[path[:-1]]}[{path[-1]!r}] = {node}")
    ]
    return _compile(
        "dump",
        cls,
        [
            "def dump(o):",
            *(f"    {node} = {{}}" for node in nodes.values()),
            *lines,
            *ups,
            "    if o._extra: merge(n0, o._extra)",
            *late,
            *last,
            "    return n0",
        ],
        names,
    )


def _reach(path: Path) -> str:
    """An expression for the object at `path`, made on the way where it is not there."""
    return "n0" + "".join(f".setdefault({step!r}, {{}})" for step in path)


def _shared(cls: type[Entity]) -> dict[Path, type[Entity] | None]:
    """The places where one attribute stands and others stand below: its object is theirs too, and theirs win.

    An entity there knows its own part of the object; None stands for a mapping, to which all of the object belongs.
    """
    marks = fields(cls)
    inner = {
        path[:end]
        for _, _, mark in marks
        for path in (mark.path, *(at for at, _ in mark.also))
        if path
        for end in range(1, len(path))
    }
    found: dict[Path, type[Entity] | None] = {}
    for _, kind, mark in marks:
        if mark.path in inner and mark.codec is None:
            found[mark.path] = next((one for one in (kind, *get_args(kind)) if is_entity(one)), None)
    return found


def _part(entity: Entity | None) -> Entity | None:
    """An entity that is a part of an object: None where nothing of it is there; what else is there is not its own."""
    if entity is None or all(getattr(entity, a.name) is None for a, _, mark in fields(type(entity)) if mark.path):
        return None
    entity._extra = None  # noqa: SLF001 - the entity around it keeps what is not known
    return entity


def _known(cls: type[Entity]) -> JSON:
    """The tree of places that a class reads, the service's own words included."""
    known: JSON = dict.fromkeys(SERVICE_OWNED) if _is_resource(cls) else {}
    for _, _, mark in fields(cls):
        for path in (mark.path, mark.rather, *(path for path, _ in mark.also)):
            if path is not None:
                _note(known, path, None)
    for fact in cls.__constants__:
        _note(known, fact.path, Exactly(fact.value))
    for place, member in _shared(cls).items():
        here = known
        for step in place[:-1]:
            here = here[step]
        here[place[-1]] = None if member is None else _both(here[place[-1]], _known(member))
    if _is_resource(cls):
        below = known.get("properties")
        for words in (SERVICE_PROPERTIES, SERVICE_STATE):
            if isinstance(below, dict):
                for word in words:
                    below.setdefault(word, None)
                below = below.get("properties")
    return known


def _note(known: JSON, path: Path, leaf: Any) -> None:
    """Add a place to a tree of places; one that others stand below stays a tree."""
    here = known
    for step in path[:-1]:
        below = here.get(step)
        if not isinstance(below, dict):
            below = here[step] = {}
        here = below
    if not isinstance(here.get(path[-1]), dict):
        here[path[-1]] = leaf


def _both(one: JSON, other: JSON) -> JSON:
    """Two trees of places in one; a place that either knows whole is known whole."""
    return one | {
        key: _both(one[key], below) if isinstance(below, dict) and isinstance(one.get(key), dict) else below
        for key, below in other.items()
    }


def _is_resource(cls: type[Entity]) -> bool:
    """Whether bodies of this class are whole resources, which the service adds its envelope to."""
    return any(mark.path == ("id",) for _, _, mark in fields(cls))


def make_load(cls: type[Entity], converter: _Hooks) -> Hook:
    """Compile `body -> entity` for one class.

    The constructor is passed by: what the service says is not checked as if a user had said it, and no default of this
    client takes the place of what the service left out.
    """
    nodes, lines = _Nodes(), []
    nodes.at(())
    names: JSON = {
        "cls": cls,
        "new": object.__new__,
        "remainder": remainder,
        "known": _known(cls),
        "EMPTY": {},
        "WireError": WireError,
        "set_extra": attrs_slot(cls, "_extra"),
        "part": _part,
    }
    shared = _shared(cls)
    for index, (attribute, kind, mark) in enumerate(fields(cls)):
        names[f"s{index}"] = attrs_slot(cls, attribute.name)
        if mark.word is not None:
            names[f"d{index}"] = attribute.default
            lines.append(f"        s{index}(o, d{index})")
            continue
        absent = "None"
        if mark.missing is not None:
            names[f"d{index}"] = mark.missing
            absent = f"d{index}()"
        if mark.path is None:
            lines.append(f"        s{index}(o, {absent})")
            continue
        if mark.codec:
            names[f"h{index}"], value = mark.codec.load, f"h{index}(v)"
        else:
            hook = converter.load_hook(kind)
            names[f"h{index}"], names[f"t{index}"] = hook, kind
            value = "v" if hook is _keep else f"h{index}(v, t{index})"
            if shared.get(mark.path) is not None:
                value = f"part({value})"
        node = nodes.at(mark.path[:-1])
        lines.append(f"        at = {'.'.join(mark.path)!r}; v = {node}.get({mark.path[-1]!r})")
        if mark.rather is not None:
            lines.append(
                f"        w = {nodes.at(mark.rather[:-1])}.get({mark.rather[-1]!r}); v = v if w is None else w"
            )
        lines += [f"        s{index}(o, {absent} if v is None else {value})"]
    downs = [f"        {node} = {nodes[path[:-1]]}.get({path[-1]!r}) or EMPTY" for path, node in nodes.items() if path]
    plain = [name for name in _private(cls) if name != "_extra"]
    for name in plain:
        names[f"p{name}"] = attrs_slot(cls, name)
        attribute = attributes(cls)[name]
        names[f"q{name}"] = attribute.metadata.get(LOADED, attribute.default)
        default = f"q{name}.factory()" if made_anew(names[f"q{name}"]) else f"q{name}"
        lines.append(f"        p{name}(o, {default})")
    return _compile(
        "load",
        cls,
        [
            "def load(n0, _=None):",
            "    at = '$'",
            "    try:",
            "        o = new(cls)",
            *downs,
            *lines,
            "        set_extra(o, remainder(n0, known))",
            *(["        o.__loaded__(n0)"] if cls.__loaded__ is not Entity.__loaded__ else []),
            "        return o",
            "    except WireError: raise",
            "    except Exception as e:",
            "        raise WireError(f'{cls.__name__}: {at}: {type(e).__name__}: {e}') from e",
        ],
        names,
    )


def _private(cls: type) -> list[str]:
    """Attributes that are neither in a body nor in a file, such as the folder a file came from."""
    from mlsdk.schema.fields import Wire

    return [a.name for a in attributes(cls).values() if Wire not in a.metadata]


def attrs_slot(cls: type, name: str) -> Hook:
    """The setter of one slot, which passes by the checks of assignment."""
    members: dict[str, Any] = getattr(cls, "__members__", {})
    if name in members:
        return members[name].__set__  # type: ignore[no-any-return]
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name].__set__  # type: ignore[no-any-return]
    raise AttributeError(name)


def _keep(value: Any, _: Any) -> Any:
    return value


def _choice_load(chosen: Choice, converter: _Hooks) -> Hook:
    def hook_of(member: type[Entity]) -> Hook:
        """A base class that is also what other words load as is loaded as itself, not chosen again."""
        return make_load(member, converter) if find_choice(member) is chosen else converter.load_hook(member)

    hooks = {word: hook_of(member) for word, member in chosen.words().items()}
    last = chosen.fallback or (chosen.members[0] if len(chosen.members) == 1 else None)
    other = hook_of(last) if last else None
    at = chosen.at or ()

    def load(body: Any, _: Any = None) -> Any:
        word: Any = None if chosen.told is None else chosen.told(body)
        if word is None:
            word = body
            for step in at:
                word = word.get(step) if isinstance(word, dict) else None
        if chosen.scalars and word == chosen.scalars[0]:
            return body.get(chosen.scalars[1])
        hook = hooks.get(str(word).lower())
        if hook is None:
            member = chosen.member_elsewhere(str(word).lower())
            hook = other if member is None else hooks.setdefault(str(word).lower(), hook_of(member))
        if hook is None:
            if not isinstance(body, dict):
                return body
            message = f"{'.'.join(at)} is {word!r}; this version knows {', '.join(sorted(hooks))}"
            raise WireError(message)
        return hook(body, None)

    return load


def _choice_dump(chosen: Choice, _: _Hooks) -> Hook:
    scalars = chosen.scalars

    def dump(value: Any) -> Any:
        if isinstance(value, Entity):
            return to_body(value)
        if scalars and chosen.at and isinstance(value, SCALARS):
            return {chosen.at[-1]: scalars[0], scalars[1]: str(value)}
        return value

    return dump


def _is_mixed(kind: Any) -> bool:
    """A union of entities and other values that no choice was declared for, such as `str | Environment`."""
    return (
        is_union(kind)
        and find_choice(kind) is None
        and any(map(is_entity, get_args(kind)))
        and sum(a is not type(None) for a in get_args(kind)) > 1
    )


def _mixed_load(kind: Any, converter: _Hooks) -> Hook:
    members = [a for a in get_args(kind) if is_entity(a)]
    hook = converter.load_hook(members[0]) if len(members) == 1 else None
    return lambda value, _=None: hook(value, None) if hook and isinstance(value, dict) else value


def _same(value: Any) -> Any:
    return value


class _Hooks:
    """The two functions of each type, made when it is first met.

    Those of entities, of unions and of lists and mappings of them are made here; for any other type cattrs is asked, and
    imported only then, since that takes as long as importing all of this package.
    """

    def __init__(self) -> None:
        self._loads: dict[Any, Hook] = {}
        self._dumps: dict[Any, Hook] = {}
        self._made: Any = None

    def load_hook(self, kind: Any) -> Hook:
        """A function of a value of a body and its type."""
        hook = self._loads.get(kind)
        if hook is None:
            hook = self._loads[kind] = self._own_load(kind) or self._cattrs().get_structure_hook(kind)
        return hook

    def dump_hook(self, kind: Any) -> Hook:
        """A function of a value of an attribute."""
        hook = self._dumps.get(kind)
        if hook is None:
            hook = self._dumps[kind] = self._own_dump(kind) or self._cattrs().get_unstructure_hook(kind)
        return hook

    def _own_load(self, kind: Any) -> Hook | None:
        chosen = find_choice(kind)
        if chosen is not None:
            return _choice_load(chosen, self)
        if is_entity(kind):
            return make_load(kind, self)
        if _is_mixed(kind):
            return _mixed_load(kind, self)
        if is_plain(kind):
            return _keep
        shape, inner = _inner(kind)
        if shape is None:
            return None
        hook = self.load_hook(inner)
        if issubclass(shape, list):
            return lambda value, _=None: shape(hook(item, inner) for item in value)
        if issubclass(shape, dict):
            return lambda value, _=None: shape({key: hook(item, inner) for key, item in value.items()})
        return lambda value, _=None: None if value is None else hook(value, inner)

    def _own_dump(self, kind: Any) -> Hook | None:
        chosen = find_choice(kind)
        if chosen is not None:
            return _choice_dump(chosen, self)
        if is_entity(kind):
            return make_dump(kind, self)
        if _is_mixed(kind):
            return lambda value: to_body(value) if isinstance(value, Entity) else value
        if is_plain(kind):
            return _same
        shape, inner = _inner(kind)
        if shape is None:
            return None
        hook = self.dump_hook(inner)
        if issubclass(shape, list):
            return lambda value: [hook(item) for item in value]
        if issubclass(shape, dict):
            return lambda value: {key: hook(item) for key, item in value.items()}
        return lambda value: None if value is None else hook(value)

    def _cattrs(self) -> Any:
        if self._made is None:
            import cattrs

            self._made = cattrs.Converter(detailed_validation=False)
            for ours in (is_plain, _is_mixed, is_entity, find_choice):
                self._made.register_structure_hook_factory(ours, self.load_hook)
                self._made.register_unstructure_hook_factory(ours, self.dump_hook)
        return self._made


def _inner(kind: Any) -> tuple[Any, Any]:
    """The class of lists or mappings of a type, and the type of what is in them.

    NoneType and the type for an optional value; twice None for any other type.
    """
    arguments = [a for a in get_args(kind) if a is not NoneType]
    if is_union(kind):
        return (NoneType, arguments[0]) if len(arguments) == 1 else (None, None)
    shape = get_origin(kind)
    known = bool(arguments) and isinstance(shape, type) and issubclass(shape, (list, dict))
    return (shape, arguments[-1]) if known else (None, None)


_CONVERTER = _Hooks()
_DUMPS: dict[type, Hook] = {}
_LOADS: dict[Any, Hook] = {}


def to_body(entity: Entity) -> JSON:
    """The body that a PUT of `entity` carries, as it stands: no reference resolved, nothing uploaded."""
    cls = entity.__class__
    hook = _DUMPS.get(cls)
    if hook is None:
        hook = _DUMPS[cls] = make_dump(cls, _CONVERTER)
    return hook(entity)  # type: ignore[no-any-return]


def from_body(cls: type[T], body: JSON) -> T:
    """The entity that a body describes. `cls` may be a class, a union or a base class that a choice was declared for.

    WireError when the body does not fit, naming the place. Fields which this version does not know are kept and sent back.
    """
    hook = _LOADS.get(cls)
    if hook is None:
        hook = _LOADS[cls] = _CONVERTER.load_hook(cls)
    return hook(body, cls)  # type: ignore[no-any-return]
