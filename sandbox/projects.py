"""What a new project has before anybody made anything in it."""

from typing import Any

from sandbox.catalog.places import auto_range, regions

Values = dict[str, Any]
COMPUTE = "https://www.googleapis.com/compute/v1/"
_CREATED = "2024-01-15T08:00:00.000-08:00"
_RULES: tuple[tuple[str, str, list[str], list[str], int], ...] = (
    ("default-allow-icmp", "icmp", [], ["0.0.0.0/0"], 65534),
    ("default-allow-rdp", "tcp", ["3389"], ["0.0.0.0/0"], 65534),
    ("default-allow-ssh", "tcp", ["22"], ["0.0.0.0/0"], 65534),
)


def new_project(project: str, number: str) -> list[tuple[str, str, Values]]:
    """Return (type, id, values) of the default network, its parts, and the default service account."""
    return [
        default_network(project, number),
        *auto_subnetworks(project, "default", number),
        *_firewalls(project),
        _service_account(project, number),
    ]


def default_network(project: str, number: str) -> tuple[str, str, Values]:
    """Return the auto mode network `default`."""
    key = f"projects/{project}/global/networks/default"
    return (
        "google_compute_network",
        key,
        {
            "id": key,
            "name": "default",
            "project": project,
            "description": "Default network for the project",
            "auto_create_subnetworks": True,
            "routing_mode": "REGIONAL",
            "mtu": 1460,
            "gateway_ipv4": "",
            "self_link": COMPUTE + key,
            "numeric_id": f"7{number}{number[:6]}",
            "network_id": f"7{number}{number[:6]}",
        },
    )


def auto_subnetworks(project: str, network: str, number: str) -> list[tuple[str, str, Values]]:
    """Return the subnetworks, one a region, that an auto mode network makes by itself."""
    made: list[tuple[str, str, Values]] = []
    for position, region in enumerate(regions()):
        key = f"projects/{project}/regions/{region}/subnetworks/{network}"
        cidr = auto_range(region)
        values: Values = {
            "id": key,
            "name": network,
            "project": project,
            "region": region,
            "network": f"{COMPUTE}projects/{project}/global/networks/{network}",
            "ip_cidr_range": cidr,
            "gateway_address": cidr.replace(".0/20", ".1"),
            "private_ip_google_access": False,
            "purpose": "PRIVATE",
            "stack_type": "IPV4_ONLY",
            "secondary_ip_range": [],
            "self_link": COMPUTE + key,
            "creation_timestamp": _CREATED,
            "subnetwork_id": int(f"6{number}{position:05d}"),
        }
        made.append(("google_compute_subnetwork", key, values))
    return made


def _firewalls(project: str) -> list[tuple[str, str, Values]]:
    rules = [
        *(
            (name, [{"protocol": protocol, "ports": ports}], where, at)
            for name, protocol, ports, where, at in _RULES
        ),
        (
            "default-allow-internal",
            [
                {"protocol": "tcp", "ports": ["0-65535"]},
                {"protocol": "udp", "ports": ["0-65535"]},
                {"protocol": "icmp", "ports": list[str]()},
            ],
            ["10.128.0.0/9"],
            65534,
        ),
    ]
    made: list[tuple[str, str, Values]] = []
    for name, allow, source_ranges, priority in rules:
        key = f"projects/{project}/global/firewalls/{name}"
        values: Values = {
            "id": key,
            "name": name,
            "project": project,
            "network": f"{COMPUTE}projects/{project}/global/networks/default",
            "direction": "INGRESS",
            "priority": priority,
            "disabled": False,
            "allow": allow,
            "deny": [],
            "source_ranges": source_ranges,
            "self_link": COMPUTE + key,
            "creation_timestamp": _CREATED,
        }
        made.append(("google_compute_firewall", key, values))
    return made


def _service_account(project: str, number: str) -> tuple[str, str, Values]:
    email = f"{number}-compute@developer.gserviceaccount.com"
    key = f"projects/{project}/serviceAccounts/{email}"
    return (
        "google_service_account",
        key,
        {
            "id": key,
            "name": key,
            "project": project,
            "account_id": f"{number}-compute",
            "display_name": "Compute Engine default service account",
            "email": email,
            "member": f"serviceAccount:{email}",
            "unique_id": f"10{number}{number[:7]}",
            "disabled": False,
        },
    )
