"""The live JSON stream of a command: passed on as events, and kept as what it came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from infraai.masking import mask, mask_all
from infraai.models import Diagnostic, Event, Report
from infraai.ports import OnEvent
from tools.terraform.parse import parse_diagnostic, parse_line

SILENT = frozenset({"version", "state_lock_acquire", "state_lock_release"})


@dataclass(slots=True)
class Stream:
    """Takes the lines of one command in turn."""

    on_event: OnEvent
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    completed: dict[str, None] = field(default_factory=dict[str, None])  # addresses, in order, once each
    created: dict[str, str] = field(default_factory=dict[str, str])  # of those, what is new: address to id
    notes: list[str] = field(default_factory=list[str])

    @property
    def report(self) -> Report:
        """Return what the command found."""
        return Report(diagnostics=tuple(self.diagnostics))

    def line(self, raw: bytes) -> None:
        """Take one line; whatever is not JSON is kept as a note. Tokens in it are masked."""
        read = parse_line(raw)
        if read is None:
            self._note(mask(raw.decode(errors="replace").strip()))
        elif read.get("type") == "diagnostic":
            self._diagnostic(read["diagnostic"])
        elif read.get("type") not in SILENT:
            self._event(cast("Mapping[str, Any]", mask_all(read)))

    def _note(self, text: str) -> None:
        if text:
            self.notes.append(text)
            self.on_event(Event(kind="note", message=text, data={"source": "terraform"}))

    def _diagnostic(self, raw: Mapping[str, Any]) -> None:
        found = parse_diagnostic(raw)
        self.diagnostics.append(found)
        self.on_event(
            Event(
                kind="diagnostic",
                message=f"{found.severity.capitalize()}: {found.summary}",
                data=found.model_dump(),
            )
        )

    def _event(self, read: Mapping[str, Any]) -> None:
        kind = str(read.get("type", ""))
        data = {"type": kind, **_facts(read)}
        if kind == "apply_complete":
            self._complete(data)
        if kind == "outputs":
            # Values stay in the state: some are sensitive, and a live log is no place for any of them.
            data["names"] = sorted(cast("Mapping[str, Any]", read.get("outputs", {})))
        self.on_event(Event(kind="terraform", message=str(read["@message"]), data=data))

    def _complete(self, data: Mapping[str, Any]) -> None:
        address = str(data.get("address", ""))
        self.completed[address] = None
        if data.get("action") == "create":
            self.created[address] = str(data.get("id") or "id unknown")


def _facts(read: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says of its resource: address, action, seconds and id, as far as it does."""
    said = cast("Mapping[str, Any]", read.get("hook") or read.get("change") or {})
    facts: dict[str, Any] = {}
    if address := cast("Mapping[str, Any]", said.get("resource", {})).get("addr"):
        facts["address"] = address
    for ours, theirs in (("action", "action"), ("elapsed", "elapsed_seconds"), ("id", "id_value")):
        if theirs in said:
            facts[ours] = said[theirs]
    if counts := read.get("changes"):
        facts["counts"] = counts
    return facts
