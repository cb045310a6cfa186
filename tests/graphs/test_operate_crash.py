"""The operate graph, killed before any write: taken up again, nothing is lost and nothing is done twice."""

from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from graphs.wiring import STATE_TYPES
from tests.graphs.operate_world import Operated, body, open_operated, said


class Die(BaseException):
    """The process is gone."""


class Crashy(InMemorySaver):
    """Dies at one of its writes."""

    left = -1

    def _tick(self) -> None:
        if self.left == 0:
            self.left = -1
            raise Die
        self.left -= 1

    async def aput(self, *arguments: Any, **options: Any) -> Any:
        self._tick()
        return await super().aput(*arguments, **options)

    async def aput_writes(self, *arguments: Any, **options: Any) -> None:
        self._tick()
        await super().aput_writes(*arguments, **options)


async def handled(vm: Operated, incident_id: str) -> bool:
    """Handle and approve; after a death take it up again. Return whether there was one."""
    died = False
    for _ in range(8):
        incident = await vm.world.registry.incidents.get(incident_id)
        if incident.over:
            return died
        pending = await vm.world.registry.approvals.pending(incident.run_id or "none")
        run = await vm.world.registry.runs.get(incident.run_id) if incident.run_id else None
        try:
            if run is not None and run.status == "awaiting_approval" and pending:
                await vm.decide(run)
            else:
                await vm.world.operations.handle(incident_id)
        except Die:
            died = True
    return died


async def test_a_crash_before_any_write_loses_no_incident_and_acts_once(tmp_path: Path) -> None:
    saver = Crashy(serde=JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES))
    crashes = 0
    async with open_operated(tmp_path, saver=saver) as vm:
        vm.world.model.says("decide", said("restart"))
        vm.helped_by = {"reset"}
        for writes in range(200):
            incident_id = await vm.receive(body(f"0.c{writes}", at=vm.world.clock.now()))
            saver.left = writes
            died = await handled(vm, incident_id)
            saver.left = -1
            incident = await vm.world.registry.incidents.get(incident_id)
            assert incident.status == "resolved", f"crash before write {writes}: {incident.message}"
            assert vm.done() == {"reset": writes + 1}, f"crash before write {writes}"
            if not died:
                break
            crashes += 1
    assert crashes > 20
