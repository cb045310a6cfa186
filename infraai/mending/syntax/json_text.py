"""JSON as people write it: comments, commas too many or too few, single quotes, brackets left open."""

import json
import re

_PART = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|#[^\n]*|/\*.*?\*/|[{}\[\]:,=]|[\w.+-]+|\s+|.',
    re.DOTALL,
)
_CLOSERS = {"{": "}", "[": "]"}


def mend_json(text: str) -> str:
    """Return valid JSON that says the same, or the text as it was where that is not to be had."""
    parts = [
        one for one in _PART.findall(text.removeprefix("\ufeff")) if not one.startswith(("//", "#", "/*"))
    ]
    mended = _balanced(_commas([_word(one) for one in parts]))
    try:
        json.loads(mended)
    except ValueError:
        return text
    return mended


def _word(part: str) -> str:
    if part.startswith("'") and len(part) > 1:
        return json.dumps(part[1:-1].replace("\\'", "'"))
    if part in {"True", "False", "None"}:
        return {"True": "true", "False": "false", "None": "null"}[part]
    if part == "=":
        return ":"
    bare = re.fullmatch(r"[A-Za-z_][\w.-]*", part) and part not in {"true", "false", "null"}
    return f'"{part}"' if bare else part


def _commas(parts: list[str]) -> list[str]:
    """Drop the comma before a closing bracket; write the one between two values."""
    out: list[str] = []
    for one in parts:
        before = next((at for at in range(len(out) - 1, -1, -1) if out[at].strip()), None)
        if before is not None and one.strip():
            if out[before] == "," and one in "}],":
                out[before] = ""
            elif out[before][-1:] not in "{[:," and one not in "}]:,":
                out.insert(before + 1, ",")
        out.append(one)
    return out


def _balanced(parts: list[str]) -> str:
    stack: list[str] = []
    out: list[str] = []
    for one in parts:
        if one in _CLOSERS:
            stack.append(_CLOSERS[one])
        elif one in {"}", "]"}:
            if one not in stack:
                continue
            while stack[-1] != one:
                out.append(stack.pop())
            stack.pop()
        out.append(one)
    tail = "\n" if parts and parts[-1].endswith("\n") else ""
    return "".join(out).rstrip() + "".join(reversed(stack)) + tail
