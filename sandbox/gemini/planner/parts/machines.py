"""Single machines: what they run, who reaches them, where their data lies."""

from dataclasses import dataclass

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.exposure import is_public
from sandbox.gemini.planner.parts.stacks import STACK_TITLES, stack_of
from sandbox.gemini.planner.sizing import ADDRESS_USD, machine_type, price, spendable

INSTANCE = "google_compute_instance"
WEB_PORTS = ["80", "443"]
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
GPU_USD = 255.0
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
    known = [port for word, port in WELL_KNOWN_PORTS.items() if reading.says(word) and port != "3389"]
    return [str(port) for port in reading.amounts.ports if port not in (22, 3389)] or known or WEB_PORTS


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
    public = is_public(blueprint)
    named = reading.sizes.machine_types
    names = reading.names("vm", "server")
    count = reading.count(*HOSTS) or 1
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
    fixed += GPU_USD if blueprint.reading.wants("gpu") else 0
    kind = machine_type(blueprint, count, fixed + blueprint.spent_usd)
    return kind, fixed + count * price(blueprint.table("machine_types"), kind)


def _machine(
    blueprint: Blueprint, kind: str, boot: Boot, count: int = 1, *, called: str = "", public: bool
) -> str:
    reading = blueprint.reading
    network, subnetwork = blueprint.network()
    role = called or (blueprint.role if reading.wants("api", "web", "website") else "server")
    name = role.replace("-", "_")
    _open(blueprint, public=public)
    address = None
    if public and count == 1:
        address = blueprint.add(
            "google_compute_address",
            name,
            "the address that stays when the machine is rebuilt",
            name=f"{_cloud_name(blueprint, role)}-ip",
            region=blueprint.region,
        )
    if not public:
        blueprint.note("The machines have no public address; they answer inside the network only.")
    title = STACK_TITLES.get(stack_of(reading), "")
    settings: dict[str, Setting | None] = {
        "name": _cloud_name(blueprint, role),
        "machine_type": kind,
        "zone": blueprint.zone,
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
    if reading.wants("gpu"):
        settings |= {
            "guest_accelerator.type": "nvidia-tesla-t4",
            "guest_accelerator.count": reading.count("gpu") or 1,
        }
        settings |= {"scheduling.on_host_maintenance": "TERMINATE"}
        blueprint.note("NVIDIA T4 graphics cards are attached; the project needs quota for them.")
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
    if not reading.denies("firewall"):
        firewall(blueprint, "web", ports_of(blueprint), [WORLD] if public else [PRIVATE], ["web"])
    wanted_ports = {22, 3389} & set(reading.amounts.ports)
    if reading.wants("ssh", "bastion") or wanted_ports:
        usual = {3389} if reading.wants("windows") else {22}
        login = [str(port) for port in sorted(wanted_ports or usual)]
        firewall(blueprint, "login", login, [IAP_RANGE], ["web"])
        blueprint.note(
            "Remote login is open to Google's Identity-Aware Proxy range only, not to the internet."
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
