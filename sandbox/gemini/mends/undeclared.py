"""What is referred to and nowhere declared: resources, data, locals, providers."""

import re
from collections.abc import Mapping

from sandbox.gemini.mends.case import Case, Edit, Mend, add, append, put
from sandbox.gemini.mends.choices import SHORTEST_ACCOUNT, place, slug, written_place
from sandbox.gemini.mends.tree import Block

_RESOURCE = re.compile(r'A (managed|data) resource "([\w-]+)" "([\w-]+)" has not been declared')
_LOCAL = re.compile(r'A local value with the name "([\w-]+)" has not been declared')
_VARIABLE = re.compile(r'(?:input variable with the name|root module input variable) "([\w-]+)"')
_PROVIDER = re.compile(r'provider\["[\w./-]*hashicorp/([\w-]+)"\]\.([\w-]+)')
_SECRET = re.compile(r"(?i)pass(?:w|_|$)|pwd|secret|token|credential|key")
# Types that are safe and cheap to add, with what they need; {name} is the resource's name for Google.
_RESOURCES: Mapping[str, str] = {
    "google_compute_network": 'name                    = "{name}"\nauto_create_subnetworks = false',
    "google_compute_subnetwork": 'name          = "{name}"\nip_cidr_range = "10.0.0.0/24"\n'
    "network       = {network}\nregion        = {region}",
    "google_service_account": 'account_id   = "{account}"\ndisplay_name = "{label}"',
    "google_compute_address": 'name   = "{name}"\nregion = {region}',
    "google_compute_global_address": 'name = "{name}"',
    "google_compute_router": 'name    = "{name}"\nnetwork = {network}\nregion  = {region}',
    "google_compute_health_check": 'name = "{name}"\ntcp_health_check {{\n  port = 80\n}}',
    "google_pubsub_topic": 'name = "{name}"',
    "google_project_service": 'service            = "compute.googleapis.com"\ndisable_on_destroy = false',
    "google_monitoring_notification_channel": 'display_name = "{label}"\ntype         = "email"\n'
    'labels = {{\n  email_address = "ops@example.com"\n}}',
    "random_id": "byte_length = 4",
    "random_password": "length = 24",
    "random_string": "length  = 6\nspecial = false\nupper   = false",
}
_DATA: Mapping[str, str] = {
    "google_project": "",
    "google_client_config": "",
    "google_compute_zones": "region = {region}",
    "google_compute_image": 'family  = "debian-12"\nproject = "debian-cloud"',
    "google_compute_default_service_account": "",
    "google_compute_network": 'name = "default"',
    "google_client_openid_userinfo": "",
}


def undeclared_resource(case: Case) -> Mend | None:
    """Refer to the only one of its type, or declare one where a plain one will do."""
    found = _RESOURCE.search(case.words)
    if not found:
        return None
    mode, kind, name = found[1], found[2], found[3]
    prefix = "data." if mode == "data" else ""
    own = [one for one in case.module("data" if mode == "data" else "resource") if one.labels[:1] == (kind,)]
    if len(own) == 1 and not (own[0].get("count") or own[0].get("for_each")):
        new = f"{prefix}{kind}.{own[0].labels[1]}"
        return Mend(
            replaced(case, f"{prefix}{kind}.{name}", new),
            f"{prefix}{kind}.{name} is {new}, the only one of its type",
        )
    body = (_DATA if mode == "data" else _RESOURCES).get(kind)
    if body is None:
        return None
    text = body.format(
        name=slug(name, 50),
        account=slug(name, 30) if len(slug(name)) >= SHORTEST_ACCOUNT else f"{slug(name)}-account",
        label=name.replace("_", " "),
        region=written_place(case, "region"),
        network=_network(case),
    )
    lines = "".join(f"  {line}\n" for line in text.split("\n") if line)
    word = "data" if mode == "data" else "resource"
    block = f'{word} "{kind}" "{name}" {{\n{lines}}}\n' if lines else f'{word} "{kind}" "{name}" {{}}\n'
    return Mend((append(case, case.file, block),), f"declared {prefix}{kind}.{name}, which was referred to")


