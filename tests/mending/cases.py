"""Broken Terraform by kind: `cases/*.toml`, and what Terraform said of each text on the way (`recorded.json`)."""

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from infraai.models import Bundle, Diagnostic, Report

FOLDER = Path(__file__).parent / "cases"
RECORDED = FOLDER / "recorded.json"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    bundle: Bundle
    expect: list[str]
    unmendable: bool = False
    tries: int = 0  # how often the model may be asked


@dataclass(slots=True)
class Replay:
    """`terraform init`, `validate` and `plan`, from the record."""

    reports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def check(self, bundle: Bundle) -> Report:
        said = (self.reports or recorded()).get(digest(bundle))
        assert said is not None, "Terraform never saw this text: run python -m tests.mending.record"
        return Report(diagnostics=tuple(Diagnostic.model_validate(one) for one in said))


@cache
def recorded() -> dict[str, list[dict[str, Any]]]:
    return json.loads(RECORDED.read_text())


def cases() -> list[Case]:
    found: list[Case] = []
    for file in sorted(FOLDER.glob("*.toml")):
        for one in tomllib.loads(file.read_text())["case"]:
            files = one.get("files") or {"main.tf": one["text"]}
            found.append(
                Case(
                    one["name"],
                    Bundle(files=files),
                    one["expect"],
                    one.get("unmendable", False),
                    one.get("tries", 0),
                )
            )
    return found


def digest(bundle: Bundle) -> str:
    return hashlib.sha256(json.dumps(bundle.files, sort_keys=True).encode()).hexdigest()[:16]
