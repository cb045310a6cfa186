"""The policy: what may happen by itself, what is asked, what is refused. Pure; no rule matched means ask."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infraai.models import Change, Finding, InfraPlan, Preview, Request, Verdict

VERSION = "2026-11-1"
Autonomy = Literal["observe", "supervised", "assisted", "autonomous"]

HARD_FLOOR: dict[str, str] = {
    "destroy_stateful": "destroys something that holds data",
    "replace_stateful": "replaces something that holds data, which loses the data",
    "iam": "changes who may do what (IAM)",
    "open_firewall": "opens ports to the whole internet that the plan does not declare public",
    "public_database": "makes a database reachable from the whole internet",
    "public_control_plane": "opens a cluster's control plane to the whole internet",
    "service_account_key": "creates a service-account key, a credential that does not expire",
    "cost_over_budget": "costs more than the budget",
}
ASKED: dict[str, str] = {
    "destroy": "destroys resources",
    "replace": "replaces resources",
    "stops_machine": "stops a machine for a while",
    "secret_in_clear": "has a secret written in the clear",
    "startup_script_fetches": "has a startup script that runs what it fetches",
    "public_bucket": "makes a bucket's content public",
    "legacy_abac": "turns on a cluster's legacy authorisation",
    "impersonation": "acts as another service account",
    "reads_foreign_data": "reads a bucket or a secret that it does not make",
    "forgets_resource": "lets Terraform forget a resource that goes on existing",
    "adopts_existing": "takes over resources that exist already",
}
# Ports nobody means by "public": administration and databases. A plan cannot declare them away.
NEVER_DECLARED = frozenset(
    {20, 21, 22, 23, 135, 139, 445, 1433, 1521, 2375, 2376, 3306, 3389, 5432, 5900, 6379}
) | {
    6443,
    9200,
    10250,
    11211,
    27017,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that the policy looks at."""

    request: Request
    preview: Preview
    findings: Sequence[Finding] = ()
    plan: InfraPlan | None = None
    autonomy: Autonomy = "assisted"


def judge(question: Question) -> Verdict:
    """Return what may happen with a preview."""
    matched = list(dict.fromkeys(_matched(question)))
    floor = tuple(rule for rule in matched if rule in HARD_FLOOR)
    messages = tuple(f"{rule}: it {(HARD_FLOOR | ASKED)[rule]}" for rule in matched)
    return Verdict(
        decision=_decision(question, matched),
        rules=tuple(matched),
        hard_floor=floor,
        messages=messages,
        policy_version=VERSION,
    )


def uncovered(verdict: Verdict, accepted: Sequence[str]) -> tuple[str, ...]:
    """Return the rules of the hard floor that `--accept` does not name."""
    if "all" in accepted:
        return ()
    return tuple(rule for rule in verdict.hard_floor if rule not in accepted)


def _decision(question: Question, matched: Sequence[str]) -> Literal["auto", "ask", "refuse"]:
    if question.preview.empty:
        return "auto"
    if question.autonomy == "observe":
        return "refuse"
    if not matched and question.autonomy == "autonomous":
        return "auto"
    return "ask"


def _matched(question: Question) -> Iterator[str]:
    preview, plan = question.preview, question.plan
    for change in preview.changes:
        yield from _by_change(change)
    for finding in question.findings:
        if finding.verdict == "flag" and not preview.destroy and _is_news(finding, question):
            yield from _by_finding(finding)
    declared = declared_ports(plan)
    if not preview.destroy and any(_opens_beyond(change, declared) for change in preview.changes):
        yield "open_firewall"
    budget = question.request.budget_usd if plan is None or plan.budget_usd is None else plan.budget_usd
    over = budget is not None and preview.cost_after_usd > budget
    if not preview.destroy and (over or (plan is not None and "cost_over_budget" in plan.risk_flags)):
        yield "cost_over_budget"


def _by_change(change: Change) -> Iterator[str]:
    if change.action == "delete":
        yield "destroy_stateful" if change.stateful else "destroy"
    if change.action == "replace":
        yield "replace_stateful" if change.stateful else "replace"
    if change.action == "import":
        yield "adopts_existing"
    if change.action == "forget":
        yield "forgets_resource"
    if change.stops:
        yield "stops_machine"
    yield from change.rules


def _is_news(finding: Finding, question: Question) -> bool:
    """Return whether a finding is about what changes: an action is not asked for what stood there before it."""
    if question.request.kind != "operate" or not finding.address:
        return True
    changed = {change.address.partition("[")[0] for change in question.preview.changes}
    return finding.address.partition("[")[0] in changed


def _by_finding(finding: Finding) -> Iterator[str]:
    names = {"public_iam": "iam", "iam_change": "iam", "iam_primitive_role": "iam"}
    rule = names.get(finding.rule, finding.rule)
    if rule != "open_firewall" and rule in HARD_FLOOR | ASKED:
        yield rule


def declared_ports(plan: InfraPlan | None) -> frozenset[int]:
    """Return the ports a plan means to be public, without those that never are."""
    ports: set[int] = set()
    for resource in plan.resources if plan else ():
        if resource.type == "google_compute_firewall":
            ports |= set(_numbers(resource.settings.get("ports", [])))
    return frozenset(ports) - NEVER_DECLARED


def _opens_beyond(change: Change, declared: frozenset[int]) -> bool:
    """Return whether the change newly opens a port to the world that the plan does not declare public."""
    return any(not port.isdigit() or int(port) not in declared for port in change.opens)


def _numbers(ports: Any) -> Iterator[int]:
    for port in ports if isinstance(ports, list | tuple) else [ports]:
        for part in str(port).split(","):
            if part.strip().isdigit():
                yield int(part)
