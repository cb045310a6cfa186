"""Ctrl-C, and a polite request to end, as a call."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_signals(act: Callable[[], object]) -> Generator[None]:
    """Call `act` at Ctrl-C or SIGTERM while inside; afterwards they mean what they always mean."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number in SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
