"""Who drives a run: a process that can be seen to live, by a lock file that dies with it."""

import fcntl
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Owner:
    """This process, by a name of its own; the file's lock is freed by the kernel however the process ends."""

    name: str
    folder: Path
    handle: int

    @classmethod
    def register(cls, home: Path) -> Self:
        """Take a fresh name in this home."""
        folder = home / "owners"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        handle = os.open(folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return cls(name, folder, handle)

    def lives(self, name: str) -> bool:
        """Return whether the owner of that name is a process that still runs."""
        if name == self.name:
            return True
        try:
            handle = os.open(self.folder / name, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        (self.folder / name).unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Give the name up."""
        (self.folder / self.name).unlink(missing_ok=True)
        os.close(self.handle)
