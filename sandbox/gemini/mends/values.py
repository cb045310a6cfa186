"""Values the provider or Terraform refuses: enums, names, ranges, versions, aligners, templates."""

import ipaddress
import re
from difflib import get_close_matches

from sandbox.gemini.mends.case import Case, Edit, Mend, cut, put
from sandbox.gemini.mends.choices import SHORTEST_ACCOUNT, place, slug
from sandbox.gemini.mends.tree import Argument, Block

_ENUM = re.compile(r'expected ([\w.\[\]]+) to be one of \[?([^\]]+)\]?, got "?([^"\n]*?)"?\s*$', re.MULTILINE)
_PATTERN = re.compile(
    r'"?([\w.]+)"? \("?([^")]*)"?\) doesn\'t match regexp|invalid value for ([\w.]+)'
    r'|"([\w.]+)" ?(?:\(|must|can|has|cannot)'
)
_LENGTH = re.compile(r"expected length of ([\w.]+) to be in the range \((\d+) - (\d+)\)")
_RANGE = re.compile(
    r"expected ([\w.]+) to be (?:in the range \((-?\d+) - (-?\d+)\)|at (least|most) \((-?\d+)\))"
)
_TOO_MANY = re.compile(r'Function "(\w+)" expects only (\d+) argument')
_ALIGNER = re.compile(
    r"aligner cannot be applied to metrics with kind (\w+) and value type (\w+)", re.IGNORECASE
)
_ENGINE = re.compile(r"does not support Terraform version (\d+)\.(\d+)")
_SOURCE = re.compile(r"available versions for provider ([\w./-]+)")


_SHOWN = re.compile(r"\$\{\s*((?:var|local|data|google_\w+)\.[\w.\[\]*\"-]+)\s*\}")
_MEANT = {"public": "EXTERNAL", "private": "INTERNAL", "ssd": "SSD", "https": "HTTPS", "all": "ALL"}


def _leaf(path: str) -> str:
    return re.sub(r"\.?\d+$", "", re.sub(r"\[\d+\]", "", path)).rsplit(".", 1)[-1]


def _at(case: Case, path: str) -> tuple[Block, Argument] | None:
    placed = case.argument(_leaf(path))
    if placed or case.top is None:
        return placed
    for block in case.top.walk():
        if one := block.get(_leaf(path)):
            return block, one
    return None


def enum(case: Case) -> Mend | None:
    """Put the allowed value that was meant; a word that means none of them becomes the first."""
    found = _ENUM.search(case.words)
    placed = _at(case, found[1]) if found else None
    if not found or not placed:
        return None
    allowed = [one for one in re.findall(r'"?([\w./ -]+?)"?(?:[, ]+|$)', found[2]) if one]
    near = [one for one in allowed if _plain(one) == _plain(found[3])]
    near = near or [
        one
        for one in allowed
        if _plain(found[3]) and (_plain(found[3]) in _plain(one) or _plain(one) in _plain(found[3]))
    ]
    meant = _MEANT.get(_plain(found[3]), "")
    near = near or [one for one in allowed if meant and meant in one]
    near = near or get_close_matches(found[3].upper(), [one.upper() for one in allowed], n=1, cutoff=0.4)
    new = next((one for one in allowed if near and one.upper() == near[0].upper()), allowed[0])
    block, argument = placed
    text = (
        argument.value.replace(f'"{found[3]}"', f'"{new}"')
        if f'"{found[3]}"' in argument.value
        else f'"{new}"'
    )
    return Mend((put(block, argument, text),), f"{argument.name} is {new}, of {', '.join(allowed[:6])}")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def name(case: Case) -> Mend | None:
    """Write a name as Google takes it."""
    if case.summary.startswith(("Unsupported", "Reference to", "Missing")):
        return None
    found = _PATTERN.search(case.words) or _LENGTH.search(case.words)
    path = case.attribute or (
        next((one for one in found.groups() if one and not one.isdigit()), "") if found else ""
    )
    placed = _at(case, path) if path else None
    if not placed or not re.search(r"name|_id$|account|prefix|label", placed[1].name):
        return None
    block, argument = placed
    longest = 30 if argument.name == "account_id" else 63
    text = re.sub(r"\$\{[^}]*\}", lambda one: f"\0{one[0]}\0", argument.value.strip('"'))
    parts = [
        one if one.startswith("${") else re.sub(r"[^a-z0-9]+", "-", one.lower()) for one in text.split("\0")
    ]
    new = "".join(parts) if "${" in argument.value else slug(argument.value.strip('"'), longest)
    if argument.name == "account_id" and len(new) < SHORTEST_ACCOUNT:
        new = f"{new}-account"
    if not argument.value.startswith('"') or f'"{new}"' == argument.value:
        return None
    return Mend((put(block, argument, f'"{new.strip("-")}"'),), f"{argument.name} is {new}")


