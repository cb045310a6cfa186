"""What the operate graph speaks of: alert, incident, evidence, decision, action, recheck."""

import hashlib
import json
from typing import Any, Literal, get_args

from pydantic import Field

from infraai.models import AlertSeverity, DeploymentId, RecordedResource, RunId, Sha256, Value

AlertState = Literal["open", "closed"]
AlertStatus = Literal[
    "pending",
    "pending_approval",
    "auto_executing",
    "approved",
    "rejected",
    "executed",
    "resolved",
    "escalated",
    "ignored",
    "silenced",
]
OVER: frozenset[AlertStatus] = frozenset({"rejected", "resolved", "escalated", "ignored", "silenced"})
Cause = Literal[
    "cpu",
    "memory",
    "disk_full",
    "disk_io",
    "connections",
    "errors",
    "latency",
    "unavailable",
    "restarts",
    "stopped",
    "firewall",
    "traffic",
    "unknown",
]
ActionType = Literal[
    "scale_up",
    "scale_down",
    "restart",
    "recreate",
    "redeploy",
    "modify_config",
    "modify_firewall",
    "resize_disk",
    "rollback",
]
ACTIONS: tuple[ActionType, ...] = get_args(ActionType)
WIRE_NAMES: dict[str, ActionType] = {"scale_up_vm": "scale_up", "restart_instance": "restart"}
Recommendation = Literal[
    "scale_up",
    "scale_down",
    "restart",
    "recreate",
    "redeploy",
    "modify_config",
    "modify_firewall",
    "resize_disk",
    "rollback",
    "ignore",
    "ask",
]
Method = Literal["terraform", "api"]


class Alert(Value):
    """One notification, normalised; what the sender did not say is empty or None, never made up."""

    policy_name: str = ""
    resource: str = Field(default="", description="the name that identifies it best; empty: not identifiable")
    resource_type: str = Field(default="", description="monitored resource type, such as gce_instance")
    cloud: Literal["gcp"] = "gcp"
    metric: str = Field(default="", description="short name, such as cpu_high, or the metric's last part")
    metric_path: str = Field(
        default="", description="such as compute.googleapis.com/instance/cpu/utilization"
    )
    value: float | None = None
    threshold: float | None = None
    severity: AlertSeverity = "warning"
    state: AlertState = "open"
    source: str = Field(default="", description="gcp-1.2, gcp-1.1, alertmanager, grafana, simple …")
    source_id: str = Field(default="", description="the sender's id of it; a digest where it has none")
    project: str = Field(
        default="", description="the project of the resource, not of the scope that watches it"
    )
    labels: dict[str, str] = Field(
        default_factory=dict,
        description="resource.labels.…, metric.labels.…, user_labels.…, as the sender has them",
    )
    started_at: float | None = Field(default=None, description="epoch seconds")
    ended_at: float | None = None
    condition: str = Field(default="", description="the condition's display name")
    comparison: Literal["COMPARISON_GT", "COMPARISON_LT", ""] = ""
    absent: bool = Field(default=False, description="it fired because a metric has no data")
    test: bool = Field(default=False, description="a connection test: never acted on")
    summary: str = Field(
        default="", description="the sender's own words: shown to people, data and never orders"
    )


class Target(Value):
    """What an alert is about: a resource of a deployment."""

    deployment_id: DeploymentId
    resource: RecordedResource
    matched_by: str = Field(description="how it was found: user_labels, instance_id, name, database_id …")
    member: str = Field(default="", description="the machine of a managed group that the alert names")


EvidenceKind = Literal["alert", "series", "changes", "intent", "resource", "probe", "precedent", "config"]


class Evidence(Value):
    """One piece; the decision cites its id."""

    id: str = Field(description="E1, E2 …")
    kind: EvidenceKind
    summary: str = Field(description="one sentence for a person")
    data: dict[str, Any] = Field(default_factory=dict)


class Option(Value):
    """One thing that could be done to the resource, made by code from its configuration."""

    action: ActionType
    parameters: dict[str, Any] = Field(default_factory=dict)
    method: Method = "terraform"
    summary: str = Field(description="such as: machine type e2-small → e2-medium (4 GB)")
    reversible: bool = True
    stops: bool = Field(default=False, description="what runs now is interrupted for a while")
    cost_delta_usd_month: float | None = None


class Alternative(Value):
    """Another action that was weighed."""

    action: Recommendation
    parameters: dict[str, Any] = Field(default_factory=dict)
    why_not: str = ""


class OpsDecision(Value):
    """What is recommended, how sure, and why."""

    severity: Literal["low", "medium", "high"]
    recommended_action: Recommendation
    requires_approval: bool = True
    confidence: float = Field(ge=0, le=1)
    reasoning: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()
    evidence: tuple[str, ...] = Field(default=(), description="ids of the pieces it leans on")
    predicted_effect: str = ""
    could_go_wrong: str = ""
    cost_delta_usd_month: float | None = Field(
        default=None, description="by the price table; None: not priced"
    )
    precedent: str = Field(default="", description="the past action it leaned on, and how that ended")
    fallback: str = Field(default="", description="why there is no decision of the model's, if there is none")
    model: str = ""
    prompt_sha256: Sha256 = ""


class ActionRequest(Value):
    """One effect, fully said: what is sealed by an approval."""

    action_type: ActionType
    resource_id: str = Field(description="Terraform address of the resource")
    run_id: RunId = Field(description="the run that asks for it")
    parameters: dict[str, Any] = Field(default_factory=dict)
    confidence: float = 0
    reason: str = ""
    deployment_id: DeploymentId = ""
    method: Method = "terraform"

    @property
    def digest(self) -> Sha256:
        """Return what an approval seals: all of the request but its words."""
        said = self.model_dump(mode="json", exclude={"reason", "confidence"})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


class ActionResult(Value):
    """What came of one action."""

    success: bool
    method: Method
    resolved: bool | None = Field(default=None, description="None until it was measured again")
    new_run_id: RunId = ""
    changes_applied: dict[str, Any] = Field(default_factory=dict)
    error: str = ""
    action: ActionRequest | None = None
    ended_at: float = Field(default=0, description="epoch seconds by the cloud's clock")
    rolled_back: bool = False


class Recheck(Value):
    """What was measured after the action."""

    resolved: bool
    looks: int = 0
    value: float | None = None
    threshold: float | None = None
    waited_s: float = 0
    detail: str = ""
    series: tuple[tuple[float, float], ...] = Field(default=(), description="(epoch seconds, value)")


class ActionVerdict(Value):
    """What the policy says of an action before any preview of it exists."""

    decision: Literal["auto", "ask", "refuse"]
    rules: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
