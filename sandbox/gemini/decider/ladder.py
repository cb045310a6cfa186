"""One step after another: the first that can be done and has not failed already."""

from collections.abc import Sequence

from sandbox.gemini.decider.advice import Advice, failed_before
from sandbox.gemini.decider.case import Case, Json, Piece, mapping
from sandbox.gemini.decider.wording import capital

_PROPOSED = {
    "restart": "a restart, the smallest step that brings a hung or crashed service back",
    "redeploy": "a redeploy, which starts the same version afresh",
    "recreate": "to make the machine anew, the last step there is",
    "modify_firewall": "to let the traffic in again, which interrupts nothing",
}
_DATA_LOSS = "what is only on the machine's disk is lost"
_ACTION_WORDS = {
    "restart": (
        "A restart brings a hung or crashed service back.",
        "What runs is interrupted for a short while.",
    ),
    "redeploy": (
        "The same version starts afresh everywhere, one after another.",
        "If the version itself is at fault, it fails again.",
    ),
    "recreate": ("The machine is made anew from its configuration.", "What is only on its disk is lost."),
    "modify_firewall": (
        "The port is let in again, as the plan means it to be.",
        "If it was closed on purpose, it is open again.",
    ),
}


def ladder(
    case: Case,
    why: str,
    steps: Sequence[str],
    confidence: float,
    *,
    extra: Sequence[Piece | None] = (),
    doubt: str = "",
) -> Advice:
    """Return the first step that can be done and did not fail already; a later one the less surely.

    `why` says what was seen and what it means, without the last full stop.
    """
    skipped: list[tuple[str, str]] = []
    for step in steps:
        option = next((one for one in _fitting(case, step) if not case.has_failed(one)), None)
        if (
            option is None
            or case.was_tried(step)
            or (failed_before(case, option) and _next(case, steps, step))
        ):
            if case.offered(step):
                skipped.append((step, "It was done before and did not help."))
            continue
        effect, risk = _ACTION_WORDS.get(step, ("", ""))
        done = " and ".join(name for name, _ in skipped)
        before = f"{capital(done)} did not help, so what comes next is proposed: " if done else "Proposed is "
        doubts = [doubt, _DATA_LOSS if step == "recreate" else "", _unhelped(skipped)]
        return Advice(
            action=step,
            option=option,
            why=f"{why}. {before}{_PROPOSED.get(step, step)}",
            confidence=confidence - 0.1 * len(skipped),
            cites=[case.said, case.series, case.resource, case.probe, *extra],
            effect=effect,
            risk=risk,
            doubt="; ".join(one for one in doubts if one),
            others=skipped,
        )
    return _exhausted(case, why, skipped)


def _fitting(case: Case, step: str) -> list[Json]:
    """Return the options of a step; of firewall rules those first that open a port that is closed by mistake."""
    blocked = (
        {str(one) for one in case.blocked.data.get("blocked_ports") or ()} if case.blocked else set[str]()
    )
    rules = case.blocked.data.get("firewalls") or () if case.blocked else ()
    about = {one.get("address") for one in rules if blocked & {str(port) for port in one.get("ports") or ()}}
    return sorted(case.offered(step), key=lambda one: mapping(one.get("parameters")).get("rule") not in about)


def _next(case: Case, steps: Sequence[str], step: str) -> bool:
    return any(case.offered(one) and not case.was_tried(one) for one in steps[steps.index(step) + 1 :])


def _unhelped(skipped: Sequence[tuple[str, str]]) -> str:
    """Return the doubt that several steps without success raise: the fault may be none of what runs."""
    return "two steps did not help already, so the fault may lie elsewhere" if len(skipped) > 1 else ""


def _exhausted(case: Case, why: str, skipped: Sequence[tuple[str, str]]) -> Advice:
    done = ", ".join(name for name, _ in skipped)
    end = f"{done} did not help" if done else "nothing that is known to help can be done here"
    cites = [case.said, case.series, case.resource, case.probe]
    ask = f"{why}. {capital(end)}, so a person has to look for what is really wrong"
    return Advice(action="ask", why=ask, confidence=0.5, cites=cites, others=skipped)
