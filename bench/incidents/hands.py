"""A clock that is moved by hand, and what the cloud does by itself while it moves."""

import asyncio
from collections.abc import Awaitable, Callable

from sandbox.clock import ManualClock

STEP_S = 10.0


class Hands(ManualClock):
    """Whoever sleeps moves the time on, and the cloud goes on with it: measurements, alerts, notifications."""

    def __init__(self, start: float | None = None) -> None:
        super().__init__(start)
        self.tick: Callable[[], Awaitable[None]] | None = None
        self._turn = asyncio.Lock()

    async def sleep(self, seconds: float) -> None:
        """Move the time on in steps of ten seconds."""
        end = self.seconds() + max(0.0, seconds)
        while True:
            async with self._turn:  # of two who sleep at once, the second finds that time has passed
                left = end - self.seconds()
                if left <= 0:
                    break
                self.advance(min(STEP_S, left))
                if self.tick is not None:
                    await self.tick()
        await asyncio.sleep(0)
