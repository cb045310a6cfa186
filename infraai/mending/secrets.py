"""Which variables and local values hold a secret, by where they go and what they are called: none is made up."""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from infraai.configuration import Block, Configuration, Expression
from infraai.mending.fault import join, path_of, shape_of
from infraai.mending.shape import Shape
from infraai.ports import Schemas

_FAMILY = re.compile(
    r"(?i)passw|passphrase|secret|token|credential|(?:^|[_-])(?:pass|pwd|pw|psk|pin|salt|hmac|dsn)(?:[_-]|\d*$)"
    r"|(?:^|[_-])(?:\w*pwd|key|apikey|keys|pat|cert_pem|private_pem)$|private_?key|api_?key"
)
_ABOUT = re.compile(  # what is said of a secret, not the secret
    r"(?i)[_-](?:id|ids|name|names|version|project|location|region|count|length|size|ttl|policy|enabled"
    r"|lifetime|days|seconds|rotation\w*|replication|expiry|url|uri|path)$|public_?key|ssh_keys?$"
)
_SINK = re.compile(
    r"(?i)(?:^|_)(?:passw(?:or)?d|pwd|passphrase|secret_data|client_secret|private_key|api_?key|secret_key"
    r"|auth_token|access_token|shared_secret|auth_string|credentials)$"
)
_PLACES = {"region", "zone", "location", "project", "project_id"}  # known from elsewhere, never made up
_NAMED = re.compile(r"^(var|local)\.([\w-]+)")
_PLACED = "a value of"
_NOTHING = {"", "null", '""'}


class Held(NamedTuple):
    """A `var` or `local` of the module in a folder."""

    folder: str
    kind: str
    name: str


def is_secret_name(name: str) -> bool:
    """Return whether something of this name is a secret: password, pwd, token, api_key and their like."""
    return bool(_FAMILY.search(name)) and not _ABOUT.search(name)


def held_secrets(configuration: Configuration, schemas: Schemas | None) -> frozenset[Held]:
    """Return the variables and locals that are secrets, or go into one by locals, templates or modules."""
    found = set(_named(configuration))
    for top in configuration.blocks:
        found |= {one for sink in _sinks(top, schemas) for one in _read(top, sink)}
    while more := {one for top in configuration.blocks for one in _behind(top, found)} - found:
        found |= more
    return frozenset(one for one in found if one.name not in _PLACES)


def made_up(before: Configuration, after: Configuration, schemas: Schemas | None) -> Iterator[str]:
    """Yield the secrets that have a value after a mend and had none, or another, before it."""
    secret = held_secrets(before, schemas) | held_secrets(after, schemas)
    unread = {one.file for one in before.faults}
    said = {one.text.strip() for top in before.blocks for one in top.expressions()}
    old = dict(_values(before, secret, schemas))
    for what, (text, file) in _values(after, secret, schemas):
        known = text in said if what.startswith(_PLACED) else old.get(what, ("", ""))[0] == text
        if file not in unread and not known:
            yield f"it makes up a secret: {what}"


def _named(configuration: Configuration) -> Iterator[Held]:
    for top in configuration.blocks:
        if top.type == "variable" and top.labels:
            if is_secret_name(top.labels[0]) or top.literal("sensitive") is True:
                yield Held(top.module_path, "var", top.labels[0])
        elif top.type == "locals":
            yield from (
                Held(top.module_path, "local", one.name) for one in top.attributes if is_secret_name(one.name)
            )


def _sinks(top: Block, schemas: Schemas | None) -> Iterator[Expression]:
    """Yield what is written where a secret belongs."""
    shape = shape_of(top, schemas) if schemas else Shape({})
    for chain in _chains((top,)):
        block = chain[-1]
        named = block.literal("name")
        for one in block.attributes:
            entry = one.name == "value" and isinstance(named, str) and is_secret_name(named)
            if entry or _is_sink(top, shape, join(path_of(chain), one.name)):
                yield one.expression
            else:
                yield from _keyed(one.expression)


def _is_sink(top: Block, shape: Shape, path: str) -> bool:
    if top.type not in {"resource", "data", "provider"}:
        return False
    if shape.arguments.get(path, {}).get("sensitive"):
        return True
    return bool(_SINK.search(path.rsplit(".", 1)[-1]))


def _keyed(expression: Expression) -> Iterator[Expression]:
    for key, value in expression.items:
        if key and is_secret_name(key):
            yield value
        else:
            yield from _keyed(value)


def _chains(chain: tuple[Block, ...]) -> Iterator[tuple[Block, ...]]:
    yield chain
    for inner in chain[-1].blocks:
        yield from _chains((*chain, inner))


def _read(top: Block, expression: Expression) -> Iterator[Held]:
    for reference in expression.references:
        if found := _NAMED.match(reference):
            yield Held(top.module_path, found[1], found[2])


def _behind(top: Block, known: set[Held]) -> Iterator[Held]:
    """Yield what a known secret is made of: the parts of a local value, the inputs of a local module."""
    if top.type == "locals":
        for one in top.attributes:
            if Held(top.module_path, "local", one.name) in known:
                yield from _read(top, one.expression)
    source = top.literal("source") if top.type == "module" else None
    if isinstance(source, str) and source.startswith("."):
        folder = posixpath.normpath(posixpath.join(top.module_path, source))
        for one in top.attributes:
            if Held(folder, "var", one.name) in known:
                yield from _read(top, one.expression)


def _values(
    configuration: Configuration, secret: frozenset[Held], schemas: Schemas | None
) -> Iterator[tuple[str, tuple[str, str]]]:
    for top in configuration.blocks:
        if top.type == "variable" and top.labels and Held(top.module_path, "var", top.labels[0]) in secret:
            default = top.attribute("default")
            yield from _written(f"var.{top.labels[0]}", default.expression if default else None, top.file)
        elif top.type == "locals":
            for one in top.attributes:
                if Held(top.module_path, "local", one.name) in secret:
                    yield from _written(f"local.{one.name}", one.expression, top.file)
        else:
            for sink in _sinks(top, schemas):
                yield from _written(f"{_PLACED} {top.address}", sink, top.file)
    for values in configuration.values:
        for one in values.attributes:
            if Held(values.module_path, "var", one.name) in secret:
                yield from _written(f"var.{one.name} in {values.file}", one.expression, values.file)


def _written(what: str, expression: Expression | None, file: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield a value that is written out: one that refers to something else makes nothing up."""
    if expression and not expression.references and expression.text.strip() not in _NOTHING:
        yield what, (expression.text.strip(), file)
