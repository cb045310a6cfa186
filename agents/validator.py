"""Validator: what Terraform says of the bundle before it is planned."""

from dataclasses import dataclass

from agents.jobs import Jobs
from infraai.ports import Artifacts, Terraform
from infraai.state import Guarded, Update


@dataclass(frozen=True, slots=True)
class Validator:
    """Reads `bundle`; writes `report`."""

    terraform: Terraform
    artifacts: Artifacts
    jobs: Jobs

    async def __call__(self, state: Guarded) -> Update:
        """Return what `terraform init` and `terraform validate` found."""
        job = self.jobs.of(state)
        await self.terraform.prepare(job, await self.artifacts.get_bundle(state["bundle"]))
        report = await self.terraform.init(job)
        if report.passed:
            report = await self.terraform.validate(job)
        return {"report": report}
