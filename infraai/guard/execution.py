"""Whatever makes Terraform itself run something: refused.

Provisioners and their connections, actions, and blocks this guard does not know.
https://developer.hashicorp.com/terraform/language/provisioners
"""

from collections.abc import Iterator

from infraai.configuration import Block
from infraai.guard.material import Material, refuse, unsure
from infraai.models import Finding

# https://developer.hashicorp.com/terraform/language/syntax: what a configuration may declare
KNOWN = frozenset(
    {
        "terraform",
        "provider",
        "variable",
        "locals",
        "output",
        "resource",
        "data",
        "ephemeral",
        "module",
        "moved",
        "removed",
        "import",
        "check",
    }
)
RUNNING = {
    "action": "An action runs something outside the plan",
    "list": "A list block queries a provider",
    "query": "A query block queries a provider",
}
_HOLDERS = ("resource", "data", "ephemeral", "removed", "module", "check")


def execution(material: Material) -> Iterator[Finding]:
    """Yield what runs code when Terraform applies."""
    for block in material.configuration.blocks:
        if block.type in RUNNING:
            yield refuse("action", block, f"{RUNNING[block.type]}. Remove `{block.address}`.")
        elif block.type not in KNOWN:
            yield unsure(
                "unknown_block",
                block,
                f"`{block.type}` is no block of Terraform's that is understood here. Remove it, or correct "
                "its name.",
            )
        if block.type in _HOLDERS:
            yield from _inside(block)


def _inside(block: Block) -> Iterator[Finding]:
    for inner in block.walk():
        kind, labels = _made(inner)
        if inner is block or inner.generated:
            continue
        if kind == "provisioner":
            what = labels[0] if labels else "hidden"
            yield refuse(
                "provisioner",
                block,
                f"{block.address} has a `{what}` provisioner, which runs commands outside the plan. Remove "
                "it; what a "
                "machine needs belongs in its startup script.",
                inner,
            )
        if kind == "connection" and inner in block.blocks:
            yield refuse(
                "connection",
                block,
                f"{block.address} has a `connection` block, which reaches a machine while Terraform runs. "
                "Remove it.",
                inner,
            )
        if kind == "lifecycle":
            yield from _triggers(block, inner)


def _made(block: Block) -> tuple[str, tuple[str, ...]]:
    """Return type and labels of what a block is, or of what a `dynamic` block makes."""
    if block.type == "dynamic" and block.labels:
        return block.labels[0], block.labels[1:]
    return block.type, block.labels


def _triggers(block: Block, lifecycle: Block) -> Iterator[Finding]:
    found = [
        *lifecycle.of("action_trigger"),
        *(one for one in lifecycle.of("dynamic") if "action_trigger" in one.labels),
    ]
    attribute = lifecycle.attribute("action_trigger")
    for at in (*found, *((attribute,) if attribute and not found else ())):
        yield refuse(
            "action",
            block,
            f"{block.address} triggers an action, which runs something outside the plan. Remove "
            "`action_trigger`.",
            at,
        )
