"""Ids as people type them: the beginning is enough where only one thing begins so."""

from collections.abc import Iterable

from infraai.errors import AmbiguousError, NotFoundError

SHORTEST = 6


def full_id(given: str, known: Iterable[str], *, kind: str, command: str) -> str:
    """Return the id that is meant; raise `NotFoundError` or `AmbiguousError`, naming the command that lists them."""
    ids = list(known)
    if given in ids:
        return given
    found = [one for one in ids if len(given) >= SHORTEST and one.startswith(given)]
    if len(found) > 1:
        raise AmbiguousError(f"More than one {kind} begins with {given!r}.", next_step="Give more of the id.")
    if not found:
        raise NotFoundError(f"There is no {kind} {given!r}.", next_step=f"`{command}` shows them.")
    return found[0]
