"""What each kind of action is made of: its parameters, the options it offers, its check and its edit."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from infraai.configuration import Block, Expression
from infraai.errors import ActionError
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.known import Unknown, known
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Method, Option
from infraai.prices import price_table

BY_HAND = "Change the files and run `infraai apply`."


class Parameters(BaseModel):
    """What an action is told; anything it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Parameters):
    """No parameters."""


def nothing_to_check(subject: Subject, given: Any) -> None:
    """Accept parameters that their types say all of."""


def nothing_to_edit(subject: Subject, given: Any, draft: Draft) -> None:
    """Leave the files as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One action on some resource types; `options` and `check` raise `ActionError` where it does not fit.

    `complete` fills in what a request leaves open; without it, the first option that agrees with the rest does.
    """

    action: ActionType
    types: tuple[str, ...]  # () for every type
    options: Callable[[Subject], Iterable[Option]]
    parameters: type[Parameters] = Nothing
    check: Callable[[Subject, Any], None] = nothing_to_check
    edit: Callable[[Subject, Any, Draft], None] = nothing_to_edit
    complete: Callable[[Subject, Mapping[str, Any]], Mapping[str, Any]] | None = None
    method: Callable[[Any], Method] = lambda _: "terraform"


def completed(kind: Kind, subject: Subject, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters with what they leave open; raise `ActionError` where there is nothing to go by."""
    if kind.complete is not None:
        return kind.complete(subject, given)
    required = {name for name, one in kind.parameters.model_fields.items() if one.is_required()}
    if given and required <= set(given):
        return given
    return {**next(iter(kind.options(subject))).parameters, **given}


def by_api(_: Any) -> Method:
    """Return that an action is a call of an API, whatever its parameters."""
    return "api"


def value_of(subject: Subject, block: Block, name: str, default: object = None) -> Any:
    """Return an argument's value; raise `ActionError` where the files do not tell it."""
    found = block.attribute(name)
    if found is None or found.expression.text == "null":
        return default
    return value_at(subject, block, found.expression, name)


def value_at(subject: Subject, block: Block, expression: Expression, name: str) -> Any:
    """Return an expression's value; raise `ActionError` where the files do not tell it."""
    what = known(expression, block.file, subject.scope)
    if isinstance(what, Unknown):
        raise ActionError(f"{name} of {subject.address} is not known: {what.why}.", next_step=BY_HAND)
    return what.value


def number_of(subject: Subject, block: Block, name: str, default: int | None = None) -> int | None:
    """Return an argument's value as a whole number, the default where it is not given."""
    found = value_of(subject, block, name, default)
    if found is None:
        return None
    try:
        return int(float(str(found)))
    except (ValueError, OverflowError):
        raise ActionError(
            f"{name} of {subject.address} is no number: {found!r}.", next_step=BY_HAND
        ) from None


def said_of(subject: Subject, block: Block, name: str, default: str) -> str:
    """Return an argument's value as text, "" where the files do not tell it: for what only informs."""
    try:
        return str(value_of(subject, block, name, default))
    except ActionError:
        return ""


def managed(subject: Subject, path: str) -> None:
    """Raise `ActionError` where the configuration tells Terraform to ignore changes of this argument."""
    for lifecycle in subject.block.of("lifecycle"):
        attribute = lifecycle.attribute("ignore_changes")
        if attribute is None:
            continue
        expression = attribute.expression
        texts = [item.text for _, item in expression.items] or [expression.text]
        for text in texts:
            plain = re.sub(r'\[0\]|["\s]', "", text)
            if plain in {"all", path} or path.startswith(f"{plain}."):
                raise ActionError(
                    f"{path} of {subject.address} is in its ignore_changes: Terraform would not change it.",
                    next_step=BY_HAND,
                )


def only(block: Block, *path: str) -> Block | None:
    """Return the block at this path inside, where there is exactly one of each; `dynamic` ones do not count."""
    for name in path:
        found = [one for one in block.of(name) if not one.generated]
        if len(found) != 1:
            return None
        block = found[0]
    return block


def refers(expression: Expression | None, address: str) -> bool:
    """Return whether an expression refers to the resource of this address (without modules)."""
    names = expression.references if expression else ()
    return any(name == address or name.startswith(f"{address}.") for name in names)


def copies(subject: Subject) -> int | None:
    """Return how many resources the block makes, None where that is not known."""
    block = subject.block
    if count := block.attribute("count"):
        what = known(count.expression, block.file, subject.scope)
        return what.value if not isinstance(what, Unknown) and isinstance(what.value, int) else None
    if each := block.attribute("for_each"):
        return len(each.expression.items) or None
    return 1


def usd_month(kind: str, item: str, region: str) -> float | None:
    """Return the list price of an item in USD a month, or None."""
    price = price_table().find(kind, item, region)
    return None if price is None else price.usd_month


def difference(before: float | None, after: float | None, times: float | None = 1) -> float | None:
    """Return how much more `after` costs, in USD a month; None where either has no price."""
    if before is None or after is None or times is None:
        return None
    return round((after - before) * times, 2)
