"""How long the alert policies on a resource wait before they fire."""

import re

from sandbox.network.view import block, blocks
from sandbox.physics.world import Subject, World

_POLICY = "google_monitoring_alert_policy"
_USUAL_S = 120.0
_SHORTER = "cpu", "request_count"


def longest_wait_s(world: World, subject: Subject) -> float:
    """Return duration and alignment period of the slowest threshold on processors or errors that names it."""
    names = {str(subject.values.get(key) or "") for key in ("name", "instance_id", "base_instance_name")} - {
        ""
    }
    marks = [
        rf'["/:]{re.escape(name)}["-]' for name in names
    ]  # quoted: alone, as a prefix, or after a project
    found = [
        _seconds(threshold.get("duration"))
        + _seconds(block(threshold, "aggregations").get("alignment_period"))
        for policy in world.subjects((_POLICY,))
        if policy.project == subject.project
        for condition in blocks(policy.values, "conditions")
        for threshold in blocks(condition, "condition_threshold")
        if any(word in str(threshold.get("filter")) for word in _SHORTER)
        and any(re.search(mark, str(threshold.get("filter"))) for mark in marks)
    ]
    return max(found, default=_USUAL_S)


def _seconds(text: object) -> float:
    number = str(text or "").removesuffix("s")
    return float(number) if number.replace(".", "", 1).isdigit() else 0.0
