"""Managed instance groups, and the global HTTP load balancer before them."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.exposure import is_balanced_only, is_public
from sandbox.gemini.planner.parts.machines import (
    HOSTS,
    firewall,
    image_of,
    note_placeholder,
    ports_of,
    sources_of,
    stack_label,
)
from sandbox.gemini.planner.parts.networks import NAT_USD, plan_nat
from sandbox.gemini.planner.sizing import BALANCER_USD, DISK_USD_GB, budget, load_users, machine_type, price

# where Google's load balancers and health checks come from
# https://cloud.google.com/load-balancing/docs/health-checks#fw-rule
BALANCER_RANGES = ["130.211.0.0/22", "35.191.0.0/16"]
USERS_PER_MACHINE = 50_000
BOOT_GB = 20


def group_size(blueprint: Blueprint) -> tuple[int, int, bool]:
    """Return the (least, greatest) number of machines and whether the number follows the load."""
    reading = blueprint.reading
    counted = (
        (reading.count("group", *HOSTS) or reading.amounts.replicas) if not reading.amounts.high else None
    )
    low, high = reading.amounts.low, reading.amounts.high
    scaled = (
        reading.wants("autoscale")
        or high is not None
        or (counted is None and not reading.denies("autoscale"))
    )
    least = (
        low
        or counted
        or (1 if reading.wants("dev", "cheap") and not reading.wants("ha", "production") else 2)
    )
    users = load_users(blueprint) or 0
    most = high or max(least * 2, min(20, users // USERS_PER_MACHINE + least))
    return least, max(least, most), scaled and not reading.denies("autoscale")


def plan_group(blueprint: Blueprint) -> str:
    """Plan template, health check, group and autoscaler; return the group's reference."""
    reading = blueprint.reading
    least, most, scaled = group_size(blueprint)
    regional = reading.wants("ha", "regional", "production") and not reading.says("zonal")
    balanced = wants_balancer(blueprint)
    limit = budget(blueprint)
    own_addresses = is_public(blueprint) and (
        not balanced or (limit is not None and limit < 2 * NAT_USD + BALANCER_USD)
    )
    fixed = (
        least * BOOT_GB * DISK_USD_GB + (BALANCER_USD if balanced else 0) + (0 if own_addresses else NAT_USD)
    )
    kind = machine_type(blueprint, least, fixed + blueprint.spent_usd)
    own = least * price(blueprint.table("machine_types"), kind) + (
        fixed if own_addresses else fixed - NAT_USD
    )
    blueprint.spent_usd += own
    ports = ports_of(blueprint)
    if not own_addresses:
        plan_nat(blueprint)
        blueprint.note("The machines have no public addresses; they reach the internet through Cloud NAT.")
    firewall(blueprint, "health_checks", ports[:1], BALANCER_RANGES, ["web"])
    if not balanced:
        firewall(blueprint, "web", ports, sources_of(blueprint, public=is_public(blueprint)), ["web"])
    check = blueprint.plan(
        "google_compute_health_check",
        "web",
        "asks every machine whether it answers",
        {
            "name": f"{blueprint.app}-health",
            "http_health_check.port": int(ports[0]),
            "http_health_check.request_path": "/",
            "check_interval_sec": 10,
            "timeout_sec": 5,
        },
    )
    note_placeholder(blueprint)
    size = (least, most, scaled)
    groups = [
        _group(blueprint, site, kind, size, check, regional=regional, own_addresses=own_addresses)
        for site in blueprint.sites
    ]
    if scaled:
        blueprint.note(f"The group has between {least} and {most} machines and aims at 60% CPU.")
    if len(groups) > 1:
        blueprint.spent_usd += own * (len(groups) - 1)
        places = ", ".join(region for region, _ in blueprint.sites)
        blueprint.note(f"A group in each of {places}; the load balancer sends people to the nearest.")
    if balanced:
        spread: dict[str, Setting] = {"groups": groups} if len(groups) > 1 else {"group": groups[0]}
        plan_balancer(blueprint, {**spread, "port_name": "http", "health_checks": [check]})
    return groups[0]


def _group(
    blueprint: Blueprint,
    site: tuple[str, str],
    kind: str,
    size: tuple[int, int, bool],
    check: str,
    *,
    regional: bool,
    own_addresses: bool,
) -> str:
    """Plan the template, group and autoscaler of one region; return the group's reference."""
    region, zone = site
    least, most, scaled = size
    first = region == blueprint.region
    name, suffix = ("web", "") if first else (f"web_{region.replace('-', '_')}", f"-{region}")
    if not own_addresses and not first:
        plan_nat(blueprint, region)
    template = plan_template(blueprint, kind, own_addresses=own_addresses, region=region)
    place: dict[str, Setting] = {"region": region} if regional else {"zone": zone}
    named: dict[str, Setting] = {"name": f"{blueprint.app}-group{suffix}"}
    settings: dict[str, Setting] = {
        **named,
        "base_instance_name": blueprint.app,
        **place,
        "instance_template": template,
        "named_port.name": "http",
        "named_port.port": int(ports_of(blueprint)[0]),
        "health_check": check,
        "initial_delay_sec": 300,
    }
    if not scaled:
        settings["target_size"] = least
    lead = "google_compute_region_" if regional else "google_compute_"
    where = " across zones" if regional else ""
    group = blueprint.plan(
        f"{lead}instance_group_manager", name, f"keeps {least} machines running{where}", settings
    )
    if scaled:
        blueprint.plan(
            f"{lead}autoscaler",
            name,
            f"between {least} and {most} machines, by their CPU",
            {
                "name": f"{blueprint.app}-autoscaler{suffix}",
                **place,
                "target": group,
                "min_replicas": least,
                "max_replicas": most,
                "cooldown_period": 60,
                "cpu_utilization.target": 0.6,
            },
        )
    return group


