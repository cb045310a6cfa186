"""A directory of Terraform as a bundle: nothing is followed out of it, and nothing is written in it."""

import base64
import codecs
import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from infraai.errors import DirectoryError
from infraai.models import Bundle

_NEWLINE = b"\n"
MAX_FILES = 2_000
MAX_ENTRIES = 20_000  # folders and skipped files count here, so that a walk over a home directory ends
MAX_BYTES = 50 * 1024 * 1024
SKIPPED_FOLDERS = frozenset(
    {".terraform", ".terragrunt-cache", ".infraai", ".git", ".hg", ".svn", ".venv", "node_modules"}
    | {"__pycache__", ".idea", ".vscode"}
)
SKIPPED_FILES = ("*.tfstate", "*.tfstate.*", "*.tfplan", "crash.log", "crash.*.log", ".DS_Store")
CONFIGURATION = (".tf", ".tf.json", ".tfvars", ".tfvars.json")
UNREAD_BY_US = (".tofu", ".tofu.json")  # OpenTofu loads them, the guard does not


@dataclass(slots=True)
class _Reading:
    root: Path
    files: dict[str, str] = field(default_factory=dict[str, str])
    assets: dict[str, str] = field(default_factory=dict[str, str])
    bytes: int = 0
    entries: int = 0


def read_directory(path: Path) -> Bundle:
    """Return everything Terraform may need from the directory: text as it is, other files as assets.

    State, plans, crash logs and tools' own folders are left out. Raises `DirectoryError` for what is no
    directory of Terraform, leads out of it, cannot be read, or is more than 2,000 files or 50 MB.
    """
    try:
        root = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError) as fault:
        raise _refusal(str(path), "does not exist", "Name a directory with .tf files.") from fault
    if not root.is_dir():
        raise _refusal(str(path), "is not a directory", "Name the directory the .tf files are in.")
    reading = _Reading(root)
    _walk(reading, root, "", (root,))
    if not any("/" not in name and name.endswith((".tf", ".tf.json")) for name in reading.files):
        raise _refusal(str(path), "has no .tf files at its top", "Name the directory of the root module.")
    return Bundle(files=reading.files, assets=reading.assets)


def _walk(reading: _Reading, folder: Path, prefix: str, above: tuple[Path, ...]) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as fault:
        name = prefix or str(folder)
        raise _refusal(name, f"cannot be listed ({fault.strerror})", "Make it readable.") from fault
    for entry in entries:
        name = prefix + entry.name
        reading.entries += 1
        if reading.entries > MAX_ENTRIES:
            raise _refusal(str(reading.root), f"holds more than {MAX_ENTRIES} entries", _TOO_MUCH)
        if entry.name in SKIPPED_FOLDERS or any(fnmatchcase(entry.name, one) for one in SKIPPED_FILES):
            continue
        target = _inside(reading.root, Path(entry.path), name)
        if target.is_dir():
            if target in above:
                raise _refusal(name, "is a link to a folder that holds it", "Remove the link.")
            _walk(reading, target, f"{name}/", (*above, target))
        else:
            _read(reading, target, name)


def _inside(root: Path, path: Path, name: str) -> Path:
    if not path.is_symlink():
        return path
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError) as fault:
        raise _refusal(name, "is a link that leads nowhere", "Remove or mend the link.") from fault
    if not target.is_relative_to(root):
        raise _refusal(name, "is a link that leads out of the directory", "Copy what it points at instead.")
    return target


def _read(reading: _Reading, path: Path, name: str) -> None:
    if "\\" in name or not name.isprintable():
        raise _refusal(repr(name), "has a name that not every system can write", "Rename it.")
    if name.endswith(UNREAD_BY_US):
        raise _refusal(name, "is OpenTofu's own kind of file, which is not checked here", "Name it .tf.")
    content = _content(path, name, MAX_BYTES - reading.bytes)
    reading.bytes += len(content)
    if len(reading.files) + len(reading.assets) >= MAX_FILES:
        raise _refusal(str(reading.root), f"holds more than {MAX_FILES} files", _TOO_MUCH)
    text = _text(content)
    if text is not None:
        reading.files[name] = text
    elif name.endswith(CONFIGURATION):
        raise _refusal(name, f"is not UTF-8 text: {_why_no_text(content)}", "Save it as UTF-8.")
    else:
        reading.assets[name] = base64.b64encode(content).decode()


def _content(path: Path, name: str, room: int) -> bytes:
    try:
        # Without O_NONBLOCK a named pipe would hold this up before it can be refused.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _refusal(name, "is not a regular file", "Remove it from the directory.")
            content = file.read(room + 1)
    except OSError as fault:
        raise _refusal(name, f"cannot be read ({fault.strerror})", "Make it readable.") from fault
    if len(content) > room:
        raise _refusal(name, f"takes the directory over {MAX_BYTES // 1024 // 1024} MB", _TOO_MUCH)
    return content


def _text(content: bytes) -> str | None:
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _why_no_text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is UTF-16"
    at = content.find(b"\0")
    what = "a NUL byte"
    if at < 0:
        try:
            content.decode()
        except UnicodeDecodeError as fault:
            at, what = fault.start, f"the byte 0x{content[fault.start]:02X}"
    return f"line {content.count(_NEWLINE, 0, max(at, 0)) + 1} has {what}"


_TOO_MUCH = "Name the directory of one root module, without data or builds in it."


def _refusal(name: str, reason: str, next_step: str) -> DirectoryError:
    return DirectoryError(f"{name} {reason}.", next_step=next_step)
