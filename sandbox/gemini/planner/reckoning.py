"""What the parts cost that do not weigh their price while they are planned."""

from collections.abc import Mapping

from infraai.models import PlannedResource
from sandbox.gemini.planner.blueprint import Blueprint

# about, in USD a month at list price in us-central1; `PER` names the setting that multiplies it
FLAT: Mapping[str, float] = {
    "google_memcache_instance": 36.0,
    "google_spanner_instance": 657.0,
    "google_bigtable_instance": 475.0,
    "google_alloydb_instance": 250.0,
    "google_composer_environment": 400.0,
    "google_dataproc_cluster": 250.0,
    "google_workbench_instance": 110.0,
    "google_compute_security_policy": 7.0,
    "google_dns_managed_zone": 0.2,
}
PER: Mapping[str, tuple[str, float]] = {
    "google_memcache_instance": ("node_count", 1),
    "google_spanner_instance": ("num_nodes", 1),
    "google_bigtable_instance": ("cluster.num_nodes", 1),
}
UNITS_OF_A_NODE = 1000
SERVED_BUCKET_USD = 18.26
BASTION_USD = 7.0


def rest_usd(blueprint: Blueprint) -> float:
    """Return the USD a month of the parts that `blueprint.spent_usd` leaves out."""
    served = bool(blueprint.refs("google_compute_backend_bucket"))
    bastion = "google_compute_instance.bastion" in blueprint.refs("google_compute_instance")
    flat = sum(FLAT.get(one.type, 0.0) * _many(one) for one in blueprint.resources)
    return flat + SERVED_BUCKET_USD * served + BASTION_USD * bastion


def _many(one: PlannedResource) -> float:
    units = one.settings.get("processing_units")
    if isinstance(units, int):
        return units / UNITS_OF_A_NODE
    name, least = PER.get(one.type, ("", 1))
    many = one.settings.get(name, least)
    return float(many) if isinstance(many, (int, float)) else 1.0
