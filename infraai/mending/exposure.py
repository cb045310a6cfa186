"""Security facts of one block, and which of them a change makes worse."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping

from infraai.configuration import Block, Expression
from infraai.mending.successors import successor

_WORLD = re.compile(r"0\.0\.0\.0/0|::/0")
_PUBLIC = re.compile(r"\ball(?:Authenticated)?Users\b")
_STRONG_ROLE = re.compile(r"roles/(?:owner|editor|iam\.securityAdmin|[\w.]*[aA]dmin)\b")
_GUARDS = re.compile(  # arguments that must not turn from true to false, or go where they were true
    r"deletion_protection|prevent_destroy|uniform_bucket_level_access|enable_secure_boot|enable_vtpm"
    r"|enable_integrity_monitoring|require_ssl|enable_private_\w+|private_ip_google_access|block_project_ssh_keys"
    r"|block-project-ssh-keys|enable_shielded_nodes|point_in_time_recovery_enabled|versioning|enable_flow_logs"
    r"|transit_encryption\w*|auth_enabled|enable_confidential_compute|sensitive|enable_dnssec"
)
_GUARD_NAMES = re.compile(r"(?i)protect|prevent|encrypt|secure|ssl|tls|private|shielded|uniform|backup")
_CLOSED = re.compile(  # arguments that must not turn from false to true
    r"ipv4_enabled|can_ip_forward|force_destroy|serial-port-enable|enable_legacy_abac|enable_oslogin_disabled"
    r"|skip_final_snapshot|disable_\w*protection"
)
_FIXED = {  # arguments whose safe values must stay
    "ssl_mode": {"ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"},
    "public_access_prevention": {"enforced"},
    "transit_encryption_mode": {"SERVER_AUTHENTICATION"},
    "deletion_policy": {"PREVENT", "ABANDON"},
    "min_tls_version": {"TLS_1_2", "TLS_1_3"},
    "profile": {"MODERN", "RESTRICTED"},
    "ingress": {"INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"},
    "evaluation_mode": {"PROJECT_SINGLETON_POLICY_ENFORCE"},
}
_KEPT_BLOCKS = {
    "disk_encryption_key",
    "encryption",
    "encryption_configuration",
    "customer_managed_encryption",
    "shielded_instance_config",
    "private_cluster_config",
    "master_authorized_networks_config",
    "binary_authorization",
    "network_policy",
    "deny",
    "lifecycle",
    "log_config",
    "workload_identity_config",
    "database_encryption",
    "iap",
    "condition",
    "backup_configuration",
}
_KEPT_ARGUMENTS = {
    "kms_key_name",
    "kms_key_self_link",
    "default_kms_key_name",
    "encryption_key_name",
    "security_policy",
    "source_tags",
    "source_service_accounts",
    "target_tags",
    "target_service_accounts",
    "ssl_policy",
}
_CODE_RUNNERS = {"external", "http"}
Fact = tuple[str, Expression]


def weakened(before: Block | None, after: Block) -> Iterator[str]:
    """Yield what is less safe in the block than it was; without a before, what is unsafe in a new block."""
    old = dict(facts(before)) if before else {}
    yield from _opened(before, after)
    yield from _runs(before, after)
    if before is None:
        return
    new = dict(facts(after))
    for path, expression in old.items():
        if _succeeded(before, path, expression, new):
            continue
        yield from _lowered(path, expression, new.get(path) or _moved(path, old, new))
    for path, expression in new.items():
        leaf = path.rsplit(".", 1)[-1]
        was = old.get(path) or _moved(path, new, old)
        if _CLOSED.fullmatch(leaf) and _true(expression) and not (was and _true(was)):
            yield f"{path} is on"
        if (
            leaf == "disabled"
            and after.labels[:1] == ("google_compute_firewall",)
            and _denies(after)
            and _true(expression)
            and not (was and _true(was))
        ):
            yield "a deny rule is switched off"
    yield from _gone_blocks(before, after)


def _succeeded(before: Block, path: str, was: Expression, new: Mapping[str, Expression]) -> bool:
    """Return whether what an argument said stands by its present name."""
    known = successor(before.labels[0], path) if before.labels else None
    now = new.get(known.to) if known else None
    return now is not None and known is not None and now.text.strip() == (known.value or was.text.strip())


def _moved(path: str, old: Mapping[str, Expression], new: Mapping[str, Expression]) -> Expression | None:
    """Return the argument of the same name where it stands now, if it stood nowhere before."""
    leaf = path.rsplit(".", 1)[-1]
    found = (one for place, one in new.items() if place.rsplit(".", 1)[-1] == leaf and place not in old)
    return next(found, None)


def exposed(blocks: Iterable[Block]) -> int:
    """Return how often the whole internet, or everybody, is named in these blocks."""
    return sum(len(_WORLD.findall(_texts(one))) + len(_PUBLIC.findall(_texts(one))) for one in blocks)


def guards_on(variables: Iterable[Block]) -> set[str]:
    """Return the names of variables that keep a guard up by their default."""
    names: set[str] = set()
    for one in variables:
        default = one.attribute("default")
        if one.labels and default and _true(default.expression) and _GUARD_NAMES.search(one.labels[0]):
            names.add(one.labels[0])
    return names


def facts(block: Block, prefix: str = "") -> Iterator[Fact]:
    """Yield every argument of a block by its dotted path; the second of two equal blocks is `name.2`."""
    for one in block.attributes:
        yield prefix + one.name, one.expression
    seen: dict[str, int] = {}
    for inner in block.blocks:
        name = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        seen[name] = seen.get(name, 0) + 1
        number = f".{seen[name]}" if seen[name] > 1 else ""
        yield from facts(inner, prefix + ("" if inner.type == "content" else f"{name}{number}."))


def _texts(block: Block | None) -> str:
    return " ".join(one.text for one in block.expressions()) if block else ""


def _opened(before: Block | None, after: Block) -> Iterator[str]:
    was, now = _texts(before), _texts(after)
    if not _denies(after) and len(_WORLD.findall(now)) > len(_WORLD.findall(was)):
        yield "it is open to the whole internet"
    if len(_PUBLIC.findall(now)) > len(_PUBLIC.findall(was)):
        yield "it grants access to everybody"
    if set(_STRONG_ROLE.findall(now)) - set(_STRONG_ROLE.findall(was)):
        yield "it grants a stronger role"
    if after.labels[:1] == ("google_compute_firewall",):
        yield from _firewall(before, after)


def _firewall(before: Block | None, after: Block) -> Iterator[str]:
    """A rule without sources lets in the whole internet; more protocols or ports let in more."""
    if _denies(after) or _egress(after):
        return
    limits = ("source_ranges", "source_tags", "source_service_accounts")
    if (
        before is not None
        and not _allowed(before)
        and _allowed(after)
        and not any(map(after.attribute, limits))
    ):
        yield "it allows something and names no sources: it is open to the whole internet"
    had = before is None or any(before.attribute(one) for one in limits)
    if had and not any(after.attribute(one) for one in limits):
        yield "its sources are gone: without them it is open to the whole internet"
    if before is None:
        return
    widened = _ranges(after) - _ranges(before)
    if any(not _inside(one, _ranges(before)) for one in widened) and _ranges(before):
        yield f"its source ranges are wider: {', '.join(sorted(widened))}"
    old, new = _allowed(before), _allowed(after)
    if "all" in new and "all" not in old:
        yield "it allows every protocol"
    elif old and any("*" in ports and "*" not in old.get(one, {"*"}) for one, ports in new.items()):
        yield "it allows every port"


def _denies(block: Block) -> bool:
    return any(one.type == "deny" for one in block.blocks) and not any(
        one.type == "allow" for one in block.blocks
    )


def _egress(block: Block) -> bool:
    direction = block.attribute("direction")
    return bool(direction and direction.expression.literal == "EGRESS")


def _ranges(block: Block) -> set[str]:
    found = block.attribute("source_ranges")
    return (
        set(re.findall(r"[0-9A-Fa-f.:]+(?:/\d+)?(?=[\"'\s,\]])", found.expression.text + " ")) - {""}
        if found
        else set()
    )


def _inside(one: str, known: set[str]) -> bool:
    try:
        new = ipaddress.ip_network(one, strict=False)
        olds = [ipaddress.ip_network(other, strict=False) for other in known]
    except ValueError:
        return False
    return any(new.version == old.version and new.subnet_of(old) for old in olds)  # type: ignore[arg-type]


def _allowed(block: Block) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for inner in block.blocks:
        if inner.type != "allow":
            continue
        protocol, ports = inner.attribute("protocol"), inner.attribute("ports")
        name = str(protocol.expression.literal).lower() if protocol else ""
        if name in {"tcp", "udp", "sctp"} or name == "all":
            found.setdefault(name, set()).add(ports.expression.text if ports else "*")
    return found


def _runs(before: Block | None, after: Block) -> Iterator[str]:
    count = sum(one.type == "provisioner" for one in after.walk())
    if count > (sum(one.type == "provisioner" for one in before.walk()) if before else 0):
        yield "it adds a provisioner"
    source = after.attribute("source") if after.type == "module" else None
    was = before.attribute("source") if before else None
    elsewhere = source is not None and not str(source.expression.literal).startswith(("./", "../"))
    if source and elsewhere and (was is None or was.expression.text != source.expression.text):
        yield "its module comes from elsewhere"
    if (
        before is None
        and after.labels
        and (after.labels[0] in _CODE_RUNNERS or after.labels[0].startswith("local_"))
    ):
        yield "it runs or reads what is outside the configuration"
    if before is None and after.labels[:1] == ("google_service_account_key",):
        yield "it is a key that can be carried away"


def _lowered(path: str, was: Expression, now: Expression | None) -> Iterator[str]:
    leaf = path.rsplit(".", 1)[-1]
    unknown = was.literal is None
    if _GUARDS.fullmatch(leaf) and (
        (_true(was) and not (now and _true(now))) or (unknown and now and _false(now))
    ):
        yield f"{path} is off"
    safe = _FIXED.get(leaf)
    if safe and was.literal in safe and (now is None or now.literal not in safe):
        yield f"{path} is no longer {was.literal}"
    if leaf in _KEPT_ARGUMENTS and now is None:
        yield f"{path} is gone"


def _gone_blocks(before: Block, after: Block) -> Iterator[str]:
    had = {one.type for one in before.walk()} & _KEPT_BLOCKS
    for name in sorted(had - {one.type for one in after.walk()}):
        yield f"its {name} block is gone"


def _true(expression: Expression) -> bool:
    return expression.literal is True or str(expression.literal).lower() in {"true", "yes", "on", "1"}


def _false(expression: Expression) -> bool:
    return expression.literal is False or str(expression.literal).lower() in {
        "false",
        "no",
        "off",
        "0",
    }
