"""A Terraform configuration as read: blocks, attributes and where each stands in its file.

Positions are byte offsets into the file's UTF-8 text, so that an edit can touch exactly one thing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

ExpressionKind = Literal["literal", "template", "traversal", "call", "list", "object", "other"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands: byte offsets, and 1-based lines."""

    start: int
    end: int
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Call:
    """One function call inside an expression."""

    function: str  # as written: "file", "provider::google::region_from_zone"
    arguments: tuple["Expression", ...]
    line: int
    loops: tuple["Loop", ...] = ()  # the `for` expressions it stands in, the outermost first


@dataclass(frozen=True, slots=True)
class Loop:
    """`for NAMES in COLLECTION : value`, or `key => value`; one without `...` at its end."""

    names: tuple[str, ...]  # of the value, or of the key and the value
    collection: "Expression"
    key: "Expression | None"
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Expression:
    """The right side of an attribute, as written and as far as it can be known without evaluating.

    `references`, `invocations`, `strings` and `bound` hold all that stands inside it, templates included.
    """

    text: str
    span: Span
    kind: ExpressionKind = "other"
    literal: object = None  # str, int, float, bool, list or dict where the text is a plain literal, else None
    references: tuple[str, ...] = ()  # dotted traversals: "google_compute_network.main.id", "var.region"
    invocations: tuple[Call, ...] = ()  # every call, the outer before the inner
    parts: tuple["str | Expression", ...] = ()  # of a template: text and interpolations, in order
    items: tuple[tuple[str, "Expression"], ...] = ()  # of an object (key, value), of a list ("", value)
    strings: tuple[str, ...] = ()  # every piece of literal text, in order
    bound: tuple[str, ...] = ()  # names that a `for` inside it gives a meaning of its own
    arms: tuple["Expression", ...] = ()  # of a conditional: what it is if true, and if false
    loop: Loop | None = None  # where it is a `for` expression

    @property
    def functions(self) -> tuple[str, ...]:
        """Return the names of the functions it calls, in order."""
        return tuple(call.function for call in self.invocations)

    @property
    def calls(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return (function, argument texts) for each call."""
        return tuple((call.function, tuple(one.text for one in call.arguments)) for call in self.invocations)

    def item(self, key: str) -> "Expression | None":
        """Return the value an object has under this key, or None."""
        return next((value for name, value in self.items if name == key), None)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = expression`."""

    name: str
    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" … { body }`."""

    type: str
    labels: tuple[str, ...]
    span: Span
    body: Span  # between the braces
    file: str
    attributes: tuple[Attribute, ...] = ()
    blocks: tuple["Block", ...] = ()
    generated: bool = False  # the content of a `dynamic` block, seen as a block of the type it makes

    @property
    def address(self) -> str:
        """Return `google_compute_instance.web`, `data.google_project.p` or `variable.region`."""
        if self.type == "resource":
            return ".".join(self.labels)
        return ".".join((self.type, *self.labels))

    @property
    def module_path(self) -> str:
        """Return the directory of the file inside the bundle: "" for the root module, "modules/web"."""
        return self.file.rpartition("/")[0]

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of this name, or None."""
        return next((one for one in self.attributes if one.name == name), None)

    def literal(self, name: str) -> object:
        """Return what the attribute of this name is as a plain literal, or None."""
        found = self.attribute(name)
        return None if found is None else found.expression.literal

    def of(self, kind: str) -> tuple["Block", ...]:
        """Return the blocks of this type directly inside."""
        return tuple(block for block in self.blocks if block.type == kind)

    def walk(self) -> Iterator["Block"]:
        """Yield this block and every block inside it."""
        yield self
        for block in self.blocks:
            yield from block.walk()

    def expressions(self) -> Iterator[Expression]:
        """Yield every expression in this block and in those inside it."""
        for block in self.walk():
            for attribute in block.attributes:
                yield attribute.expression


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A place that cannot be parsed."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Template:
    """A file whose interpolations may call functions; None where it cannot be read as a template."""

    file: str
    expression: Expression | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """All top-level blocks of a bundle's root module and local modules, and what could not be read.

    `values` has one block of type "tfvars" for each variable file, `tests` the blocks of test files:
    Terraform reads both, and neither declares anything. `templates` has the other files that might read files
    or call a provider's functions, were they used as templates.
    """

    blocks: tuple[Block, ...] = ()
    faults: tuple[SyntaxFault, ...] = ()
    files: tuple[str, ...] = field(default=())
    values: tuple[Block, ...] = ()
    tests: tuple[Block, ...] = ()
    templates: tuple[Template, ...] = ()

    def of(self, kind: str) -> tuple[Block, ...]:
        """Return the top-level blocks of this type, such as resource, data, variable or output."""
        return tuple(block for block in self.blocks if block.type == kind)

    @property
    def resources(self) -> tuple[Block, ...]:
        """Return the resource blocks."""
        return self.of("resource")
