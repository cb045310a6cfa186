"""One diagnostic with all the files and schemas: what a rule works from, and the edits it answers with."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.gemini.mends.tree import Argument, Block, read
from sandbox.gemini.writer.shape import Argument as Shape
from sandbox.gemini.writer.shape import at, shape


class Edit(NamedTuple):
    """Bytes `start` to `end` of a file become `text`."""

    file: str
    start: int
    end: int
    text: str


class Mend(NamedTuple):
    """Edits, and what the model says of them."""

    edits: tuple[Edit, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule may look at."""

    summary: str
    detail: str
    file: str
    line: int
    address: str
    attribute: str
    files: Mapping[str, str]
    trees: Mapping[str, Sequence[Block]]
    schemas: Mapping[str, Mapping[str, Any]]
    plan: Mapping[str, Any]

    @property
    def words(self) -> str:
        """Return all that Terraform said."""
        return f"{self.summary}\n{self.detail}"

    def source(self, file: str = "") -> bytes:
        """Return a file's bytes; the diagnostic's own by default."""
        return self.files.get(file or self.file, "").encode()

    @property
    def chain(self) -> list[Block]:
        """Return the blocks around the diagnostic's line, or the one of its address, outermost first."""
        if self.line:
            found: list[Block] = []
            level: Sequence[Block] = self.trees.get(self.file, ())[1:]
            while inner := next((one for one in level if one.line <= self.line <= one.end_line), None):
                found.append(inner)
                level = inner.blocks
            return found
        plain = re.sub(r"\[[^\]]*\]", "", self.address)
        return [one for one in self.module() if plain and one.address == plain][:1]

    @property
    def block(self) -> Block | None:
        """Return the innermost of them."""
        chain = self.chain
        return chain[-1] if chain else None

    @property
    def top(self) -> Block | None:
        """Return the outermost of them."""
        chain = self.chain
        return chain[0] if chain else None

    def argument(self, name: str = "") -> tuple[Block, Argument] | None:
        """Return the argument of this name around the line, or the one on it, with its block."""
        for block in reversed(self.chain):
            for one in block.arguments:
                last = one.line + one.value.count("\n")
                if one.name == name or (not name and one.line <= self.line <= last):
                    return block, one
        return None

    def module(self, kind: str = "", folder: str | None = None) -> list[Block]:
        """Return the top-level blocks of the diagnostic's module, of one type or of all."""
        home = posixpath.dirname(self.file) if folder is None else folder
        return [
            one
            for file, blocks in self.trees.items()
            if posixpath.dirname(file) == home
            for one in blocks[1:]
            if kind in {"", one.type}
        ]

    def root(self, block: Block | None = None) -> Shape:
        """Return the schema of a resource's type, without children where the prompt does not carry it."""
        top = block or self.top
        kind = top.labels[0] if top and top.type == "resource" and top.labels else ""
        return shape(self.schemas.get(kind) or {})

    def path(self, chain: Sequence[Block]) -> tuple[str, ...]:
        """Return the schema path of the last block of a chain."""
        names = [one.labels[0] if one.type == "dynamic" and one.labels else one.type for one in chain[1:]]
        return tuple(one for one in names if one != "content")

    def shape_at(self, *more: str) -> Shape | None:
        """Return the schema below the innermost block."""
        return at(self.root(), (*self.path(self.chain), *more))


def cases(block: Mapping[str, Any]) -> list[Case]:
    """Return a case for each error of a mend prompt's typed block."""
    files: Mapping[str, str] = block["files"]
    trees = {name: read(name, text) for name, text in files.items() if name.endswith(".tf")}
    return [
        Case(
            summary=one.get("summary", ""),
            detail=one.get("detail", ""),
            file=one.get("file", ""),
            line=one.get("line", 0),
            address=one.get("address", ""),
            attribute=one.get("attribute", ""),
            files=files,
            trees=trees,
            schemas=block.get("schemas") or {},
            plan=block.get("plan") or {},
        )
        for one in block["diagnostics"]
        if one.get("severity", "error") == "error"
    ]


def indent_of(source: bytes, start: int) -> str:
    """Return the white space before a position's line."""
    line = source.rfind(b"\n", 0, start) + 1
    text = source[line:start]
    return text[: len(text) - len(text.lstrip())].decode()


def add(case: Case, block: Block, text: str) -> Edit:
    """Return the edit that writes lines at the end of a block's body."""
    source = case.source(block.file)
    outer = indent_of(source, block.start)
    lines = "\n".join(outer + "  " + line if line else "" for line in text.split("\n"))
    body = source[block.inner : block.inner_end]
    if b"\n" not in body:
        kept = body.strip().decode()
        first = f"\n{outer}  {kept}" if kept else ""
        return Edit(block.file, block.inner, block.inner_end, f"{first}\n{lines}\n{outer}")
    start = block.inner + len(body.rstrip())
    return Edit(block.file, start, start, "\n" + lines)


def put(block: Block, argument: Argument, text: str) -> Edit:
    """Return the edit that gives an argument another value."""
    return Edit(block.file, argument.value_start, argument.end, text)


def cut(case: Case, file: str, start: int, end: int) -> Edit:
    """Return the edit that takes something out, with its line where it stands alone on it."""
    source = case.source(file)
    first = source.rfind(b"\n", 0, start) + 1
    last = source.find(b"\n", end)
    last = len(source) if last < 0 else last + 1
    if source[first:start].strip() or source[end:last].strip():
        return Edit(file, start, end, "")
    return Edit(file, first, last, "")


def append(case: Case, file: str, text: str) -> Edit:
    """Return the edit that adds a block at the end of a file."""
    source = case.source(file)
    lead = "" if not source else "\n" if source.endswith(b"\n") else "\n\n"
    return Edit(file, len(source), len(source), lead + text)
