"""Fronts of load balancers: URL maps, target proxies, forwarding rules."""

from typing import ClassVar

from sandbox.services.addresses import inner_address, public_address
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.load_balancing import BACKEND, BACKEND_BUCKET, REGION_BACKEND, Linked
from sandbox.services.references import Reference, check, invalid_value, look_up
from sandbox.services.service import ApiError, Context, Service, Values

URL_MAP = "google_compute_url_map"
REGION_URL_MAP = "google_compute_region_url_map"
_GLOBAL_PROXIES = (
    "google_compute_target_http_proxy",
    "google_compute_target_https_proxy",
    "google_compute_target_tcp_proxy",
    "google_compute_target_ssl_proxy",
    "google_compute_target_grpc_proxy",
)
_REGION_TARGETS = (
    "google_compute_target_pool",
    "google_compute_region_target_http_proxy",
    "google_compute_region_target_https_proxy",
    "google_compute_vpn_gateway",
    "google_compute_target_instance",
)
_CERTIFICATES = ("google_compute_ssl_certificate", "google_compute_managed_ssl_certificate")
_SERVICES = (BACKEND, BACKEND_BUCKET)
_BUNDLES = {"all-apis", "vpc-sc"}  # Google's own APIs, behind Private Service Connect
_PROXY_PORTS = {"google_compute_target_http_proxy", "google_compute_target_https_proxy"}


def _services_of(types: tuple[str, ...]) -> tuple[Reference, ...]:
    """Return the references from a URL map to the services behind it."""
    return tuple(
        Reference(path, types, strict=True, field=field)
        for path, field in (
            ("default_service", "defaultService"),
            ("path_matcher.default_service", "pathMatchers[0].defaultService"),
            ("path_matcher.path_rule.service", "pathMatchers[0].pathRules[0].service"),
            ("path_matcher.route_rules.service", "pathMatchers[0].routeRules[0].service"),
            (
                "path_matcher.route_rules.route_action.weighted_backend_services.backend_service",
                "pathMatchers[0].routeRules[0].routeAction.weightedBackendServices[0].backendService",
            ),
            (
                "default_route_action.weighted_backend_services.backend_service",
                "defaultRouteAction.weightedBackendServices[0].backendService",
            ),
        )
    )


class UrlMap(Linked):
    """A URL map: which requests go to which service."""

    references: ClassVar[tuple[Reference, ...]] = _services_of(_SERVICES)

    def admit(self, context: Context, values: Values) -> None:
        """Check that each host rule's path matcher is there."""
        del context
        matchers = {matcher.get("name") for matcher in values.get("path_matcher") or []}
        for position, rule in enumerate(values.get("host_rule") or []):
            if rule.get("path_matcher") not in matchers:
                raise invalid_value(
                    f"resource.hostRules[{position}].pathMatcher",
                    rule.get("path_matcher"),
                    "Path matcher referenced by host rule must be defined in the URL map.",
                )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)


class RegionUrlMap(UrlMap):
    """A regional URL map."""

    references: ClassVar[tuple[Reference, ...]] = _services_of((REGION_BACKEND,))


class HttpProxy(Linked):
    """A target HTTP or HTTPS proxy, global."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("url_map", (URL_MAP,), strict=True, field="urlMap"),
        Reference("ssl_certificates", _CERTIFICATES),
        Reference("ssl_policy", ("google_compute_ssl_policy",)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Refuse an HTTPS proxy without a certificate."""
        kinds = (
            "ssl_certificates",
            "certificate_manager_certificates",
            "certificate_map",
            "server_tls_policy",
        )
        if "https" in context.resource_type and not any(values.get(kind) for kind in kinds):
            raise invalid_value(
                "resource.sslCertificates", "", "At least one SSL certificate must be specified."
            )

    def settle(self, context: Context, values: Values) -> None:
        """Set what Google defaults."""
        super().settle(context, values)
        if "region" not in values:
            context.fill(values, "proxy_bind", value=False)


class RegionHttpProxy(HttpProxy):
    """A target HTTP or HTTPS proxy of a region."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("url_map", (REGION_URL_MAP,), strict=True, field="urlMap"),
        Reference("ssl_certificates", ("google_compute_region_ssl_certificate",)),
    )


class StreamProxy(Linked):
    """A target TCP or SSL proxy."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("backend_service", (BACKEND,), strict=True, field="service"),
        Reference("ssl_certificates", _CERTIFICATES),
    )


