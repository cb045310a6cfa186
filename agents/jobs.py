"""Whose work a Terraform command does: the job of a run, with its live events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infraai.journal import Journal
from infraai.ports import Job
from infraai.state import Requested


@dataclass(frozen=True, slots=True)
class Jobs:
    """Makes the `Job` of a state: every node of a run gets the same one."""

    journal: Journal
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def of(self, state: Requested) -> Job:
        """Return the run's job; its events go to the run's journal."""
        run_id = state["run_id"]
        return Job(
            run_id=run_id,
            deployment_id=state["deployment_id"],
            on_event=lambda event: self.journal.emit(run_id, event),
            variables=self.variables,
        )
