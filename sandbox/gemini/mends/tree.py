"""Terraform's text as blocks with byte positions, so that a rule changes just what it means to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = value`: where all of it stands, and where its value does."""

    name: str
    start: int
    end: int
    value_start: int
    line: int
    value: str

    @property
    def literal(self) -> str | None:
        """Return the text of a plain string, None for anything else."""
        found = re.fullmatch(r'"((?:[^"\\$%]|\\.)*)"', self.value)
        return found[1] if found else None


@dataclass(slots=True)
class Block:
    """A block, with what is in it; `inner` and `inner_end` are the bytes just inside its braces."""

    type: str
    labels: tuple[str, ...]
    file: str
    start: int
    inner: int
    inner_end: int
    end: int
    line: int
    end_line: int
    arguments: list[Argument] = field(default_factory=list[Argument])
    blocks: "list[Block]" = field(default_factory=list["Block"])

    @property
    def address(self) -> str:
        """Return its Terraform address."""
        return ".".join(self.labels) if self.type == "resource" else ".".join((self.type, *self.labels))

    def get(self, name: str) -> Argument | None:
        """Return the argument of this name."""
        return next((one for one in self.arguments if one.name == name), None)

    def walk(self) -> "Iterator[Block]":
        """Yield the block and all in it."""
        yield self
        for one in self.blocks:
            yield from one.walk()


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def read(file: str, text: str) -> list[Block]:
    """Return the top-level blocks of a file, as far as it can be read; those of the body itself come first.

    The first is a block without a type that holds the arguments standing outside any block.
    """
    source = text.encode()
    root = _parser().parse(source).root_node
    whole = Block("", (), file, 0, 0, len(source), len(source), 0, 0)
    for body in root.children:
        if body.type == "body":
            _fill(whole, body, source)
    return [whole, *whole.blocks]


def sound(text: str) -> bool:
    """Return whether the text parses as a whole."""
    return not _parser().parse(text.encode()).root_node.has_error


def _fill(block: Block, body: Node, source: bytes) -> None:
    for node in body.children:
        if node.type == "attribute":
            block.arguments.append(_argument(node, source))
        elif node.type == "block":
            block.blocks.append(_block(node, block.file, source))


def _argument(node: Node, source: bytes) -> Argument:
    name, value = node.children[0], node.children[-1]
    return Argument(
        _text(name, source),
        node.start_byte,
        value.end_byte,
        value.start_byte,
        node.start_point[0] + 1,
        _text(value, source),
    )


def _block(node: Node, file: str, source: bytes) -> Block:
    names = [
        _text(one, source).strip('"') for one in node.children if one.type in {"identifier", "string_lit"}
    ]
    opened = next((one for one in node.children if one.type == "block_start"), node)
    closed = next((one for one in node.children if one.type == "block_end"), node)
    block = Block(
        names[0],
        tuple(names[1:]),
        file,
        node.start_byte,
        opened.end_byte,
        closed.start_byte,
        node.end_byte,
        node.start_point[0] + 1,
        node.end_point[0] + 1,
    )
    for body in node.children:
        if body.type == "body":
            _fill(block, body, source)
    return block


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode()
