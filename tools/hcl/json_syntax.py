"""HCL's JSON syntax: the same blocks, written as objects.

Rules: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from dataclasses import dataclass, replace

from infraai.configuration import Attribute, Block, Expression, Span, SyntaxFault
from tools.hcl.json_values import JsonError, JsonValue, decode_objects
from tools.hcl.templates import parse_template
from tools.hcl.tree import Body, generated_by

LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "action": 2,
    "list": 2,
    "provider": 1,
    "variable": 1,
    "output": 1,
    "module": 1,
    "check": 1,
    "provisioner": 1,
    "dynamic": 1,
    "backend": 1,
    "provider_meta": 1,
    "run": 1,
    "mock_provider": 1,
}


def parse_json(file: str, text: str, *, templates: bool = True) -> Body:
    """Return a file in JSON syntax; without `templates` its strings are plain, as in variable files."""
    reader = _Reader(file, text, templates, [])
    try:
        attributes, blocks = reader.body(decode_objects(text))
    except JsonError as error:
        return Body(faults=(SyntaxFault(file, text.count("\n", 0, error.offset) + 1, str(error)),))
    return Body(attributes, blocks, tuple(reader.faults))


@dataclass(slots=True)
class _Reader:
    file: str
    source: str
    templates: bool
    faults: list[SyntaxFault]

    def body(self, objects: list[JsonValue]) -> tuple[tuple[Attribute, ...], tuple[Block, ...]]:
        """Return what objects hold; a key whose value could be blocks is both, since only a schema knows."""
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for key, value in ((key, value) for one in objects for key, value in one.pairs if key != "//"):
            attributes.append(Attribute(key, self._expression(value, key), self._span(value)))
            inner = value.spread()
            if inner and all(isinstance(one.content, tuple) for one in inner) and self.templates:
                for block in self._blocks(key, (), value, LABELS.get(key, 0)):
                    blocks.append(block)
                    blocks.extend(generated_by(block))
        return tuple(attributes), tuple(blocks)

    def _blocks(self, kind: str, labels: tuple[str, ...], value: JsonValue, missing: int) -> list[Block]:
        if missing:
            return [
                block
                for one in value.spread()
                for label, inner in one.pairs
                for block in self._blocks(kind, (*labels, label), inner, missing - 1)
            ]
        made: list[Block] = []
        for one in value.spread():
            attributes, blocks = self.body([one])
            span = self._span(value)
            made.append(Block(kind, labels, span, span, self.file, attributes, blocks))
        return made

    def _span(self, value: JsonValue) -> Span:
        start = len(self.source[: value.start].encode())
        end = start + len(self.source[value.start : value.end].encode())
        line = self.source.count("\n", 0, value.start) + 1
        return Span(start, end, line, line + self.source.count("\n", value.start, value.end))

    def _expression(self, value: JsonValue, key: str = "") -> Expression:
        text = self.source[value.start : value.end]
        span = self._span(value)
        content = value.content
        if isinstance(content, str):
            return self._string(content, text, span, key)
        if isinstance(content, list):
            items = tuple(("", self._expression(one, key)) for one in content)
        elif isinstance(content, tuple):
            items = tuple((name, self._expression(one)) for name, one in content if name != "//")
        else:
            return Expression(text, span, "literal", content)
        inner = [one for _, one in items]
        inner += [self._string(name, name, span, "") for name, _ in value.pairs if _is_template(name)]
        plain = all(one.literal is not None or one.kind == "literal" for one in inner)
        return Expression(
            text,
            span,
            "list" if isinstance(content, list) else "object",
            value.plain if plain else None,
            tuple(name for one in inner for name in one.references),
            tuple(call for one in inner for call in one.invocations),
            items=items,
            strings=tuple(piece for one in inner for piece in one.strings),
            bound=tuple(name for one in inner for name in one.bound),
        )

    def _string(self, content: str, text: str, span: Span, key: str) -> Expression:
        if not self.templates or not _is_template(content):
            named = (content,) if key in {"depends_on", "provider", "to", "from"} and "." in content else ()
            return Expression(text, span, "literal", content, named, strings=(content,))
        read = parse_template(self.file, content, first_line=span.line)
        if read is None:
            self.faults.append(SyntaxFault(self.file, span.line, "this string is not a valid template"))
            return Expression(text, span)
        if len(read.parts) == 1 and isinstance(read.parts[0], Expression):
            return read.parts[0]
        return replace(read, text=text, span=span)


def _is_template(text: str) -> bool:
    return "${" in text or "%{" in text
