"""`infraai.ports.Terraform` in memory: it plans what the bundle's resource blocks say, and keeps a record."""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infraai.models import Bundle, Diagnostic, Event, Report
from infraai.ports import Applied, Job, Planned, SavedPlan, StateStamp

RESOURCE = re.compile(r'^resource\s+"(\w+)"\s+"([\w-]+)"\s*\{(.*?)^\}', re.MULTILINE | re.DOTALL)
LITERAL = re.compile(r'^\s*(\w+)\s*=\s*("[^"]*"|[\d.]+|true|false)\s*$', re.MULTILINE)
Resources = dict[str, dict[str, Any]]  # address: attributes


@dataclass(slots=True)
class FakeTerraform:
    """Scripted by its lists (each call takes the next; passes where there is none), read by its record."""

    folder: Path = Path("/nowhere")
    init_reports: list[Report] = field(default_factory=list)
    validate_reports: list[Report] = field(default_factory=list)
    plan_reports: list[Report] = field(default_factory=list)
    apply_reports: list[Report] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)  # what an apply leaves in the state's outputs
    attributes: Resources = field(default_factory=dict)  # what the cloud adds to a resource, by address
    replaces: set[str] = field(default_factory=set)  # attributes whose change replaces the resource
    left_behind: bool = False  # what `recover` finds
    hold: bool = False  # an apply goes on until it is cancelled

    prepared: list[Bundle] = field(default_factory=list)
    initialised: list[Bundle] = field(default_factory=list)
    validated: list[Bundle] = field(default_factory=list)
    planned: list[SavedPlan] = field(default_factory=list)
    applied: list[SavedPlan] = field(default_factory=list)
    stopped: list[SavedPlan] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)
    applying: asyncio.Event = field(default_factory=asyncio.Event)  # set once an apply has started

    bundles: dict[str, Bundle] = field(default_factory=dict)  # by deployment id
    states: dict[str, Resources] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)

    async def prepare(self, job: Job, bundle: Bundle) -> Path:
        self.prepared.append(bundle)
        self.bundles[job.deployment_id] = bundle
        return self.folder / job.deployment_id

    async def init(self, job: Job) -> Report:
        self.initialised.append(self.bundles[job.deployment_id])
        return _next(self.init_reports)

    async def validate(self, job: Job) -> Report:
        self.validated.append(self.bundles[job.deployment_id])
        return _next(self.validate_reports)

    async def plan(self, job: Job, *, destroy: bool = False, replace: Sequence[str] = ()) -> Planned:
        report = _next(self.plan_reports)
        if not report.passed:
            return Planned(report=report)
        wanted = {} if destroy else _resources(self.bundles[job.deployment_id])
        had = self.states.get(job.deployment_id, {})
        changes = [
            self._change(address, had.get(address), wanted.get(address), forced=address in replace)
            for address in sorted({*had, *wanted})
        ]
        shown = {
            "format_version": "1.2",
            "terraform_version": "0.0.0-fake",
            "resource_changes": changes,
            "output_changes": {},
            "applyable": any(one["change"]["actions"] != ["no-op"] for one in changes),
            "errored": False,
        }
        serial = self.serials.get(job.deployment_id, 0)
        file = json.dumps({"wanted": wanted, "serial": serial, "changes": changes}).encode()
        plan = SavedPlan(file=file, shown=shown, stamp=_stamp(job, serial))
        self.planned.append(plan)
        return Planned(report=report, plan=plan)

    async def apply(self, job: Job, plan: SavedPlan) -> Applied:
        saved = json.loads(plan.file)
        if saved["serial"] != self.serials.get(job.deployment_id, 0):
            return Applied(report=Report(diagnostics=(Diagnostic(summary="Saved plan is stale"),)))
        self.applying.set()
        if self.hold:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.stopped.append(plan)
                return Applied(report=Report(), stopped=True)
        report = _next(self.apply_reports)
        if not report.passed:
            return Applied(report=report)
        self.applied.append(plan)
        self.serials[job.deployment_id] = saved["serial"] + 1
        self.states[job.deployment_id] = {
            address: {**values, **self.attributes.get(address, {})}
            for address, values in saved["wanted"].items()
        }
        completed = tuple(one["address"] for one in saved["changes"] if one["change"]["actions"] != ["no-op"])
        for address in completed:
            job.on_event(Event(kind="terraform", message=f"{address}: complete", data={"address": address}))
        return Applied(report=report, completed=completed)

    async def state(self, job: Job) -> Mapping[str, Any]:
        held = self.states.get(job.deployment_id)
        if held is None:
            return {}
        stamp = _stamp(job, self.serials[job.deployment_id])
        return {
            "version": 4,
            "serial": stamp.serial,
            "lineage": stamp.lineage,
            "outputs": {name: {"value": value, "type": "string"} for name, value in self.outputs.items()}
            if held
            else {},
            "resources": [
                {
                    "mode": "managed",
                    "type": address.partition(".")[0],
                    "name": address.partition(".")[2],
                    "provider": 'provider["registry.terraform.io/hashicorp/google"]',
                    "instances": [{"schema_version": 0, "attributes": values}],
                }
                for address, values in held.items()
            ],
        }

    async def recover(self, job: Job) -> bool:
        self.recovered.append(job.deployment_id)
        found, self.left_behind = self.left_behind, False
        return found

    def _change(
        self, address: str, before: dict[str, Any] | None, after: dict[str, Any] | None, *, forced: bool
    ) -> dict[str, Any]:
        kind, _, name = address.partition(".")
        known = before and {
            key: value
            for key, value in before.items()
            if key not in self.attributes.get(address, {}) or key in (after or {})
        }
        differs = {
            key
            for key in {*(known or {}), *(after or {})}
            if (known or {}).get(key) != (after or {}).get(key)
        }
        if before is None:
            actions = ["create"]
        elif after is None:
            actions = ["delete"]
        elif forced or differs & self.replaces:
            actions = ["delete", "create"]
        else:
            actions = ["update"] if differs else ["no-op"]
        return {
            "address": address,
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider_name": "registry.terraform.io/hashicorp/google",
            "change": {
                "actions": actions,
                "before": before,
                "after": after,
                "after_unknown": {},
                "before_sensitive": {},
                "after_sensitive": {},
                "replace_paths": [[key] for key in sorted(differs & self.replaces)]
                if before and after
                else [],
            },
        }


def _next(reports: list[Report]) -> Report:
    return reports.pop(0) if reports else Report()


def _stamp(job: Job, serial: int) -> StateStamp:
    lineage = hashlib.sha256(job.deployment_id.encode()).hexdigest()[:32] if serial else ""
    return StateStamp(lineage=lineage, serial=serial)


def _resources(bundle: Bundle) -> Resources:
    found: Resources = {}
    for text in bundle.files.values():
        for kind, name, body in RESOURCE.findall(text):
            found[f"{kind}.{name}"] = {key: json.loads(value) for key, value in LITERAL.findall(body)}
    return found
