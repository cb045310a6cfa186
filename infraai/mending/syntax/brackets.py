"""Brackets that are missing or too many, told from the indentation people write with.

What is open on a line closes before the first later line indented no deeper, unless that line closes it
(the offside rule). Applied only to a file whose brackets do not balance.
"""

import re
from dataclasses import dataclass

from infraai.mending.lexer import Token, tokens

_BLANK = " \t\r\n"  # the text is Latin-1: other white space may be half of a letter
_CLOSERS = {"{": "}", "[": "]", "(": ")"}
_INDEX = re.compile(rb"\[(\d+|\*)\.(?=[A-Za-z_])")
_TWICE = re.compile(rb"(?m)\{[ \t]*\{(?=[ \t]*\r?$)")
_INDEX_TWICE = re.compile(rb"(?<=\w)\[\[(\d+|\*)\](?=\.)")
_LIST = re.compile(rb"(?m)^([ \t]*[\w-]+[ \t]*=[ \t]*)([^\[\n]*\][ \t]*\r?)$")
_STATEMENT = re.compile(
    r'[ \t]*(?:[A-Za-z_][\w-]*[ \t]*=(?!=|>)|[A-Za-z_][\w-]*(?:[ \t]+"[^"\n]*")*[ \t]*\{)'
)


@dataclass(slots=True)
class _Open:
    mark: str
    indent: int
    line: int


def balanced(source: bytes) -> bool:
    """Return whether every bracket has its partner."""
    stack: list[str] = []
    for one in tokens(source):
        if one.kind == "mark" and one.text in _CLOSERS:
            stack.append(_CLOSERS[one.text])
        elif one.kind == "mark" and one.text in _CLOSERS.values() and (not stack or stack.pop() != one.text):
            return False
    return not stack


def brackets(text: str) -> str:
    """Return the text with its brackets balanced."""
    source = text.encode()
    if balanced(source):
        return text
    source = _INDEX_TWICE.sub(rb"[\1]", _TWICE.sub(b"{", source))
    source = _LIST.sub(rb"\1[\2", _INDEX.sub(rb"[\1].", source))
    lines: list[list[Token]] = [[]]
    for one in tokens(source):
        lines[-1].append(one)
        if one.kind == "newline":
            lines.append([])
    newline = "\r\n" if "\r\n" in text else "\n"
    return _Balancer(lines, newline).run()


class _Balancer:
    def __init__(self, lines: list[list[Token]], newline: str) -> None:
        self.lines = lines
        self.newline = newline
        self.stack: list[_Open] = []
        self.out: list[str] = []
        marks = [one.text for line in lines for one in line if one.kind == "mark"]
        self.surplus = sum(one in _CLOSERS.values() for one in marks) - sum(one in _CLOSERS for one in marks)

    def run(self) -> str:
        for number, line in enumerate(self.lines):
            marks = [one for one in line if one.kind not in {"space", "newline", "comment"}]
            if marks and self._is_surplus(self._indent(line), marks):
                continue
            if marks:
                self._offside(self._indent(line), marks, "".join(one.text for one in line))
            self.out.append(self._line(line, number))
        self._close_until(0)
        return "".join(self.out).encode("latin-1").decode()

    def _is_surplus(self, indent: int, marks: list[Token]) -> bool:
        """Return whether a lone closing bracket stands deeper than what it would close."""
        lone = len(marks) == 1 and marks[0].text in _CLOSERS.values()
        if not (lone and self.surplus > 0 and self.stack and indent > self.stack[-1].indent):
            return False
        self.surplus -= 1
        return True

    @staticmethod
    def _indent(line: list[Token]) -> int:
        return len(line[0].text.expandtabs(2)) if line[0].kind == "space" else 0

    def _offside(self, indent: int, marks: list[Token], text: str) -> None:
        """Close what this line's indentation says is over."""
        while self.stack and self.stack[-1].mark != "{" and _STATEMENT.match(text):
            self._close_at_end_of_last()
        closing = marks[0].text in _CLOSERS.values()
        while self.stack:
            top = self.stack[-1]
            over = indent < top.indent or (indent == top.indent and not closing)
            if not over or (closing and marks[0].text == _CLOSERS[top.mark] and indent >= top.indent):
                return
            if top.mark == "{":
                self._close_on_new_line()
            else:
                self._close_at_end_of_last()

    def _line(self, line: list[Token], number: int) -> str:
        text = ""
        indent = self._indent(line) if line else 0
        for one in line:
            if one.kind != "mark" or one.text not in "{}[]()":
                text += one.text
            elif one.text in _CLOSERS:
                self.stack.append(_Open(one.text, indent, number))
                text += one.text
            else:
                text += self._closing(one.text, number)
        return "" if not text.strip(_BLANK) and any(one.kind == "mark" for one in line) else text

    def _closing(self, mark: str, number: int) -> str:
        """Return what to write for a closing bracket: others first, itself, or nothing where none is open."""
        missing = ""
        while self.stack and _CLOSERS[self.stack[-1].mark] != mark:
            top = self.stack[-1]
            if not any(_CLOSERS[one.mark] == mark for one in self.stack):
                return ""
            if top.line == number:
                missing += _CLOSERS[self.stack.pop().mark]
            elif top.mark == "{":
                self._close_on_new_line()
            else:
                self._close_at_end_of_last()
        if not self.stack:
            return missing
        self.stack.pop()
        return missing + mark

    def _close_until(self, depth: int) -> None:
        while len(self.stack) > depth:
            if self.stack[-1].mark == "{":
                self._close_on_new_line()
            else:
                self._close_at_end_of_last()

    def _blank_tail(self) -> int:
        at = len(self.out)
        while at and not self.out[at - 1].strip(_BLANK):
            at -= 1
        return at

    def _close_on_new_line(self) -> None:
        top = self.stack.pop()
        at = self._blank_tail()
        if at and not self.out[at - 1].endswith("\n"):
            self.out[at - 1] += self.newline
        self.out.insert(at, " " * top.indent + _CLOSERS[top.mark] + self.newline)

    def _close_at_end_of_last(self) -> None:
        top = self.stack.pop()
        at = self._blank_tail() - 1
        if at < 0:
            return
        body = self.out[at].rstrip(_BLANK)
        ending = self.out[at][len(body) :]
        comment = re.search(r"\s+(?:#|//)[^\"]*$", body)
        cut = comment.start() if comment else len(body)
        self.out[at] = body[:cut] + _CLOSERS[top.mark] + body[cut:] + (ending or self.newline)
