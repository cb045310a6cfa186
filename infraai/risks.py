"""What could go wrong with a plan, by rules; the model's own flags are joined to these."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from infraai.models import PlannedResource, Risk
from infraai.pricing import Item, Priced, plan_items

_WORLD = frozenset({"0.0.0.0/0", "::/0", "*"})
_GROUPS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
_SERVING = ("google_compute_instance", *_GROUPS)
_ADMIN_PORTS = {
    "22": "SSH",
    "3389": "RDP",
    "3306": "MySQL",
    "5432": "PostgreSQL",
    "6379": "Redis",
    "27017": "MongoDB",
    "9200": "Elasticsearch",
    "1433": "SQL Server",
    "2375": "Docker",
}
_PAIR = 2
_PUBLIC_MEMBERS = frozenset({"allUsers", "allAuthenticatedUsers"})
_BROAD_ROLES = frozenset({"roles/owner", "roles/editor"})
Rule = Callable[[Sequence[Item]], Iterator[Risk]]


def find_risks(
    resources: Iterable[PlannedResource], priced: Priced, budget_usd: float | None
) -> tuple[Risk, ...]:
    """Return what the rules find in a plan, its cost against the budget included."""
    items = plan_items(resources)
    found = [risk for rule in _FINDERS for risk in rule(items)]
    found += _cost_risks(priced, budget_usd)
    return tuple({(risk.rule, risk.resource): risk for risk in found}.values())


def join_flags(risks: Sequence[Risk], from_model: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the rules that fired, then the model's own flags as names, each once.

    What a rule decides, the model cannot. Only where the price table lacks parts may the model say that the
    cost is over budget: its word can raise caution, never lower it.
    """
    found = {risk.rule for risk in risks}
    unknown = {"cost_over_budget"} if "unpriced_parts" in found else set[str]()
    named = (re.sub(r"[^a-z0-9]+", "_", flag.lower()).strip("_")[:80] for flag in from_model)
    said = (name for name in named if name and (name not in RULES or name in unknown))
    return tuple(dict.fromkeys([*(risk.rule for risk in risks), *said]))


def _cost_risks(priced: Priced, budget_usd: float | None) -> Iterator[Risk]:
    nothing = budget_usd == 0 and priced.lower_bound
    if budget_usd is not None and (priced.usd_month > budget_usd or nothing):
        least = "at least " if priced.lower_bound else ""
        yield Risk(
            rule="cost_over_budget",
            message=f"It costs {least}{priced.usd_month:.2f} USD a month; the budget is {budget_usd:.2f}.",
        )
    if priced.unpriced:
        count = len(priced.unpriced)
        parts = "1 part has" if count == 1 else f"{count} parts have"
        yield Risk(rule="unpriced_parts", message=f"{parts} no price here; the total is a lower bound.")


def _open_firewalls(items: Sequence[Item]) -> Iterator[Risk]:
    for item in items:
        if item.type != "google_compute_firewall" or item.text("direction").upper() == "EGRESS":
            continue
        sources = _texts(item.pick("source_ranges"))
        if not _WORLD & set(sources):
            continue
        ports = _ports(item)
        admin = [f"{_ADMIN_PORTS[port]} ({port})" for port in _ADMIN_PORTS if _covers(ports, int(port))]
        named = f"port{'s' if len(ports) > 1 else ''} {', '.join(ports)}"
        what = ", ".join(admin) if admin else named if ports else "every port"
        verb = "are" if what.startswith("ports ") else "is"
        yield Risk(rule="open_firewall", message=f"{what} {verb} open to the world.", resource=item.address)


