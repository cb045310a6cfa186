"""The shapes everybody shares: on the wire, in state, in the registry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

RunId = str
DeploymentId = str
Sha256 = str

RunStatus = Literal[
    "running",
    "awaiting_review",
    "awaiting_approval",
    "previewed",
    "completed",
    "deploy_success_verify_failed",
    "failed",
    "rejected",
    "expired",
    "halted",
    "rolled_back",
    "destroyed",
]
Phase = Literal[
    "starting",
    "initializing",
    "validating",
    "fix_attempt_1",
    "fix_attempt_2",
    "fix_attempt_3",
    "planning",
    "awaiting_approval",
    "applying",
    "verifying",
    "finalizing",
    "verified",
]
FailureReason = Literal[
    "validation_exhausted",
    "not_converging",
    "guard",
    "policy",
    "apply",
    "model",
    "goal",
    "terraform",
    "stopped",
]
AlertSeverity = Literal["critical", "warning"]
Setting = str | int | float | bool | list[str] | dict[str, str]


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- the plan ---------------------------------------------------------------------------------------------


class PlannedResource(Value):
    """One resource the plan wants, before any Terraform is written."""

    type: str = Field(description="Terraform resource type, such as google_compute_instance")
    name: str = Field(description="Terraform name: lower case letters, digits and underscores")
    purpose: str = ""
    settings: dict[str, Setting] = Field(
        default_factory=dict,
        description="Arguments by their Terraform names, flat: machine_type, tier, disk_size_gb",
    )


class MonitoringPolicy(Value):
    """One alert policy on one planned resource."""

    resource_ref: str = Field(description="type.name of the resource it watches")
    metric_name: str = Field(description="short name, such as cpu_high")
    metric_path: str = Field(description="such as compute.googleapis.com/instance/cpu/utilization")
    threshold: float
    duration: str = Field(default="60s", description="seconds with an s, such as 60s")
    severity: AlertSeverity = "warning"
    aligner: str = "ALIGN_MEAN"
    reducer: str = ""
    resource_type: str = Field(default="", description="the monitored resource type, such as gce_instance")
    comparison: Literal["COMPARISON_GT", "COMPARISON_LT"] = "COMPARISON_GT"
    absent: bool = Field(
        default=False, description="it fires when nothing is measured; there is no threshold"
    )


class Risk(Value):
    """Why a flag stands in `risk_flags`."""

    rule: str
    message: str
    resource: str = ""


class CostLine(Value):
    """One priced part of a month's cost."""

    item: str
    usd_month: float
    basis: str = Field(description="how it was reckoned: quantity, unit price, region, date of the table")


class InfraPlan(Value):
    """What will be built for a goal, what it costs and what could go wrong."""

    cloud: Literal["gcp"] = "gcp"
    stack_type: str
    region: str
    machine_type: str = ""
    autoscaling: bool = False
    estimated_cost_usd: float = Field(
        ge=0, description="USD a month by list price; a lower bound if `unpriced`"
    )
    unpriced: tuple[str, ...] = ()
    risk_flags: tuple[str, ...] = Field(
        default=(), description="names of the rules that fired, e.g. cost_over_budget"
    )
    resources: tuple[PlannedResource, ...] = ()
    monitoring: tuple[MonitoringPolicy, ...] = ()
    confidence: float = Field(ge=0, le=1)
    assumptions: tuple[str, ...] = ()
    summary: str = ""
    risks: tuple[Risk, ...] = ()
    cost_lines: tuple[CostLine, ...] = ()
    budget_usd: float | None = None
    notes: tuple[str, ...] = Field(default=(), description="what was dropped or changed on the way, and why")


class GraphNode(Value):
    """One resource in the drawn architecture."""

    id: str
    type: str
    name: str
    group: str = ""


class GraphEdge(Value):
    """`source` refers to `target`."""

    source: str
    target: str


class ResourceGraph(Value):
    """Resources and the references between them."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()


# --- the bundle -------------------------------------------------------------------------------------------


class Bundle(Value):
    """The files of one deployment by relative POSIX path: text as it is, anything else as base64 in `assets`."""

    files: dict[str, str] = Field(default_factory=dict)
    assets: dict[str, str] = Field(default_factory=dict)

    def with_files(self, changed: Mapping[str, str]) -> "Bundle":
        """Return the bundle with these text files added or replaced."""
        return Bundle(files={**self.files, **changed}, assets=self.assets)


class Diagnostic(Value):
    """One thing Terraform said."""

    severity: Literal["error", "warning"] = "error"
    summary: str
    detail: str = ""
    file: str = ""
    line: int = Field(default=0, description="1-based; 0 where Terraform named none")
    end_line: int = 0
    address: str = Field(default="", description="resource address, where Terraform named one")
    snippet: str = ""
    attribute: str = Field(default="", description="dotted attribute path, where the provider named one")

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two errors the same one, wherever it moved to."""
        return self.summary, self.detail, self.file, self.address


