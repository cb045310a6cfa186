"""One diagnostic in its place: the block it stands in, and what the provider's schema says there."""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname
from typing import NamedTuple

from infraai.configuration import Attribute, Block, Configuration, Span
from infraai.mending.shape import Shape
from infraai.models import Bundle, Diagnostic
from infraai.ports import Hcl, Schemas


class Edit(NamedTuple):
    """Bytes `start` to `end` of a file become `text`."""

    file: str
    start: int
    end: int
    text: str


class Mend(NamedTuple):
    """Edits that belong together, and what they do, in words."""

    edits: tuple[Edit, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What a mend works from."""

    diagnostic: Diagnostic
    configuration: Configuration
    bundle: Bundle
    schemas: Schemas
    hcl: Hcl
    project: str = ""
    region: str = "us-central1"

    @property
    def file(self) -> str:
        """Return the file Terraform named."""
        return self.diagnostic.file

    @property
    def line(self) -> int:
        """Return the line Terraform named, or 0."""
        return self.diagnostic.line

    @property
    def source(self) -> bytes:
        """Return the file's text as bytes, which is what spans count."""
        return self.bundle.files.get(self.file, "").encode()

    @property
    def words(self) -> str:
        """Return summary and detail, as one text to search."""
        return f"{self.diagnostic.summary}\n{self.diagnostic.detail}"

    @property
    def top(self) -> Block | None:
        """Return the top-level block that holds the line, or the one whose address Terraform gave."""
        return next(iter(self.chain), None)

    @property
    def block(self) -> Block | None:
        """Return the innermost block that holds the line."""
        return self.chain[-1] if self.chain else None

    @property
    def chain(self) -> tuple[Block, ...]:
        """Return the blocks that hold the line, from the top-level one inwards."""
        if not self.line:
            return tuple(self._addressed())[:1]
        found: list[Block] = []
        level = tuple(block for block in self.configuration.blocks if block.file == self.file)
        while inner := next((block for block in level if _holds(block.span, self.line)), None):
            found.append(inner)
            level = inner.blocks
        return tuple(found)

    def _addressed(self) -> Iterator[Block]:
        address = self.diagnostic.address.split("[")[0]
        return (block for block in self.configuration.blocks if address and block.address == address)

    @property
    def shape(self) -> Shape:
        """Return what the schema says of the top-level block's type; empty where it is no known resource."""
        top = self.top
        return shape_of(top, self.schemas) if top else Shape({})

    def siblings(self, kind: str) -> tuple[Block, ...]:
        """Return the top-level blocks of this type in the diagnostic's own module."""
        return self.in_module(kind, dirname(self.file))

    def in_module(self, kind: str, folder: str) -> tuple[Block, ...]:
        """Return the top-level blocks of this type in the module of that folder ("" is the root)."""
        return tuple(block for block in self.configuration.of(kind) if dirname(block.file) == folder)

    def attribute_at(self, name: str = "") -> Attribute | None:
        """Return the innermost block's attribute that holds the line, of this name where one is given."""
        block = self.block
        for one in block.attributes if block else ():
            if _holds(one.span, self.line) and name in {"", one.name}:
                return one
        return None


def shape_of(block: Block, schemas: Schemas) -> Shape:
    """Return what the provider's schema says of a resource block's type."""
    if block.type != "resource" or not block.labels:
        return Shape({})
    return Shape(schemas.describe(block.labels[0]).get("arguments", {}))


def path_of(chain: tuple[Block, ...]) -> str:
    """Return the dotted schema path of the last block in a chain; "" for the top-level block itself."""
    names: list[str] = []
    for block in chain[1:]:
        if block.type == "dynamic" and block.labels:
            names.append(block.labels[0])
        elif block.type != "content":
            names.append(block.type)
    return ".".join(names)


def join(*parts: str) -> str:
    """Return parts of a dotted path as one, without the empty ones."""
    return ".".join(part for part in parts if part)


def _holds(span: Span, line: int) -> bool:
    return span.line <= line <= span.end_line