def _public_databases(items: Sequence[Item]) -> Iterator[Risk]:
    for item in items:
        if item.type != "google_sql_database_instance":
            continue
        networks = _texts(item.pick("authorized_networks", "settings.ip_configuration.authorized_networks"))
        public = item.pick("settings.ip_configuration.ipv4_enabled", "ipv4_enabled", "public_ip")
        private = item.pick("settings.ip_configuration.private_network", "private_network", "private_ip")
        if _WORLD & set(networks) or str(public).lower() == "true" or (public is None and not private):
            yield Risk(
                rule="public_database", message="The database has a public address.", resource=item.address
            )


def _databases_without_backup(items: Sequence[Item]) -> Iterator[Risk]:
    for item in items:
        replica = item.text("master_instance_name")
        if item.type == "google_sql_database_instance" and not replica:
            paths = (
                "settings.backup_configuration.enabled",
                "backup_enabled",
                "backup_configuration.enabled",
            )
            if not item.flag(*paths, "backups", "backup"):
                yield Risk(rule="no_backup", message="The database has no backups.", resource=item.address)


def _single_points(items: Sequence[Item]) -> Iterator[Risk]:
    machines = [item for item in items if item.type == "google_compute_instance"]
    if len(machines) == 1 and not any(item.type in _GROUPS for item in items):
        yield Risk(
            rule="no_redundancy",
            message="One machine serves: if it stops, so does the service.",
            resource=machines[0].address,
        )
    for item in items:
        if item.type == "google_sql_database_instance" and not item.text("master_instance_name"):
            if item.text("settings.availability_type", "availability_type").upper() != "REGIONAL":
                yield Risk(
                    rule="no_redundancy",
                    message="The database stands in one zone.",
                    resource=item.address,
                )
        elif item.type in _GROUPS:
            size = item.number("min_replicas", "target_size")
            if size is not None and size < _PAIR:
                yield Risk(
                    rule="no_redundancy", message="The group may have one machine.", resource=item.address
                )


def _public_access(items: Sequence[Item]) -> Iterator[Risk]:
    for item in items:
        if "_iam_" not in item.type:
            continue
        members = {*_texts(item.pick("members")), item.text("member")}
        if members & _PUBLIC_MEMBERS:
            rule = "public_bucket" if "bucket" in item.type else "public_access"
            yield Risk(
                rule=rule, message="Everybody on the internet is granted a role.", resource=item.address
            )
        if item.text("role") in _BROAD_ROLES:
            yield Risk(rule="broad_role", message=f"{item.text('role')} is granted.", resource=item.address)


def _keys_and_protection(items: Sequence[Item]) -> Iterator[Risk]:
    for item in items:
        if item.type == "google_service_account_key":
            yield Risk(rule="service_account_key", message="A key can leak and lasts.", resource=item.address)
        if (
            item.type == "google_sql_database_instance"
            and str(item.pick("deletion_protection")).lower() == "false"
        ):
            yield Risk(
                rule="no_deletion_protection",
                message="The database can be deleted by one apply.",
                resource=item.address,
            )


RULES = frozenset(
    {
        "open_firewall",
        "cost_over_budget",
        "no_redundancy",
        "public_database",
        "no_backup",
        "unpriced_parts",
        "public_access",
        "public_bucket",
        "broad_role",
        "service_account_key",
        "no_deletion_protection",
    }
)
_FINDERS: tuple[Rule, ...] = (
    _open_firewalls,
    _public_databases,
    _databases_without_backup,
    _single_points,
    _public_access,
    _keys_and_protection,
)


def _texts(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [part.strip() for part in str(value).split(",")] if value not in (None, "") else []


def _ports(item: Item) -> list[str]:
    nested = [port for block in item.blocks("allow") for port in _texts(block.get("ports"))]
    flat = _texts(item.pick("ports", "allowed_ports", "allow_ports", "port"))
    return nested or flat


def _covers(ports: list[str], wanted: int) -> bool:
    for port in ports:
        low, _, high = port.rsplit("/", 1)[-1].rsplit(":", 1)[-1].partition("-")
        if low.isdigit() and int(low) <= wanted <= int(high if high.isdigit() else low):
            return True
    return not ports
