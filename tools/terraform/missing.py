"""`infraai.ports.Terraform` where no engine is installed: whatever is asked of it says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from infraai.errors import TerraformMissingError
from infraai.models import Bundle, Report
from infraai.ports import Applied, Job, Planned, SavedPlan


@dataclass(frozen=True, slots=True)
class NoTerraform:
    """Raises the same `TerraformMissingError` for every command."""

    error: TerraformMissingError

    async def aclose(self) -> None:
        """Close nothing."""

    async def prepare(self, job: Job, bundle: Bundle) -> Path:
        """Raise `TerraformMissingError`."""
        self._say(job, bundle)

    async def init(self, job: Job) -> Report:
        """Raise `TerraformMissingError`."""
        self._say(job)

    async def validate(self, job: Job) -> Report:
        """Raise `TerraformMissingError`."""
        self._say(job)

    async def plan(self, job: Job, *, destroy: bool = False, replace: Sequence[str] = ()) -> Planned:
        """Raise `TerraformMissingError`."""
        self._say(job, destroy, replace)

    async def apply(self, job: Job, plan: SavedPlan) -> Applied:
        """Raise `TerraformMissingError`."""
        self._say(job, plan)

    async def state(self, job: Job) -> Mapping[str, Any]:
        """Raise `TerraformMissingError`."""
        self._say(job)

    async def recover(self, job: Job) -> bool:
        """Raise `TerraformMissingError`."""
        self._say(job)

    def _say(self, *_: object) -> NoReturn:
        raise self.error
