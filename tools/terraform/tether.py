"""Run a program that is to end, gracefully, when the process that started it is gone.

Started as `python -I -S tether.py PROGRAM …` with a pipe as its standard input whose other end only the
starter holds: when that closes, or on SIGINT, the program gets one SIGINT, and never a second. (The kernel's
own parent-death signal comes again for each thread of a parent that dies.)
"""

import os
import select
import signal
import sys
from types import FrameType

NOT_FOUND = 127
STDIN = 0


def main(argv: list[str]) -> int:
    """Return the program's exit code, or 128 and the number of the signal that ended it."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, _only_wake)
    try:
        child = os.posix_spawn(
            argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, STDIN, os.devnull, os.O_RDONLY, 0)]
        )
    except OSError as fault:
        sys.stderr.write(f"{fault}\n")
        return NOT_FOUND
    return _watch(child, woken)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """Let the wakeup descriptor tell; a signal that is ignored would not."""


def _watch(child: int, woken: int) -> int:
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    poll.register(STDIN, select.POLLIN)
    stopping = False
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        signals = os.read(woken, 64) if woken in ready else b""
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if (STDIN in ready or signal.SIGINT in signals) and not stopping:
            stopping = True
            poll.unregister(STDIN)
            os.kill(child, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
