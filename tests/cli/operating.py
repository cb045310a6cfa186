"""An incident as it unfolds: the alert, and the events of the run that handles it."""

from typing import Any

from infraai.models import Event
from infraai.operations.shapes import (
    ActionRequest,
    ActionVerdict,
    Alert,
    Alternative,
    Evidence,
    OpsDecision,
    Option,
    Recheck,
)

ADDRESS = "google_compute_instance.backend"
ALERT = Alert(
    policy_name="backend-vm cpu_high",
    resource="backend-vm",
    resource_type="gce_instance",
    metric="cpu_high",
    metric_path="compute.googleapis.com/instance/cpu/utilization",
    value=0.934,
    threshold=0.8,
    severity="critical",
    source="gcp-1.2",
    source_id="0.m1",
    project="infraai-sandbox",
    started_at=1_795_000_000,
    comparison="COMPARISON_GT",
    summary="CPU utilization for backend-vm is above the threshold of 0.800 with a value of 0.934.",
)
CLIMB = [0.31, 0.3, 0.33, 0.35, 0.32, 0.4, 0.52, 0.7, 0.81, 0.88, 0.91, 0.93, 0.934]
EVIDENCE = [
    Evidence(id="E1", kind="alert", summary="cpu_high is 0.934, over 0.8, for 2 min."),
    Evidence(
        id="E2",
        kind="series",
        summary="cpu/utilization in the last hour: mean 0.55, max 0.934, rising.",
        data={"points": [[index * 60.0, value] for index, value in enumerate(CLIMB)], "threshold": 0.8},
    ),
    Evidence(id="E3", kind="changes", summary="Nothing was changed in the last 24 hours."),
    Evidence(id="E4", kind="resource", summary="The machine is RUNNING, an e2-small with 2 vCPUs and 2 GB."),
    Evidence(id="E5", kind="precedent", summary="scale_up resolved the same cause 3 days ago, in 90 s."),
]
DECISION = OpsDecision(
    severity="high",
    recommended_action="scale_up",
    confidence=0.86,
    reasoning="The load has grown for 6 minutes [E2] and nothing was changed [E3]; the machine is small [E4].",
    parameters={"machine_type": "e2-medium"},
    alternatives=(Alternative(action="restart", why_not="the load comes from outside and would come back"),),
    evidence=("E2", "E3", "E4"),
    predicted_effect="The same load on twice the share of a core: about 0.47.",
    could_go_wrong="The machine stops for about a minute, and its address may change.",
    cost_delta_usd_month=12.23,
    precedent="scale_up of the same cause, 3 days ago: resolved",
    model="sandbox-rules",
)
OPTIONS = (
    Option(
        action="scale_up",
        parameters={"machine_type": "e2-medium"},
        summary="machine type e2-small → e2-medium (4 GB)",
        stops=True,
        cost_delta_usd_month=12.23,
    ),
    Option(action="restart", method="api", summary="reset the machine", stops=True),
)
REQUEST = ActionRequest(
    action_type="scale_up", resource_id=ADDRESS, run_id="r", parameters={"machine_type": "e2-medium"}
)
RECHECK = Recheck(
    resolved=True,
    looks=2,
    value=0.46,
    threshold=0.8,
    waited_s=90,
    detail="It is under its threshold again.",
    series=tuple((index * 30.0, value) for index, value in enumerate([0.93, 0.9, 0.6, 0.47, 0.46, 0.46])),
)


def events() -> list[Event]:
    """Return what the run of a resolved incident says."""
    preview: dict[str, Any] = {
        "changes": [
            {
                "address": ADDRESS,
                "type": "google_compute_instance",
                "name": "backend",
                "action": "update",
                "stops": True,
                "changed": ["machine_type"],
                "before": {"machine_type": "e2-small"},
                "after": {"machine_type": "e2-medium"},
            }
        ],
        "cost_before_usd": 12.23,
        "cost_after_usd": 24.46,
        "plan_digest": "0" * 64,
    }
    verdict = ActionVerdict(
        decision="ask", rules=("critical_alert",), messages=("it answers a critical alert",)
    )
    ended = {"status": "completed", "ended": "resolved", "message": "cpu_high is 0.46, under 0.8."}
    return [
        _phase("starting"),
        Event(
            kind="evidence",
            message="5 pieces",
            data={"evidence": [one.model_dump(mode="json") for one in EVIDENCE]},
        ),
        _phase("planning"),
        Event(kind="advice", message="scale_up", data=DECISION.model_dump(mode="json")),
        Event(kind="verdict", message="ask", data=verdict.model_dump(mode="json")),
        _phase("initializing"),
        _phase("validating"),
        _phase("planning"),
        Event(kind="preview", message="preview", data=preview),
        _phase("awaiting_approval"),
        _phase("applying"),
        Event(
            kind="terraform",
            message=f"{ADDRESS}: Modifications complete after 3s [id=x]",
            data={"type": "apply_complete", "address": ADDRESS},
        ),
        _phase("verifying"),
        Event(kind="probe", message="GET http://34.1.2.3/ 200", data={}),
        _phase("finalizing"),
        _phase("verifying"),
        Event(kind="recheck", message="resolved", data=RECHECK.model_dump(mode="json")),
        Event(kind="incident", message="resolved", data=ended),
    ]


def _phase(name: str) -> Event:
    return Event(kind="phase", message=name, data={"phase": name})
