"""Networks and what stands at their edges: NAT, VPN, bastion, DNS."""

from sandbox.gemini.planner.blueprint import SUBNETWORK, Blueprint

PEER_EXAMPLE = "203.0.113.10"  # RFC 5737: an address for documentation
IAP_RANGE = "35.235.240.0/20"
VPN_USD = 36.5
NAT_USD = 32.7


def plan_network(blueprint: Blueprint) -> None:
    """Plan the network, further subnetworks, and a rule that lets its machines talk to each other."""
    reading = blueprint.reading
    network, _ = blueprint.network()
    names = blueprint.named("network", default="subnet") if reading.says("subnet", "subnetwork") else []
    cidrs = reading.amounts.cidrs
    if len(blueprint.sites) > 1 and reading.says("subnet", "subnetwork", "network", "vpc"):
        for region, _ in blueprint.sites:
            blueprint.subnetwork_in(region)
        names = names[: 1 + max(0, len(names) - len(blueprint.sites))]
    while len(names) < len(cidrs):
        names.append(f"subnet-{len(names) + 1}")
    for number, name in enumerate(names[1:], start=len(blueprint.refs(SUBNETWORK))):
        blueprint.add(
            SUBNETWORK,
            name.replace("-", "_"),
            "further addresses in the region",
            name=f"{blueprint.app}-{name}",
            network=network,
            region=blueprint.region,
            private_ip_google_access=True,
            ip_cidr_range=cidrs[number] if len(cidrs) > number else f"10.{10 + number}.0.0/20",
        )
    blueprint.add(
        "google_compute_firewall",
        "internal",
        "lets machines of the network talk to each other",
        name=f"{blueprint.app}-allow-internal",
        network=network,
        protocol="tcp",
        ports=["0-65535"],
        source_ranges=[
            str(one.settings["ip_cidr_range"]) for one in blueprint.resources if one.type == SUBNETWORK
        ],
    )


def plan_nat(blueprint: Blueprint, region: str = "") -> None:
    """Plan a router with NAT, once a region, so that machines without public addresses reach the internet."""
    region = region or blueprint.region
    name = "main" if region == blueprint.region else region.replace("-", "_")
    if f"google_compute_router_nat.{name}" in blueprint.refs("google_compute_router_nat"):
        return
    router = _router(blueprint, region)
    blueprint.spent_usd += NAT_USD
    blueprint.add(
        "google_compute_router_nat",
        name,
        "lets private machines reach the internet",
        name=f"{blueprint.app}-nat" if name == "main" else f"{blueprint.app}-nat-{region}",
        router=router,
        region=region,
        nat_ip_allocate_option="AUTO_ONLY",
        source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
    )


def _router(blueprint: Blueprint, region: str = "") -> str:
    region = region or blueprint.region
    name = "main" if region == blueprint.region else region.replace("-", "_")
    reference = f"google_compute_router.{name}"
    if reference in blueprint.refs("google_compute_router"):
        return reference
    network, _ = blueprint.network()
    called = f"{blueprint.app}-router" if name == "main" else f"{blueprint.app}-router-{region}"
    return blueprint.plan(
        "google_compute_router",
        name,
        "routes between the network and outside",
        {"name": called, "network": network, "region": region, "bgp.asn": 64514},
    )


