"""Expressions of the syntax tree, as values that know what they refer to, call and contain."""

import re
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from infraai.configuration import Call, Expression, ExpressionKind, Loop, Span
from tools.hcl.strings import dedent, indent_of, unescape_heredoc, unquote

_PLAIN_TEXT = re.compile(r'"[^"\\$%\n]*"')
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_TRAVERSAL = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
_NAME = re.compile(r"[\w-]+")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}
_CONDITIONAL = 3
_OPERANDS = {"index", "splat", "new_index", "full_splat", "attr_splat", "legacy_index"}


def span_of(node: Node) -> Span:
    """Return where a node stands."""
    return Span(node.start_byte, node.end_byte, node.start_point[0] + 1, node.end_point[0] + 1)


@dataclass(slots=True)
class Found:
    """What an expression holds, gathered on the way through it."""

    references: list[str] = field(default_factory=list[str])
    invocations: list[Call] = field(default_factory=list[Call])
    strings: list[str] = field(default_factory=list[str])
    bound: list[str] = field(default_factory=list[str])

    def take(self, expression: Expression) -> None:
        """Add what an inner expression holds."""
        self.references.extend(expression.references)
        self.invocations.extend(expression.invocations)
        self.strings.extend(expression.strings)
        self.bound.extend(expression.bound)


