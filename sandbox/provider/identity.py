"""Ids, names and links of resources, from the formats that the google provider uses."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.provider.codec import UNKNOWN, Values
from sandbox.provider.replacement import at
from sandbox.schema.archive import IdFormat, TypeSchema

_FIELD = re.compile(r"\{\{(%?)([\w.]+)\}\}")
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_VERSION = re.compile(r"^https://[^/]+/(?:[\w.-]+/)*?v\d+\w*/")
_COMPUTE = re.compile(r"^https://(?:www|compute)\.googleapis\.com/compute/")
_NAME_LIMIT = 63
_PLACES = frozenset({"region", "zone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a resource goes that says nothing itself."""

    project: str = ""
    region: str = ""
    zone: str = ""

    def get(self, name: str) -> str:
        """Return the provider's default for `project`, `region`, `zone` or `location`; "" for others."""
        found = {"project": self.project, "region": self.region, "zone": self.zone, "location": self.region}
        return found.get(name, "")


def resolve(template: str, values: Mapping[str, Any], places: Places, missing: Callable[[str], str]) -> str:
    """Return a template with its `{{fields}}` filled in; `missing` makes up what no attribute says.

    A part in brackets is left out where its first field is not set.
    """

    def value(match: re.Match[str]) -> str:
        found = _text(values, match[2]) or places.get(match[2]) or missing(match[2])
        if match[2] in _PLACES or (match[2] == "project" and "/" in found):
            found = found.rsplit("/", 1)[-1]
        return quote(found, safe="") if match[1] else found

    def optional(match: re.Match[str]) -> str:
        field = _FIELD.search(match[1])
        return match[1] if field and _text(values, field[2]) else ""

    return _FIELD.sub(value, _OPTIONAL.sub(optional, template))


def set_identity(
    schema: TypeSchema, formats: IdFormat, values: Values, places: Places, number: Callable[[str], str]
) -> None:
    """Set in place the `name` (where the API gives it), `id` and `self_link` of a resource being created."""
    template = formats.id_format if "{{" in formats.id_format else _guess(schema)
    attributes = schema.block.attributes
    name = attributes.get("name")
    if (name and name.computed) and values.get("name") in (None, "", UNKNOWN):
        values["name"] = None
        if "name_prefix" in attributes:
            values["name"] = _prefixed(values.get("name_prefix") or "terraform-", number("name_prefix"))
            values["name_prefix"] = values.get("name_prefix") or ""
    if not values.get("name") and (name and name.computed):
        if template == "{{name}}":
            values["name"] = _collection_member(formats, schema, values, places, number)
        elif "{{name}}" not in template:
            values["name"] = resolve(template, values, places, number)
        else:
            values["name"] = number("name")
    values["id"] = resolve(template, values, places, number)
    if "self_link" in attributes and not values.get("self_link"):
        link = resolve(formats.self_link_url or values["id"], values, places, number)
        if not link.startswith("https://"):
            link = "https://www.googleapis.com/compute/v1/" + link
        values["self_link"] = _COMPUTE.sub("https://www.googleapis.com/compute/", link)


# Named as if there were one of each, and made one after the other, each under a name that Google gives it.
_MANY = frozenset(
    {
        "google_monitoring_uptime_check_config",
        "google_bigquery_data_transfer_config",
        "google_integrations_auth_config",
    }
)


def always_there(name: str) -> bool:
    """Return whether Google keeps one of a type for each project, folder, …, so that it need not be made."""
    return name not in _MANY and name.endswith(("_iam_policy", "_settings", "_config"))


def scope_seed(name: str, values: Mapping[str, Any], places: Places) -> str:
    """Return what marks the one of a type that is always there, whoever asks about it."""
    scopes = (values.get(scope) for scope in ("organization", "folder", "location"))
    return "/".join((name, places.project, *(str(one or "").rsplit("/", 1)[-1] for one in scopes)))


def import_values(formats: IdFormat, text: str, places: Places) -> list[tuple[str, Values]]:
    """Return, for each import format that a text fits, the id it stands for and the attributes it names."""
    found: list[tuple[str, Values]] = []
    for one in formats.import_formats:
        pattern = _FIELD.sub(lambda match: f"(?P<{match[2].replace('.', '__')}>.+)", _escaped(one))
        match = re.fullmatch(pattern, text)
        if match is None:
            single = re.fullmatch(pattern.replace(".+", "[^/ ]+"), text)
            match = single
        if match:
            values: Values = {key.replace("__", "."): value for key, value in match.groupdict().items()}
            found.append((resolve(formats.id_format, values, places, lambda _: ""), values))
    return [*found, (text, {})]


def _prefixed(prefix: str, digits: str) -> str:
    """Return a name as the plugin SDK makes it unique, within the 63 characters that Compute allows."""
    moment = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    full = prefix + moment + digits[:12]
    return full if len(full) <= _NAME_LIMIT else prefix + digits[: _NAME_LIMIT - len(prefix)][:9]


def _escaped(template: str) -> str:
    parts = re.split(r"(\{\{%?[\w.]+\}\})", template)
    return "".join(part if part.startswith("{{") else re.escape(part) for part in parts)


def _text(values: Mapping[str, Any], field: str) -> str:
    found = at(values, field)
    if found is None:
        found = at(values, re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), field))
    if isinstance(found, bool) or found is None or found is UNKNOWN or isinstance(found, (list, dict)):
        return ""
    return str(int(found)) if isinstance(found, float) and found.is_integer() else str(found)


def _guess(schema: TypeSchema) -> str:
    """Return an id format for a type whose own is not known: its scope, its collection, its name."""
    attributes = schema.block.attributes
    if "_iam_" in schema.name:
        return "/".join(
            f"{{{{{name}}}}}" for name, one in attributes.items() if one.required and one.type == "string"
        )
    kind = schema.name.removeprefix("google_").split("_", 1)[-1]
    collection = re.sub(r"_(\w)", lambda match: match[1].upper(), kind) + "s"
    keys = ["name", f"{kind}_id", *(name for name in attributes if name.endswith("_id")), "service"]
    key = next((name for name in keys if name in attributes), "name")
    scope = "projects/{{project}}/"
    if "parent" in attributes:
        scope = "{{parent}}/"
    elif "location" in attributes:
        scope += "locations/{{location}}/"
    elif "region" in attributes:
        scope += "regions/{{region}}/"
    return f"{scope}{collection}/{{{{{key}}}}}"


def _collection_member(
    formats: IdFormat, schema: TypeSchema, values: Values, places: Places, number: Callable[[str], str]
) -> str:
    """Return the name of a new member of a collection: its URL, then the id asked for or a new one."""
    url, _, query = formats.create_url.partition("?")
    asked = _FIELD.search(query.partition("&")[0])
    member = (_text(values, asked[2]) if asked else "") or number("name")
    if not url:
        return resolve(_guess(schema), values, places, number)
    path, _, verb = _VERSION.sub("", resolve(url, values, places, number)).partition(":")
    if verb.startswith("add"):
        path += "/" + verb.removeprefix("add").lower() + "s"
        member = "1"
    return f"{path.rstrip('/')}/{member}"
