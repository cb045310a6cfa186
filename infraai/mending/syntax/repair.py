"""All repairs of one file's text, in the order in which each makes the next one's reading certain."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from infraai.mending.syntax import characters, strings
from infraai.mending.syntax.brackets import brackets
from infraai.mending.syntax.headers import headers, openings
from infraai.mending.syntax.json_text import mend_json
from infraai.mending.syntax.statements import statements

Parses = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A file's new text, and what was put right in it."""

    text: str
    what: tuple[str, ...]


def repair(name: str, text: str, parses: Parses, declared: Collection[str] = ()) -> Repaired | None:
    """Return the text that parses, or None where it cannot be told what was meant.

    `declared` are the names of variables and locals, which tell where an interpolation ends.
    """
    if name.endswith(".json"):
        new = mend_json(text)
        return Repaired(new, ("JSON",)) if new != text and parses(new) else None
    what: list[str] = []
    for said, change in _steps(parses, declared):
        new = change(text)
        if new != text:
            text = new
            what.append(said)
            if parses(text) and statements(text) == text:
                break
    return Repaired(text, tuple(what)) if what and parses(text) else None


def _steps(parses: Parses, declared: Collection[str]) -> tuple[tuple[str, Callable[[str], str]], ...]:
    return (
        ("invisible characters", characters.invisible),
        ("Markdown fences", characters.fences),
        ("curly quotes", characters.curly_quotes),
        ("comment marks", characters.comments),
        ("single quotes", characters.single_quotes),
        ("semicolons", characters.semicolons),
        ("version constraints", strings.versions),
        ("escape sequences", strings.escapes),
        ("the end of a heredoc", strings.heredocs),
        ("the end of a string", partial(strings.unclosed, parses=parses, declared=declared)),
        ("stray dollar signs", characters.dollars),
        ("the shell's own interpolations", partial(strings.shell, parses=parses)),
        ("a block's opening brace", headers),
        ("a nested block's opening brace", openings),
        ("brackets", brackets),
        ("equals signs, commas and line breaks", statements),
    )
