"""Backends of load balancers: health checks, services, buckets, endpoint groups, certificates."""

from typing import ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.compute_group import GROUP, REGION_GROUP
from sandbox.services.compute_machine import fingerprint
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.product import ComputeProduct
from sandbox.services.references import Reference, invalid_value, look_up
from sandbox.services.service import ApiError, Context, Service, Values

HEALTH_CHECK = "google_compute_health_check"
REGION_HEALTH_CHECK = "google_compute_region_health_check"
HTTP_HEALTH_CHECKS = ("google_compute_http_health_check", "google_compute_https_health_check")
BACKEND = "google_compute_backend_service"
REGION_BACKEND = "google_compute_region_backend_service"
BACKEND_BUCKET = "google_compute_backend_bucket"
ENDPOINTS = "google_compute_network_endpoint_group"
REGION_ENDPOINTS = "google_compute_region_network_endpoint_group"
GLOBAL_ENDPOINTS = "google_compute_global_network_endpoint_group"
SECURITY_POLICY = "google_compute_security_policy"
_GROUPS = (GROUP, REGION_GROUP, ENDPOINTS, REGION_ENDPOINTS, GLOBAL_ENDPOINTS)
_KINDS = ("http", "https", "http2", "tcp", "ssl", "grpc", "grpc_tls")
_PASS_THROUGH = {"INTERNAL"}


class Linked(ComputeProduct):
    """A resource of whose making Google decides only its link and numbers."""

    def settle(self, context: Context, values: Values) -> None:
        """Set link, numbers and fingerprint where the type has them."""
        values["self_link"] = COMPUTE + str(values["id"])
        for attribute in ("generated_id", "proxy_id", "certificate_id", "map_id", "forwarding_rule_id"):
            if attribute in values:
                values[attribute] = int(context.cloud.new_number())
        if "fingerprint" in values:
            values["fingerprint"] = fingerprint([values["id"], context.now.isoformat()])


class HealthCheck(Linked):
    """A health check of exactly one kind."""

    def admit(self, context: Context, values: Values) -> None:
        """Check its kind and times."""
        del context
        kinds = [kind for kind in _KINDS if values.get(f"{kind}_health_check")]
        if len(kinds) != 1:
            raise invalid_value("resource.type", "", "Exactly one kind of health check must be specified.")
        interval, timeout = values.get("check_interval_sec") or 5, values.get("timeout_sec") or 5
        if float(timeout) > float(interval):
            raise invalid_value(
                "resource.timeoutSec", timeout, "TimeoutSec should be less than or equal to checkIntervalSec."
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)
        values["type"] = _kind_of(values)

    def settle(self, context: Context, values: Values) -> None:
        """Set its type."""
        super().settle(context, values)
        values["type"] = _kind_of(values)


def _kind_of(values: Values) -> str:
    found = next((kind for kind in _KINDS if values.get(f"{kind}_health_check")), "")
    return {"grpc_tls": "GRPC_WITH_TLS"}.get(found, found.upper())


class BackendService(Linked):
    """A global backend service."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("health_checks", (HEALTH_CHECK, REGION_HEALTH_CHECK, *HTTP_HEALTH_CHECKS)),
        Reference("backend.group", _GROUPS),
        Reference("security_policy", (SECURITY_POLICY,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check backends against scheme and health checks."""
        serverless = self._serverless(context, values)
        if serverless and values.get("health_checks"):
            raise invalid_value(
                "resource.healthChecks",
                next(iter(values["health_checks"])),
                "A backend service cannot have a healthcheck with Serverless network endpoint group"
                " backends.",
            )
        if len(values.get("health_checks") or []) > 1:
            raise invalid_value("resource.healthChecks", "", "At most one health check can be specified.")
        if values.get("load_balancing_scheme") in _PASS_THROUGH:
            for position, backend in enumerate(values.get("backend") or []):
                if backend.get("balancing_mode") not in {None, "", "CONNECTION"}:
                    raise invalid_value(
                        f"resource.backends[{position}].balancingMode",
                        backend["balancing_mode"],
                        "Balancing mode must be CONNECTION for an INTERNAL backend service.",
                    )

    @staticmethod
    def _serverless(context: Context, values: Values) -> bool:
        for backend in values.get("backend") or []:
            found = look_up(context, str(backend.get("group")), _GROUPS, values)
            if (
                found.type == REGION_ENDPOINTS
                and (found.values or {}).get("network_endpoint_type") == "SERVERLESS"
            ):
                return True
        return False

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set what Google defaults."""
        super().settle(context, values)
        inner = values.get("load_balancing_scheme") in _PASS_THROUGH
        context.fill(values, "protocol", "TCP" if inner else "HTTP")
        context.fill(values, "port_name", "" if inner else "http")
        context.fill(values, "timeout_sec", 30)
        context.fill(values, "session_affinity", "NONE")


class RegionBackendService(BackendService):
    """A regional backend service."""

    references: ClassVar[tuple[Reference, ...]] = (
        *BackendService.references,
        Reference("network", (NETWORK,)),
    )

    def settle(self, context: Context, values: Values) -> None:
        """Take the provider's default scheme, INTERNAL."""
        if not values.get("load_balancing_scheme"):
            values["load_balancing_scheme"] = "INTERNAL"
        super().settle(context, values)


