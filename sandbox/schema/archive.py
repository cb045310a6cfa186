"""The shipped schema of the google provider, one type at a time."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

DATA = Path(__file__).parent / "data"
FILES = {
    "resource": "google_resources.zip",
    "data": "google_data_sources.zip",
    "facts": "google_facts.zip",
    "beta resource": "google_beta_resources.zip",
    "beta data": "google_beta_data_sources.zip",
}

CtyType = Any  # as Terraform writes it: "string", ["list", "string"], ["list", ["object", {…}]]
Nesting = Literal["single", "list", "set", "map"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One argument or attribute."""

    type: CtyType
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    description: str = ""
    write_only: bool = False

    @property
    def settable(self) -> bool:
        """True where a configuration may set it."""
        return self.required or self.optional


@dataclass(frozen=True, slots=True)
class Block:
    """Attributes and nested blocks by name."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    blocks: "Mapping[str, NestedBlock]" = field(default_factory=dict[str, "NestedBlock"])
    description: str = ""


@dataclass(frozen=True, slots=True)
class NestedBlock:
    """A block within a block, and how often it may stand there; `max_items` 0 is no limit."""

    nesting: Nesting
    block: Block
    min_items: int = 0
    max_items: int = 0


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """A resource or data source."""

    name: str
    block: Block
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is known of one attribute or block beyond its type; paths are dotted, without indices."""

    force_new: bool = False
    sensitive: bool = False
    computed: bool = False
    default: Any = None
    enum: tuple[str, ...] = ()
    range_or_regex: str = ""
    conflicts_with: tuple[str, ...] = ()
    exactly_one_of: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()
    required_with: tuple[str, ...] = ()
    min_items: int = 0
    max_items: int = 0


class Condition(NamedTuple):
    """A rule of a type's CustomizeDiff: SetNew, ForceNewIf, ForceNewIfChange, ForceNew or custom."""

    kind: str
    path: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdFormat:
    """How a resource's id, imports and URLs are made; `{{name}}` stands for an attribute."""

    id_format: str = ""
    id_source: str = ""
    import_formats: tuple[str, ...] = ()
    create_url: str = ""
    self_link_url: str = ""
    has_self_link: bool = False
    immutable: bool = False
    schema_version: int = 0


_TUPLES = frozenset({"enum", "conflicts_with", "exactly_one_of", "at_least_one_of", "required_with"})
NO_FACT = Fact()
NO_FORMAT = IdFormat()


class SchemaArchive:
    """Every type of the google provider (or google-beta); a type is parsed when it is first asked for."""

    def __init__(self, folder: Path = DATA, *, beta: bool = False) -> None:
        self._folder = folder
        self._beta = beta
        self._types: dict[tuple[str, str], TypeSchema | None] = {}
        self._raw_facts: dict[str, Mapping[str, Any]] = {}
        self._facts: dict[str, Mapping[str, Fact]] = {}

    def resource(self, name: str) -> TypeSchema | None:
        """Return a resource type's schema, or None where the provider has no such type."""
        return self._type("resource", name)

    def data_source(self, name: str) -> TypeSchema | None:
        """Return a data source's schema, or None where the provider has no such type."""
        return None if name == "provider" else self._type("data", name)

    def provider(self) -> TypeSchema:
        """Return the schema of the provider's own configuration."""
        found = self._type("data", "provider")
        assert found is not None, "the shipped data has no provider block: run sandbox.schema.extract"
        return found

    def resource_types(self) -> Sequence[str]:
        """Return the names of all resource types, sorted."""
        return self._names["resource"]

    def data_source_types(self) -> Sequence[str]:
        """Return the names of all data sources, sorted."""
        return tuple(name for name in self._names["data"] if name != "provider")

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return what is known of a resource type's attributes, by dotted path."""
        if name not in self._facts:
            raw: Mapping[str, Mapping[str, Any]] = self._of_type(name).get("facts", {})
            told = dict(_told(self._raw_block("resource", name), ""))
            self._facts[name] = {
                path: _fact(raw.get(path, {}), told.get(path, {})) for path in {**told, **raw}
            }
        return self._facts[name]

    def conditional(self, name: str) -> tuple[Condition, ...]:
        """Return the rules of a resource type that depend on a comparison."""
        return tuple(Condition(*one) for one in self._of_type(name).get("conditional", ()))

    def id_format(self, name: str) -> IdFormat:
        """Return how a resource type's ids are made; all empty where it is not known."""
        raw = self._of_type(name).get("id")
        if raw is None:
            return NO_FORMAT
        return IdFormat(
            id_format=raw.get("id_format", ""),
            id_source=raw.get("id_source", ""),
            import_formats=tuple(filter(None, raw.get("import_formats", "").split(" | "))),
            create_url=raw.get("create_url", ""),
            self_link_url=raw.get("self_link_url", ""),
            has_self_link=raw.get("has_self_link") == "1",
            immutable=raw.get("immutable") == "1",
            schema_version=raw.get("schema_version", 0),
        )

    @cached_property
    def _archives(self) -> dict[str, zipfile.ZipFile]:
        return {kind: zipfile.ZipFile(self._folder / file) for kind, file in FILES.items()}

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        names = {kind: frozenset(archive.namelist()) for kind, archive in self._archives.items()}
        return {
            kind: tuple(sorted(names[kind] | (names[f"beta {kind}"] if self._beta else frozenset())))
            for kind in ("resource", "data")
        }

    def _type(self, kind: str, name: str) -> TypeSchema | None:
        if (kind, name) not in self._types:
            raw = self._raw_block(kind, name)
            facts = self.facts(name) if kind == "resource" else {}
            version = self.id_format(name).schema_version if kind == "resource" else 0
            self._types[kind, name] = (
                None if raw is None else TypeSchema(name, _block(raw, facts, ""), version)
            )
        return self._types[kind, name]

    def _raw_block(self, kind: str, name: str) -> Any:
        raw = self._entry(kind, name)
        return _joined(raw, self._entry(f"beta {kind}", name)) if self._beta else raw

    def _of_type(self, name: str) -> Mapping[str, Any]:
        if name not in self._raw_facts:
            self._raw_facts[name] = self._entry("facts", name) or {}
        return self._raw_facts[name]

    def _entry(self, kind: str, name: str) -> Any:
        try:
            return json.loads(self._archives[kind].read(name))
        except KeyError:
            return None