class Report(Value):
    """What `validate` or `plan` found."""

    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that stop the run."""
        return tuple(one for one in self.diagnostics if one.severity == "error")

    @property
    def passed(self) -> bool:
        """True where nothing stops the run."""
        return not self.errors


class Finding(Value):
    """One thing the guard saw before Terraform ever saw the bundle."""

    rule: str
    file: str = ""
    line: int = 0
    message: str
    verdict: Literal["refuse", "flag", "unparsed"] = "refuse"
    address: str = ""


# --- the preview ------------------------------------------------------------------------------------------

ChangeAction = Literal["create", "update", "replace", "delete", "import", "forget"]


class Change(Value):
    """What happens to one resource."""

    address: str
    type: str
    name: str
    action: ChangeAction
    stops: bool = Field(default=False, description="the machine is stopped for a while")
    stateful: bool = Field(default=False, description="it holds data")
    opens: tuple[str, ...] = Field(default=(), description='ports it newly opens to the world: "80", "all"')
    rules: tuple[str, ...] = Field(default=(), description="policy rules that the change's own values match")
    changed: tuple[str, ...] = Field(default=(), description="top-level attributes that change")
    replace_paths: tuple[str, ...] = ()
    before: dict[str, Any] = Field(
        default_factory=dict, description="changed attributes, sensitive ones redacted"
    )
    after: dict[str, Any] = Field(default_factory=dict)


class Preview(Value):
    """What `terraform plan` says will change."""

    changes: tuple[Change, ...] = ()
    cost_before_usd: float = 0
    cost_after_usd: float = 0
    unpriced: tuple[str, ...] = ()
    plan_digest: Sha256 = Field(description="sha256 of the saved plan file, and its name as an artifact")
    bundle_sha: Sha256 = ""
    state_lineage: str = ""
    state_serial: int = 0
    destroy: bool = False
    outputs_changed: bool = False

    def count(self, action: ChangeAction) -> int:
        """Return how many resources have this action."""
        return sum(change.action == action for change in self.changes)

    @property
    def empty(self) -> bool:
        """True where applying would change nothing."""
        return not self.changes and not self.outputs_changed


# --- deciding, applying, verifying ------------------------------------------------------------------------


class Verdict(Value):
    """What the policy says of a preview."""

    decision: Literal["auto", "ask", "refuse"]
    rules: tuple[str, ...] = Field(default=(), description="rules that matched, in the policy's order")
    hard_floor: tuple[str, ...] = Field(default=(), description="of those, what --yes alone does not cover")
    messages: tuple[str, ...] = ()
    policy_version: str = ""


class Answer(Value):
    """What a person said to an approval."""

    decision: Literal["approve", "reject", "edit", "expire"]
    approval_id: str = ""
    by: str = ""
    reason: str = ""
    edited: Bundle | None = None


ApplyEnding = Literal["applied", "stale", "adopting", "stopped", "told", "mendable"]


class Outcome(Value):
    """How an apply ended.

    `stale`: something changed since the approval, so it is previewed and asked again. `adopting`: an
    interrupted apply of this run had created what Terraform does not know yet; it is imported, previewed and
    asked. `told`: nothing but a person can help (quota, permission, a disabled API).
    `mendable`: the configuration is at fault.
    """

    ending: ApplyEnding
    applied: tuple[str, ...] = Field(default=(), description="addresses whose change was completed")
    report: Report = Report()
    attempts: int = 1
    message: str = ""

    @property
    def success(self) -> bool:
        """Return whether all of the plan was applied."""
        return self.ending == "applied"


class Verification(Value):
    """Whether what was built answers."""

    reachable: bool
    ip: str = ""
    status_code: int | None = None
    url: str = ""
    attempts: int = 0
    checked_at: datetime | None = None
    method: Literal["http", "resources", "none"] = "http"
    detail: str = ""


class RecordedResource(Value):
    """One resource of a deployment, as the registry keeps it."""

    type: str
    name: str = Field(description="the cloud's name of it")
    id: str = Field(description="Google's resource id")
    address: str = Field(description="Terraform address")
    metadata: dict[str, Any] = Field(default_factory=dict)


class ModelUsage(Value):
    """What the model's calls of one run added up to."""

    name: str = ""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0
    seconds: float = 0


class Event(Value):
    """One line of a run's live log."""

    kind: str = Field(description="phase, terraform, note, diagnostic, probe")
    message: str
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime | None = None


class Request(Value):
    """What a person asked of a run."""

    kind: Literal["deploy", "apply", "destroy", "operate"]
    goal: str = ""
    directory: str = ""
    budget_usd: float | None = None
    region: str = ""
    dry_run: bool = False
    yes: bool = False
    accept: tuple[str, ...] = ()
    reviews: bool = False
    requested_by: str = "cli"
    bundle_sha: Sha256 = ""
    incident_id: str = ""
    action: dict[str, Any] = Field(
        default_factory=dict, description="an action by hand: an ActionRequest as JSON"
    )
    despite_stop: bool = Field(default=False, description="by hand, by name, while autonomy is stopped")
    stop_epoch: int | None = Field(
        default=None, description="of the stop that `despite_stop` was given under"
    )
