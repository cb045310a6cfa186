"""Validator: what Terraform says of the bundle before it is planned."""

import re
from dataclasses import dataclass

from agents.jobs import Jobs
from infraai.errors import TerraformError
from infraai.models import Report
from infraai.ports import Artifacts, Terraform
from infraai.state import Guarded, Update

UNREACHABLE = re.compile(
    r"could not connect to|no such host|connection refused|i/o timeout|TLS handshake|network is unreachable"
    r"|Failed to install provider",
    re.IGNORECASE,
)


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
        refuse_unreachable(report)
        if report.passed:
            report = await self.terraform.validate(job)
        return {"report": report}


def refuse_unreachable(report: Report) -> None:
    """Raise `TerraformError` where a provider could not be had: no mend of the bundle helps against that."""
    for error in report.errors:
        text = f"{error.summary} {error.detail}"
        if UNREACHABLE.search(text):
            raise TerraformError("terraform init", text, next_step="Check the network, then resume the run.")
