"""JSON with positions and with every duplicate key kept, as Terraform's own reader has it."""

import json
import re
from dataclasses import dataclass

MAX_DEPTH = 60

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A value and where it stands, in characters; `content` is a scalar, a list of values, or pairs."""

    start: int
    end: int
    content: "str | int | float | bool | list[JsonValue] | tuple[tuple[str, JsonValue], ...] | None"

    @property
    def pairs(self) -> "tuple[tuple[str, JsonValue], ...]":
        """Return the pairs of an object; () for anything else."""
        return self.content if isinstance(self.content, tuple) else ()

    @property
    def plain(self) -> object:
        """Return the value without positions."""
        if isinstance(self.content, tuple):
            return {key: value.plain for key, value in self.content}
        if isinstance(self.content, list):
            return [value.plain for value in self.content]
        return self.content

    def spread(self) -> "list[JsonValue]":
        """Return the objects that stand here: a list may take an object's place."""
        if isinstance(self.content, list):
            return [inner for value in self.content for inner in value.spread()]
        return [self]


class JsonError(Exception):
    """The text is not JSON."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def decode(text: str) -> JsonValue:
    """Return the document; raise `JsonError` where it is not strict JSON."""
    value = _value(text, _skip(text, 0), 0)
    end = _skip(text, value.end)
    if end != len(text):
        raise JsonError(end, "nothing may follow the JSON document")
    return value


def decode_objects(text: str) -> list[JsonValue]:
    """Return the objects a document is made of: itself, or a list's; raise `JsonError` for anything else."""
    objects = decode(text).spread()
    for one in objects:
        if not isinstance(one.content, tuple):
            raise JsonError(one.start, "the document must be an object")
    return objects


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, depth: int) -> JsonValue:
    if depth > MAX_DEPTH:
        raise JsonError(at, "values are nested too deeply to be read safely")
    match text[at : at + 1]:
        case "{":
            return _object(text, at, depth)
        case "[":
            return _list(text, at, depth)
        case '"':
            return _string(text, at)
        case _:
            found = _SCALAR.match(text, at)
            if found is None:
                raise JsonError(at, "a JSON value is expected here")
            return JsonValue(at, found.end(), json.loads(found.group()))


def _string(text: str, at: int) -> JsonValue:
    found = _STRING.match(text, at)
    if found is None:
        raise JsonError(at, "a JSON string is expected here")
    try:
        return JsonValue(at, found.end(), str(json.loads(found.group())))
    except ValueError as error:
        raise JsonError(at, "this JSON string has an escape that does not exist") from error


def _object(text: str, start: int, depth: int) -> JsonValue:
    pairs: list[tuple[str, JsonValue]] = []
    at = _skip(text, start + 1)
    if text[at : at + 1] == "}":
        return JsonValue(start, at + 1, ())
    while True:
        key = _string(text, _skip(text, at))
        at = _skip(text, key.end)
        if text[at : at + 1] != ":":
            raise JsonError(at, "a colon is expected here")
        value = _value(text, _skip(text, at + 1), depth + 1)
        pairs.append((str(key.content), JsonValue(key.start, value.end, value.content)))
        at = _skip(text, value.end)
        if text[at : at + 1] == "}":
            return JsonValue(start, at + 1, tuple(pairs))
        if text[at : at + 1] != ",":
            raise JsonError(at, "a comma or a closing brace is expected here")
        at += 1


def _list(text: str, start: int, depth: int) -> JsonValue:
    values: list[JsonValue] = []
    at = _skip(text, start + 1)
    if text[at : at + 1] == "]":
        return JsonValue(start, at + 1, values)
    while True:
        value = _value(text, _skip(text, at), depth + 1)
        values.append(value)
        at = _skip(text, value.end)
        if text[at : at + 1] == "]":
            return JsonValue(start, at + 1, values)
        if text[at : at + 1] != ",":
            raise JsonError(at, "a comma or a closing bracket is expected here")
        at += 1
