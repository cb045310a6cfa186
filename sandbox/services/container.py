"""Google Kubernetes Engine: clusters and node pools."""

import re
from typing import ClassVar

from sandbox.catalog.machines import machine
from sandbox.catalog.places import is_region, is_zone, region_of, zones
from sandbox.projects import COMPUTE
from sandbox.services.addresses import inner_address, parse_range, public_address
from sandbox.services.certificates import encoded, make_certificate
from sandbox.services.compute_disk import check_disk_type
from sandbox.services.compute_machine import account_exists
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up, name_of
from sandbox.services.service import ApiError, Context, Service, Values, at

CLUSTER = "google_container_cluster"
NODE_POOL = "google_container_node_pool"
_VERSION = "1.33.4-gke.1350000"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?")
_KNOWN_VERSION = re.compile(r"latest|-|1\.(1[4-9]|2\d|3[0-6])(\..+)?")
_MASTER_PREFIX = 28
_MACHINE, _DISK, _DISK_GB = "e2-medium", "pd-balanced", 100


def _check_location(values: Values) -> None:
    place = str(values.get("location") or "")
    if place and not is_region(place) and not is_zone(place):
        raise ApiError(400, f'Location "{place}" does not exist.', "badRequest")


def _nodes_in(values: Values) -> list[str]:
    """Return the zones that a cluster's nodes are in."""
    place = str(values.get("location") or "")
    return list(zones(place)[:3]) if is_region(place) else [place]


