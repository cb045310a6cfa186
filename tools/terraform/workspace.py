"""The directory a deployment's commands run in: a cache, rebuilt from the bundle and the registry at will."""

import base64
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from infraai.errors import DirectoryError
from infraai.models import Bundle
from tools.directory import UNREAD_BY_US

OURS = ".infraai"
# An override file's backend takes the place of any other: states go to the registry whatever the bundle says.
# https://developer.hashicorp.com/terraform/language/files/override#merging-terraform-blocks
BACKEND_FILE = "infraai_backend_override.tf"
BACKEND = 'terraform {\n  backend "http" {}\n}\n'
LOCK_FILE = ".terraform.lock.hcl"
ERRORED = "errored.tfstate"
KEPT = frozenset({".terraform", OURS, LOCK_FILE, ERRORED})
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One deployment's directory; nobody but its owner can look into it."""

    folder: Path

    @property
    def plan_file(self) -> Path:
        """Where the saved plan stands while a command uses it."""
        return self.folder / OURS / "plan"

    @property
    def stamp_file(self) -> Path:
        """What the last successful `init` was made for."""
        return self.folder / OURS / "init"

    @property
    def data_folder(self) -> Path:
        """Terraform's own cache of modules, providers and backend."""
        return self.folder / ".terraform"

    @property
    def running_file(self) -> Path:
        """Which process applies here."""
        return self.folder / OURS / "running"

    @property
    def errored_state(self) -> Path:
        """Where Terraform leaves a state that it could not save."""
        return self.folder / ERRORED

    @property
    def ready(self) -> bool:
        """True once a bundle has been laid out here."""
        return (self.folder / BACKEND_FILE).is_file()

    def lay_out(self, bundle: Bundle) -> None:
        """Write the bundle and remove what an earlier one left; `.terraform` and the provider lock stay."""
        contents = {_safe(name): text.encode() for name, text in bundle.files.items()}
        contents |= {_asset(name): base64.b64decode(text) for name, text in bundle.assets.items()}
        contents[PurePosixPath(BACKEND_FILE)] = BACKEND.encode()
        _private_folder(self.folder / OURS)
        self._sweep({str(name) for name in contents})
        for name, content in contents.items():
            write_private(self.folder / name, content)

    def _sweep(self, wanted: set[str]) -> None:
        for parent, folders, files in os.walk(self.folder, topdown=False):
            for name in files:
                self._drop(Path(parent) / name, wanted)
            for name in folders:
                path = Path(parent) / name
                if path.is_symlink():
                    self._drop(path, wanted)
                elif path.relative_to(self.folder).parts[0] not in KEPT and not any(path.iterdir()):
                    path.rmdir()

    def _drop(self, path: Path, wanted: set[str]) -> None:
        name = path.relative_to(self.folder)
        if name.parts[0] in KEPT:
            return
        if path.is_symlink() or name.as_posix() not in wanted:
            path.unlink()


def workspace(home: Path, deployment_id: str) -> Workspace:
    """Return the directory of this deployment under `home`; raise `DirectoryError` for no fit id."""
    if not NAME.fullmatch(deployment_id):
        raise DirectoryError(f"{deployment_id!r} cannot name a directory.", next_step="Use a run's own id.")
    return Workspace(home / "runs" / deployment_id)


def write_private(path: Path, content: bytes) -> None:
    """Write a file only its owner can read; a file that already says the same is left alone."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    _private_folder(path.parent)
    descriptor, new = tempfile.mkstemp(dir=path.parent)  # 0600, and whole or not there at all
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(new).replace(path)


def _private_folder(folder: Path) -> None:
    if not folder.is_dir():
        _private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _asset(name: str) -> PurePosixPath:
    if name.endswith((".tf", ".tf.json")):
        raise DirectoryError(
            f"The bundle's file {name!r} is Terraform, but not UTF-8 text.", next_step="Save it as UTF-8."
        )
    return _safe(name)


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or "\0" in name:
        raise DirectoryError(
            f"The bundle's file {name!r} would be written outside its directory.",
            next_step="Use relative names without `..`.",
        )
    if name.endswith(UNREAD_BY_US):
        raise DirectoryError(
            f"The bundle's file {name!r} is OpenTofu's own kind, which is not checked.",
            next_step="Name it .tf.",
        )
    if path.parts[0] in KEPT - {LOCK_FILE}:
        raise DirectoryError(
            f"The bundle's file {name!r} belongs to Terraform itself.", next_step="Leave it out."
        )
    return path
