"""HCL's native syntax by tree-sitter, believed only where a second scan agrees."""

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser, Point, Range

from infraai.configuration import Attribute, Block, Span, SyntaxFault
from tools.hcl.expressions import ExpressionReader, span_of
from tools.hcl.scan import ScanError, Structure, scan
from tools.hcl.strings import unquote

_BOM = "\ufeff".encode()
_STRANGE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff]|\\r(?!\n)")
MOST_CHARACTERS = 2_000_000
_MENDABLE_BYTES = 200_000  # a larger file with a fault is not looked into further
_HEAD = re.compile(rb"^[a-z_]+[ \t]*(?:\"[^\"\n]*\"[ \t]*)*\{", re.MULTILINE)
_DISAGREES = "this can be read in more than one way; write it plainly"


@dataclass(frozen=True, slots=True)
class Body:
    """What a file, or a block, holds."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Block, ...] = ()
    faults: tuple[SyntaxFault, ...] = ()


@cache
def _language() -> Language:
    return Language(tree_sitter_hcl.language())


@cache
def _parser() -> Parser:
    return Parser(_language())


def encode(text: str) -> bytes:
    """Return the bytes that positions count in; a byte order mark is blanked, as Terraform skips it.

    Raises UnicodeEncodeError on lone surrogates.
    """
    source = text.encode()
    return b"   " + source[3:] if source.startswith(_BOM) else source


def parse_text(file: str, text: str) -> Body:
    """Return a file in native syntax; what cannot be read, or not in one way only, is in its faults.

    A file with a fault still gives the top-level blocks that stand whole, for whoever mends it.
    """
    if len(text) > MOST_CHARACTERS:
        return Body(faults=(SyntaxFault(file, 1, f"the file has more than {MOST_CHARACTERS} characters"),))
    strange = _STRANGE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        message = f"the character U+{ord(strange.group()):04X} does not belong in Terraform"
        return Body(faults=(SyntaxFault(file, line, message),))
    source = encode(text)
    try:
        return _read(file, source, scan(source))
    except ScanError as error:
        fault = SyntaxFault(file, _line(source, error.offset), str(error))
        return Body(blocks=_whole_blocks(file, source), faults=(fault,))
    except RecursionError:
        return Body(faults=(SyntaxFault(file, 1, "an expression is nested too deeply to be read safely"),))


def _read(file: str, source: bytes, expected: Structure) -> Body:
    root = _parser().parse(_readable(source, expected)).root_node
    if root.has_error:
        fault = SyntaxFault(file, _first_error(root), "this is not valid Terraform syntax")
        return Body(blocks=_whole_blocks(file, source), faults=(fault,))
    reader = _Reader(file, ExpressionReader(source))
    attributes, blocks = reader.body(root.named_children)
    offset = reader.difference(expected)
    faults = () if offset is None else (SyntaxFault(file, _line(source, offset), _DISAGREES),)
    return Body(attributes, blocks, faults)


def _readable(source: bytes, structure: Structure) -> bytes:
    """Return the text as the grammar knows it, byte for byte in its place: it knows 10 but not 1e1."""
    if not structure.exponents:
        return source
    changed = bytearray(source)
    for start, end in structure.exponents:
        changed[start:end] = b"1" * (end - start)
    return bytes(changed)


def _whole_blocks(file: str, source: bytes) -> tuple[Block, ...]:
    """Return the top-level blocks that can be read although something else in the file cannot.

    A block is taken to begin where a line begins with a block's head, as everybody writes them.
    """
    if len(source) > _MENDABLE_BYTES:
        return ()
    heads = [found.start() for found in _HEAD.finditer(source)]
    found: list[Block] = []
    for start, end in pairwise([*heads, len(source)]):
        found.extend(_alone(file, source[:end], start))
    return tuple(found)


def _alone(file: str, source: bytes, start: int) -> tuple[Block, ...]:
    """Return the blocks from `start` on, if they can be read."""
    line = source.count(b"\n", 0, start)
    parser = Parser(_language())
    end_line = line + source.count(b"\n", start)
    last = len(source) - (source.rfind(b"\n") + 1)
    parser.included_ranges = [Range(Point(line, 0), Point(end_line, last), start, len(source))]
    try:
        scan(source[start:])
        root = parser.parse(source).root_node
        if root.has_error:
            return ()
        return _Reader(file, ExpressionReader(source)).body(root.named_children)[1]
    except (ScanError, RecursionError):
        return ()


def _line(source: bytes, offset: int) -> int:
    return source.count(b"\n", 0, offset) + 1


def _first_error(node: Node) -> int:
    while not (node.is_error or node.is_missing):
        inner = next((one for one in node.children if one.has_error or one.is_missing), None)
        if inner is None:
            break
        node = inner
    return node.start_point[0] + 1


@dataclass(slots=True)
class _Reader:
    """Reads the bodies of one file and notes where every name stands."""

    file: str
    expressions: ExpressionReader
    found: Structure = field(default_factory=Structure)

    def difference(self, expected: Structure) -> int | None:
        """Return the first place where tree and scan disagree, or None."""
        off = self.found.attributes ^ expected.attributes
        off |= self.found.blocks ^ expected.blocks
        off |= self.expressions.calls ^ expected.calls
        return min(off) if off else None

    def body(self, nodes: list[Node]) -> tuple[tuple[Attribute, ...], tuple[Block, ...]]:
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for node in nodes:
            if node.type == "attribute":
                attributes.append(self._attribute(node))
            elif node.type == "block":
                block = self._block(node)
                blocks.append(block)
                blocks.extend(generated_by(block))
            elif node.type == "body":
                more, inner = self.body(node.named_children)
                attributes.extend(more)
                blocks.extend(inner)
        return tuple(attributes), tuple(blocks)

    def _attribute(self, node: Node) -> Attribute:
        self.found.attributes.add(node.start_byte)
        name, value = (
            node.named_children[0],
            next(one for one in node.named_children if one.type == "expression"),
        )
        return Attribute(self.expressions.text(name), self.expressions.read(value), span_of(node))

    def _block(self, node: Node) -> Block:
        self.found.blocks.add(node.start_byte)
        head, opened, closed, inside = list[str](), node, node, list[Node]()
        for child in node.named_children:
            match child.type:
                case "identifier":
                    head.append(self.expressions.text(child))
                case "string_lit":
                    head.append(unquote(self.expressions.text(child)[1:-1]))
                case "block_start":
                    opened = child
                case "block_end":
                    closed = child
                case "body":
                    inside += child.named_children
                case _:
                    pass
        attributes, blocks = self.body(inside)
        body = Span(opened.end_byte, closed.start_byte, opened.end_point[0] + 1, closed.start_point[0] + 1)
        return Block(head[0], tuple(head[1:]), span_of(node), body, self.file, attributes, blocks)


def generated_by(block: Block) -> tuple[Block, ...]:
    """Return the blocks a `dynamic` block makes, as their type; () for any other block."""
    if block.type != "dynamic" or not block.labels:
        return ()
    return tuple(
        Block(
            block.labels[0],
            block.labels[1:],
            one.span,
            one.body,
            one.file,
            one.attributes,
            one.blocks,
            generated=True,
        )
        for one in block.of("content")
    )
