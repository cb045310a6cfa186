"""One Terraform command as a process: live output, a timeout, and exactly one SIGINT to stop it."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, cast

from infraai.errors import TerraformMissingError
from tools.terraform.engine import HOW_TO_GET_ONE, Engine

POLL_S = 0.03  # how late a line of output may be passed on
TETHER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("tether.py")))
CHUNK_BYTES = 256 * 1024
NOT_RUN = 127  # what the tether and the shim answer where there is no engine to start


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run, where, and for how long."""

    engine: Engine
    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    timeout_s: float
    tethered: bool = False  # it is stopped gracefully, too, when this process dies
    on_start: Callable[[int], None] | None = None  # gets the process id
    grace_s: float  # between the one SIGINT and SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a command ended, and all it wrote."""

    words: str  # what was run
    code: int
    stdout: bytes = field(repr=False)  # `show` prints secrets
    stderr: str
    interrupted: Literal["", "cancelled", "timeout"] = ""


async def run(command: Command, on_line: Callable[[bytes], None] | None = None) -> Finished:
    """Run the command to its end and return it; `on_line` gets each line of output within `POLL_S`.

    A cancelled or late command gets one SIGINT, and SIGKILL only after the grace: a second SIGINT would make
    Terraform drop its state. This returns when the process is gone, and never raises `CancelledError` once it
    runs: `interrupted` tells. Raises `TerraformMissingError` where the engine cannot be started.
    """
    with _memory() as out, _memory() as err, _lifeline() as stdin:
        process = await _start(command, stdin, out, err)
        if command.on_start is not None:
            command.on_start(process.pid)
        lines = _Lines(out.fileno(), on_line)
        ended = asyncio.ensure_future(process.wait())
        interrupted = await _follow(process, ended, lines, command)
        lines.rest()
        finished = Finished(
            words=f"{command.engine.kind} {command.arguments[0]}",
            code=ended.result(),
            stdout=_whole(out),
            stderr=_whole(err).decode(errors="replace"),
            interrupted=interrupted,
        )
    if finished.code == NOT_RUN and not finished.stdout:
        raise _missing(command.engine, finished.stderr.strip())
    return finished


async def _start(command: Command, stdin: int, out: BinaryIO, err: BinaryIO) -> asyncio.subprocess.Process:
    prefix = TETHER if command.tethered else ()
    try:
        return await asyncio.create_subprocess_exec(
            *prefix,
            *command.engine.argv,
            *command.arguments,
            cwd=command.folder,
            env=command.environment,
            stdin=stdin if command.tethered else asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            umask=0o077,  # plans and states hold secrets
            start_new_session=True,  # the terminal's Ctrl-C is ours to pass on, once
        )
    except OSError as fault:
        raise _missing(command.engine, str(fault)) from fault


async def _follow(
    process: asyncio.subprocess.Process, ended: asyncio.Future[int], lines: "_Lines", command: Command
) -> Literal["", "cancelled", "timeout"]:
    """Wait for the end; stop the process where the caller is cancelled, it is late, or a listener fails."""
    late = asyncio.get_running_loop().time() + command.timeout_s
    try:
        while not ended.done():
            await asyncio.wait({ended}, timeout=POLL_S)
            lines.read()
            if asyncio.get_running_loop().time() > late and not ended.done():
                await _stop(process, ended, command.grace_s)
                return "timeout"
    except asyncio.CancelledError:
        await _stop(process, ended, command.grace_s)
        return "cancelled"
    except BaseException:
        await _stop(process, ended, command.grace_s)
        raise
    return ""


async def _stop(process: asyncio.subprocess.Process, ended: asyncio.Future[int], grace_s: float) -> None:
    loop = asyncio.get_running_loop()
    if not ended.done():
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
    kill_at = loop.time() + grace_s
    killed = False
    while not ended.done():
        # Another cancellation changes nothing: the one SIGINT is on its way, and the state is being saved.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({ended}, timeout=POLL_S)
        if loop.time() > kill_at and not killed:
            killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class _Lines:
    """Reads whole lines from a growing file by position, so that the writer's own position stays."""

    def __init__(self, descriptor: int, on_line: Callable[[bytes], None] | None) -> None:
        self._descriptor = descriptor
        self._on_line = on_line
        self._position = 0
        self._partial = b""

    def read(self) -> None:
        while self._on_line is not None:
            chunk = os.pread(self._descriptor, CHUNK_BYTES, self._position)
            if not chunk:
                return
            self._position += len(chunk)
            *whole, self._partial = (self._partial + chunk).split(b"\n")
            for line in whole:
                self._on_line(line)

    def rest(self) -> None:
        self.read()
        if self._on_line is not None and self._partial:
            self._on_line(self._partial)
            self._partial = b""


def _memory() -> BinaryIO:
    """Return a file without a name: unlike a pipe it does not break, and kill the writer, when we die."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("terraform"), "w+b", buffering=0)
    return cast("BinaryIO", tempfile.TemporaryFile(buffering=0))


@contextlib.contextmanager
def _lifeline() -> Generator[int]:
    """Yield the end of a pipe that closes when this process is gone, however it ends."""
    read, write = os.pipe()
    try:
        yield read
    finally:
        os.close(read)
        os.close(write)


def _whole(file: BinaryIO) -> bytes:
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), size, 0) if size else b""


def _missing(engine: Engine, reason: str) -> TerraformMissingError:
    return TerraformMissingError(
        "terraform", f"{' '.join(engine.argv)} cannot be run ({reason})", next_step=HOW_TO_GET_ONE
    )