def _network(case: Case) -> str:
    own = [one for one in case.module("resource") if one.labels[:1] == ("google_compute_network",)]
    return f"{own[0].address}.id" if len(own) == 1 else '"default"'


def replaced(case: Case, old: str, new: str) -> tuple[Edit, ...]:
    """Return the edits that put one reference in the place of another in the module."""
    pattern = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w-])")
    return tuple(
        put(block, one, pattern.sub(new, one.value))
        for top in case.module()
        for block in top.walk()
        for one in block.arguments
        if pattern.search(one.value)
    )


def undeclared_local(case: Case) -> Mend | None:
    """Declare a local value by its name."""
    found = _LOCAL.search(case.words)
    if not found or _SECRET.search(found[1]):
        return None
    value = _guess(case, found[1])
    homes = case.module("locals")
    text = f"{found[1]} = {value}"
    if homes:
        return Mend((add(case, homes[0], text),), f"declared local.{found[1]} = {value}")
    return Mend(
        (append(case, case.file, f"locals {{\n  {text}\n}}\n"),), f"declared local.{found[1]} = {value}"
    )


def _guess(case: Case, name: str) -> str:
    for kind in ("region", "zone", "location", "project"):
        if name.endswith(kind) and (found := written_place(case, kind)):
            return found
    if re.search(r"labels$|metadata$|tags_map$", name):
        return "{}"
    if re.search(r"tags$|zones$|ranges$|ports$|names$|list$|services$|apis$|roles$", name):
        return "[]"
    if re.search(r"count$|size$|replicas$", name):
        return "1"
    return '"dev"' if re.search(r"^env", name) else '"app"'


def variable_value(case: Case) -> Mend | None:
    """Give a variable that has no value a default, unless it is a secret."""
    found = _VARIABLE.search(case.words)
    block = next((one for one in case.module("variable", "") if found and one.labels == (found[1],)), None)
    if not found or block is None or block.get("default"):
        return None
    if _SECRET.search(found[1]) or _goes_to_a_secret(case, found[1]):
        return None
    kind = block.get("type")
    value = _by_type(case, found[1], kind.value if kind else "string")
    return (
        Mend((add(case, block, f"default = {value}"),), f"chose {value} for var.{found[1]}")
        if value
        else None
    )


def _goes_to_a_secret(case: Case, name: str) -> bool:
    """Return whether a variable is used in an argument that is sensitive, or called so."""
    for top in case.module():
        for block in top.walk():
            for one in block.arguments:
                if re.search(rf"(?<![\w.-])var\.{re.escape(name)}(?![\w-])", one.value):
                    known = (case.schemas.get(top.labels[0]) or {}).get("arguments", {}) if top.labels else {}
                    if _SECRET.search(one.name) or known.get(one.name, {}).get("sensitive"):
                        return True
    return False


def _by_type(case: Case, name: str, kind: str) -> str:
    if kind == "string":
        return (
            _guess(case, name)
            if _guess(case, name).startswith(('"', "var.")) and not _guess(case, name).startswith("var.")
            else f'"{place(case)[0]}"'
        )
    start = kind.split("(", maxsplit=1)[0]
    return {
        "number": "1",
        "bool": "true" if "protect" in name else "false",
        "list": "[]",
        "set": "[]",
        "map": "{}",
    }.get(start, "")


def provider_alias(case: Case) -> Mend | None:
    """Configure a provider alias that a resource asks for, as the default one is."""
    found = _PROVIDER.search(case.words)
    if not found or "Provider configuration not present" not in case.summary:
        return None
    providers: list[Block] = [one for one in case.module("provider", "") if one.labels == (found[1],)]
    plain = next((one for one in providers if not one.get("alias")), None)
    own = (
        {one.name: one.value for one in plain.arguments if one.name in {"project", "region", "zone"}}
        if plain
        else {}
    )
    lines = [f'alias = "{found[2]}"', *(f"{name} = {value}" for name, value in own.items())]
    text = f'provider "{found[1]}" {{\n' + "".join(f"  {line}\n" for line in lines) + "}\n"
    file = plain.file if plain else next(iter(sorted(case.trees)), "main.tf")
    return Mend((append(case, file, text),), f"configured {found[1]}.{found[2]} as the default provider is")
