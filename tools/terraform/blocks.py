"""The top-level blocks of a Terraform file, cut out as text without understanding what is in them."""

import re
from collections.abc import Iterator

# Between blocks, and inside them, only these can hide or hold a brace.
# https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#lexical-elements
TELLING = re.compile(r"""#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|<<-?(?P<mark>[\w-]+)\r?\n|["{}]""", re.DOTALL)
IN_STRING = re.compile(r"""\\.|\$\$\{|%%\{|[$%]\{|["\n]""", re.DOTALL)


def top_level_blocks(text: str) -> Iterator[str]:
    """Yield each block with its heading and body; what is not closed ends with the text."""
    start = 0
    depth = 0
    position = 0
    while found := TELLING.search(text, position):
        position = found.end()
        if found["mark"]:
            position = _after_heredoc(text, position, found["mark"])
        elif found[0] == '"':
            position = _after_string(text, position)
        elif found[0] == "{":
            depth += 1
        elif found[0] == "}" and depth:
            depth -= 1
            if depth == 0:
                yield text[start:position].strip()
                start = position
        elif depth == 0 and found[0][0] in "#/":
            start = position
    if depth:
        yield text[start:].strip()


def _after_string(text: str, position: int) -> int:
    """Return where the quoted string whose inside starts here has ended; a template in it may hold others."""
    while found := IN_STRING.search(text, position):
        position = found.end()
        if found[0] in {'"', "\n"}:
            return position
        if found[0] in {"${", "%{"}:
            position = _after_template(text, position)
    return len(text)


def _after_template(text: str, position: int) -> int:
    depth = 1
    while depth and (found := TELLING.search(text, position)):
        position = found.end()
        if found[0] == '"':
            position = _after_string(text, position)
        elif found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
    return position


def _after_heredoc(text: str, position: int, mark: str) -> int:
    ending = re.compile(rf"^[ \t]*{re.escape(mark)}[ \t]*\r?$", re.MULTILINE).search(text, position)
    return ending.end() if ending else len(text)
