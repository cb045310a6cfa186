"""Secrets written in the clear: flagged, since the bundle, the state and the log keep them."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import log2

from infraai.configuration import Attribute, Block, Expression
from infraai.guard.material import Material, attributes_of, flag, type_of
from infraai.masking import ANY_KNOWN, KNOWN
from infraai.models import Finding

_NAME = re.compile(
    r"(?:.*[_.\- ]|.*(?=[A-Z]))?(?:password|passwd|pwd|passphrase|secret|secret_?key|secret_?data|"
    r"api_?key|apikey|private_?key|access_?token|auth_?token|bearer_?token|refresh_?token|token|client_?secret|secret_?access_?key|"
    r"access_?key|encryption_?key|signing_?key|master_?key|raw_?key|credentials?|auth_?string|service_?key)"
    r"(?:_?(?:value|text|base64|plain|wo|string))?",
    re.IGNORECASE,
)
# names that only look like it: they name or describe a secret
_HARMLESS = re.compile(
    r".*(?:_id|_name|_ref|_version|_uri|_url|_path|_file|_policy|_type|_ttl|_length|_enabled)", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"\W*|(.)\1*"
    r"|.*(?:change.?me|replace|placeholder|example|dummy|todo|fixme|insert|your[-_ ]|redacted|sample).*"
    r"|.*(?:xxxx|<.*>).*"
    r"|null|none|unset|n/?a|tbd|test|true|false|required|optional|default|latest|auto|bearer|.*\*{3}.*",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"^\s*(?:export\s+|set\s+|-e\s+|ENV\s+)?(?P<name>[A-Za-z_]\w*)\s*[=:]\s*"
    r"(?P<quote>[\"']?)(?P<value>[^\s\"'$`\\]{4,})(?P=quote)\s*$",
    re.MULTILINE,
)
_SHORTEST = 4
_SHORTEST_KNOWN = 8
_RANDOM_LENGTH = 24
_RANDOM_BITS = 4.0


def secrets(material: Material) -> Iterator[Finding]:
    """Yield literal passwords, keys and tokens; never a reference."""
    for block in material.everything:
        for inner, attribute in attributes_of(block):
            what = _by_name(block, inner, attribute) or _by_content(attribute.expression.strings)
            if what:
                yield _found(block, attribute, what)
    read = {block.file for block in (*material.configuration.blocks, *material.configuration.values)}
    for name, text in material.bundle.files.items():
        if name not in read and not name.endswith((".md", ".lock.hcl")):
            what = _by_content((text,))
            if what:
                message = (
                    f"{name} has {what} in the clear. Keep it in Secret Manager and fetch it at run time."
                )
                yield Finding(rule="secret_in_clear", file=name, line=0, verdict="flag", message=message)


def _found(block: Block, attribute: Attribute, what: str) -> Finding:
    return flag(
        "secret_in_clear",
        block,
        f"{block.address} has {what} in the clear (`{attribute.name}`). Use random_password, or Secret "
        "Manager, and "
        "refer to it.",
        attribute,
    )


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether something of this name is likely a secret itself."""
    return bool(_NAME.fullmatch(name)) and not _HARMLESS.fullmatch(name)


def is_secret_value(value: object) -> bool:
    """Return whether a value could be a real secret rather than a placeholder or a reference."""
    return isinstance(value, str) and len(value) >= _SHORTEST and not _PLACEHOLDER.fullmatch(value)


def looks_random(text: str) -> bool:
    """Return whether a text is as irregular as a generated key."""
    if len(text) < _RANDOM_LENGTH or not re.fullmatch(r"[\w+/=.-]+", text):
        return False
    if not (re.search(r"\d", text) and re.search(r"[a-z]", text) and re.search(r"[A-Z]", text)):
        return False
    counts = Counter(text)
    return -sum(n / len(text) * log2(n / len(text)) for n in counts.values()) >= _RANDOM_BITS


def _by_name(block: Block, inner: Block, attribute: Attribute) -> str:
    """Return what kind of secret a literal is by the name it is given."""
    for name, value in _named_values(block, inner, attribute):
        if is_secret_name(name) and is_secret_value(value.literal) and not _is_link(str(value.literal)):
            return f"a secret, `{name}`,"
    return ""


def _named_values(block: Block, inner: Block, attribute: Attribute) -> Iterator[tuple[str, Expression]]:
    name, expression = attribute.name, attribute.expression
    if block.type == "variable" and inner is block:
        if name == "default" and block.labels:
            name = block.labels[0]
        elif name != "default":
            return  # its description and its like
    if block.type == "output" and name == "value" and block.labels:
        name = block.labels[0]
    label = inner.literal("name")
    if name == "value" and isinstance(label, str):  # env { name = "DB_PASSWORD", value = "…" }
        name = label
    naming = "secret" in inner.type or type_of(block).startswith("google_secret_manager_")
    if name == "secret" and naming:
        return  # it says which secret, not what it is
    yield name, expression
    yield from _items(expression)


def _items(expression: Expression) -> Iterator[tuple[str, Expression]]:
    own = expression.item("name")
    for key, value in expression.items:
        named = (
            str(own.literal) if key == "value" and own is not None and isinstance(own.literal, str) else key
        )
        yield named, value
        yield from _items(value)
    for call in expression.invocations[:1] if expression.kind == "call" else ():
        for argument in call.arguments:
            yield from _items(argument)


def _is_link(text: str) -> bool:
    return bool(re.match(r"projects/|https?://[^:@]*$|gs://|roles/|/", text))


def _by_content(texts: tuple[str, ...]) -> str:
    for text in texts:
        if len(text) < _SHORTEST_KNOWN:
            continue
        if ANY_KNOWN.search(text):
            return next(what for what, pattern in KNOWN if pattern.search(text))
        if "=" not in text and ":" not in text:
            continue
        for found in _ASSIGNED.finditer(text):
            if is_secret_name(found["name"]) and is_secret_value(found["value"]):
                return f"a secret, `{found['name']}`,"
            if looks_random(found["value"]) and re.search(
                r"key|token|secret|auth", found["name"], re.IGNORECASE
            ):
                return f"what looks like a key, `{found['name']}`,"
    return ""
