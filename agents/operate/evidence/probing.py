"""Whether the deployment answers at its public address."""

from agents.operate.evidence.case import Case
from agents.operate.evidence.pieces import piece
from agents.operate.looks import urls_of
from infraai.operations.shapes import Evidence
from infraai.ports import Probe

_GOOD = range(200, 400)


async def probed(probe: Probe, case: Case, timeout_s: float) -> list[Evidence]:
    """Return what one GET of the address gave; no piece where the deployment has none."""
    url = next(iter(urls_of(case.deployment.outputs)), "")
    if not url:
        return []
    found = await probe.get(url, timeout_s=timeout_s)
    answers = found.status_code is not None
    healthy = found.status_code in _GOOD if found.status_code is not None else False
    data = {
        "url": url,
        "status_code": found.status_code,
        "error": found.error,
        "answers": answers,
        "healthy": healthy,
    }
    said = f"answers with {found.status_code}" if answers else f"does not answer: {found.error}"
    return [piece("probe", f"{url} {said}.", data)]
