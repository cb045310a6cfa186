"""Values for what the API would decide, from an attribute's name and type: well-formed, never empty where used."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.provider.codec import UNKNOWN, Values, conform_type
from sandbox.provider.identity import Places
from sandbox.schema.archive import NO_FACT, Attribute, Block, Fact, NestedBlock

_PEM = "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes up values for one resource: the same path gives the same value, another resource another."""

    seed: str
    places: Places
    project_number: str
    now: datetime
    root: Values
    facts: Mapping[str, Fact] = field(default_factory=dict[str, Fact])

    def fill(self, block: Block, values: Values, prefix: str = "") -> None:
        """Replace in place everything unknown in a block."""
        for name, attribute in block.attributes.items():
            if values.get(name) is UNKNOWN:
                values[name] = self.attribute(attribute, prefix + name)
            elif not isinstance(values.get(name), str | int | float | None):
                values[name] = self._known(attribute.type, values[name], prefix + name)
        for name, nested in block.blocks.items():
            values[name] = self._nested(nested, values.get(name), prefix + name)

    def attribute(self, attribute: Attribute, path: str) -> Any:
        """Return a value for an attribute; what a configuration may set is left empty where it has no usual value."""
        fact = self.facts.get(path, NO_FACT)
        if fact.default is not None:
            return conform_type(attribute.type, fact.default)
        if fact.enum and attribute.type == "string":
            return next((one for one in fact.enum if one and "UNSPECIFIED" not in one), "")
        return self.value(attribute.type, path, optional=attribute.optional)

    def value(self, kind: Any, path: str, *, optional: bool = False) -> Any:
        """Return a value of a Terraform type for a dotted path."""
        if kind == "string":
            return self._string(path, optional=optional)
        if kind == "number":
            return self._number(path)
        if kind == "bool":
            return False
        shape, inner = kind if isinstance(kind, list) else ("", None)
        if shape == "object":
            return {name: self.value(one, f"{path}.{name}") for name, one in inner.items()}
        if shape in {"list", "set"}:
            return [] if optional or path.count(".") > _DEPTH else self._items(inner, path)
        return {} if shape == "map" else None

    def number(self, path: str, digits: int = 19) -> str:
        """Return a number as Google gives each new thing, in digits."""
        low = 10 ** (digits - 1)
        return str(self._hash(path) % (8 * low) + low)

    def _items(self, inner: Any, path: str) -> list[Any]:
        name = path.rsplit(".", 1)[-1]
        if name in _EMPTY_LISTS:
            return []
        if name == "name_servers":
            return [
                f"ns-cloud-{'abcde'[self._hash(path) % 5]}{index}.googledomains.com."
                for index in (1, 2, 3, 4)
            ]
        return [self.value(inner, path)]

    def _known(self, kind: Any, value: Any, path: str) -> Any:
        """Replace what is unknown within a list, map or object that is otherwise known."""
        if value is UNKNOWN:
            return self.value(kind, path)
        if isinstance(value, list) and isinstance(kind, list):
            return [self._known(kind[1], one, path) for one in value]
        if isinstance(value, dict) and isinstance(kind, list):
            inner: Callable[[str], Any] = (
                (lambda name: kind[1].get(name)) if kind[0] == "object" else (lambda _: kind[1])
            )
            return {name: self._known(inner(name), one, f"{path}.{name}") for name, one in value.items()}
        return value

    def _nested(self, nested: NestedBlock, value: Any, path: str) -> Any:
        if value is UNKNOWN:
            return self._whole(nested, path)
        items = [value] if isinstance(value, dict) and nested.nesting == "single" else value
        if isinstance(items, dict):
            items = list(items.values())
        for item in items or []:
            self.fill(nested.block, item, path + ".")
        return value

    def _whole(self, nested: NestedBlock, path: str) -> Any:
        """Return what a block is that nobody configured: one of it where there can only be one."""
        if nested.nesting in {"single", "map"}:
            return None if nested.nesting == "single" else {}
        if nested.max_items != 1 and not _reported(nested.block):
            return []
        element: Values = {}
        for name, attribute in nested.block.attributes.items():
            fact = self.facts.get(f"{path}.{name}", NO_FACT)
            wanted = attribute.computed or fact.computed or fact.default is not None
            element[name] = UNKNOWN if wanted and not attribute.write_only else None
        for name, inner in nested.block.blocks.items():
            many = inner.nesting in {"list", "set"}
            element[name] = (
                UNKNOWN if self.facts.get(f"{path}.{name}", NO_FACT).computed else [] if many else None
            )
        self.fill(nested.block, element, path + ".")
        return [element]

    def _string(self, path: str, *, optional: bool) -> str:
        name = path.rsplit(".", 1)[-1]
        if found := self.places.get(name):
            return self._own(name) or found
        if "dns_" in path and name in _DNS:
            return _DNS[name] or self._host(path, ".example.com.")
        for pattern, make in _STRINGS:
            if pattern.fullmatch(name):
                return make(self, path)
        return "" if optional else f"{name.replace('_', '-')}-{self._hash(path) % 16**6:06x}"

    def _number(self, path: str) -> int | float:
        name = path.rsplit(".", 1)[-1]
        if re.fullmatch(r"(project_)?number", name):
            return int(self.project_number)
        if "port" in name.split("_"):
            return 443
        if re.search(r"size|count|replicas|capacity", name):
            return 10 if "size" in name else 1
        return 1 if re.search(r"generation|version|observed|numeric_id|index", name) else 0

    def _own(self, name: str) -> str:
        found = self.root.get(name)
        return found.rsplit("/", 1)[-1] if isinstance(found, str) and found else ""

    def _hash(self, path: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self.seed}/{path}".encode()).digest()[:16], "big")

    def _base64(self, path: str, size: int) -> str:
        block = hashlib.sha512(f"{self.seed}/{path}".encode()).digest()
        return base64.b64encode((block * (size // len(block) + 1))[:size]).decode()

    def _ip(self, path: str) -> str:
        h = self._hash(path)
        name = path.rsplit(".", 1)[-1]
        if re.search(r"private|internal|network_ip|^host$|^reserved", name):
            return f"10.{h % 250}.{h // 251 % 250}.{h // 63001 % 250 + 2}"
        return f"34.{h % 120 + 1}.{h // 121 % 250}.{h // 30251 % 250 + 1}"

    def _account(self, path: str) -> str:
        owner = self._own("account_id") or self._own("name") or f"sa-{self._hash(path) % 16**6:06x}"
        return f"{owner[:30]}@{self._own('project') or self.places.project}.iam.gserviceaccount.com"

    def _host(self, path: str, ending: str) -> str:
        owner = (self._own("name") or self._own("service_id") or "service")[:40]
        return f"{owner}-{self._hash(path) % 16**10:010x}{ending}"

    def _uuid(self, path: str) -> str:
        text = f"{self._hash(path):032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))

    def _encoded(self, path: str) -> str:
        return base64.b64encode(self._certificate(path).encode()).decode()

    def _certificate(self, path: str) -> str:
        body = self._base64(path, 432)
        return _PEM.format(body="\n".join(body[start : start + 64] for start in range(0, len(body), 64)))

    def _time(self, path: str) -> str:
        text = self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond:06d}"
        return text[:23] + "-07:00" if path.endswith("creation_timestamp") else text + "Z"


def _reported(block: Block) -> bool:
    """Return whether a block tells what the API made, so that it stands there even if nobody configured it."""
    return any(one.computed and not one.optional for one in block.attributes.values())


_DEPTH = 6
_DNS = {"type": "CNAME", "name": "", "data": "", "rrdata": ""}  # of records somebody is to make
_EMPTY_LISTS = frozenset(
    {"conditions", "users", "errors", "warnings", "attachments", "pending", "deleted_members"}
)

_STRINGS: tuple[tuple[re.Pattern[str], Callable[[Maker, str], str]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r".*(_time|_timestamp|_at|_date)|timestamp|created|updated", Maker._time),  # noqa: SLF001
        (r".*fingerprint|etag|md5hash|.*_hash", lambda m, p: m._base64(p, 8)),  # noqa: SLF001
        (r"(project_)?number|project_num", lambda m, _: m.project_number),
        (r"uid|uuid|.*_uuid|.*_uid", Maker._uuid),  # noqa: SLF001
        (r"(.*_)?(state|status)", lambda *_: "ACTIVE"),
        (
            r"ca_certificate|cluster_ca_certificate|client_certificate|client_key",
            lambda m, p: m._encoded(p),
        ),  # noqa: SLF001
        (
            r"certificate_raw|raw_certificate|(.*_)?private_key|public_key_data",
            lambda m, p: m._encoded(p),
        ),  # noqa: SLF001
        (r"(.*_)?(certificates?|cert|pem.*|public_key)|.*_pem", Maker._certificate),  # noqa: SLF001
        (
            r"(.*_)?(cidr|cidr_block|ip_range|cidr_range|ip_cidr_range)(_block)?",
            lambda m, p: f"10.{m._hash(p) % 200}.0.0/20",
        ),  # noqa: SLF001
        (r"ipv6.*|.*_ipv6.*|external_ipv6", lambda *_: ""),
        (r"(.*_)?(ip_address|address|ip|natip|ip_addresses)|endpoint|(primary_)?host", Maker._ip),  # noqa: SLF001
        (
            r"(.*_)?(email|service_account|service_account_email|service_agent)|writer_identity",
            Maker._account,
        ),  # noqa: SLF001
        (r"member", lambda m, p: "serviceAccount:" + m._account(p)),  # noqa: SLF001
        (r"(.*_)?(hostname|domain|dns_name|fqdn)", lambda m, p: m._host(p, ".example.internal")),  # noqa: SLF001
        (
            r"(.*_)?(ur[il]|link|endpoint|urls|https?_target)",
            lambda m, p: "https://" + m._host(p, "-uc.a.run.app"),
        ),  # noqa: SLF001
        (
            r"connection_name",
            lambda m, _: ":".join(m._own(k) or m.places.get(k) for k in ("project", "region", "name")),
        ),  # noqa: SLF001
        (r".*_?id|generated_id", lambda m, p: m.number(p)),
    )
)
