"""What a variable must be, from where it is used."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infraai.configuration import Block, Expression
from infraai.mending.fault import Fault, join, path_of, shape_of
from infraai.mending.secrets import Held, held_secrets, is_secret_name
from infraai.mending.shape import Shape

_GUARDS = r"protect|encrypt|secure|ssl|tls|backup|shielded|uniform"
_GUARD = re.compile(_GUARDS, re.IGNORECASE)
_BOOL = re.compile(
    r"(?:is|has|use|enable|disable|allow|create)_|.*_enabled$|enabled$|.*(?:protect|encrypt)", re.IGNORECASE
)
_COUNT = re.compile(
    r"(?i)(?:^|_)(?:count|replicas|instances|nodes|size|gb|port|min|max|days|hours|seconds|number)s?$"
)
_LIST = re.compile(
    r"(?i)(?:^|_)(?:tags|zones|ranges|cidrs|ports|roles|members|apis|services|scopes|names|ids|subnets)$"
)
_MAP = re.compile(r"(?i)(?:^|_)(?:labels|metadata|map|annotations)$")


@dataclass(frozen=True, slots=True)
class Use:
    """One place that a variable is used in."""

    expression: Expression
    path: str
    shape: Shape


def uses(fault: Fault, name: str) -> Iterator[Use]:
    """Yield the module's uses of a variable."""
    folder = fault.file.rpartition("/")[0]
    pattern = re.compile(rf"(?<![\w.-])var\.{re.escape(name)}(?![\w-])")
    for top in fault.configuration.blocks:
        if top.file.rpartition("/")[0] != folder:
            continue
        shape = shape_of(top, fault.schemas)
        for chain in _chains((top,)):
            for one in chain[-1].attributes:
                if pattern.search(one.expression.text):
                    yield Use(one.expression, join(path_of(chain), one.name), shape)


def _chains(chain: tuple[Block, ...]) -> Iterator[tuple[Block, ...]]:
    yield chain
    for inner in chain[-1].blocks:
        yield from _chains((*chain, inner))


def type_of(fault: Fault, name: str) -> str:
    """Return the type constraint a variable of this name wants, by its uses first and its name second."""
    for use in uses(fault, name):
        text = use.expression.text.strip()
        leaf = use.path.rsplit(".", 1)[-1]
        if text == f"var.{name}":
            if found := _bare(use, leaf):
                return found
        elif leaf == "count" and text.startswith(f"var.{name}") and "?" in text:
            return "bool"
        elif re.search(rf"(?:length|toset|concat|join\([^,]+,)\(?\s*var\.{re.escape(name)}", text):
            return "list(string)"
        elif re.search(rf"\$\{{var\.{re.escape(name)}\}}", text):
            return "string"
    return _by_name(name)


def _bare(use: Use, leaf: str) -> str:
    if leaf == "count":
        return "number"
    if leaf == "for_each":
        return "map(string)" if "each.value" in use.expression.text else "set(string)"
    kind = use.shape.kind(use.path)
    if kind in {"list", "set"}:
        return "list(string)"
    if kind == "map":
        return "map(string)"
    return kind if kind in {"string", "number", "bool"} else ""


def _by_name(name: str) -> str:
    if _BOOL.match(name):
        return "bool"
    if _COUNT.search(name):
        return "number"
    if _LIST.search(name):
        return "list(string)"
    return "map(string)" if _MAP.search(name) else "string"


def is_secret(fault: Fault, name: str) -> bool:
    """Return whether the module's variable holds a secret, by its name or by where it goes."""
    folder = fault.file.rpartition("/")[0]
    return is_secret_name(name) or Held(folder, "var", name) in held_secrets(
        fault.configuration, fault.schemas
    )


def default_of(fault: Fault, name: str, kind: str) -> str:
    """Return a safe default as written in HCL, "" where none is certain: a secret never gets one."""
    if is_secret(fault, name):
        return ""
    if kind.startswith(("list", "set")):
        return "[]" if kind.startswith("list") else ""
    if kind.startswith("map"):
        return "{}"
    if kind == "bool":
        return "true" if _GUARD.search(name) else _schema_default(fault, name) or "false"
    if kind == "number":
        return _schema_default(fault, name) or _number(name)
    return _place(fault, name) or _schema_default(fault, name) or _word(name)


def _schema_default(fault: Fault, name: str) -> str:
    for use in uses(fault, name):
        value = use.shape.arguments.get(use.path, {}).get("default")
        if use.expression.text.strip() != f"var.{name}" or value is None or value == "":
            continue
        return (
            str(value).lower()
            if isinstance(value, bool)
            else f'"{value}"'
            if isinstance(value, str)
            else str(value)
        )
    return ""


def _number(name: str) -> str:
    if re.search(r"(?i)count|replicas|instances|nodes|min", name):
        return "1"
    if re.search(r"(?i)port$", name):
        return "8080"
    if re.search(r"(?i)(?:^|_)(?:size|gb)$|disk", name):
        return "20"
    return "3" if re.search(r"(?i)max", name) else ""


def _place(fault: Fault, name: str) -> str:
    region, zone = place(fault)
    if re.search(r"(?i)(?:^|_)project(?:_id|_name)?$", name):
        return f'"{fault.project}"' if fault.project else ""
    if re.search(r"(?i)(?:^|_)zone$", name):
        return f'"{zone}"'
    return f'"{region}"' if re.search(r"(?i)(?:^|_)(?:region|location)$", name) else ""


def place(fault: Fault) -> tuple[str, str]:
    """Return the region and zone the module itself works in, or the operator's region."""
    region, zone = fault.region, ""
    for kind in ("provider", "variable"):
        for block in fault.siblings(kind):
            for name in ("region", "zone"):
                own = block.attribute(name if kind == "provider" else "default")
                fits = kind == "provider" or (block.labels and block.labels[0].endswith(name))
                if own and fits and isinstance(own.expression.literal, str) and own.expression.literal:
                    region, zone = (
                        (own.expression.literal, zone)
                        if name == "region"
                        else (region, own.expression.literal)
                    )
    if zone and not zone.startswith(region):
        region = zone.rpartition("-")[0]
    return region, zone or f"{region}-a"


def _word(name: str) -> str:
    if re.search(r"(?i)^(?:env|environment|stage)$", name):
        return '"dev"'
    if re.search(r"(?i)machine_type$", name):
        return '"e2-medium"'
    if re.search(r"(?i)(?:^|_)image$", name):
        return '"debian-cloud/debian-12"'
    if re.search(r"(?i)^(?:network|network_name|vpc_name|subnetwork)$", name):
        return '"default"'
    return '"app"' if re.search(r"(?i)^(?:\w+_)?(?:name|prefix)$", name) else ""
