"""A thread that steps the alerting each 10 simulated seconds."""

import sqlite3
import threading
from collections.abc import Callable

from sandbox.alerting.alerting import Alerting

_EACH_S = 10.0  # simulated
_SHORTEST_S = 0.05  # real


class Ticker:
    """Steps between `start` and `stop`; `factor` says how many simulated seconds pass in a real one."""

    def __init__(self, alerting: Alerting, factor: Callable[[], float]) -> None:
        self._alerting = alerting
        self._factor = factor
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="alerting")
        self.fault = ""

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the step that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        gap_s = _SHORTEST_S
        while not self._stopped.wait(gap_s):
            try:
                self._alerting.step()
                gap_s = max(_SHORTEST_S, _EACH_S / self._factor())
            except sqlite3.OperationalError as fault:  # another process holds the file for long
                self.fault = str(fault)
            else:
                self.fault = ""
