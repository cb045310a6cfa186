"""What the model is asked to reply with, and the typed JSON block each prompt carries.

Every prompt ends in exactly one fenced ```json block, an object whose "task" names its kind:

plan   {"task": "plan", "goal", "budget_usd" (or null), "region" (fixed by the operator, or ""), "default_region",
        "regions": [{"name", "place"}], "machine_types": [{"name", "vcpus", "memory_gb", "usd_month"}],
        "sql_tiers": [{"name", "vcpus", "memory_gb", "usd_month"}],
        "metrics": [{"metric", "resource_type", "kind", "value_type", "unit", "aligners"}]}  → PlanDraft
write  {"task": "write", "plan": InfraPlan, "variables": ["project", "region", "zone"],
        "schemas": {type: {"arguments": {path: {...}}}}}                                     → TerraformDraft
mend   {"task": "mend", "files": {name: text}, "diagnostics": [Diagnostic], "plan": InfraPlan or null,
        "schemas": {type: {...}}}                                                           → MendDraft
"""

from typing import Literal

from pydantic import Field

from infraai.models import MonitoringPolicy, PlannedResource, Value


class PlanDraft(Value):
    """The model's plan, before prices, rules and the metric catalog have their say."""

    refusal: Literal["", "not_infrastructure", "other_cloud", "unclear"] = ""
    refusal_message: str = Field(default="", description="why, and what to ask instead, for the person")
    stack_type: str = ""
    region: str = ""
    machine_type: str = ""
    autoscaling: bool = False
    resources: tuple[PlannedResource, ...] = ()
    monitoring: tuple[MonitoringPolicy, ...] = Field(default=(), description="what matters for this workload")
    risk_flags: tuple[str, ...] = ()
    confidence: float = Field(default=0.5, ge=0, le=1)
    assumptions: tuple[str, ...] = ()
    summary: str = ""


class TerraformDraft(Value):
    """The resources in HCL; provider, variables, outputs and monitoring are added by code."""

    main_tf: str = Field(min_length=1)


class FileText(Value):
    """One file, whole."""

    name: str
    content: str


class MendDraft(Value):
    """The files that change, whole, and why."""

    files: tuple[FileText, ...]
    explanation: str = ""