class Cluster(Product):
    """A cluster."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,), checked=False),
        Reference("subnetwork", (SUBNETWORK,), checked=False),
    )

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location."""
        del context
        _check_location(values)

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        if not _NAME.fullmatch(str(values.get("name") or "")):
            raise ApiError(
                400,
                'Invalid value for field "cluster.name": names must start with a lowercase letter followed'
                " by up to 39"
                " lowercase letters, numbers, or hyphens, and cannot end with a hyphen.",
                "badRequest",
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check network, node counts, ranges, version and nodes."""
        subnetwork = self._check_network(context, values)
        pools = values.get("node_pool") if context.given(values, "node_pool") else None
        if not values.get("enable_autopilot") and not pools and not values.get("initial_node_count"):
            raise ApiError(400, "Cluster.initial_node_count must be greater than zero.", "badRequest")
        self._check_ranges(values, subnetwork)
        version = str(values.get("min_master_version") or "latest")
        if not _KNOWN_VERSION.fullmatch(version):
            raise ApiError(400, f'Master version "{version}" is unsupported.', "badRequest")
        for config in values.get("node_config") or []:
            check_nodes(context, config, values)

    def _check_network(self, context: Context, values: Values) -> Values | None:
        place = {**values, "region": _region(values), "zone": None}
        network = look_up(context, str(values.get("network") or "default"), (NETWORK,), place)
        if network.missing:
            raise ApiError(
                400,
                f'Project "{values.get("project")}" has no network named "{name_of(network.id)}".',
                "badRequest",
            )
        named = context.given(values, "subnetwork")
        if not named:
            if (network.values or {}).get("auto_create_subnetworks") is False:
                raise ApiError(
                    400,
                    f'Network "{name_of(network.id)}" requires a subnetwork to be specified: it is a'
                    " custom subnetmode"
                    " network.",
                    "badRequest",
                )
            return None
        subnetwork = look_up(context, str(named), (SUBNETWORK,), place)
        own = name_of(str((subnetwork.values or {}).get("network") or ""))
        if subnetwork.missing or (own and own != name_of(network.id)):
            raise ApiError(
                400,
                f'Subnetwork "{subnetwork.id}" is not valid for Network "{name_of(network.id)}".',
                "badRequest",
            )
        return subnetwork.values

    @staticmethod
    def _check_ranges(values: Values, subnetwork: Values | None) -> None:
        for policy in values.get("ip_allocation_policy") or []:
            known = {one.get("range_name") for one in (subnetwork or {}).get("secondary_ip_range") or []}
            for attribute in ("cluster_secondary_range_name", "services_secondary_range_name"):
                name = policy.get(attribute)
                if name and subnetwork is not None and name not in known:
                    raise ApiError(
                        400,
                        f'Secondary range "{name}" does not exist in subnetwork "{subnetwork.get("name")}".',
                        "badRequest",
                    )
        for block in values.get("private_cluster_config") or []:
            cidr = block.get("master_ipv4_cidr_block")
            found = parse_range(cidr) if cidr else None
            if cidr and (found is None or found.prefixlen != _MASTER_PREFIX):
                raise ApiError(
                    400, f'Invalid master_ipv4_cidr_block "{cidr}": it must be a /28 range.', "badRequest"
                )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check the version."""
        del context, prior
        version = str(values.get("min_master_version") or "latest")
        if not _KNOWN_VERSION.fullmatch(version):
            raise ApiError(400, f'Master version "{version}" is unsupported.', "badRequest")

    def settle(self, context: Context, values: Values) -> None:
        """Give it an endpoint, certificates, ranges and versions."""
        project, place = values.get("project"), str(values.get("location") or "")
        key = str(values["id"])
        values["self_link"] = f"https://container.googleapis.com/v1/{key}"
        values["endpoint"] = public_address(context, CLUSTER, key)
        version = _full_version(values.get("min_master_version"))
        values["master_version"] = version
        context.fill(values, "node_version", version)
        context.fill(values, "cluster_ipv4_cidr", "10.4.0.0/14")
        values["services_ipv4_cidr"] = "34.118.224.0/20"
        values["tpu_ipv4_cidr_block"] = values["operation"] = ""
        context.fill(values, "node_locations", _nodes_in(values)[1:] if is_zone(place) else _nodes_in(values))
        context.fill(values, "default_max_pods_per_node", 110)
        context.fill(values, "networking_mode", "VPC_NATIVE")
        context.fill(values, "logging_service", "logging.googleapis.com/kubernetes")
        context.fill(values, "monitoring_service", "monitoring.googleapis.com/kubernetes")
        if context.given(values, "subnetwork") is None:
            name = name_of(str(values.get("network") or "default"))
            values["subnetwork"] = f"projects/{project}/regions/{_region(values)}/subnetworks/{name}"
        settle_nodes(values)
        self._settle_master(context, values)
        self._settle_private(context, values)

    @staticmethod
    def _settle_master(context: Context, values: Values) -> None:
        certificate = make_certificate(f"{values.get('name')}.gke", context.now, days=1825)
        bare: Values = {"client_certificate_config": [{"issue_client_certificate": False}]}
        blocks: list[Values] = values.get("master_auth") or [bare]
        issued = at(blocks, 0, "client_certificate_config", 0, "issue_client_certificate") is True
        for block in blocks:
            block["cluster_ca_certificate"] = encoded(certificate.pem)
            block["client_certificate"] = encoded(certificate.pem) if issued else ""
            block["client_key"] = encoded("-----BEGIN PRIVATE KEY-----\n") if issued else ""
        values["master_auth"] = blocks

    @staticmethod
    def _settle_private(context: Context, values: Values) -> None:
        cidr = at(values, "private_cluster_config", 0, "master_ipv4_cidr_block") or "172.16.0.0/28"
        for block in values.get("private_cluster_config") or []:
            block["public_endpoint"] = values["endpoint"]
            block["private_endpoint"] = inner_address(
                context, str(values["id"]), cidr, CLUSTER, str(values["id"])
            )
            block["peering_name"] = f"gke-n{context.cloud.new_number()[:19]}-peer"
            if block.get("enable_private_endpoint"):
                values["endpoint"] = block["private_endpoint"]


class NodePool(Product):
    """A node pool."""

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location."""
        del context
        _check_location(values)

    def admit(self, context: Context, values: Values) -> None:
        """Check cluster, sizes and nodes."""
        cluster = _cluster_of(context, values)
        if cluster is None:
            place, name = values.get("location"), name_of(str(values.get("cluster")))
            raise ApiError(
                404,
                f"Not found: projects/{values.get('project')}/locations/{place}/clusters/{name}.",
                "notFound",
            )
        if cluster.get("enable_autopilot"):
            raise ApiError(400, "Autopilot node pools cannot be accessed or modified.", "badRequest")
        for scaling in values.get("autoscaling") or []:
            low, high = scaling.get("min_node_count"), scaling.get("max_node_count")
            if isinstance(low, int) and isinstance(high, int) and low > high:
                raise ApiError(
                    400, f"min_node_count {low} must not be greater than max_node_count {high}.", "badRequest"
                )
        for config in values.get("node_config") or []:
            check_nodes(context, config, values)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it groups and a version."""
        project, name, cluster = (
            values.get("project"),
            values.get("name"),
            name_of(str(values.get("cluster"))),
        )
        owner = _cluster_of(context, values) or {}
        where = context.given(values, "node_locations") or _nodes_in(values)
        links = [
            f"{COMPUTE}projects/{project}/zones/{zone}/instanceGroupManagers/gke-{cluster}-{name}-{{}}-grp"
            for zone in where
        ]
        marks = [context.cloud.new_number()[:8] for _ in links]
        values["instance_group_urls"] = [link.format(mark) for link, mark in zip(links, marks, strict=True)]
        values["managed_instance_group_urls"] = [
            link.replace("/instanceGroupManagers/", "/instanceGroups/")
            for link in values["instance_group_urls"]
        ]
        values["operation"] = ""
        context.fill(values, "node_locations", where)
        context.fill(values, "version", owner.get("master_version") or _VERSION)
        count = context.given(values, "node_count")
        first = context.given(values, "initial_node_count")
        low = at(values, "autoscaling", 0, "min_node_count")
        size = next((one for one in (count, first, low) if one is not None), 1)
        context.fill(values, "node_count", size)
        context.fill(values, "initial_node_count", size)
        context.fill(values, "max_pods_per_node", 110)
        settle_nodes(values)


def _cluster_of(context: Context, values: Values) -> Values | None:
    """Return a node pool's cluster; {} for one of another project."""
    reference = str(values.get("cluster") or "")
    if reference.startswith("projects/"):
        key = reference
    else:
        place = f"projects/{values.get('project')}/locations/{values.get('location')}"
        key = f"{place}/clusters/{name_of(reference)}"
    found = context.cloud.get(CLUSTER, key)
    return found if found is not None or key.split("/")[1] == values.get("project") else {}


def _region(values: Values) -> str:
    place = str(values.get("location") or "")
    return place if is_region(place) else region_of(place)


def _full_version(asked: object) -> str:
    text = str(asked or "")
    if not text or text in {"latest", "-"}:
        return _VERSION
    parts = text.split(".")
    return text if "gke" in text else ".".join([*parts, *["5"] * (3 - len(parts))]) + "-gke.1100000"


def check_nodes(context: Context, config: Values, values: Values) -> None:
    """Raise GKE's answer to nodes that cannot be."""
    kind = config.get("machine_type")
    if isinstance(kind, str) and kind and machine(kind) is None:
        zone = next(iter(_nodes_in(values)), "")
        raise ApiError(400, f"Machine type with name '{kind}' does not exist in zone '{zone}'.", "badRequest")
    check_disk_type(config.get("disk_type"), str(values.get("location")), "node_config.disk_type")
    account = config.get("service_account")
    if isinstance(account, str) and "@" in account:
        project = str(values.get("project") or context.project)
        if not account_exists(context, account, project):
            raise ApiError(
                400, f'Service account "{account}" does not exist in project "{project}".', "badRequest"
            )


def settle_nodes(values: Values) -> None:
    """Set in place the machine and the disk that GKE gives to nodes that do not say."""
    if not values.get("node_config"):
        values["node_config"] = [{}]
    for config in values["node_config"]:
        boot: Values = at(config, "boot_disk", 0) or {}
        size, kind = config.get("disk_size_gb"), config.get("disk_type")
        config["machine_type"] = config.get("machine_type") or _MACHINE
        config["disk_size_gb"] = boot["size_gb"] = size or boot.get("size_gb") or _DISK_GB
        config["disk_type"] = boot["disk_type"] = kind or boot.get("disk_type") or _DISK
        config["boot_disk"] = [boot]


SERVICES: dict[str, Service] = {CLUSTER: Cluster(), NODE_POOL: NodePool()}
