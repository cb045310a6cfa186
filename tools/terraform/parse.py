"""What Terraform prints as JSON, as our values."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from infraai.masking import mask_all
from infraai.models import Diagnostic, Report

# Terraform names the argument in words, https://github.com/hashicorp/hcl/blob/main/hcldec and its own
# "Inappropriate value for attribute". Where it names none, the snippet's own `name =` is what it points at.
NAMED = re.compile(
    r'(?:argument|attribute) "(?P<quoted>[\w.-]+)"'
    r'|An argument named "(?P<unknown>[\w.-]+)"|^"(?P<first>[\w.-]+)":'
)
ASSIGNED = re.compile(r"^\s*(?P<name>[\w-]+)\s*=(?!=)")


def parse_diagnostic(raw: Mapping[str, Any]) -> Diagnostic:
    """Return one diagnostic of `validate -json`, or of a `diagnostic` event, tokens masked."""
    raw = cast("Mapping[str, Any]", mask_all(raw))
    place = cast("Mapping[str, Any]", raw.get("range") or {})
    snippet = cast("Mapping[str, Any]", raw.get("snippet") or {})
    code = str(snippet.get("code", ""))
    return Diagnostic(
        severity="warning" if raw.get("severity") == "warning" else "error",
        summary=str(raw.get("summary", "")),
        detail=str(raw.get("detail", "")),
        file=str(place.get("filename", "")),
        line=int(place.get("start", {}).get("line", 0)),
        end_line=int(place.get("end", {}).get("line", 0)),
        address=str(raw.get("address", "")) or _block(str(snippet.get("context") or "")),
        snippet=code,
        attribute=_attribute(str(raw.get("detail", "")), code),
    )


def parse_validate(stdout: bytes) -> Report:
    """Return what `validate -json` found; raise `ValueError` where it printed no JSON."""
    raw = cast("Mapping[str, Any]", json.loads(stdout))
    return Report(diagnostics=tuple(parse_diagnostic(one) for one in raw["diagnostics"]))


def parse_line(line: bytes) -> Mapping[str, Any] | None:
    """Return one line of a `-json` stream; None where it is plain text."""
    try:
        read = json.loads(line)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", read) if isinstance(read, dict) and "@message" in read else None


def _block(context: str) -> str:
    """Return the address in a snippet's context: `resource "google_x" "web"` is google_x.web."""
    kind, *labels = re.findall(r'[^\s"]+', context) or [""]
    if kind == "resource":
        return ".".join(labels)
    return ".".join((kind, *labels)) if kind in {"data", "module", "variable", "output"} and labels else ""


def _attribute(detail: str, code: str) -> str:
    if named := NAMED.search(detail):
        return next(group for group in named.groups() if group)
    assigned = ASSIGNED.match(code)
    return assigned["name"] if assigned else ""
