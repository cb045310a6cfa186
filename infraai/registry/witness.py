"""The witness: a copy of the audit log's head in a file beside the database, which only its owner may read."""

import contextlib
import os
import uuid
from pathlib import Path

import sqlalchemy as sa

from infraai.errors import RegistryError

NAME = "audit.head"


def path_of(url: sa.URL) -> Path | None:
    """Return where the head of this database is kept; None where the database is no file of this machine."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database).with_name(NAME)


def keep(path: Path, seq: int, sealed: str) -> None:
    """Write the head; raise `RegistryError` where that is impossible."""
    draft = path.with_name(f"{NAME}.{uuid.uuid4().hex}")  # of this writer alone
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 — its mode is set before its first byte
            file.write(f"{seq} {sealed}\n")
        draft.replace(path)
    except OSError as error:
        raise RegistryError(
            f"The head of the audit log cannot be kept in {path} ({error.strerror}).",
            next_step="See whether the folder is writable and has room.",
        ) from error


def kept(path: Path) -> tuple[int, str]:
    """Return the number and the hash of the last line that was kept; (0, "") where nothing was."""
    with contextlib.suppress(OSError, ValueError):
        seq, sealed = path.read_text().split()
        return int(seq), sealed
    return 0, ""
