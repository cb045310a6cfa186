"""Statements: one a line, an equals sign before each value, no comma after it, commas between items.

A reader that never gives up: it goes through the text as the grammar would, and where the next token does not
fit it notes the change that makes it fit.
"""

from typing import NamedTuple

from infraai.mending.lexer import Token, tokens

_CLOSERS = {"{": "}", "[": "]", "(": ")"}
_OPERANDS = {"name", "number", "string", "heredoc"}
_OPERATORS = {"==", "!=", "<=", ">=", "<", ">", "&&", "||", "+", "-", "*", "/", "%", "!", "?", ".", "..."}
_MAPS = {"default", "value", "labels", "metadata", "tags", "triggers", "keepers", "providers", "variables"}


class Change(NamedTuple):
    """Bytes `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def statements(text: str) -> str:
    """Return the text with every statement written as the language wants it."""
    source = text.encode()
    reader = _Reader(source)
    reader.body(None)
    out, at = b"", 0
    for start, end, new in sorted(set(reader.changes)):
        if at <= start <= end:
            out += source[at:start] + new.encode()
            at = end
    return (out + source[at:]).decode()


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.tokens = [one for one in tokens(source) if one.kind not in {"space", "comment"}]
        self.at = 0
        self.changes: list[Change] = []
        self.newline = "\r\n" if b"\r\n" in source else "\n"

    def peek(self, ahead: int = 0) -> Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def sees(self, *texts: str) -> bool:
        one = self.peek()
        return one is not None and one.kind in {"mark", "name"} and one.text in texts

    def skip_newlines(self) -> None:
        while (one := self.peek()) and one.kind == "newline":
            self.at += 1

    def body(self, opener: Token | None) -> None:
        """Read arguments and blocks to the closing brace, or to the end of the text."""
        first = last = None
        crowded = False
        while True:
            self.skip_newlines()
            one = self.peek()
            if one is None or self.sees("}"):
                break
            if self.sees(",", ")", "]"):
                self.changes.append(Change(one.start, one.end, ""))
                self.at += 1
                continue
            if last is not None and not self._newline_between(last.end, one.start):
                self.changes.append(Change(last.end, one.start, self.newline + self._indent(opener)))
                crowded = True
            first = first or one
            begin = self.at
            self.statement()
            self.at = max(self.at, begin + 1)
            last = self.tokens[self.at - 1]
            if self.sees(","):
                last = self.tokens[self.at]
                self.changes.append(Change(last.start, last.end, ""))
                self.at += 1
        if crowded and opener and first and last:
            self._spread(opener, first, last)

    def _spread(self, opener: Token, first: Token, last: Token) -> None:
        """Arguments that shared a line with their braces get lines of their own."""
        if not self._newline_between(opener.end, first.start):
            self.changes.append(Change(opener.end, first.start, self.newline + self._indent(opener)))
        closer = self.peek()
        if closer and not self._newline_between(last.end, closer.start):
            self.changes.append(Change(last.end, closer.start, self.newline + self._indent(opener)[:-2]))

    def _newline_between(self, start: int, end: int) -> bool:
        return b"\n" in self.source[start:end]

    def _indent(self, opener: Token | None) -> str:
        if opener is None:
            return ""
        line = self.source.rfind(b"\n", 0, opener.start) + 1
        text = self.source[line : opener.start]
        return text[: len(text) - len(text.lstrip())].decode() + "  "

    def statement(self) -> None:
        """Read one argument or block."""
        name = self.peek()
        assert name is not None
        self.at += 1
        if self._equals(name):
            self._value(name)
            return
        if self._is_block():
            while (one := self.peek()) and not self.sees("{"):
                self.at += 1
                if one.kind == "newline":
                    self.changes.append(Change(one.start, self.tokens[self.at].start, " "))
            self.block()
            return
        one = self.peek()
        if name.kind == "name" and one and (one.kind in _OPERANDS or self.sees("[")):
            self.changes.append(Change(name.end, name.end, " ="))
            self.expression(name)

    def block(self) -> None:
        """Read a block from its opening brace to its closing one."""
        opener = self.peek()
        self.at += 1
        self.body(opener)
        if self.sees("}"):
            self.at += 1

    def _equals(self, name: Token) -> bool:
        """Read an equals sign, or what people write for one."""
        one, after = self.peek(), self.peek(1)
        if one is None or one.kind != "mark" or one.text not in {"=", ":", "=>", "=="}:
            return False
        double = after is not None and after.text == "=" and after.start == one.end
        end = after.end if double and after else one.end
        if one.text != "=" or double:
            lead = " " if one.start == name.end else ""
            self.changes.append(Change(one.start, end, lead + "="))
        if name.kind == "string" and name.text[1:-1].replace("-", "_").isidentifier():
            self.changes.append(Change(name.start, name.end, name.text[1:-1]))
        self.at += 1 + double
        return True

    def _is_block(self) -> bool:
        """Look whether labels and an opening brace follow, the brace perhaps on the next line."""
        ahead = 0
        while (one := self.peek(ahead)) and one.kind in {"string", "name"}:
            ahead += 1
        while (one := self.peek(ahead)) and one.kind == "newline":
            ahead += 1
        one = self.peek(ahead)
        return one is not None and one.text == "{" and one.kind == "mark"

    def _value(self, name: Token) -> None:
        """Read a value; one that stands alone on the next line is brought up."""
        one = self.peek()
        if one and one.kind == "newline":
            value, after = self.peek(1), self.peek(2)
            lone = value and value.kind in _OPERANDS and (after is None or after.kind == "newline")
            if not lone or value is None:
                return
            self.changes.append(Change(one.start, value.start, " "))
            self.at += 1
        self.expression(name)

    def expression(self, holder: Token) -> None:
        """Read operands and operators, to where no expression goes on."""
        operand = False
        questions = 0
        last = holder
        while one := self.peek():
            if one.kind == "newline" or self.sees(",", "}", "]", ")", "=", "=>"):
                return
            if self.sees(":"):
                if not questions:
                    return
                questions -= 1
                operand = False
                self.at += 1
            elif one.kind == "mark" and one.text in _OPERATORS:
                questions += one.text == "?"
                operand = False
                self.at += 1
            elif one.kind == "mark" and one.text in _CLOSERS:
                joined = one.text in "([" and one.start == last.end
                if operand and not joined:
                    return
                self._bracket(holder)
                operand = True
            elif operand:
                return
            else:
                operand = True
                self.at += 1
            last = self.tokens[self.at - 1]

    def _bracket(self, holder: Token) -> None:
        opener = self.tokens[self.at]
        self.at += 1
        self.skip_newlines()
        if self.sees("for"):
            self._raw(opener)
        elif opener.text == "{":
            self._object(holder)
        else:
            self._items(opener)
        if self.sees(_CLOSERS[opener.text]):
            self.at += 1

    def _raw(self, opener: Token) -> None:
        depth = 0
        while one := self.peek():
            if one.kind == "mark" and one.text in _CLOSERS:
                depth += 1
            elif one.kind == "mark" and one.text in _CLOSERS.values():
                if depth == 0 and one.text == _CLOSERS[opener.text]:
                    return
                depth -= 1
            self.at += 1

    def _items(self, opener: Token) -> None:
        """Read a list's items or a call's arguments; a comma that is missing between two is noted."""
        while self.peek():
            self.skip_newlines()
            if self.peek() is None or self.sees("]", ")", "}"):
                return
            begin = self.at
            self.expression(opener)
            self.at = max(self.at, begin + 1)
            last = self.tokens[self.at - 1]
            self.skip_newlines()
            if self.sees(","):
                self.at += 1
            elif (one := self.peek()) and not self.sees("]", ")", "}", ":"):
                if one.kind in _OPERANDS or self.sees("{", "["):
                    self.changes.append(Change(last.end, last.end, ","))
            elif self.sees(":"):
                self.at += 1

    def _object(self, holder: Token) -> None:
        """Read an object's items: a block among them tells that the object is a block itself."""
        last: Token | None = None
        while one := self.peek():
            if one.kind == "newline" or self.sees(","):
                self.at += 1
                last = None
                continue
            if self.sees("}", "]", ")"):
                return
            if last is not None:
                self.changes.append(Change(last.end, last.end, ","))
            begin = self.at
            self._item(one, holder)
            self.at = max(self.at, begin + 1)
            last = self.tokens[self.at - 1]

    def _item(self, key: Token, holder: Token) -> None:
        self.at += 1
        if key.text == "(" and key.kind == "mark":
            self.at -= 1
            self._bracket(key)
        if self.sees("=", ":", "=>", "=="):
            if self.sees("=>", "=="):
                mark = self.tokens[self.at]
                self.changes.append(Change(mark.start, mark.end, "="))
            self.at += 1
            self.expression(key)
        elif self.sees("{") and holder.kind == "name" and holder.text not in _MAPS:
            self._unassign(holder)
            self.block()
        elif (one := self.peek()) and (one.kind in _OPERANDS or self.sees("{", "[")):
            self.changes.append(Change(key.end, key.end, " ="))
            self.expression(key)

    def _unassign(self, holder: Token) -> None:
        """`name = {` becomes `name {`."""
        place = self.tokens.index(holder) + 1
        if place < len(self.tokens) and self.tokens[place].text == "=":
            mark, after = self.tokens[place], self.tokens[place + 1]
            self.changes.append(Change(mark.start, after.start, ""))
