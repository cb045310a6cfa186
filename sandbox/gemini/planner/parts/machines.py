"""Single machines: what they run, who reaches them, where their data lies."""

from dataclasses import dataclass

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.accelerators import accelerator_of, is_headless
from sandbox.gemini.planner.parts.exposure import is_public
from sandbox.gemini.planner.parts.networks import plan_nat
from sandbox.gemini.planner.parts.stacks import STACK_TITLES, stack_of
from sandbox.gemini.planner.sizing import ADDRESS_USD, machine_type, price, spendable

INSTANCE = "google_compute_instance"
WEB_PORTS = ["80"]
TLS_PORTS = ["80", "443"]
WELL_KNOWN_PORTS = {
    "minecraft": "25565",
    "jenkins": "8080",
    "n8n": "5678",
    "sftp": "22",
    "ftp": "21",
    "rdp": "3389",
    "mail": "25",
}
WORLD = "0.0.0.0/0"
PRIVATE = "10.0.0.0/8"
IAP_RANGE = "35.235.240.0/20"
DEBIAN = "debian-cloud/debian-12"
UBUNTU = "ubuntu-os-cloud/ubuntu-2404-lts-amd64"
WINDOWS = "windows-cloud/windows-2022"
SMALLEST_GB = 10
_DISK_USD_GB = {"pd-standard": 0.04, "pd-balanced": 0.10, "pd-ssd": 0.17}
HOSTS = ("vm", "server", "api", "web", "website")


@dataclass(frozen=True, slots=True)
class Boot:
    """A machine's boot disk."""

    gb: int
    type: str

    @property
    def usd_month(self) -> float:
        """Its list price."""
        return self.gb * _DISK_USD_GB[self.type]


def ports_of(blueprint: Blueprint) -> list[str]:
    """Return the ports the goal asks for, else those of the web."""
    reading = blueprint.reading
    web = TLS_PORTS if reading.wants("tls") else WEB_PORTS
    known = [port for word, port in WELL_KNOWN_PORTS.items() if reading.says(word) and port != "3389"]
    return [str(port) for port in reading.amounts.ports if port not in (22, 3389)] or known or web


def image_of(blueprint: Blueprint) -> str:
    """Return the boot image the goal's words ask for."""
    reading = blueprint.reading
    return WINDOWS if reading.wants("windows") else UBUNTU if reading.says("ubuntu") else DEBIAN


def stack_label(blueprint: Blueprint) -> dict[str, str]:
    """Return the labels, with the language where the goal names one."""
    stack = stack_of(blueprint.reading)
    return {**blueprint.labels, **({"stack": stack} if stack else {})}


