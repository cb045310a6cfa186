"""The Ops Agent in what was written: machines that are watched from within must run it."""

from infraai.blocks.hcl import heredoc, quoted
from infraai.configuration import Block, Configuration, Expression
from infraai.editing import Edit, apply_edits, attribute_edit
from infraai.models import Bundle, InfraPlan
from infraai.monitoring import needs_ops_agent
from infraai.ops_agent import INSTALL, MARK, appended
from infraai.ports import Hcl

_GROUPS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
_TEMPLATES = ("google_compute_instance_template", "google_compute_region_instance_template")
_SCRIPT = "metadata_startup_script"


def install_agents(text: str, plan: InfraPlan, hcl: Hcl) -> tuple[str, tuple[str, ...]]:
    """Return the text with the agent installed by startup scripts that lacked it; notes where it cannot."""
    written = hcl.parse(Bundle(files={"main.tf": text}))
    edits: list[Edit] = []
    notes: list[str] = []
    for block in written.resources:
        if not _watched_from_within(block, plan, written) or _has_agent(block):
            continue
        edit = _installation(text, block)
        if edit is None:
            notes.append(f"{block.address} needs the Ops Agent, and its startup script cannot be added to.")
        else:
            edits.append(edit)
    return apply_edits(text, edits), tuple(notes)


def _watched_from_within(block: Block, plan: InfraPlan, written: Configuration) -> bool:
    if block.labels[0] == "google_compute_instance":
        return needs_ops_agent(plan.monitoring, block.address)
    if block.labels[0] not in _TEMPLATES:
        return False
    groups = (one for one in written.resources if one.labels[0] in _GROUPS)
    return any(
        needs_ops_agent(plan.monitoring, group.address)
        and any(ref.startswith(block.address) for one in group.expressions() for ref in one.references)
        for group in groups
    )


def _has_agent(block: Block) -> bool:
    return any(MARK in expression.text for expression in block.expressions())


def _installation(text: str, block: Block) -> Edit | None:
    """Return the edit that installs the agent; None where the script stands inside `metadata`."""
    metadata = block.attribute("metadata")
    if metadata and "startup-script" in metadata.expression.text:
        return None
    script = block.attribute(_SCRIPT)
    if script is None:
        return attribute_edit(text, block, _SCRIPT, heredoc(appended("")))
    return attribute_edit(text, block, _SCRIPT, _with_installation(script.expression))


def _with_installation(script: Expression) -> str:
    """Return the expression with the installation after it; a heredoc's end has its line to itself."""
    if isinstance(script.literal, str):
        return heredoc(appended(script.literal))
    comma = "\n  , " if script.text.lstrip().startswith("<<") else ", "
    last = "\n" if script.text.endswith("\n") else ""
    return f'join("\\n", [{script.text.rstrip()}{comma}{quoted(INSTALL)}]){last}'
