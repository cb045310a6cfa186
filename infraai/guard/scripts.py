"""Scripts that run what they fetch: flagged, since whoever serves it decides what runs."""

import posixpath
import re
from collections.abc import Iterator

from infraai.configuration import Attribute, Block
from infraai.guard.files import READS, plain_name
from infraai.guard.known import Scope
from infraai.guard.material import Material, attributes_of, flag
from infraai.models import Finding

_FETCH = r"(?:curl|wget|fetch|aria2c|lynx|Invoke-WebRequest|iwr|Invoke-RestMethod|irm)\b"
_TELLING = re.compile(rf"\b{_FETCH}|DownloadString", re.IGNORECASE)
_SHELL = r"(?:(?:sudo|env|exec|nohup|\w+=\S*)\s+(?:-\S+\s+)*)*(?:/\S*/)?(?:ba|z|da|k|a)?sh\b"
_LANGUAGE = r"(?:sudo\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:python[\d.]*|perl|ruby|node|php)\b"
_RUN = rf"(?:{_SHELL}|{_LANGUAGE}|iex\b|Invoke-Expression\b)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_FETCH}[^\n;]*\|\s*{_RUN}",
        rf"{_RUN}\s+(?:-\S+\s+)*<\(\s*{_FETCH}",
        rf"{_RUN}\s+(?:-\S+\s+)*[\"']?(?:\$\(|`)\s*{_FETCH}",
        rf"\b(?:eval|source|iex|Invoke-Expression)\b\s*[\"'(<]*\s*(?:\$?\(|`)?\s*{_FETCH}",
        rf"(?:^|\s)\.\s+<\(\s*{_FETCH}",
        r"DownloadString\s*\(",
    )
)
_TO_FILE = r"(?:-o|-O|--output|--output-document|-OutFile|>)[ =]?\s*[\"']?(?P<path>[^\s\"';&|]+)"
_SAVED = re.compile(
    rf"\b{_FETCH}[^\n|]*?(?:{_TO_FILE}|/(?P<last>[\w.-]+)(?=[\"'\s;&]|$))", re.IGNORECASE | re.MULTILINE
)
# Google's own installer of its Ops Agent, served by Google over TLS
_GOOGLE = re.compile(r"https://dl\.google\.com/cloudagents/[\w.-]+")
_LONGEST = 256 * 1024  # what Compute Engine takes as one metadata value
_BOOT_KEYS = frozenset({"startup-script-url", "windows-startup-script-url", "shutdown-script-url"})


def scripts(material: Material) -> Iterator[Finding]:
    """Yield resources whose scripts run what they fetch, in place or in a file of the bundle."""
    for block in material.declared:
        for _, attribute in attributes_of(block):
            yield from _texts(material, block, attribute)
            for key, _ in attribute.expression.items:
                if key in _BOOT_KEYS:
                    message = (
                        f"{block.address} runs a script that is fetched at boot ({key}). Put the script "
                        "into the bundle."
                    )
                    yield flag("startup_script_fetches", block, message, attribute)


def fetches(script: str) -> str:
    """Return the line in which a script runs what it fetches; "" where it does not."""
    if not _TELLING.search(script):
        return ""
    text = _GOOGLE.sub("GOOGLE", script[:_LONGEST].replace("\\\n", " "))
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            if "GOOGLE" not in found.group():
                return _line_of(text, found)
    for saved in _SAVED.finditer(text):
        name = posixpath.basename(saved.group("path") or saved.group("last") or "")
        if not name or "GOOGLE" in saved.group():
            continue
        called = rf"[\"']?(?:\S*/)?{re.escape(name)}"
        by_name = rf"(?:{_RUN}|chmod\s+\S*[x75]\S*|source|\.)\s+(?:-\S+\s+)*{called}\b"
        run = rf"{by_name}|(?:^|[\s;&])\.?/{called}(?=\s|$)"
        if re.search(run, text[saved.end() :], re.MULTILINE):
            return _line_of(text, saved)
    return ""


def _line_of(text: str, found: re.Match[str]) -> str:
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.start())
    return " ".join(text[start : end if end >= 0 else None].split())[:100]


def _texts(material: Material, block: Block, attribute: Attribute) -> Iterator[Finding]:
    scope = Scope(block.module_path, block)
    pieces = {"": "".join(material.known.strings(attribute.expression, scope))}
    for call in attribute.expression.invocations:
        if plain_name(call.function) in READS and call.arguments:
            for path in material.known.texts(call.arguments[0], scope) or ():
                name = posixpath.normpath(path)
                pieces[name] = material.bundle.files.get(name, "")
    for name, text in pieces.items():
        line = fetches(text)
        if line:
            where = f" in {name}" if name else ""
            yield flag(
                "startup_script_fetches",
                block,
                f"{block.address} runs what it fetches{where}: `{line}`. Install from a package source "
                "with signatures, "
                "or check a checksum.",
                attribute,
            )
