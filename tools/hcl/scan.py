"""A second reading of HCL: only its structure, by the rules of HCL's own scanner.

The tree is believed only where this scan finds the same blocks, attributes and calls at the same bytes.
Rules: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md and scan_tokens.rl beside it.
"""

import re
from dataclasses import dataclass, field

MAX_DEPTH = 60

_IDENT = rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*"
_BLANK = re.compile(rb"(?:[ \t\n]|\r\n|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_INLINE = re.compile(rb"(?:[ \t]|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(_IDENT)
_LABEL = re.compile(rb'"(?:[^"\\\n$%]|\\[^\n]|[$%](?!\{))*"|' + _IDENT)
_SIMPLE = re.compile(
    rb"[ \t]*(?:"
    rb'"[^"\\\n$%]*"'
    rb"|-?[0-9]+(?:\.[0-9]+)?"
    rb"|[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*"
    rb")[ \t]*\r?\n"
)
_TOKEN = re.compile(
    rb"(?P<space>[ \t]+|/\*.*?\*/)"
    rb"|(?P<line>\r?\n|#[^\n]*(?:\n|\Z)|//[^\n]*(?:\n|\Z))"
    rb'|(?P<quote>")'
    rb"|(?P<heredoc><<-?" + _IDENT + rb"\r?\n)"
    rb"|(?P<name>" + _IDENT + rb"(?:::" + _IDENT + rb")*)"
    rb"|(?P<open>[\[({])|(?P<close>[\])}])"
    rb"|(?P<exponent>[0-9]+[eE][+-]?[0-9]+)"
    rb"|(?P<other>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[-+*/%=!<>&|?:.,]|~(?=\}))",
    re.DOTALL,
)
_QUOTED = re.compile(rb'(?P<text>[^"\\$%\n]+|\\[^\n]|\$\$\{|%%\{|[$%](?!\{))|(?P<end>")|(?P<begin>[$%]\{~?)')
_HEREDOC = re.compile(rb"(?P<text>[^$%\n]+|\$\$\{|%%\{|[$%](?!\{))|(?P<line>\n)|(?P<begin>[$%]\{~?)")
_PAIRS = {b")": b"(", b"]": b"[", b"}": b"{"}
_KEYWORDS = {b"in", b"if", b"for"}
_NOWHERE = -1
# what Go's unicode.IsSpace says, which ends a heredoc's marker line
_GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)


class ScanError(Exception):
    """The text is not HCL, or not HCL that can be read in one way only."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(slots=True)
class Structure:
    """Byte offsets of the names of all attributes, blocks and called functions."""

    attributes: set[int] = field(default_factory=set[int])
    blocks: set[int] = field(default_factory=set[int])
    calls: set[int] = field(default_factory=set[int])
    exponents: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])  # numbers such as 1e9


def scan(source: bytes) -> Structure:
    """Return the structure of a file; raise `ScanError` where it has none that is certain."""
    scanner = _Scanner(source)
    end = scanner.body(0, 0)
    if end != len(source):
        raise ScanError(end, "a closing brace without an opening one")
    return scanner.found


class _Scanner:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.found = Structure()

    def body(self, at: int, depth: int) -> int:
        """Scan attributes and blocks; return where the body's closing brace (or the text's end) stands."""
        source = self.source
        self._limit(depth, at)
        while True:
            at = self._blank(at)
            if at == len(source) or source[at : at + 1] == b"}":
                return at
            name = _NAME.match(source, at)
            if name is None:
                raise ScanError(at, "an argument or a block is expected here")
            after = self._inline(name.end())
            if source[after : after + 1] == b"=" and source[after + 1 : after + 2] != b"=":
                self.found.attributes.add(at)
                simple = _SIMPLE.match(source, after + 1)
                at = simple.end() if simple else self._expression(after + 1, None, depth)
            else:
                self.found.blocks.add(at)
                at = self._block(at, after, depth)

    def _block(self, begin: int, at: int, depth: int) -> int:
        source = self.source
        while source[at : at + 1] != b"{":
            label = _LABEL.match(source, at)
            if label is None:
                raise ScanError(at, "an equals sign, or a block's label or opening brace, is expected here")
            at = self._inline(label.end())
        at = self.body(at + 1, depth + 1)
        if at == len(source):
            raise ScanError(begin, "this block is not closed")
        return at + 1

    def _expression(self, at: int, closing: bytes | None, depth: int) -> int:
        """Scan to an expression's end: its line's, the body's brace, or the closing brace of a template."""
        source, stack = self.source, list[tuple[bytes, int]]()
        outset, name = at, _NOWHERE
        while at < len(source):
            begin = at
            kind, token, at = self._token(at)
            match kind:
                case "space":
                    continue
                case "line":
                    if stack or closing is not None:
                        continue
                    return at
                case "close":
                    if not stack and token == b"}":
                        return begin if closing is None else at
                    self._close(stack, token, begin)
                case "open":
                    if name != _NOWHERE and token == b"(":
                        self.found.calls.add(name)
                    stack.append((token, begin))
                    self._limit(depth + len(stack), begin)
                case _:
                    at = self._template(kind, token, at, depth + len(stack) + 1)
            name = begin if kind == "name" and token not in _KEYWORDS else _NOWHERE
        if stack or closing is not None:
            raise ScanError(stack[-1][1] if stack else outset, "this expression is not closed")
        return at

    def _token(self, at: int) -> tuple[str, bytes, int]:
        """Return the kind of the next token, its text and its end."""
        found = _TOKEN.match(self.source, at)
        if found is None or found.lastgroup is None:
            raise ScanError(at, "a character that has no meaning here")
        return found.lastgroup, found.group(), found.end()

    def _template(self, kind: str, token: bytes, at: int, depth: int) -> int:
        """Return the end of the template that a token opens; `at` where it opens none."""
        if kind == "exponent":
            self.found.exponents.append((at - len(token), at))
        if kind == "quote":
            return self._quoted(at, depth)
        return self._heredoc(at, token.strip().lstrip(b"<-"), depth) if kind == "heredoc" else at

    @staticmethod
    def _close(stack: list[tuple[bytes, int]], token: bytes, at: int) -> None:
        if not stack or stack.pop()[0] != _PAIRS[token]:
            raise ScanError(at, "brackets do not match")

    @staticmethod
    def _limit(depth: int, at: int) -> None:
        if depth > MAX_DEPTH:
            raise ScanError(at, "this is nested too deeply to be read safely")

    def _quoted(self, at: int, depth: int) -> int:
        """Scan a quoted template from behind its opening quote; return where it ended."""
        while True:
            piece = _QUOTED.match(self.source, at)
            if piece is None:
                raise ScanError(at, "a quoted text is not closed on its line")
            if piece.lastgroup == "end":
                return piece.end()
            at = self._piece(piece, depth)

    def _heredoc(self, at: int, marker: bytes, depth: int) -> int:
        """Scan a heredoc from its first line; return where its marker line's newline stands."""
        source, outset, start_of_line = self.source, at - 1, True
        while at < len(source):
            if start_of_line:
                end = source.find(b"\n", at)
                line = source[at : end if end >= 0 else len(source)]
                if line.decode(errors="replace").strip(_GO_SPACE) == marker.decode(errors="replace"):
                    if end < 0:
                        raise ScanError(at, "a heredoc's end must stand on a line of its own")
                    return end - 1 if line.endswith(b"\r") else end
            piece = _HEREDOC.match(source, at)
            if piece is None:
                break
            start_of_line = piece.lastgroup == "line"
            at = self._piece(piece, depth)
        raise ScanError(outset, f"the heredoc {marker.decode(errors='replace')} is not closed")

    def _piece(self, piece: re.Match[bytes], depth: int) -> int:
        """Go past one piece of a template, with what it interpolates."""
        if piece.lastgroup == "begin":
            self._limit(depth, piece.start())
            return self._expression(piece.end(), b"}", depth + 1)
        doubled = self.source[piece.start() - 1 : piece.start()] in {b"$", b"%"}
        if doubled and piece.group()[1:3] in {b"${", b"%{"}:
            raise ScanError(piece.start(), "an escaped interpolation that could be read in two ways")
        return piece.end()

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self.source, at)
        return found.end() if found else at

    def _inline(self, at: int) -> int:
        found = _INLINE.match(self.source, at)
        return found.end() if found else at
