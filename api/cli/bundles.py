"""Writing a bundle into a directory that somebody named."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from infraai.errors import InputError

if TYPE_CHECKING:
    from infraai.models import Bundle


def check_writable(out: Path) -> None:
    """Raise `InputError` unless the directory is new or empty, and can be written."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is not an empty directory.", next_step="Name one that is new or empty.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror}.", next_step="Name another one."
        ) from error


def write_bundle(bundle: "Bundle", folder: Path) -> None:
    """Write every file of the bundle into the folder; raise `InputError` where that fails."""
    contents = {name: text.encode() for name, text in bundle.files.items()}
    contents |= {name: base64.b64decode(text) for name, text in bundle.assets.items()}
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{error.filename} cannot be written: {error.strerror}.", next_step="Free it."
        ) from error
