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
_SHELL = (
    r"(?:(?:sudo|env|exec|nohup|\w{1,30}=\S{0,100})\s+(?:-\S+\s+){0,5}){0,5}(?:/\S*/)?(?:ba|z|da|k|a)?sh\b"
)
_LANGUAGE = r"(?:sudo\s+(?:-\S+\s+){0,5})?(?:/\S*/)?(?:python[\d.]*|perl|ruby|node|php)\b"
_RUN = rf"(?:{_SHELL}|{_LANGUAGE}|iex\b|Invoke-Expression\b)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_FETCH}[^\n;]{{0,500}}\|\s*{_RUN}",
        rf"{_RUN}\s+(?:-\S+\s+)*<\(\s*{_FETCH}",
        rf"{_RUN}\s+(?:-\S+\s+)*[\"']?(?:\$\(|`)\s*{_FETCH}",
        rf"\b(?:eval|source|iex|Invoke-Expression)\b\s*[\"'(<]*\s*(?:\$?\(|`)?\s*{_FETCH}",
        rf"(?:^|\s)\.\s+<\(\s*{_FETCH}",
        r"DownloadString\s*\(",
    )
)
_TO_FILE = r"(?:-o|-O|--output|--output-document|-OutFile|>)[ =]?\s*[\"']?(?P<path>[^\s\"';&|]+)"
_SAVED = re.compile(
    rf"\b{_FETCH}[^\n|]{{0,500}}?(?:{_TO_FILE}|/(?P<last>[\w.-]+)(?=[\"'\s;&]|$))",
    re.IGNORECASE | re.MULTILINE,
)
# Google's own installer of its Ops Agent, served by Google over TLS
_GOOGLE = re.compile(r"https://dl\.google\.com/cloudagents/[\w-]+\.sh(?=[\s\"'|;&]|$)")
_ONLY_GOOGLE = re.compile(rf"{_FETCH}(?:\s+-\S+)*\s+[\"']?GOOGLE[\"']?\s*\|", re.IGNORECASE)
_LONGEST = 256 * 1024  # what Compute Engine takes as one metadata value
_WINDOW = 1000
_MOST_SAVED = 20
# a line that goes on: its backslash is dropped, its pipe kept
_CONTINUED = re.compile(r"\\\n|(\|)[ \t]*\n")
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
    text = _CONTINUED.sub(lambda found: found.group(1) or " ", script[:_LONGEST])
    lines = _GOOGLE.sub("GOOGLE", text).split("\n")
    saved = 0
    for at, line in enumerate(lines):
        for window in _windows(line) if _TELLING.search(line) else ():
            if _at_once(window):
                return " ".join(line.split())[:100]
            for name, after in _saved_names(window):
                saved += 1
                if saved <= _MOST_SAVED and _runs(name, [after, *lines[at + 1 :]]):
                    return " ".join(line.split())[:100]
    return ""


def _windows(line: str) -> Iterator[str]:
    """Yield a line in pieces that overlap, so that no line takes long to search."""
    for start in range(0, max(1, len(line) - _WINDOW // 2), _WINDOW // 2):
        yield line[start : start + _WINDOW]


def _at_once(line: str) -> bool:
    return any(not _ONLY_GOOGLE.match(found.group()) for one in _PATTERNS for found in one.finditer(line))


def _saved_names(line: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each file that is fetched, with what stands behind it on its line."""
    for saved in _SAVED.finditer(line):
        name = posixpath.basename(saved.group("path") or saved.group("last") or "")
        if name:
            yield name, line[saved.end() :]


def _runs(name: str, lines: list[str]) -> bool:
    """Return whether a line runs the file of this name, or makes it a program."""
    called = rf"[\"']?(?:\S{{0,100}}/)?{re.escape(name)}"
    by_name = rf"(?:{_RUN}|chmod\s+\S{{0,20}}[x75]\S{{0,20}}|source|\.)\s+(?:-\S+\s+)*{called}\b"
    run = re.compile(rf"{by_name}|(?:^|[\s;&])\.?/{called}(?=\s|$)", re.IGNORECASE)
    return any(run.search(window) for line in lines if name in line for window in _windows(line))


def _texts(material: Material, block: Block, attribute: Attribute) -> Iterator[Finding]:
    scope = Scope(block.module_path, block)
    pieces = {"": "".join(material.known.strings(attribute.expression, scope))}
    for call in attribute.expression.invocations:
        if plain_name(call.function) in READS and call.arguments:
            inside = Scope(block.module_path, block, call.loops)
            for path in material.known.texts(call.arguments[0], inside) or ():
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
