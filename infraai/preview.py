"""From `terraform show -json` of a saved plan to a preview: what changes, by Terraform's own marks."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infraai.exposure import is_stateful, opened_ports, value_rules
from infraai.models import Change, ChangeAction, Preview
from infraai.ports import SavedPlan

REDACTED = "(sensitive)"
# Changes for which Google stops the machine: google_compute_instance's documentation of allow_stopping_for_update.
STOPPING = frozenset(
    {
        "machine_type",
        "min_cpu_platform",
        "service_account",
        "enable_display",
        "shielded_instance_config",
        "advanced_machine_features",
        "network_interface",
        "scheduling",
    }
)


def build_preview(plan: SavedPlan, *, bundle_sha: str, destroy: bool) -> Preview:
    """Return the preview of a saved plan, sensitive values redacted; costs are added by whoever knows prices."""
    return Preview(
        changes=tuple(sorted(_changes(plan.shown), key=_danger)),
        plan_digest=hashlib.sha256(plan.file).hexdigest(),
        bundle_sha=bundle_sha,
        state_lineage=plan.stamp.lineage,
        state_serial=plan.stamp.serial,
        destroy=destroy,
        outputs_changed=any(
            change.get("actions") not in (["no-op"], None)
            for change in (plan.shown.get("output_changes") or {}).values()
        ),
    )


def action_of(actions: Sequence[str], *, importing: bool = False) -> ChangeAction | None:
    """Return the one word for Terraform's list of actions; None where nothing changes in the world."""
    if "delete" in actions and "create" in actions:
        return "replace"
    for action in ("create", "delete", "update", "forget"):
        if action in actions:
            return action
    return "import" if importing else None


def _danger(change: Change) -> tuple[int, str]:
    order = {"delete": 0, "replace": 1, "forget": 3, "update": 3, "import": 4, "create": 5}
    return (2 if change.stops else order[change.action]), change.address


def _changes(shown: Mapping[str, Any]) -> Iterator[Change]:
    for resource in shown.get("resource_changes") or ():
        if resource.get("mode", "managed") != "managed":
            continue
        change = resource["change"]
        action = action_of(change["actions"], importing=bool(change.get("importing")))
        if action is not None:
            yield _change(resource, change, action)


def _change(resource: Mapping[str, Any], change: Mapping[str, Any], action: ChangeAction) -> Change:
    kind, before, after = resource["type"], change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    names = sorted(
        name
        for name in {*before, *after, *unknown}
        if before.get(name) != after.get(name) or unknown.get(name)
    )
    if action == "create":
        names = [name for name in names if after.get(name) not in (None, [], {}, "")]
    shown_before = redact(before, change.get("before_sensitive"))
    shown_after = redact(after, change.get("after_sensitive"))
    return Change(
        address=resource["address"],
        type=kind,
        name=str(after.get("name") or before.get("name") or resource["name"]),
        action=action,
        stops=action == "update" and kind == "google_compute_instance" and bool(STOPPING & set(names)),
        stateful=is_stateful(kind, values=before or after),
        opens=tuple(
            port for port in opened_ports(kind, after, unknown) if port not in opened_ports(kind, before, {})
        ),
        rules=value_rules(kind, action, before, after, unknown),
        changed=tuple(names),
        replace_paths=tuple(".".join(map(str, path)) for path in change.get("replace_paths") or ()),
        before={name: shown_before[name] for name in names if name in shown_before},
        after={name: shown_after[name] for name in names if name in shown_after},
    )


def redact(value: Any, marks: Any) -> Any:
    """Return the value with everything that Terraform marks as sensitive replaced."""
    if marks is True:
        return REDACTED
    if isinstance(value, Mapping) and isinstance(marks, Mapping):
        return {name: redact(one, marks.get(name)) for name, one in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        return [redact(one, marks[index] if index < len(marks) else None) for index, one in enumerate(value)]
    return value


def covered(change: Change, approved: Preview) -> bool:
    """Return whether an approved preview has this very change."""
    return any(
        one.address == change.address and one.action == change.action and one.after == change.after
        for one in approved.changes
    )
