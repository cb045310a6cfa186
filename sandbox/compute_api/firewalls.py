"""Firewall rules: get and list."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.cloud import number_of
from sandbox.compute_api.listing import filtered, paged
from sandbox.compute_api.operations import not_found
from sandbox.compute_api.representation import name_of
from sandbox.network.view import block, blocks, texts
from sandbox.projects import COMPUTE

if TYPE_CHECKING:
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
FIREWALL = "google_compute_firewall"
_LISTS = {
    "sourceRanges": "source_ranges",
    "destinationRanges": "destination_ranges",
    "sourceTags": "source_tags",
    "targetTags": "target_tags",
    "sourceServiceAccounts": "source_service_accounts",
    "targetServiceAccounts": "target_service_accounts",
}
_USUAL_PRIORITY = 1000


def get(call: "Call") -> Json:
    """Answer `firewalls.get`."""
    for one in _all(call):
        if one["name"] == call["firewall"]:
            return one
    raise not_found(f"projects/{call['project']}/global/firewalls/{call['firewall']}")


def listed(call: "Call") -> Json:
    """Answer `firewalls.list`, filtered and in pages."""
    page, token = paged(call, filtered(call, _all(call)))
    path = f"projects/{call['project']}/global/firewalls"
    return {"kind": "compute#firewallList", "id": path, "items": page, **token}


def _all(call: "Call") -> list[Json]:
    """Return the rules, those of the default network included."""
    rows = call.cloud.list(FIREWALL, call["project"], built_in=True)
    return [_shown(call["project"], row.id, row.values) for row in rows]


def _shown(project: str, key: str, values: Mapping[str, Any]) -> Json:
    network = str(values.get("network") or "default")
    priority = values.get("priority")
    shown: Json = {
        "kind": "compute#firewall",
        "id": number_of(key),
        "name": values.get("name") or name_of(key),
        "description": values.get("description") or None,
        "network": network
        if network.startswith("https://")
        else f"{COMPUTE}projects/{project}/global/networks/{name_of(network)}",
        "priority": _USUAL_PRIORITY if priority is None else int(priority),
        "direction": values.get("direction") or "INGRESS",
        "disabled": bool(values.get("disabled")),
        "allowed": _protocols(values, "allow"),
        "denied": _protocols(values, "deny"),
        "logConfig": {"enable": bool(block(values, "log_config"))},
        "creationTimestamp": values.get("creation_timestamp"),
        "selfLink": f"{COMPUTE}projects/{project}/global/firewalls/{values.get('name') or name_of(key)}",
        **{theirs: sorted(texts(values.get(ours))) for theirs, ours in _LISTS.items()},
    }
    return {name: value for name, value in shown.items() if value not in (None, [])}


def _protocols(values: Mapping[str, Any], name: str) -> list[Json]:
    return [
        {"IPProtocol": str(one.get("protocol")), **({"ports": ports} if (ports := _ports(one)) else {})}
        for one in blocks(values, name)
    ]


def _ports(one: Mapping[str, Any]) -> list[str]:
    return list(texts(one.get("ports")))
