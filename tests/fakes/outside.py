"""A probe, a clock, an HCL reader's schemas: small fakes of the ports, each with a record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from infraai.ports import ProbeResult


@dataclass(slots=True)
class FakeProbe:
    """`infraai.ports.Probe`: gives its answers in order, the last one again and again."""

    answers: list[int | None] = field(default_factory=lambda: [200])
    asked: list[str] = field(default_factory=list)

    async def get(self, url: str, *, timeout_s: float) -> ProbeResult:
        self.asked.append(url)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return ProbeResult(status_code=answer, error="" if answer else "connection refused")


@dataclass(slots=True)
class FakeClock:
    """`infraai.ports.Clock`: sleeping only moves its hands."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)
    during: Callable[[], Awaitable[None]] | None = None  # what happens while somebody sleeps

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.during is not None:
            await self.during()
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class FakeSchemas:
    """`infraai.ports.Schemas` with a few types that have no arguments to speak of."""

    names: tuple[str, ...] = ("google_compute_instance", "google_compute_network", "google_storage_bucket")

    def known(self, resource_type: str) -> bool:
        return resource_type in self.names

    def types(self) -> Sequence[str]:
        return self.names

    def name_attribute(self, resource_type: str) -> str | None:
        return "name"

    def import_id(self, resource_type: str, values: Mapping[str, Any]) -> str | None:
        return f"projects/p/{resource_type}/{values['name']}" if "name" in values else None

    def describe(self, resource_type: str) -> Mapping[str, Any]:
        return (
            {"arguments": {"name": {"type": "string", "required": True}}} if self.known(resource_type) else {}
        )


async def nothing_taken() -> tuple[str, ...]:
    """No deployment stands yet."""
    return ()