class BackendBucket(Linked):
    """A bucket behind a load balancer."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("edge_security_policy", (SECURITY_POLICY,)),)

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a bucket that does not exist."""
        bucket = str(values.get("bucket_name") or "")
        if context.cloud.get("google_storage_bucket", bucket) is None:
            raise invalid_value("resource.bucketName", bucket, f"Bucket '{bucket}' does not exist.")


class EndpointGroup(Linked):
    """A zonal network endpoint group."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,)),
        Reference("subnetwork", (SUBNETWORK,)),
    )

    def settle(self, context: Context, values: Values) -> None:
        """Set an empty size."""
        super().settle(context, values)
        values["size"] = 0


class RegionEndpointGroup(Linked):
    """A regional endpoint group: serverless, Private Service Connect or internet."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,)),
        Reference("subnetwork", (SUBNETWORK,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check that a serverless one names one kind of service."""
        del context
        kinds = [one for one in ("cloud_run", "app_engine", "cloud_function") if values.get(one)]
        kind = values.get("network_endpoint_type") or "SERVERLESS"
        if kind == "SERVERLESS" and len(kinds) > 1:
            raise ApiError(
                400,
                "Exactly one of Cloud Run, App Engine, and Cloud Function should be set in the Network"
                " Endpoint Group.",
                "badRequest",
            )


class Certificate(Linked):
    """A certificate brought along."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse what is not a certificate."""
        del context
        if "-----BEGIN CERTIFICATE-----" not in str(values.get("certificate") or ""):
            raise ApiError(400, "The SSL certificate could not be parsed.", "sslCertificateCouldNotParseCert")


class ManagedCertificate(Linked):
    """A certificate that Google gets for domains."""

    def settle(self, context: Context, values: Values) -> None:
        """Name the domains; nothing is issued before the load balancer answers for them."""
        super().settle(context, values)
        managed: Values = next(iter(values.get("managed") or []), {})
        values["subject_alternative_names"] = [str(one).rstrip(".") for one in managed.get("domains") or []]
        values["expire_time"] = ""


class SecurityPolicy(Linked):
    """A Cloud Armor policy."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse two rules of one priority."""
        del context
        priorities = [rule.get("priority") for rule in values.get("rule") or []]
        for priority in priorities:
            if priorities.count(priority) > 1:
                raise invalid_value(
                    "resource.rules",
                    priority,
                    f"Rules must have unique priorities; '{priority}' is used twice.",
                )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set what Google defaults."""
        super().settle(context, values)
        context.fill(values, "type", "CLOUD_ARMOR")


SERVICES: dict[str, Service] = {
    HEALTH_CHECK: HealthCheck(),
    REGION_HEALTH_CHECK: HealthCheck(),
    HTTP_HEALTH_CHECKS[0]: Linked(),
    HTTP_HEALTH_CHECKS[1]: Linked(),
    BACKEND: BackendService(),
    REGION_BACKEND: RegionBackendService(),
    BACKEND_BUCKET: BackendBucket(),
    ENDPOINTS: EndpointGroup(),
    REGION_ENDPOINTS: RegionEndpointGroup(),
    GLOBAL_ENDPOINTS: Linked(),
    SECURITY_POLICY: SecurityPolicy(),
    "google_compute_ssl_certificate": Certificate(),
    "google_compute_region_ssl_certificate": Certificate(),
    "google_compute_managed_ssl_certificate": ManagedCertificate(),
    "google_compute_ssl_policy": Linked(),
}
