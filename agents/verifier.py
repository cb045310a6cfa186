"""Verifier: does what was built answer?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.jobs import Jobs
from agents.recorder import instances_of, public_outputs
from infraai.journal import Journal
from infraai.models import Event, Verification
from infraai.ports import Clock, Probe, Terraform
from infraai.preview import action_of
from infraai.state import Executed, Update

OK = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to look: seconds, and how many times. The grace is for startup scripts that still run."""

    attempts: int = 5
    interval_s: float = 10
    timeout_s: float = 5
    grace_s: float = 120


@dataclass(frozen=True, slots=True)
class Verifier:
    """Reads the outputs; writes `verification`. What has nothing public is verified by its resources' status."""

    terraform: Terraform
    probe: Probe
    clock: Clock
    journal: Journal
    jobs: Jobs
    patience: Patience

    async def __call__(self, state: Executed) -> Update:
        """Return whether the service answers with 200 to 299, or else whether every resource is as planned."""
        terraform_state = await self.terraform.state(self.jobs.of(state))
        outputs = public_outputs(terraform_state)
        ip, url = _text(outputs.get("external_ip")), _text(outputs.get("service_url"))
        if not url and ip:
            url = f"http://[{ip}]/" if ":" in ip else f"http://{ip}/"
        if url:
            return {"verification": await self._http(state, ip, url, terraform_state)}
        return {"verification": await self._resources(state)}

    async def _http(self, state: Executed, ip: str, url: str, found: Mapping[str, Any]) -> Verification:
        patience, status, error = self.patience, None, ""
        started = self.clock.now()
        attempt = 0
        while True:
            attempt += 1
            result = await self.probe.get(url, timeout_s=patience.timeout_s)
            status, error = result.status_code, result.error
            said = f"GET {url}: {status if status is not None else error}"
            self.journal.emit(state["run_id"], Event(kind="probe", message=said, data={"attempt": attempt}))
            if status in OK:
                break
            waited = (self.clock.now() - started).total_seconds()
            grace = patience.grace_s if has_startup_script(found) else 0
            if attempt >= patience.attempts and waited >= grace:
                break
            await self.clock.sleep(patience.interval_s)
        reached = status in OK
        detail = (
            f"{url} answers {status}."
            if reached
            else f"{url} does not answer with 200 to 299: {status or error}."
        )
        return Verification(
            reachable=reached,
            ip=ip,
            status_code=status,
            url=url,
            attempts=attempt,
            checked_at=self.clock.now(),
            detail=detail,
        )

    async def _resources(self, state: Executed) -> Verification:
        planned = await self.terraform.plan(self.jobs.of(state))
        shown = planned.plan.shown if planned.plan else {}
        drifted = [
            change["address"]
            for change in shown.get("resource_changes") or ()
            if change.get("mode") == "managed" and action_of(change["change"]["actions"])
        ]
        stopped = list(_not_running((shown.get("prior_state") or {}).get("values") or {}))
        count = sum(1 for _ in instances_of(await self.terraform.state(self.jobs.of(state))))
        good = planned.report.passed and not drifted and not stopped
        if good:
            detail = (
                "There is no output external_ip or service_url, so nothing was called; "
                f"all {count} resources exist as planned."
            )
        elif not planned.report.passed:
            detail = f"The resources could not be read: {planned.report.errors[0].summary}"
        else:
            detail = f"Not as planned: {', '.join([*drifted, *stopped][:5])}."
        return Verification(
            reachable=good, attempts=1, checked_at=self.clock.now(), method="resources", detail=detail
        )


def has_startup_script(state: Mapping[str, Any]) -> bool:
    """Return whether any machine installs itself when it starts, which takes a while."""
    for _, resource_type, values in instances_of(state):
        if resource_type in {"google_compute_instance", "google_compute_instance_template"}:
            metadata = values.get("metadata") or {}
            if (
                values.get("metadata_startup_script")
                or "startup-script" in metadata
                or "user-data" in metadata
            ):
                return True
    return False


def _not_running(values: Mapping[str, Any]) -> list[str]:
    modules = [values.get("root_module") or {}]
    stopped: list[str] = []
    while modules:
        module = modules.pop()
        modules.extend(module.get("child_modules") or ())
        for resource in module.get("resources") or ():
            status = (resource.get("values") or {}).get("current_status")
            wanted = (resource.get("values") or {}).get("desired_status") or "RUNNING"
            if resource.get("type") == "google_compute_instance" and status and status != wanted:
                stopped.append(f"{resource['address']} is {status}")
    return stopped


def _text(value: Any) -> str:
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    return value if isinstance(value, str) else ""