def plan_vpn(blueprint: Blueprint) -> None:
    """Plan a highly available VPN gateway with one tunnel to a peer."""
    app = blueprint.app
    network, _ = blueprint.network()
    router = _router(blueprint)
    peer_address = next(iter(blueprint.reading.amounts.ips), PEER_EXAMPLE)
    gateway = blueprint.add(
        "google_compute_ha_vpn_gateway",
        "main",
        "Google's end of the VPN",
        name=f"{app}-vpn",
        network=network,
        region=blueprint.region,
    )
    peer = blueprint.plan(
        "google_compute_external_vpn_gateway",
        "peer",
        "the other end of the VPN",
        {
            "name": f"{app}-peer",
            "redundancy_type": "SINGLE_IP_INTERNALLY_REDUNDANT",
            "interface.id": 0,
            "interface.ip_address": peer_address,
        },
    )
    secret = blueprint.add("random_password", "vpn", "the tunnel's shared secret", length=32, special=False)
    tunnel = blueprint.add(
        "google_compute_vpn_tunnel",
        "main",
        "the encrypted tunnel",
        name=f"{app}-tunnel",
        region=blueprint.region,
        vpn_gateway=gateway,
        vpn_gateway_interface=0,
        peer_external_gateway=peer,
        peer_external_gateway_interface=0,
        shared_secret=secret,
        router=router,
    )
    interface = blueprint.add(
        "google_compute_router_interface",
        "main",
        "the router's end of the tunnel",
        name=f"{app}-interface",
        router=router,
        region=blueprint.region,
        ip_range="169.254.0.1/30",
        vpn_tunnel=tunnel,
    )
    blueprint.add(
        "google_compute_router_peer",
        "main",
        "exchanges routes with the other end",
        name=f"{app}-peer",
        router=router,
        region=blueprint.region,
        peer_ip_address="169.254.0.2",
        peer_asn=64515,
        interface=interface,
    )
    blueprint.spent_usd += VPN_USD
    blueprint.note(
        f"The VPN's other end stands as {peer_address}, ASN 64515: put in the real ones. "
        "The shared secret is made at random and lies in the state."
    )


def plan_bastion(blueprint: Blueprint) -> None:
    """Plan a small machine without a public address that Google's proxy lets people log in to."""
    network, subnetwork = blueprint.network()
    blueprint.add(
        "google_compute_firewall",
        "bastion",
        "lets Google's Identity-Aware Proxy in on 22",
        name=f"{blueprint.app}-allow-bastion",
        network=network,
        protocol="tcp",
        ports=["22"],
        source_ranges=[IAP_RANGE],
        target_tags=["bastion"],
    )
    blueprint.add(
        "google_compute_instance",
        "bastion",
        "where people log in to the network",
        name=f"{blueprint.app}-bastion",
        machine_type="e2-micro",
        zone=blueprint.zone,
        image="debian-cloud/debian-12",
        disk_size_gb=10,
        disk_type="pd-standard",
        network=network,
        subnetwork=subnetwork,
        public_ip=False,
        tags=["bastion"],
        labels=blueprint.labels,
    )
    blueprint.note(
        "The bastion is reached by `gcloud compute ssh --tunnel-through-iap`; it has no public address."
    )


def plan_dns(blueprint: Blueprint) -> None:
    """Plan a DNS zone, and a record for the public address the plan has."""
    reading = blueprint.reading
    domain = reading.amounts.domain or "example.com"
    if not reading.amounts.domain:
        blueprint.note("The goal names no domain: example.com stands for it.")
    private = reading.attached("private", ("dns",)) or (reading.says("private") and reading.denies("public"))
    zone = blueprint.plan(
        "google_dns_managed_zone",
        "main",
        f"the names under {domain}",
        {
            "name": domain.replace(".", "-"),
            "dns_name": f"{domain}.",
            "labels": blueprint.labels,
            **(
                {
                    "visibility": "private",
                    "private_visibility_config.networks.network_url": blueprint.network()[0],
                }
                if private
                else {}
            ),
        },
    )
    addresses = [*blueprint.refs("google_compute_global_address"), *blueprint.refs("google_compute_address")]
    shown = reading.amounts.ips or [one for one in addresses if not one.endswith(".private")]
    if shown:
        blueprint.add(
            "google_dns_record_set",
            "main",
            f"points {domain} to the service",
            name=f"{domain}.",
            type="A",
            ttl=300,
            managed_zone=zone,
            rrdatas=[shown[0]],
        )


def plan_address(blueprint: Blueprint) -> None:
    """Plan a reserved address where nothing else of the plan has one."""
    if blueprint.refs("google_compute_address", "google_compute_global_address"):
        return
    kind = "google_compute_global_address" if blueprint.reading.says("global") else "google_compute_address"
    blueprint.add(
        kind,
        "main",
        "a reserved address",
        name=f"{blueprint.app}-ip",
        region=blueprint.region if kind == "google_compute_address" else None,
    )