def plan_machines(blueprint: Blueprint) -> list[str]:
    """Plan the goal's virtual machines with network, firewall and address; return their references."""
    reading = blueprint.reading
    public = is_public(blueprint) and not is_headless(reading)
    named = reading.sizes.machine_types
    names = reading.names("vm", "server")
    count = reading.count(*HOSTS) or reading.amounts.replicas or 1
    boot = _boot(blueprint)
    if len(named) > 1:
        return [_machine(blueprint, kind, boot, public=public) for kind in named]
    many = max(count, len(names))
    kind, cost = _priced(blueprint, boot, many, public=public)
    limit = spendable(blueprint)
    if limit is not None and blueprint.spent_usd + cost > limit and not reading.size_of(*HOSTS):
        boot = Boot(SMALLEST_GB, "pd-standard")
        kind, cost = _priced(blueprint, boot, many, public=public)
    blueprint.spent_usd += cost
    if len(names) > 1 and count in (1, len(names)):
        return [_machine(blueprint, kind, boot, called=name, public=public) for name in names]
    sites = blueprint.sites
    if len(sites) > 1:
        each = max(1, count // len(sites))
        blueprint.note(f"{each} of the machines in each of {', '.join(region for region, _ in sites)}.")
        return [_machine(blueprint, kind, boot, each, public=public, site=site) for site in sites]
    return [_machine(blueprint, kind, boot, count, public=public)]


def _boot(blueprint: Blueprint) -> Boot:
    reading = blueprint.reading
    size = max(reading.size_of(*HOSTS) or (50 if reading.wants("windows") else 20), SMALLEST_GB)
    if reading.wants("disk"):
        return Boot(size, "pd-balanced")
    kind = (
        "pd-ssd" if reading.says("ssd", "nvme") else "pd-standard" if reading.says("hdd") else "pd-balanced"
    )
    return Boot(size, kind)


def _priced(blueprint: Blueprint, boot: Boot, count: int, *, public: bool) -> tuple[str, float]:
    """Return the machine type that fits, and what so many such machines cost a month in USD."""
    fixed = count * (boot.usd_month + (ADDRESS_USD if public else 0))
    cards = accelerator_of(blueprint.reading)
    fixed += count * cards.usd_month if cards else 0
    kind = machine_type(blueprint, count, fixed + blueprint.spent_usd)
    return kind, fixed + count * price(blueprint.table("machine_types"), kind)


def _machine(
    blueprint: Blueprint,
    kind: str,
    boot: Boot,
    count: int = 1,
    *,
    called: str = "",
    public: bool,
    site: tuple[str, str] = ("", ""),
) -> str:
    reading = blueprint.reading
    network, _ = blueprint.network()
    region, zone = site if site[0] else (blueprint.region, blueprint.zone)
    subnetwork = blueprint.subnetwork_in(region)
    role = called or (blueprint.role if reading.wants("api", "web", "website") else "server")
    if region != blueprint.region:
        role = f"{role}-{region}"
    name = role.replace("-", "_")
    _open(blueprint, public=public)
    address = None
    if public and count == 1:
        address = blueprint.add(
            "google_compute_address",
            name,
            "the address that stays when the machine is rebuilt",
            name=f"{_cloud_name(blueprint, role)}-ip",
            region=region,
        )
    if not public:
        plan_nat(blueprint, region)
        blueprint.note(
            "The machines have no public address; they answer inside the network only, and reach the internet "
            "for their packages through Cloud NAT."
        )
    title = STACK_TITLES.get(stack_of(reading), "")
    settings: dict[str, Setting | None] = {
        "name": _cloud_name(blueprint, role),
        "machine_type": kind,
        "zone": zone,
        "count": count if count > 1 else None,
        "image": image_of(blueprint),
        "disk_size_gb": boot.gb,
        "disk_type": boot.type,
        "network": network,
        "subnetwork": subnetwork,
        "public_ip": public,
        "nat_ip": address,
        "tags": ["web"],
        "labels": stack_label(blueprint),
        "preemptible": True if reading.wants("spot") else None,
    }
    if cards := accelerator_of(reading):
        settings |= cards.settings
        blueprint.note(
            f"{cards.count} NVIDIA {cards.model.upper()} of graphics card a machine: the project needs quota for it, "
            "and drivers are to be installed."
        )
    purpose = f"runs the {role}" + (f" ({title})" if title else "")
    return blueprint.plan(
        INSTANCE, name, purpose, {key: one for key, one in settings.items() if one is not None}
    )


def _cloud_name(blueprint: Blueprint, role: str) -> str:
    app = blueprint.app
    return app if role in (app, "api", "web", "app") else f"{app}-{role}" if app != "app" else role


def _open(blueprint: Blueprint, *, public: bool) -> None:
    """Open the asked ports, and remote login by Google's proxy where it is asked for."""
    reading = blueprint.reading
    if is_headless(reading):
        firewall(blueprint, "login", ["22"], [IAP_RANGE], ["web"])
        blueprint.note("The machine computes and serves nobody: nothing is open but login by Google's proxy.")
    elif not reading.denies("firewall"):
        firewall(blueprint, "web", ports_of(blueprint), sources_of(blueprint, public=public), ["web"])
        note_placeholder(blueprint)
    wanted_ports = {22, 3389} & set(reading.amounts.ports)
    if reading.wants("ssh", "bastion") or wanted_ports:
        usual = {3389} if reading.wants("windows") else {22}
        login = [str(port) for port in sorted(wanted_ports or usual)]
        firewall(blueprint, "login", login, [IAP_RANGE], ["web"])
        blueprint.note(
            "Remote login is open to Google's Identity-Aware Proxy range only, not to the internet."
        )


def plan_firewall(blueprint: Blueprint) -> None:
    """Plan the rules of a goal that asks for a firewall alone: logins from named ranges, never from everywhere."""
    reading = blueprint.reading
    logins = {22, 3389} & set(reading.amounts.ports) or ({22} if reading.wants("ssh") else set[int]())
    if logins:
        near = [one for one in reading.amounts.sources + reading.amounts.cidrs if one != WORLD]
        if not near:
            blueprint.note("Login is open to Google's Identity-Aware Proxy range only, not to the internet.")
        ports = [str(port) for port in sorted(logins)]
        firewall(blueprint, "login", ports, near or [IAP_RANGE], [])
    if not logins or set(reading.amounts.ports) - logins:
        firewall(blueprint, "web", ports_of(blueprint), sources_of(blueprint, public=True), [])


def sources_of(blueprint: Blueprint, *, public: bool) -> list[str]:
    """Return who may come in: the ranges the goal names, else everybody or the network."""
    named = blueprint.reading.amounts.sources
    return list(named) or ([WORLD] if public else [PRIVATE])


def note_placeholder(blueprint: Blueprint) -> None:
    """Say that what is served first is not the person's own program."""
    reading = blueprint.reading
    if reading.wants("windows", "wordpress"):
        return
    blueprint.note(
        "What is served is a placeholder page until your own program is put in its place: the startup script "
        "shows where."
    )
    if "443" in ports_of(blueprint):
        blueprint.note(
            "On port 443 the machine answers with a certificate it signed itself, until you put yours."
        )


def firewall(blueprint: Blueprint, name: str, ports: list[str], sources: list[str], tags: list[str]) -> str:
    """Plan one ingress rule, unless the plan has it already; return its reference."""
    reference = f"google_compute_firewall.{name}"
    if reference in blueprint.refs("google_compute_firewall"):
        return reference
    network, _ = blueprint.network()
    who = "everybody" if sources == [WORLD] else ", ".join(sources)
    return blueprint.add(
        "google_compute_firewall",
        name,
        f"lets {who} in on {', '.join(ports) or 'every port'}",
        name=f"{blueprint.app}-allow-{name.replace('_', '-')}",
        network=network,
        protocol="tcp",
        ports=ports,
        source_ranges=sources,
        target_tags=tags or None,
    )
