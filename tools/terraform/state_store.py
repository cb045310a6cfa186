"""`infraai.ports.StateStore` in memory: for tests, and for states that are thrown away."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from infraai.errors import TerraformError
from infraai.models import DeploymentId, RunId
from infraai.ports import StateVersion


@dataclass(slots=True)
class MemoryStates:
    """Keeps every version, as the registry does."""

    versions: dict[DeploymentId, list[StateVersion]] = field(
        default_factory=dict[DeploymentId, list[StateVersion]]
    )
    locks: dict[DeploymentId, tuple[RunId, str]] = field(
        default_factory=dict[DeploymentId, tuple[RunId, str]]
    )  # who, and what Terraform said of itself

    async def current(self, deployment_id: DeploymentId) -> StateVersion | None:
        """Return the newest version, or None."""
        kept = self.versions.get(deployment_id)
        return kept[-1] if kept else None

    async def save(self, deployment_id: DeploymentId, run_id: RunId, body: bytes) -> StateVersion:
        """Keep a version; raise `TerraformError` for another lineage or an older serial."""
        read: dict[str, Any] = json.loads(body)
        new = StateVersion(
            serial=int(read["serial"]),
            lineage=str(read["lineage"]),
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            run_id=run_id,
            created_at=time.time(),
        )
        held = await self.current(deployment_id)
        if held is not None and (held.lineage != new.lineage or new.serial < held.serial):
            raise TerraformError(
                "state",
                f"serial {new.serial} of lineage {new.lineage} cannot follow "
                f"serial {held.serial} of lineage {held.lineage}",
                next_step="Preview again from the newest state; nothing was overwritten.",
            )
        self.versions.setdefault(deployment_id, []).append(new)
        return new

    async def lock(self, deployment_id: DeploymentId, run_id: RunId, info: str) -> str | None:
        """Take the lock and return None, or return what its holder says of itself."""
        if held := self.locks.get(deployment_id):
            return held[1]
        self.locks[deployment_id] = (run_id, info)
        return None

    async def unlock(self, deployment_id: DeploymentId, lock_id: str) -> bool:
        """Free the lock if it is this one; return whether it was."""
        held = self.locks.get(deployment_id)
        if held is None or json.loads(held[1])["ID"] != lock_id:
            return False
        del self.locks[deployment_id]
        return True

    async def break_lock(self, deployment_id: DeploymentId, run_id: RunId) -> bool:
        """Free a lock that this run, now dead, had taken; return whether there was one."""
        held = self.locks.get(deployment_id)
        if held is None or held[0] != run_id:
            return False
        del self.locks[deployment_id]
        return True