@dataclass(slots=True)
class ExpressionReader:
    """Reads expressions of one file; `calls` collects the byte offsets of the functions called."""

    source: bytes
    calls: set[int] = field(default_factory=set[int])

    def text(self, node: Node) -> str:
        """Return a node's text."""
        return self.source[node.start_byte : node.end_byte].decode(errors="replace")

    def read(self, node: Node) -> Expression:
        """Return an `expression` node as a value."""
        text = self.text(node)
        if _PLAIN_TEXT.fullmatch(text):
            plain = text[1:-1]
            return Expression(text, span_of(node), "literal", plain, strings=(plain,))
        if text in _WORDS:
            return Expression(text, span_of(node), "literal", _WORDS[text])
        if _NUMBER.fullmatch(text):
            return Expression(text, span_of(node), "literal", _number(text))
        if _TRAVERSAL.fullmatch(text):
            return Expression(text, span_of(node), "traversal", references=(text,))
        return self._compound(node, text)

    def _compound(self, node: Node, text: str) -> Expression:
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) == 1:
            return self._single(inner[0], node, text)
        found = Found()
        self._gather(node, found)
        whole = bool(inner) and inner[0].type == "variable_expr"
        whole = whole and all(one.type in {"get_attr", *_OPERANDS} for one in inner[1:])
        return self._made(text, node, "traversal" if whole else "other", found)

    def _single(self, first: Node, node: Node, text: str) -> Expression:
        """Return an expression that is one thing of a kind."""
        found = Found()
        kind: ExpressionKind = "other"
        arms: tuple[Expression, ...] = ()
        loop: Loop | None = None
        match first.type:
            case "expression":  # in parentheses
                return self.read(first)
            case "template_expr":
                return self._template(first, text)
            case "literal_value" if first.named_children and first.named_children[0].type == "string_lit":
                return self._template(first, text)
            case "collection_value":
                return self._collection(first.named_children[0], text, span_of(node))
            case "conditional":
                arms = self._conditional(first, found)
            case "for_expr":
                loop = self._for(first.named_children[0], found)
            case "function_call":
                kind = "call"
                self._call(first, found)
            case _:
                kind = "traversal" if first.type == "variable_expr" else "other"
                self._gather(node, found)
        return replace(self._made(text, node, kind, found), arms=arms, loop=loop)

    @staticmethod
    def _made(text: str, node: Node, kind: ExpressionKind, found: Found) -> Expression:
        return Expression(
            text,
            span_of(node),
            kind,
            references=tuple(found.references),
            invocations=tuple(found.invocations),
            strings=tuple(found.strings),
            bound=tuple(found.bound),
        )

    def _conditional(self, node: Node, found: Found) -> tuple[Expression, ...]:
        parts = [self.read(one) for one in node.named_children if one.type == "expression"]
        for part in parts:
            found.take(part)
        return tuple(parts[1:]) if len(parts) == _CONDITIONAL else ()

    def _for(self, node: Node, found: Found) -> Loop | None:
        """Collect from a `for` and return it; None where its values are grouped into lists.

        What it goes through is outside its names' reach, so their meaning there is another.
        """
        intro = next(one for one in node.named_children if one.type == "for_intro")
        names = tuple(self.text(one) for one in intro.named_children if one.type == "identifier")
        collection = next(self.read(one) for one in intro.named_children if one.type == "expression")
        made = [self.read(one) for one in node.named_children if one.type == "expression"]
        conditions = [one for one in node.named_children if one.type == "for_cond"]
        inner = Found()
        for one in made:
            inner.take(one)
        for condition in conditions:
            self._gather(condition, inner)
        grouped = any(one.type == "ellipsis" for one in node.named_children)
        loop = Loop(names, collection, made[0] if len(made) > 1 else None, made[-1])
        found.take(collection)
        found.references += [one for one in inner.references if one.partition(".")[0] not in names]
        found.invocations += [replace(call, loops=(loop, *call.loops)) for call in inner.invocations]
        found.strings += inner.strings
        found.bound += [*inner.bound, *names]
        return None if grouped else loop

    def _gather(self, node: Node, found: Found) -> None:
        """Collect from everything below a node, without a picture of how it fits together."""
        bound: list[str] = []
        before = len(found.references)
        children = node.named_children
        for at, child in enumerate(children):
            if child.type == "variable_expr":
                self._traversal(self.text(child), children[at + 1 :], found)
            elif child.type == "template_for_start":
                bound += [self.text(one) for one in child.named_children if one.type == "identifier"]
                self._gather(child, found)
                before = len(found.references)  # what it goes through is outside its names' reach
            else:
                self._inner(child, found)
        if bound:
            kept = [one for one in found.references[before:] if one.partition(".")[0] not in bound]
            found.references[before:] = kept
            found.bound += bound

    def _inner(self, child: Node, found: Found) -> None:
        match child.type:
            case "expression":
                found.take(self.read(child))
            case "function_call":
                self._call(child, found)
            case "template_expr" | "string_lit":
                found.take(self._template(child, self.text(child)))
            case "collection_value":
                found.take(self._collection(child.named_children[0], self.text(child), span_of(child)))
            case "for_tuple_expr" | "for_object_expr":
                self._for(child, found)
            case "comment" | "identifier" | "template_literal" | "numeric_lit" | "bool_lit" | "null_lit":
                pass
            case _:
                self._gather(child, found)

    def _traversal(self, root: str, after: list[Node], found: Found) -> None:
        """Collect the dotted name of a traversal; its indexes are read where they stand."""
        steps = [root]
        for node in after:
            if node.type == "get_attr":
                steps.append(self._attribute(node))
            elif node.type == "splat":
                splat = node.named_children[0]
                steps += [self._attribute(one) for one in splat.named_children if one.type == "get_attr"]
            elif node.type != "index":
                break
        if len(steps) > 1:
            found.references.append(".".join(steps))

    def _attribute(self, node: Node) -> str:
        """Return the name of a step, without what may stand between it and its dot."""
        return next((self.text(one) for one in node.named_children if one.type == "identifier"), "")

    def _call(self, node: Node, found: Found) -> None:
        name = node.named_children[0]
        self.calls.add(name.start_byte)
        arguments: tuple[Expression, ...] = ()
        for child in node.named_children[1:]:
            if child.type == "function_arguments":
                arguments = tuple(self.read(one) for one in child.named_children if one.type == "expression")
                if any(one.type == "ellipsis" for one in child.children):
                    arguments = (*arguments[:-1], _spread(arguments[-1]))
        found.invocations.append(Call(self.text(name), arguments, node.start_point[0] + 1))
        for argument in arguments:
            found.take(argument)

    def _collection(self, node: Node, text: str, span: Span) -> Expression:
        items: list[tuple[str, Expression]] = []
        found = Found()
        for child in node.named_children:
            if child.type == "expression":
                value = self.read(child)
                items.append(("", value))
                found.take(value)
            elif child.type == "object_elem":
                key, value = (self.read(one) for one in child.named_children if one.type == "expression")
                computed = self.source[child.start_byte : child.start_byte + 1] == b"("
                if computed or not _NAME.fullmatch(key.text):
                    found.take(key)
                items.append((self._key(key, computed=computed), value))
                found.take(value)
        whole = all(value.kind == "literal" or value.literal is not None for _, value in items)
        whole = whole and all(key or node.type == "tuple" for key, _ in items)
        literal: object = None
        if whole:
            pairs = [(key, value.literal) for key, value in items]
            literal = [value for _, value in pairs] if node.type == "tuple" else dict(pairs)
        return Expression(
            text,
            span,
            "list" if node.type == "tuple" else "object",
            literal,
            references=tuple(found.references),
            invocations=tuple(found.invocations),
            items=tuple(items),
            strings=tuple(found.strings),
            bound=tuple(found.bound),
        )

    @staticmethod
    def _key(key: Expression, *, computed: bool) -> str:
        if isinstance(key.literal, str):
            return key.literal
        if _NUMBER.fullmatch(key.text) and not _PLAIN_NUMBER.fullmatch(key.text):
            return ""  # 01 and 1e0 are the key 1
        return key.text if _NAME.fullmatch(key.text) and not computed else ""

    def _template(self, node: Node, text: str) -> Expression:
        """Return a quoted template or a heredoc; a literal where nothing is interpolated."""
        template = node
        while template.type not in {"quoted_template", "heredoc_template", "string_lit"}:
            template = template.named_children[0]
        heredoc = template.type == "heredoc_template"
        start, end = self._bounds(template, heredoc=heredoc)
        holes = [
            one
            for one in template.named_children
            if one.type.startswith("template_") and one.end_byte > start
        ]
        holes = [one for one in holes if one.type in {"template_interpolation", "template_directive"}]
        raw = self.source[start:end].decode(errors="replace")
        indent = indent_of(raw) if heredoc and text.lstrip().startswith("<<-") else 0
        parts: list[str | Expression] = []
        found = Found()
        at = start
        for hole in [*holes, None]:
            until = hole.start_byte if hole else end
            piece = self.source[at:until].decode(errors="replace")
            piece = (
                unescape_heredoc(dedent(piece, indent, at_line_start=at == start))
                if heredoc
                else unquote(piece)
            )
            if piece:
                parts.append(piece)
                found.strings.append(piece)
            if hole is not None:
                inner = self._hole(hole)
                parts.append(inner)
                found.take(inner)
                at = hole.end_byte
        if all(isinstance(part, str) for part in parts):
            literal = "".join(part for part in parts if isinstance(part, str))
            return Expression(text, span_of(node), "literal", literal, strings=(literal,))
        trimmed = any(self.text(one)[2:3] == "~" or self.text(one).endswith("~}") for one in holes)
        return Expression(
            text,
            span_of(node),
            "other" if trimmed else "template",  # a `~` takes away what its parts still have
            references=tuple(found.references),
            invocations=tuple(found.invocations),
            parts=tuple(parts),
            strings=tuple(found.strings),
            bound=tuple(found.bound),
        )

    def _bounds(self, template: Node, *, heredoc: bool) -> tuple[int, int]:
        """Return where a template's own text starts and ends."""
        if not heredoc:
            return template.start_byte + 1, template.end_byte - 1
        start = self.source.find(b"\n", template.start_byte) + 1
        closing = template.named_children[-1].start_byte
        return start, max(start, self.source.rfind(b"\n", 0, closing) + 1)

    def _hole(self, node: Node) -> Expression:
        """Return what `${ … }` interpolates, or all that a `%{ … }` directive holds."""
        if node.type == "template_interpolation":
            inner = [one for one in node.named_children if one.type == "expression"]
            if len(inner) == 1:
                return self.read(inner[0])
        found = Found()
        self._gather(node, found)
        self._directive_text(node, found)
        return self._made(self.text(node), node, "other", found)

    def _directive_text(self, node: Node, found: Found) -> None:
        for child in node.named_children:
            if child.type == "template_literal":
                found.strings.append(self.text(child))
            elif child.type.startswith("template_"):
                self._directive_text(child, found)


def _spread(argument: Expression) -> Expression:
    """Return what stands before `...`: its elements are the arguments, so it is none itself."""
    return replace(argument, kind="other", literal=None, arms=(), loop=None)


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else float(text)