def number(case: Case) -> Mend | None:
    """Bring a number into its range."""
    found = _RANGE.search(case.words)
    placed = _at(case, found[1]) if found else None
    if not found or not placed or not re.fullmatch(r"-?\d+(?:\.\d+)?", placed[1].value):
        return None
    value = float(placed[1].value)
    low, high = (int(found[2]), int(found[3])) if found[2] else (int(found[5]), int(found[5]))
    new = low if value < low else high
    return Mend((put(*placed, str(new)),), f"{placed[1].name} is {new}: what was there is out of range")


def cidr(case: Case) -> Mend | None:
    """Write an address range as one: no bits set beyond the mask, a mask where none is."""
    if not re.search(r"(?i)cidr|ip ?range|address range|invalid ip", case.words):
        return None
    top = case.top
    for block in top.walk() if top else ():
        for one in block.arguments:
            if re.search(r"cidr|range", one.name) and (new := _ranges(one)):
                return Mend((put(block, one, new),), f"{one.name} is {new}")
    return None


def _ranges(argument: Argument) -> str:
    def better(found: re.Match[str]) -> str:
        text = found[1] if "/" in found[1] else f"{found[1]}/{24 if 'source' not in argument.name else 32}"
        try:
            return f'"{ipaddress.ip_network(text, strict=False)}"'
        except ValueError:
            return found[0]

    new = re.sub(r'"(\d+\.\d+\.\d+\.\d+(?:/\d+)?)"', better, argument.value)
    return new if new != argument.value else ""


def zone(case: Case) -> Mend | None:
    """Write a zone where a zone is wanted and a region where a region is."""
    if not re.search(r"(?i)\b(?:zone|region|location)\b", case.words):
        return None
    for leaf in ("zone", "region"):
        placed = _at(case, leaf)
        literal = placed[1].literal if placed else None
        if not placed or literal is None:
            continue
        is_zone = bool(re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-f]", literal))
        if leaf == "zone" and not is_zone:
            new = f"{literal}-a" if re.fullmatch(r"[a-z]+-[a-z]+\d+", literal) else place(case)[1]
            return Mend((put(*placed, f'"{new}"'),), f"zone is {new}")
        if leaf == "region" and is_zone:
            return Mend((put(*placed, f'"{literal[:-2]}"'),), f"region is {literal[:-2]}")
    return None


def arguments(case: Case) -> Mend | None:
    """Call a function with as many arguments as it takes."""
    found = _TOO_MANY.search(case.words)
    placed = case.argument() if found else None
    if not found or not placed:
        return None
    block, one = placed
    call = re.search(rf"\b{found[1]}\(([^()]*)\)", one.value)
    if not call:
        return None
    kept = ", ".join(part.strip() for part in call[1].split(",")[: int(found[2])])
    text = one.value[: call.start(1)] + kept + one.value[call.end(1) :]
    return Mend((put(block, one, text),), f"{found[1]} takes {found[2]}")


