"""Around what the model wrote: provider, variables, outputs and monitoring, by code."""

import re
from dataclasses import dataclass

from agents.agent_installing import install_agents
from infraai.blocks.hcl import render_file
from infraai.blocks.monitoring import Watched, channel_block, policy_blocks
from infraai.blocks.outputs import find_entry, output_blocks
from infraai.blocks.provider import STANDARD_VARIABLES, WEBHOOK_VARIABLES, variable_blocks, versions_blocks
from infraai.blocks.uptime import uptime_blocks
from infraai.configuration import Block, Configuration
from infraai.models import Bundle, DeploymentId, InfraPlan
from infraai.monitoring import bind_absence
from infraai.ports import Hcl
from infraai.regions import default_zone

_FENCE = re.compile(r"\A\s*```[\w-]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_BY_CODE = frozenset({"google_monitoring_alert_policy", "google_monitoring_notification_channel"})
_OURS = frozenset({"external_ip", "service_url"})
_PROVIDER_BY_TYPE = {"random": "random", "time": "time", "null": "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the code's part of a bundle is made from."""

    plan: InfraPlan
    deployment_id: DeploymentId
    project: str
    webhook_url: str = ""


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What the model wrote, by where it goes."""

    main: str
    variables: str
    outputs: str
    notes: tuple[str, ...]


def strip_fence(text: str) -> str:
    """Return the text without a markdown fence around all of it."""
    fenced = _FENCE.match(text)
    return (fenced[1] if fenced else text).strip() + "\n"


def missing_resources(plan: InfraPlan, written: Configuration) -> tuple[str, ...]:
    """Return the plan's resources that the text lacks; nothing where the text could not be read."""
    if written.faults:
        return ()
    there = {block.address for block in written.resources}
    named = (f"{one.type}.{one.name}" for one in plan.resources if one.type not in _BY_CODE)
    return tuple(address for address in named if address not in there)


def assemble(main_tf: str, layout: Layout, hcl: Hcl) -> tuple[Bundle, tuple[str, ...]]:
    """Return the bundle and notes on what was moved or dropped.

    Text that cannot be read is kept as it is, for the validator and the fixer; code's files stand beside it.
    """
    sorted_out = _sort(main_tf, hcl.parse(Bundle(files={"main.tf": main_tf})))
    main, agents = install_agents(sorted_out.main, layout.plan, hcl)
    written = hcl.parse(Bundle(files={"main.tf": main}))
    monitoring, notes = _monitoring(layout, written)
    outputs = render_file(output_blocks(written))
    plan = layout.plan
    variables = variable_blocks(
        project=layout.project,
        region=plan.region,
        zone=default_zone(plan.region),
        webhook_url=layout.webhook_url if monitoring else "",
    )
    files = {
        "main.tf": main,
        "versions.tf": render_file(versions_blocks(_providers(written), layout.deployment_id)),
        "variables.tf": _joined(render_file(variables), sorted_out.variables),
        "outputs.tf": _joined(outputs, sorted_out.outputs),
        "monitoring.tf": monitoring,
    }
    bundle = Bundle(files={name: text for name, text in files.items() if text or name != "monitoring.tf"})
    return bundle, (*sorted_out.notes, *agents, *notes)


def _sort(text: str, written: Configuration) -> _Sorted:
    moved: dict[str, list[str]] = {"variable": [], "output": []}
    notes: list[str] = []
    cut: list[Block] = []
    source = text.encode()
    for block in written.blocks:
        fate = _fate(block)
        if fate == "keep":
            continue
        cut.append(block)
        if fate == "move":
            moved[block.type].append(source[block.span.start : block.span.end].decode())
        elif fate == "note":
            notes.append(f"The model's {block.address} was dropped: code writes it.")
    for block in sorted(cut, key=lambda one: one.span.start, reverse=True):
        source = source[: block.span.start] + source[block.span.end :]
    main = re.sub(r"\n{3,}", "\n\n", source.decode()).strip() + "\n"
    return _Sorted(main, "\n\n".join(moved["variable"]), "\n\n".join(moved["output"]), tuple(notes))


def _fate(block: Block) -> str:
    """Return keep, move (to its file), drop (the same stands in code's files) or note (dropped, and said)."""
    name = block.labels[0] if block.labels else ""
    if block.type in {"terraform", "provider"}:
        return "note"
    if block.type == "variable":
        return "drop" if name in STANDARD_VARIABLES | WEBHOOK_VARIABLES else "move"
    if block.type == "output":
        return "drop" if name in _OURS else "move"
    if block.type == "resource" and name in _BY_CODE:
        return "note"
    return "keep"


def _monitoring(layout: Layout, written: Configuration) -> tuple[str, tuple[str, ...]]:
    there = {block.address: block for block in written.resources}
    watched: list[Watched] = []
    notes: list[str] = []
    for policy in (*layout.plan.monitoring, *bind_absence(layout.plan.monitoring)):
        block = there.get(policy.resource_ref)
        if block is not None:
            watched.append(Watched(policy, block))
        elif not written.faults:
            notes.append(
                f"The alert {policy.metric_name} was left out: {policy.resource_ref} was not written."
            )
    notify = bool(layout.webhook_url)
    uptime = uptime_blocks(find_entry(written), layout.deployment_id, notify=notify)
    if not watched and not uptime:
        return "", tuple(notes)
    policies = (*policy_blocks(watched, layout.deployment_id, notify=notify), *uptime)
    if not layout.webhook_url:
        notes.append("Alerts will open in Cloud Monitoring and tell nobody: set PUBLIC_URL and deploy again.")
        return render_file(policies), tuple(notes)
    return render_file((channel_block(), *policies)), tuple(notes)


def _providers(written: Configuration) -> set[str]:
    found: set[str] = set()
    for block in (*written.resources, *written.of("data")):
        named = block.attribute("provider")
        if named is not None:
            found.add(named.expression.text.split(".", 1)[0])
        prefix = (block.labels[0] if block.labels else "").split("_", 1)[0]
        if prefix in _PROVIDER_BY_TYPE:
            found.add(_PROVIDER_BY_TYPE[prefix])
    return found


def _joined(*texts: str) -> str:
    return "\n".join(text.strip() + "\n" for text in texts if text.strip())
