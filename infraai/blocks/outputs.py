"""`external_ip` and `service_url`, found from what was written."""

from dataclasses import dataclass

from infraai.blocks.hcl import Raw, Written, template
from infraai.configuration import Block, Configuration

_RULES = ("google_compute_global_forwarding_rule", "google_compute_forwarding_rule")
_RUN = {"google_cloud_run_v2_service": "uri", "google_cloud_run_service": "status[0].url"}
_INSIDE = frozenset({"INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"})
_HTTP_PORTS = frozenset({"80", "80-80"})
_HTTPS_PORTS = frozenset({"443", "443-443"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in: an expression for the address, and one for the URL ("" where there is none).

    `host` is an expression for the host that answers over HTTP, `block` the resource it is an address of.
    """

    ip: str = ""
    url: str = ""
    host: str = ""
    secure: bool = False
    block: Block | None = None


def output_blocks(configuration: Configuration) -> tuple[Written, ...]:
    """Return the two outputs by the best way in: load balancer, Cloud Run, machine, database; or none."""
    entry = find_entry(configuration)
    found: list[Written] = []
    if entry.ip:
        found.append(_output("external_ip", "Address the service is reached at", entry.ip))
    if entry.url:
        found.append(_output("service_url", "URL the service answers at", entry.url))
    return tuple(found)


def find_entry(configuration: Configuration) -> Entry:
    """Return the best way in that the written resources have; empty where there is none."""
    for finder in (_by_forwarding_rule, _by_cloud_run, _by_instance, _by_bucket_site, _by_database):
        for block in configuration.resources:
            entry = finder(block, configuration)
            if entry is not None:
                return entry
    return Entry()


def _by_forwarding_rule(block: Block, configuration: Configuration) -> Entry | None:
    if block.labels[0] not in _RULES or _text(block, "load_balancing_scheme").startswith("INTERNAL"):
        return None
    secure = "target_https_proxy" in _text(block, "target") or _text(block, "port_range") in _HTTPS_PORTS
    if secure and _plain_http_rule(configuration):
        return None
    url = template(f"{'https' if secure else 'http'}://", Raw(_ref(block, "ip_address")))
    return _asked(block, _one(block, "ip_address"), _guarded(block, url), secure=secure)


def _asked(block: Block, ip: str, url: str, *, secure: bool) -> Entry:
    return Entry(ip, url, ip, secure=secure, block=block)


def _plain_http_rule(configuration: Configuration) -> bool:
    """Return whether a rule on port 80 stands beside: a certificate may not be valid for a bare address."""
    return any(
        block.labels[0] in _RULES and _text(block, "port_range") in _HTTP_PORTS
        for block in configuration.resources
    )


def _by_cloud_run(block: Block, configuration: Configuration) -> Entry | None:
    """A service that everybody may call; one behind IAM, or for the inside alone, is not asked over HTTP."""
    if (
        block.labels[0] not in _RUN
        or _text(block, "ingress") in _INSIDE
        or not _callable(block, configuration)
    ):
        return None
    url = _one(block, _RUN[block.labels[0]])
    return Entry("", url, f'trimprefix({url}, "https://")', secure=True, block=block)


def _callable(block: Block, configuration: Configuration) -> bool:
    if _text(block, "invoker_iam_disabled") == "true":
        return True
    return any(
        "cloud_run" in one.labels[0]
        and "_iam_" in one.labels[0]
        and any("allUsers" in expression.text for expression in one.expressions())
        for one in configuration.resources
    )


def _by_instance(block: Block, configuration: Configuration) -> Entry | None:
    del configuration
    if block.labels[0] != "google_compute_instance":
        return None
    path = "network_interface[0].access_config[0].nat_ip"
    interfaces = [one for one in block.blocks if one.type == "network_interface"]
    if not any(inner.type == "access_config" for one in interfaces for inner in one.blocks):
        return None
    url = _guarded(block, template("http://", Raw(_ref(block, path))))
    return _asked(block, _one(block, path), url, secure=False)


def _by_bucket_site(block: Block, configuration: Configuration) -> Entry | None:
    """A public bucket's page, if the page is written along with it.

    https://cloud.google.com/storage/docs/request-endpoints
    """
    pages = [inner.literal("main_page_suffix") for inner in block.blocks if inner.type == "website"]
    if block.labels[0] != "google_storage_bucket" or not pages or not isinstance(pages[0], str):
        return None
    written = {
        one.literal("name")
        for one in configuration.resources
        if one.labels[0] == "google_storage_bucket_object"
    }
    if pages[0] not in written or block.attribute("count") or block.attribute("for_each"):
        return None
    return Entry(
        "", template("https://storage.googleapis.com/", Raw(f"{block.address}.name"), f"/{pages[0]}")
    )


def _by_database(block: Block, configuration: Configuration) -> Entry | None:
    """A database is an address, not a URL: nobody asks it over HTTP."""
    del configuration
    if block.labels[0] != "google_sql_database_instance":
        return None
    open_to_all = any(
        inner.type == "ip_configuration"
        and (found := inner.attribute("ipv4_enabled")) is not None
        and found.expression.literal is True
        for inner in block.walk()
    )
    return Entry(_one(block, "public_ip_address"), "") if open_to_all else None


def _one(block: Block, path: str) -> str:
    return _guarded(block, _ref(block, path))


def _ref(block: Block, path: str) -> str:
    if block.attribute("count"):
        return f"{block.address}[0].{path}"
    if block.attribute("for_each"):
        return f"values({block.address})[0].{path}"
    return f"{block.address}.{path}"


def _guarded(block: Block, expression: str) -> str:
    if block.attribute("count") or block.attribute("for_each"):
        return f'length({block.address}) > 0 ? {expression} : ""'
    return str(expression)


def _text(block: Block, name: str) -> str:
    found = block.attribute(name)
    return found.expression.text.strip('"') if found else ""


def _output(name: str, description: str, expression: str) -> Written:
    return Written("output", (name,), {"description": description, "value": Raw(expression)})
