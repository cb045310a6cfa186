"""HCL's native syntax by tree-sitter, believed only where a second scan agrees."""

import re
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from infraai.configuration import Attribute, Block, Span, SyntaxFault
from tools.hcl.expressions import ExpressionReader, span_of
from tools.hcl.scan import ScanError, Structure, scan
from tools.hcl.strings import unquote

_BOM = "\ufeff".encode()
_STRANGE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff]|\\r(?!\n)")
_DISAGREES = "this can be read in more than one way; write it plainly"


@dataclass(frozen=True, slots=True)
class Body:
    """What a file, or a block, holds."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Block, ...] = ()
    faults: tuple[SyntaxFault, ...] = ()


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


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
    root = _parser().parse(source).root_node
    if root.has_error:
        fault = SyntaxFault(file, _first_error(root), "this is not valid Terraform syntax")
        return Body(blocks=_whole_blocks(file, source), faults=(fault,))
    reader = _Reader(file, ExpressionReader(source))
    attributes, blocks = reader.body(root.named_children)
    offset = reader.difference(expected)
    faults = () if offset is None else (SyntaxFault(file, _line(source, offset), _DISAGREES),)
    return Body(attributes, blocks, faults)


def _whole_blocks(file: str, source: bytes) -> tuple[Block, ...]:
    """Return the top-level blocks without a syntax error in them."""
    nodes = _parser().parse(source).root_node.named_children
    inside = [inner for node in nodes for inner in (node.named_children if node.type == "body" else [node])]
    whole = [node for node in inside if node.type == "block" and not node.has_error]
    try:
        return _Reader(file, ExpressionReader(source)).body(whole)[1]
    except RecursionError:
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
