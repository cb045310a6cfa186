"""Where the registry's timestamps come from."""

import time
from collections.abc import Callable

Now = Callable[[], float]


def epoch_seconds() -> float:
    """Return the time as epoch seconds."""
    return time.time()
