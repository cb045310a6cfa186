"""What the guard looks at, and how it says what it found."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from infraai.configuration import Attribute, Block, Call, Configuration, Expression
from infraai.guard.known import Known
from infraai.models import Bundle, Finding

# Blocks that declare something a provider reads or makes; `check` blocks may hold data blocks of their own.
DECLARING = ("resource", "data", "ephemeral")


@dataclass(frozen=True)
class Material:
    """A bundle as text and as read."""

    configuration: Configuration
    bundle: Bundle

    @cached_property
    def known(self) -> Known:
        """What names stand for, as far as it can be known without running anything."""
        return Known.of(self.configuration, self.bundle)

    @cached_property
    def declared(self) -> tuple[Block, ...]:
        """Every resource, data and ephemeral block, those inside `check` blocks too."""
        found = [block for block in self.configuration.blocks if block.type in DECLARING]
        for check in self.configuration.of("check"):
            found += [block for block in check.walk() if block.type in DECLARING]
        return tuple(found)

    def typed(self, *types: str) -> tuple[Block, ...]:
        """Return the resources of these types."""
        return tuple(block for block in self.declared if block.type == "resource" and type_of(block) in types)

    @cached_property
    def everything(self) -> tuple[Block, ...]:
        """Every top-level block Terraform reads: configuration, tests and variable files."""
        return (*self.configuration.blocks, *self.configuration.tests, *self.configuration.values)


def type_of(block: Block) -> str:
    """Return the type of a resource or data block; "" where its labels are missing."""
    return block.labels[0] if block.labels else ""


def attributes_of(block: Block) -> Iterator[tuple[Block, Attribute]]:
    """Yield every attribute in a block and in those inside it, with the block it stands in."""
    for inner in block.walk():
        if inner.generated:
            continue  # its dynamic block has been walked
        for attribute in inner.attributes:
            yield inner, attribute


def calls_of(block: Block) -> Iterator[tuple[Attribute, Call]]:
    """Yield every function call in a block and in those inside it."""
    for _, attribute in attributes_of(block):
        for call in attribute.expression.invocations:
            yield attribute, call


def refuse(rule: str, block: Block, message: str, at: Attribute | Block | None = None) -> Finding:
    """Return a finding that ends the run."""
    return _finding(rule, "refuse", block, message, at)


def flag(rule: str, block: Block, message: str, at: Attribute | Block | None = None) -> Finding:
    """Return a finding for the policy."""
    return _finding(rule, "flag", block, message, at)


def unsure(rule: str, block: Block, message: str, at: Attribute | Block | None = None) -> Finding:
    """Return a finding that is to be mended, and refused if it stays."""
    return _finding(rule, "unparsed", block, message, at)


def _finding(rule: str, verdict: str, block: Block, message: str, at: Attribute | Block | None) -> Finding:
    line = (at or block).span.line
    return Finding.model_validate(
        {
            "rule": rule,
            "verdict": verdict,
            "file": block.file,
            "line": line,
            "message": message,
            "address": block.address,
        }
    )


def shown(expression: Expression, limit: int = 80) -> str:
    """Return an expression's text, short enough for a message."""
    text = " ".join(expression.text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