@lru_cache(maxsize=2)
def shipped(*, beta: bool = False) -> SchemaArchive:
    """Return the shipped archive of google or google-beta, read once in a process."""
    return SchemaArchive(beta=beta)


def _joined(raw: Any, more: Any) -> Any:
    """Return a block with what google-beta adds to it."""
    if raw is None or more is None:
        return raw or more
    known: Mapping[str, Any] = raw.get("b", {})
    blocks = {name: _joined(known.get(name), one) for name, one in more["b"].items()} if more.get("b") else {}
    return {**raw, "a": {**raw["a"], **more["a"]}, "b": {**known, **blocks}}


def _fact(raw: Mapping[str, Any], told: Mapping[str, Any]) -> Fact:
    """Return one fact; a default that the description tells is newer than the table's, an enum is not."""
    joined: dict[str, Any] = {
        **raw,
        **{key: value for key, value in told.items() if key == "default" or key not in raw},
    }
    values: dict[str, Any] = {key: tuple(one) if key in _TUPLES else one for key, one in joined.items()}
    return Fact(**values)


def _told(raw: Any, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what descriptions tell of defaults and allowed values, by dotted path."""
    for name, (_, _, *rest) in raw["a"].items() if raw else ():
        if len(rest) > 1:
            yield prefix + name, rest[1]
    for name, nested in raw.get("b", {}).items() if raw else ():
        yield from _told(nested, f"{prefix}{name}.")


def _block(raw: Mapping[str, Any], facts: Mapping[str, Fact], prefix: str) -> Block:
    return Block(
        {name: _attribute(name, one, facts.get(prefix + name, NO_FACT)) for name, one in raw["a"].items()},
        {name: _nested(one, facts, prefix + name) for name, one in raw.get("b", {}).items()},
        raw.get("d", ""),
    )


def _attribute(name: str, raw: Sequence[Any], fact: Fact) -> Attribute:
    kind, flags, *description = raw
    return Attribute(
        kind,
        required="r" in flags,
        optional="o" in flags,
        computed="c" in flags,
        sensitive=fact.sensitive,
        description=description[0] if description else "",
        write_only=name.endswith("_wo"),
    )


def _nested(raw: Mapping[str, Any], facts: Mapping[str, Fact], path: str) -> NestedBlock:
    fact = facts.get(path, NO_FACT)
    many = raw["n"] in {"list", "set"}
    return NestedBlock(
        raw["n"],
        _block(raw, facts, path + "."),
        max(raw.get("min", 0), 0) if many else 0,
        (raw.get("max", 0) or fact.max_items) if many else 0,
    )
