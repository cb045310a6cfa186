"""Writing Terraform's language: blocks as values, text as `terraform fmt` would have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

_INDENT = "  "


class Raw(str):
    """An expression, written as it is."""

    __slots__ = ()


Expression: TypeAlias = "str | int | float | bool | Sequence[Expression] | Mapping[str, Expression]"


@dataclass(frozen=True, slots=True)
class Written:
    """One block: its type, labels, attributes in their order, and the blocks inside it."""

    type: str
    labels: tuple[str, ...] = ()
    attributes: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    blocks: tuple["Written", ...] = ()

    def render(self, depth: int = 0) -> str:
        """Return the block's text."""
        pad = _INDENT * depth
        head = " ".join([self.type, *(f'"{label}"' for label in self.labels), "{"])
        if not self.attributes and not self.blocks:
            return f"{pad}{head}}}"
        lines = _attribute_lines(self.attributes, depth + 1)
        for block in self.blocks:
            if lines:
                lines.append("")
            lines.append(block.render(depth + 1))
        return "\n".join([f"{pad}{head}", *lines, f"{pad}}}"])


def render_file(blocks: Sequence[Written]) -> str:
    """Return the text of a file of these blocks."""
    return "\n\n".join(block.render() for block in blocks) + "\n" if blocks else ""


def quoted(text: str) -> str:
    """Return the text as a string literal: nothing in it is an interpolation."""
    return f'"{_escaped(text)}"'


def heredoc(text: str) -> str:
    """Return the text as a heredoc: nothing in it is an interpolation; it ends in a newline."""
    marker = "EOT"
    while any(line.strip() == marker for line in text.splitlines()):
        marker += "_"
    plain = text.replace("${", "$${").replace("%{", "%%{")
    return f"<<{marker}\n{plain.rstrip()}\n{marker}"


def template(*parts: str) -> Raw:
    """Return a string in which each `Raw` part is interpolated and each other part is literal."""
    inner = "".join(f"${{{part}}}" if isinstance(part, Raw) else _escaped(part) for part in parts)
    return Raw(f'"{inner}"')


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    plain = plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return plain.replace("${", "$${").replace("%{", "%%{")


def _attribute_lines(attributes: Mapping[str, Expression], depth: int) -> list[str]:
    pad = _INDENT * depth
    lines: list[str] = []
    group: list[tuple[str, str]] = []

    def flush() -> None:
        width = max((len(name) for name, _ in group), default=0)
        lines.extend(f"{pad}{name.ljust(width)} = {text}" for name, text in group)
        group.clear()

    for name, value in attributes.items():
        text = _expression(value, depth)
        if "\n" in text:
            flush()
            lines.append(f"{pad}{name} = {text}")
        else:
            group.append((name, text))
    flush()
    return lines


def _expression(value: Expression, depth: int) -> str:
    if isinstance(value, str):
        return str(value) if isinstance(value, Raw) else quoted(value)
    if isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else f"{value:.15g}"
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        return "\n".join(["{", *_attribute_lines(value, depth + 1), f"{_INDENT * depth}}}"])
    return f"[{', '.join(_expression(one, depth) for one in value)}]"
