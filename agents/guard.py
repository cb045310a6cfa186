"""Guard: what the bundle would do that nobody asked for, seen before Terraform ever sees it."""

from dataclasses import dataclass

from infraai.guard import inspect
from infraai.models import Diagnostic, Finding, Report
from infraai.ports import Artifacts, Hcl
from infraai.state import Generated, Update


@dataclass(frozen=True, slots=True)
class Guard:
    """Reads `bundle`; writes `findings`."""

    hcl: Hcl
    artifacts: Artifacts

    async def __call__(self, state: Generated) -> Update:
        """Return what was found; refusals end the run, flags are the policy's."""
        bundle = await self.artifacts.get_bundle(state["bundle"])
        findings = inspect(self.hcl.parse(bundle), bundle)
        unparsed = tuple(_diagnostic(one) for one in findings if one.verdict == "unparsed")
        return {"findings": findings, "report": Report(diagnostics=unparsed)}


def _diagnostic(finding: Finding) -> Diagnostic:
    return Diagnostic(summary="Invalid syntax", detail=finding.message, file=finding.file, line=finding.line)