def plan_template(
    blueprint: Blueprint, kind: str = "", *, own_addresses: bool = False, region: str = ""
) -> str:
    """Plan what every machine of a group is made from; return its reference."""
    reading = blueprint.reading
    network, _ = blueprint.network()
    subnetwork = blueprint.subnetwork_in(region or blueprint.region)
    elsewhere = region if region and region != blueprint.region else ""
    return blueprint.add(
        "google_compute_instance_template",
        f"web_{elsewhere.replace('-', '_')}" if elsewhere else "web",
        "what every machine of the group is made from",
        name_prefix=f"{blueprint.app}-{elsewhere}-"[:37] if elsewhere else f"{blueprint.app}-",
        machine_type=kind or machine_type(blueprint),
        source_image=image_of(blueprint),
        disk_size_gb=reading.size_of("group", "lb", *HOSTS) or BOOT_GB,
        disk_type="pd-balanced",
        network=network,
        subnetwork=subnetwork,
        public_ip=own_addresses,
        tags=["web"],
        labels=stack_label(blueprint),
        preemptible=True if reading.wants("spot") else None,
    )


def wants_balancer(blueprint: Blueprint) -> bool:
    """Return whether what runs stands behind a load balancer."""
    reading = blueprint.reading
    if reading.denies("lb") or not (is_public(blueprint) or is_balanced_only(blueprint)):
        return False
    return reading.wants("lb", "api", "web", "website", "server", "tls", "cdn", "armor", "ha")


def plan_balancer(blueprint: Blueprint, backend: dict[str, Setting], *, bucket: str = "") -> None:
    """Plan address, backend, URL map, proxy and forwarding rule; TLS where the goal names a domain."""
    reading = blueprint.reading
    app = blueprint.app
    address = blueprint.add(
        "google_compute_global_address",
        "web",
        "the address people reach it by",
        name=f"{app}-lb-ip",
    )
    cached: dict[str, Setting] = {"enable_cdn": True} if reading.wants("cdn") else {}
    if bucket:
        service = blueprint.plan(
            "google_compute_backend_bucket",
            "site",
            "serves the bucket through the load balancer",
            {"name": f"{app}-backend", "bucket_name": bucket, **cached},
        )
    else:
        armor = blueprint.refs("google_compute_security_policy")
        service = blueprint.plan(
            "google_compute_backend_service",
            "web",
            "spreads requests over what runs",
            {
                "name": f"{app}-backend",
                "protocol": "HTTP",
                "load_balancing_scheme": "EXTERNAL_MANAGED",
                **backend,
                **cached,
                **({"security_policy": armor[0]} if armor else {}),
            },
        )
    urls = blueprint.add(
        "google_compute_url_map",
        "web",
        "sends every path to the backend",
        name=f"{app}-urls",
        default_service=service,
    )
    domain = reading.amounts.domain
    if domain:
        certificate = blueprint.plan(
            "google_compute_managed_ssl_certificate",
            "web",
            f"the certificate of {domain}",
            {"name": f"{app}-cert", "managed.domains": [domain]},
        )
        proxy = blueprint.add(
            "google_compute_target_https_proxy",
            "web",
            "ends TLS",
            name=f"{app}-https-proxy",
            url_map=urls,
            ssl_certificates=[certificate],
        )
        _forward(blueprint, "https", proxy, address, "443")
    elif reading.wants("tls"):
        blueprint.note(
            "The load balancer answers on HTTP only: a managed certificate needs the domain in the goal."
        )
    proxy = blueprint.add(
        "google_compute_target_http_proxy",
        "web",
        "takes HTTP requests",
        name=f"{app}-http-proxy",
        url_map=urls,
    )
    _forward(blueprint, "http", proxy, address, "80")


def _forward(blueprint: Blueprint, name: str, proxy: str, address: str, port: str) -> None:
    blueprint.add(
        "google_compute_global_forwarding_rule",
        name,
        f"takes port {port} of the address to the proxy",
        name=f"{blueprint.app}-{name}",
        target=proxy,
        ip_address=address,
        port_range=port,
        load_balancing_scheme="EXTERNAL_MANAGED",
    )
