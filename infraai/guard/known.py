"""What text an expression can be, as far as it can be known without running anything.

The answer is the set of all texts it could be, or None where that cannot be shown. A variable is all that the
bundle gives it: its default, the values of variable files, what calls of its module pass, and where there is none
of these the texts its validation allows.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from infraai.configuration import Configuration, Expression
from infraai.guard.meanings import DEPTH, HERE, MOST, Meanings, Texts, placed
from infraai.guard.names import Meaning, Scope, called_module, names_of
from infraai.models import Bundle

__all__ = ["Known", "Scope", "Texts", "called_module"]

_TRIMMED = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_PAIR = 2


@dataclass(frozen=True)
class Known(Meanings):
    """The named values of a bundle."""

    answers: dict[tuple[str, str], Texts | None] = field(default_factory=dict[tuple[str, str], Texts | None])

    @classmethod
    def of(cls, configuration: Configuration, bundle: Bundle) -> "Known":
        """Return what is known of a bundle's names."""
        return cls((*bundle.files, *bundle.assets), names_of(configuration))

    def texts(self, expression: Expression, scope: Scope) -> Texts | None:
        """Return every text the expression can be, a path relative to the root module where it is inside.

        None where that cannot be shown.
        """
        found = self.read(expression, scope, 0)
        paths = None if found is None else frozenset(placed(one) for one in found)
        return None if paths is None or any(HERE in one for one in paths) else paths

    def read(self, expression: Expression, scope: Scope, depth: int) -> Texts | None:
        """Return every text the expression can be; None where that cannot be shown."""
        text = expression.text.strip()
        root = text.partition(".")[0]
        looped = any(root in loop.names for loop in scope.loops)
        if expression.kind != "traversal" or root not in {"local", "var"} or looped:
            return self._read(expression, scope, depth)
        key = scope.module, text
        if key not in self.answers:
            self.answers[key] = None  # what a name that stands for itself would be
            self.answers[key] = self._read(expression, scope, depth)
        return self.answers[key]

    def _read(self, expression: Expression, scope: Scope, depth: int) -> Texts | None:
        found = self.meant(expression, scope, depth)
        return None if found is None else _union(self._plain(one, depth) for one in found)

    def _plain(self, one: Meaning, depth: int) -> Texts | None:
        """Return what an expression that stands for nothing else can be."""
        literal = one.expression.literal
        if isinstance(literal, bool):
            return frozenset({str(literal).lower()})
        if isinstance(literal, int | float):
            number = str(literal)  # Terraform writes 1e3 as 1000 and 1.50 as 1.5
            return frozenset({number}) if _NUMBER.fullmatch(number) else None
        if isinstance(literal, str):
            return frozenset({literal})
        match one.expression.kind if depth <= DEPTH else "other":
            case "template":
                pieces = [
                    part if isinstance(part, Expression) else frozenset({part})
                    for part in one.expression.parts
                ]
                return self._joined(pieces, "", one.scope, depth)
            case "call":
                return self._called(one.expression, one.scope, depth)
            case _:
                return None

    def strings(self, expression: Expression, scope: Scope) -> Iterator[str]:
        """Yield every piece of text in an expression and in the locals and variables it names."""
        yield from expression.strings
        seen: set[tuple[str, str]] = set()
        waiting = [(scope.module, name) for name in expression.references]
        while waiting:
            module, name = waiting.pop()
            if (module, name) not in seen:
                seen.add((module, name))
                for meaning in self.names.definitions(name, module):
                    yield from meaning.expression.strings
                    waiting += [(meaning.scope.module, one) for one in meaning.expression.references]

    def _joined(
        self, pieces: Iterable[Expression | Texts], between: str, scope: Scope, depth: int
    ) -> Texts | None:
        known = [one if isinstance(one, frozenset) else self.read(one, scope, depth + 1) for one in pieces]
        size = 1
        for one in known:
            size *= len(one) if one is not None else 0
            if one is None or size > MOST:
                return None
        return frozenset(
            between.join(chosen) for chosen in product(*(one for one in known if one is not None))
        )

    def _called(self, expression: Expression, scope: Scope, depth: int) -> Texts | None:
        call = expression.invocations[0]
        name, arguments = call.function.removeprefix("core::"), call.arguments
        if name in {"tostring", "trimspace", "abspath"} and len(arguments) == 1:
            found = self.read(arguments[0], scope, depth + 1)
            return None if found is None else frozenset(_changed(name, one) for one in found)
        if name == "join" and len(arguments) == _PAIR and arguments[1].kind == "list":
            between = arguments[0].literal
            if isinstance(between, str):
                return self._joined([one for _, one in arguments[1].items], between, scope, depth)
        if name == "format" and arguments and isinstance(arguments[0].literal, str):
            pieces = re.split(r"%[sd]", arguments[0].literal)
            if len(pieces) == len(arguments) and "%" not in "".join(pieces):
                mixed: list[Expression | Texts] = [frozenset({pieces[0]})]
                for argument, piece in zip(arguments[1:], pieces[1:], strict=True):
                    mixed += [argument, frozenset({piece})]
                return self._joined(mixed, "", scope, depth)
        return None


def _changed(function: str, text: str) -> str:
    """Return what a function makes of a text."""
    if function == "trimspace":
        return text.strip(_TRIMMED)
    if function == "abspath" and not text.startswith(("/", HERE)):
        return posixpath.normpath(f"{HERE}/{text}") if not _climbs(text) else text
    return text


def _climbs(text: str) -> bool:
    return posixpath.normpath(text).startswith("..")


def _union(found: Iterable[Texts | None]) -> Texts | None:
    together: set[str] = set()
    for one in found:
        if one is None or len(together) + len(one) > MOST:
            return None
        together |= one
    return frozenset(together)
