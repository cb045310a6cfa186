"""Instance groups, managed and not, and autoscalers."""

from typing import Any, ClassVar

from sandbox.catalog.places import is_zone, region_of, zones
from sandbox.projects import COMPUTE
from sandbox.services.compute_machine import fingerprint
from sandbox.services.compute_network import NETWORK
from sandbox.services.compute_template import REGION_TEMPLATE, TEMPLATE
from sandbox.services.product import ComputeProduct, in_use, user_of
from sandbox.services.references import Reference, invalid_value, look_up, name_of
from sandbox.services.service import ApiError, Context, Service, Values

MANAGER = "google_compute_instance_group_manager"
REGION_MANAGER = "google_compute_region_instance_group_manager"
GROUP = "google_compute_instance_group"
REGION_GROUP = "google_compute_region_instance_group"
INSTANCE = "google_compute_instance"
_HEALTH_CHECKS = (
    "google_compute_health_check",
    "google_compute_region_health_check",
    "google_compute_http_health_check",
    "google_compute_https_health_check",
)


class Manager(ComputeProduct):
    """A managed instance group of a zone."""

    group: ClassVar[str] = GROUP
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("version.instance_template", (TEMPLATE, REGION_TEMPLATE)),
        Reference("auto_healing_policies.health_check", _HEALTH_CHECKS),
        Reference("target_pools", ("google_compute_target_pool",)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check versions and sizes."""
        size = values.get("target_size")
        if isinstance(size, int) and size < 0:
            raise invalid_value("resource.targetSize", size, "Must be a non-negative number.")
        versions = values.get("version") or []
        if len(versions) > 1 and all(one.get("target_size") for one in versions):
            raise invalid_value("resource.versions", "", "Exactly one version must not have a target size.")
        self.check_policy(context, values)

    def check_policy(self, context: Context, values: Values) -> None:
        """Check the update policy."""
        for position, policy in enumerate(values.get("update_policy") or []):
            surge = context.given(values, "update_policy", position, "max_surge_fixed")
            if policy.get("replacement_method") == "RECREATE" and surge:
                raise invalid_value(
                    "resource.updatePolicy.maxSurge",
                    surge,
                    "maxSurge must be 0 if the replacement method is RECREATE.",
                )
            self.check_surge(policy, values)

    def check_surge(self, policy: Values, values: Values) -> None:
        """Check what a group of several zones asks of its update policy."""

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation; resize."""
        del prior
        self.admit(context, values)
        self._settle_group(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Number it, and make its instance group."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["instance_group_manager_id"] = int(context.cloud.new_number())
        values["fingerprint"] = fingerprint(values.get("version"))
        values["status"] = [_status()]
        if context.given(values, "target_size") is None and not isinstance(values.get("target_size"), int):
            values["target_size"] = 0
        for attribute in ("target_stopped_size", "target_suspended_size"):
            context.fill(values, attribute, 0)
        self._settle_group(context, values)

    def _settle_group(self, context: Context, values: Values) -> None:
        key = group_of(str(values["id"]))
        values["instance_group"] = COMPUTE + key
        made: Values = {
            "id": key,
            "name": values.get("name"),
            "project": values.get("project"),
            "zone": values.get("zone"),
            "region": values.get("region"),
            "size": values.get("target_size"),
            "named_port": list(values.get("named_port") or []),
            "instances": list[str](),
            "self_link": COMPUTE + key,
        }
        context.cloud.put(self.group, key, made, "create", built_in=True)

    def dismiss(self, context: Context, values: Values) -> None:
        """Refuse while a backend or an autoscaler has the group; let the group go."""
        key = group_of(str(values["id"]))
        user = user_of(context, self.group, key) or user_of(context, context.resource_type, str(values["id"]))
        if user is not None:
            raise in_use(context.resource_type, str(values["id"]), user)
        context.cloud.remove(self.group, key)


class RegionManager(Manager):
    """A managed instance group over a region's zones."""

    group: ClassVar[str] = REGION_GROUP

    def admit(self, context: Context, values: Values) -> None:
        """Check the zones besides versions and sizes."""
        region = name_of(str(values.get("region") or ""))
        for zone in context.given(values, "distribution_policy_zones") or []:
            if not is_zone(name_of(str(zone))) or region_of(name_of(str(zone))) != region:
                raise invalid_value(
                    "resource.distributionPolicy.zones", zone, f"Zone is not in region '{region}'."
                )
        super().admit(context, values)

    def check_surge(self, policy: Values, values: Values) -> None:
        """Refuse a fixed number that is neither 0 nor one for each zone."""
        asked = values.get("distribution_policy_zones")
        count = len(asked) if asked else min(3, len(zones(name_of(str(values.get("region") or "")))))
        for attribute, field in (
            ("max_surge_fixed", "maxSurge"),
            ("max_unavailable_fixed", "maxUnavailable"),
        ):
            fixed = policy.get(attribute)
            percent = policy.get(attribute.replace("_fixed", "_percent"))
            if fixed and not percent and 0 < int(fixed) < count:
                raise invalid_value(
                    f"resource.updatePolicy.{field}.fixed",
                    fixed,
                    f"Fixed updatePolicy.{field} for regional managed instance group has to be either 0 or"
                    " at least"
                    " equal to the number of zones.",
                )

    def settle(self, context: Context, values: Values) -> None:
        """Choose zones besides."""
        super().settle(context, values)
        region = name_of(str(values.get("region") or ""))
        context.fill(values, "distribution_policy_zones", list(zones(region)[:3]))
        context.fill(values, "distribution_policy_target_shape", "EVEN")


def group_of(manager: str) -> str:
    """Return the id of a manager's instance group."""
    return manager.replace("/instanceGroupManagers/", "/instanceGroups/")


def _status() -> dict[str, Any]:
    return {
        "is_stable": True,
        "all_instances_config": [{"current_revision": "", "effective": True}],
        "stateful": [{"has_stateful_config": False, "per_instance_configs": [{"all_effective": True}]}],
        "version_target": [{"is_reached": True}],
    }


class Group(ComputeProduct):
    """An unmanaged instance group."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("instances", (INSTANCE,), holds=False),
        Reference("network", (NETWORK,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Refuse instances of another zone."""
        for link in context.given(values, "instances") or []:
            found = look_up(context, str(link), (INSTANCE,), values).values or {}
            if found.get("zone") and name_of(str(found["zone"])) != name_of(str(values.get("zone"))):
                raise invalid_value(
                    "instances[0].instance", link, "Instance must be in the same zone as the group."
                )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)
        values["size"] = len(values.get("instances") or [])

    def settle(self, context: Context, values: Values) -> None:
        """Take the network of its first instance."""
        values["self_link"] = COMPUTE + str(values["id"])
        context.fill(values, "instances", [])
        values["size"] = len(values["instances"])
        if context.given(values, "network") is None:
            first = next(iter(values["instances"]), None)
            found = look_up(context, str(first), (INSTANCE,), values).values if first else None
            nic: Values = next(iter((found or {}).get("network_interface") or []), {})
            values["network"] = nic.get("network") or ""


class Autoscaler(ComputeProduct):
    """An autoscaler of a managed instance group."""

    target: ClassVar[str] = MANAGER
    references: ClassVar[tuple[Reference, ...]] = (Reference("target", (MANAGER,)),)

    def admit(self, context: Context, values: Values) -> None:
        """Check the replicas, and that the group has no other autoscaler."""
        for policy in values.get("autoscaling_policy") or []:
            low, high = int(policy.get("min_replicas") or 0), int(policy.get("max_replicas") or 0)
            if low > high:
                raise invalid_value(
                    "resource.autoscalingPolicy.maxNumReplicas",
                    high,
                    f"Max number of replicas cannot be less than min number of replicas ({low}).",
                )
        mine = look_up(context, str(values["target"]), (self.target,), values).id
        for row in context.cloud.list(context.resource_type):
            if (
                row.id != values.get("id")
                and look_up(context, str(row.values["target"]), (self.target,), row.values).id == mine
            ):
                raise ApiError(
                    409,
                    f"Resource '{mine}' is already being autoscaled by '{row.id}'.",
                    "resourceInUseByAnotherResource",
                )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set the link."""
        del context
        values["self_link"] = COMPUTE + str(values["id"])


class RegionAutoscaler(Autoscaler):
    """An autoscaler of a regional managed instance group."""

    target: ClassVar[str] = REGION_MANAGER
    references: ClassVar[tuple[Reference, ...]] = (Reference("target", (REGION_MANAGER,)),)


class TargetPool(ComputeProduct):
    """A target pool; its instances may be ones to come."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("health_checks", ("google_compute_http_health_check",)),
    )

    def settle(self, context: Context, values: Values) -> None:
        """Set the link."""
        del context
        values["self_link"] = COMPUTE + str(values["id"])


SERVICES: dict[str, Service] = {
    MANAGER: Manager(),
    REGION_MANAGER: RegionManager(),
    GROUP: Group(),
    "google_compute_autoscaler": Autoscaler(),
    "google_compute_region_autoscaler": RegionAutoscaler(),
    "google_compute_target_pool": TargetPool(),
}