class GlobalForwardingRule(Linked):
    """A global forwarding rule: an address and ports in front of a proxy."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("target", _GLOBAL_PROXIES, checked=False),
        Reference("network", (NETWORK,)),
        Reference("subnetwork", (SUBNETWORK,)),
    )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name; one for a bundle of Google's APIs has a pattern of its own."""
        if values.get("target") not in _BUNDLES:
            super().check_name(context, values)

    def admit(self, context: Context, values: Values) -> None:
        """Check the address and the ports."""
        check_named_address(context, values, "google_compute_global_address")
        if values.get("target") in _BUNDLES:
            return
        check(context, values, (Reference("target", _GLOBAL_PROXIES, strict=True, field="target"),))
        target = look_up(context, str(values.get("target") or ""), _GLOBAL_PROXIES, values)
        if target.type in _PROXY_PORTS and target.values and not values.get("port_range"):
            raise invalid_value(
                "resource.portRange",
                "",
                "Port range must be specified for forwarding rules with a target proxy.",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Take an address."""
        super().settle(context, values)
        values["base_forwarding_rule"] = values["psc_connection_id"] = values["psc_connection_status"] = ""
        context.fill(values, "ip_protocol", "TCP")
        context.fill(values, "network_tier", "PREMIUM")
        for attribute in ("network", "subnetwork"):
            context.fill(values, attribute, "")
        if context.given(values, "ip_address") is None:
            values["ip_address"] = public_address(context, context.resource_type, str(values["id"]))


class ForwardingRule(Linked):
    """A regional forwarding rule."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("target", _REGION_TARGETS),
        Reference("backend_service", (REGION_BACKEND,), strict=True, field="backendService"),
        Reference("network", (NETWORK,)),
        Reference("subnetwork", (SUBNETWORK,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check that there is one thing behind it, and that the schemes fit."""
        behind = [one for one in ("target", "backend_service") if values.get(one)]
        if len(behind) != 1:
            raise ApiError(
                400,
                "Exactly one of 'target' and 'backendService' must be specified for a forwarding rule.",
                "badRequest",
            )
        check_named_address(context, values, "google_compute_address")
        scheme = values.get("load_balancing_scheme") or "EXTERNAL"
        if values.get("backend_service"):
            found = look_up(context, str(values["backend_service"]), (REGION_BACKEND,), values).values or {}
            theirs = found.get("load_balancing_scheme")
            if theirs and theirs != scheme:
                raise invalid_value(
                    "resource.loadBalancingScheme",
                    scheme,
                    f"Load balancing scheme must match that of the backend service: '{theirs}'.",
                )
        if values.get("ports") and values.get("all_ports"):
            raise invalid_value("resource.ports", "", "Only one of ports and allPorts may be specified.")

    def settle(self, context: Context, values: Values) -> None:
        """Take an address, public or of the subnetwork."""
        super().settle(context, values)
        scheme = values.get("load_balancing_scheme")
        for attribute in (
            "base_forwarding_rule",
            "psc_connection_id",
            "psc_connection_status",
            "service_name",
        ):
            values[attribute] = ""
        if values.get("service_label"):
            values["service_name"] = (
                f"{values['service_label']}.{values.get('name')}.il4.{values.get('region')}.lb.{values.get('project')}"
                ".internal"
            )
        context.fill(values, "ip_protocol", "TCP")
        context.fill(values, "network_tier", "PREMIUM")
        context.fill(values, "port_range", "")
        if scheme in {"INTERNAL", "INTERNAL_MANAGED"}:
            self._settle_inside(context, values)
            return
        for attribute in ("network", "subnetwork"):
            context.fill(values, attribute, "")
        if context.given(values, "ip_address") is None:
            values["ip_address"] = public_address(context, context.resource_type, str(values["id"]))

    @staticmethod
    def _settle_inside(context: Context, values: Values) -> None:
        key, kind = str(values["id"]), context.resource_type
        named = context.given(values, "subnetwork") or (
            None if context.given(values, "network") else "default"
        )
        found = look_up(context, str(named), (SUBNETWORK,), values).values if named else None
        context.fill(values, "network", (found or {}).get("network") or "")
        context.fill(values, "subnetwork", (found or {}).get("self_link") or "")
        if context.given(values, "ip_address") is not None:
            return
        cidr = str(found["ip_cidr_range"]) if found else "10.200.0.0/20"
        values["ip_address"] = inner_address(
            context, str((found or {}).get("id") or "foreign"), cidr, kind, key
        )


def check_named_address(context: Context, values: Values, kind: str) -> None:
    """Raise the API's answer to an address, named by link, that is not there."""
    address = context.given(values, "ip_address")
    if address and "/addresses/" in str(address):
        types = ("google_compute_address", "google_compute_global_address")
        found = look_up(context, str(address), types, values)
        if found.missing:
            raise ApiError(404, f"The resource '{found.id}' was not found", "notFound")
        if found.values is not None and found.type != kind:
            raise invalid_value("resource.IPAddress", address, "The address must be of the rule's own scope.")


SERVICES: dict[str, Service] = {
    URL_MAP: UrlMap(),
    REGION_URL_MAP: RegionUrlMap(),
    "google_compute_target_http_proxy": HttpProxy(),
    "google_compute_target_https_proxy": HttpProxy(),
    "google_compute_region_target_http_proxy": RegionHttpProxy(),
    "google_compute_region_target_https_proxy": RegionHttpProxy(),
    "google_compute_target_tcp_proxy": StreamProxy(),
    "google_compute_target_ssl_proxy": StreamProxy(),
    "google_compute_global_forwarding_rule": GlobalForwardingRule(),
    "google_compute_forwarding_rule": ForwardingRule(),
}
