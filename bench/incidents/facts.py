"""What a scenario can say of the cloud's resources: which one is meant, and what `${…}` stands for."""

import json
import re
from collections.abc import Mapping
from string import Template
from typing import Any

from sandbox.cloud import Cloud, Row

_MACHINES = ("google_compute_instance", "google_compute_instance_group_manager")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


class SelectorError(LookupError):
    """A scenario names a resource that its deployment does not have."""


def row_of(cloud: Cloud, selector: str) -> Row:
    """Return the resource of this type, name, or `type:part-of-its-name`; raise `SelectorError`."""
    kind, _, part = selector.partition(":")
    rows = cloud.list()
    found = [one for one in rows if one.type == kind and part in str(one.values.get("name") or one.id)]
    found = found or [one for one in rows if selector in {one.values.get("name"), one.id}]
    if not found:
        raise SelectorError(f"there is no {selector}; there are: {sorted({one.type for one in rows})}")
    return found[0]


def place_of(cloud: Cloud, selector: str) -> str:
    """Return what a fault is injected into: a resource's id, or the zone of a machine for `zone`."""
    if selector != "zone":
        return row_of(cloud, selector).id
    found = next(one for kind in _MACHINES for one in cloud.list(kind))
    return str(found.values["zone"]).rpartition("/")[2]


def attribute_of(values: Mapping[str, Any], path: str) -> Any:
    """Return an attribute by its path, such as `settings.0.tier`; None where it is not there."""
    found: Any = values
    for part in path.split("."):
        if isinstance(found, list):
            found = found[int(part)] if part.isdigit() and int(part) < len(found) else None
        elif isinstance(found, Mapping):
            found = found.get(part)
        else:
            return None
    return found


def filled(body: Any, facts: Mapping[str, object]) -> Any:
    """Return the body with facts for its `${…}`; a text that is nothing but a number's becomes a number."""
    if isinstance(body, Mapping):
        return {key: filled(one, facts) for key, one in body.items()}
    if isinstance(body, list):
        return [filled(one, facts) for one in body]
    if not isinstance(body, str) or "$" not in body:
        return body
    said = Template(body).safe_substitute({name: str(one) for name, one in facts.items()})
    return json.loads(said) if _NUMBER.match(said) and body.startswith("${number:") else said


def facts_of(
    row: Row | None, *, project: str, deployment_id: str, now: float, address: str
) -> dict[str, object]:
    """Return what `${…}` stands for."""
    values = row.values if row else {}
    name = str(values.get("name") or "")
    return {
        "project": project,
        "deployment_id": deployment_id,
        "now": int(now),
        "iso": _iso(now),
        "name": name,
        "id": row.id if row else "",
        "address": address,
        "instance_id": str(values.get("instance_id") or ""),
        "zone": str(values.get("zone") or "").rpartition("/")[2],
        "database_id": f"{project}:{name}",
    }


def _iso(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
