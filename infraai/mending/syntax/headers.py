"""The opening brace of a block whose header stands on a line of its own."""

import re

from infraai.mending.nested import TOP_LEVEL

_LABEL = r'(?:[ \t]+(?:"[^"\n]*"|[A-Za-z][\w-]*)){0,2}'
_HEADER = re.compile(rf"^([ \t]*(?:{'|'.join(TOP_LEVEL)}){_LABEL})[ \t]*(\r?)$")
_LONE = re.compile(r'^([ \t]+[a-z_][a-z0-9_]*(?:[ \t]+"[^"\n]*")?)[ \t]*(\r?)$')
_EMPTY = re.compile(r"^([ \t]+[a-z_][a-z0-9_]*)[ \t]*\}[ \t]*(\r?)$")
_CONTENT = re.compile(r"\s*[\w-]+\s*(?:[={]|\")|\s*\}")


def headers(text: str) -> str:
    """Put a top-level block's opening brace on its header's line, where it is on the next one or nowhere."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        found = _HEADER.match(lines[number])
        after = next((at for at in range(number + 1, len(lines)) if lines[at].strip()), None)
        if found and after is not None and _is_header(lines[number]):
            if lines[after].lstrip().startswith("{"):
                rest = lines[after].replace("{", "", 1)
                lines[number + 1 : after + 1] = [rest] if rest.strip() else []
                lines[number] = f"{found[1]} {{{found[2]}"
            elif _CONTENT.match(lines[after]):
                lines[number] = f"{found[1]} {{{found[2]}"
        number += 1
    return "\n".join(lines)


def openings(text: str) -> str:
    """Write the opening brace of a nested block whose name stands alone above deeper lines."""
    lines = text.split("\n")
    for number, line in enumerate(lines[:-1]):
        if empty := _EMPTY.match(line):
            lines[number] = f"{empty[1]} {{}}{empty[2]}"
        found = _LONE.match(line)
        after = next((one for one in lines[number + 1 :] if one.strip()), "")
        deeper = len(after) - len(after.lstrip()) > len(line) - len(line.lstrip())
        if found and deeper and _CONTENT.match(after):
            lines[number] = f"{found[1]} {{{found[2]}"
    return "\n".join(lines)


def _is_header(line: str) -> bool:
    return '"' in line or line.strip() in {"locals", "terraform"}
