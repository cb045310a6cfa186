"""Whatever reaches elsewhere: other states, other APIs, other people's credentials. Refused.

https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/provider_reference
"""

import re
from collections.abc import Iterator

from infraai.configuration import Attribute, Block
from infraai.guard.material import Material, flag, refuse, type_of
from infraai.models import Finding

_ELSEWHERE = re.compile(r".*_endpoint|universe_domain|endpoints?")
_CREDENTIALS = re.compile(
    r"credentials|access_token|external_credentials|.*private_key.*|.*password.*|client_.*"
)
_STATE = {
    "backend": "chooses where the state is kept",
    "cloud": "hands the run to another service",
    "provider_meta": "sends something of its own with every request",
    "encryption": "can run a program to get its key",
}


def reach(material: Material) -> Iterator[Finding]:
    """Yield what reads or writes where the bundle has no business."""
    for block in material.declared:
        if type_of(block) == "terraform_remote_state":
            yield refuse(
                "remote_state",
                block,
                f"{block.address} reads the state of another deployment, secrets included. Pass what is "
                "needed in a "
                "variable.",
            )
    for block in material.configuration.of("terraform"):
        yield from _settings(block)
    tests = [inner for block in material.configuration.tests for inner in block.walk()]
    for block in (*material.configuration.of("provider"), *(one for one in tests if one.type == "provider")):
        yield from _provider(block)


def _settings(block: Block) -> Iterator[Finding]:
    for inner in block.blocks:
        if inner.type == "required_providers":
            continue
        kind = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        reason = _STATE.get(kind, "is not known here")
        yield refuse("backend", block, f"`terraform` has a `{kind}` block, which {reason}. Remove it.", inner)
    for attribute in block.attributes:
        if attribute.name in {*_STATE, "experiments"} and not block.of(attribute.name):
            message = f"`terraform` sets `{attribute.name}`, which changes how the run works. Remove it."
            yield refuse("backend", block, message, attribute)


def _provider(block: Block) -> Iterator[Finding]:
    inside: list[Attribute | Block] = [*block.attributes, *block.blocks]
    for at in inside:
        name = at.type if isinstance(at, Block) else at.name
        name = at.labels[0] if isinstance(at, Block) and name == "dynamic" and at.labels else name
        if _CREDENTIALS.fullmatch(name):
            yield refuse(
                "provider_credentials",
                block,
                f"{block.address} sets `{name}`. Credentials come from the environment of whoever runs "
                "this: remove it.",
                at,
            )
        elif _ELSEWHERE.fullmatch(name):
            yield refuse(
                "provider_endpoint",
                block,
                f"{block.address} sets `{name}`, which sends requests, and the token in them, elsewhere. "
                "Remove it.",
                at,
            )
        elif name.startswith("impersonate_service_account"):
            message = f"{block.address} acts as another service account. Check that this is meant."
            yield flag("impersonation", block, message, at)