def default(case: Case) -> Mend | None:
    """A variable's default, or a lifecycle rule, takes no expression: what it would come to is written."""
    if not re.search(r"Variables not allowed|Function calls not allowed", case.summary):
        return None
    placed = case.argument()
    if not placed:
        return None
    block, argument = placed

    def known(found: re.Match[str]) -> str:
        variable = next((one for one in case.module("variable") if one.labels == (found[1],)), None)
        own = variable.get("default") if variable else None
        return own.literal if own and own.literal is not None else found[0]

    text = re.sub(r"\$\{\s*var\.([\w-]+)\s*\}", known, argument.value)
    bare = re.fullmatch(r"var\.([\w-]+)", text)
    if bare:
        other = next((one for one in case.module("variable") if one.labels == (bare[1],)), None)
        own = other.get("default") if other else None
        text = own.value if own else text
    if "${" in text or text == argument.value:
        return None
    return Mend((put(block, argument, text),), f"{argument.name} of {block.address} is {text}")


def version(case: Case) -> Mend | None:
    """Constraints on Terraform and on the provider's source that nothing can meet."""
    if found := _ENGINE.search(case.words):
        placed = case.argument("required_version")
        return (
            Mend(
                (put(*placed, f'">= {found[1]}.{max(int(found[2]) - 6, 0)}"'),),
                "widened required_version to the engine that is here",
            )
            if placed
            else None
        )
    found = _SOURCE.search(case.words)
    wrong = found[1].removeprefix("registry.terraform.io/") if found else ""
    if not wrong or wrong.rsplit("/", 1)[-1] not in {"google", "google-beta", "random", "null", "time"}:
        return None
    right = f"hashicorp/{wrong.rsplit('/', 1)[-1]}"
    pattern = re.compile(rf'source\s*=\s*"((?:registry\.terraform\.io/)?{re.escape(wrong)})"'.encode())
    edits = tuple(
        Edit(file, one.start(1), one.end(1), right)
        for file, text in case.files.items()
        for one in pattern.finditer(text.encode())
    )
    return Mend(edits, f"{wrong} is {right}") if edits else None


def aligner(case: Case) -> Mend | None:
    """Use an aligner that the metric's kind and type take."""
    found = _ALIGNER.search(case.words)
    placed = _at(case, "per_series_aligner") if found else None
    if not found or not placed:
        return None
    kind, value = found[1].upper(), found[2].upper()
    new = (
        "ALIGN_PERCENTILE_99"
        if value == "DISTRIBUTION"
        else "ALIGN_RATE"
        if kind in {"DELTA", "CUMULATIVE"}
        else "ALIGN_MEAN"
    )
    new = "ALIGN_COUNT_TRUE" if value == "BOOL" else "ALIGN_COUNT" if value == "STRING" else new
    return Mend((put(*placed, f'"{new}"'),), f"{new} fits a {kind} metric of {value}")


def template(case: Case) -> Mend | None:
    """A list in a text is joined; a whole resource in a text is its id."""
    if "Invalid template interpolation value" not in case.summary:
        return None
    placed = case.argument()
    if not placed:
        return None
    block, argument = placed

    def shown(found: re.Match[str]) -> str:
        resource = found[1].startswith(("google_", "data.")) and "*" not in found[1]
        return f"${{{found[1]}.id}}" if resource else f'${{join(",", {found[1]})}}'

    text = _SHOWN.sub(shown, argument.value, count=1)
    if text == argument.value:
        return None
    return Mend((put(block, argument, text),), f"{argument.name} shows {text}")


def provider_name(case: Case) -> Mend | None:
    """The provider of Google Cloud is called google."""
    found = _SOURCE.search(case.words)
    wrong = found[1].rsplit("/", 1)[-1] if found else ""
    if wrong not in {"gcp", "gcloud", "googlecloud", "google_cloud", "google-cloud", "googlecloudplatform"}:
        return None
    edits = [
        Edit(one.file, one.start, one.inner, 'provider "google" {')
        for one in case.module("provider", "")
        if one.labels == (wrong,)
    ]
    return Mend(tuple(edits), f"the provider {wrong} is called google") if edits else None


def stray_root(case: Case) -> Mend | None:
    """A block nobody knows at the top of a file, when nothing in it matters, is taken out."""
    block = case.top
    if (
        case.summary != "Unsupported block type"
        or len(case.chain) != 1
        or block is None
        or block.arguments
        or block.blocks
    ):
        return None
    return Mend((cut(case, block.file, block.start, block.end),), f"took out the empty block {block.type}")
