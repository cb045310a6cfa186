"""Options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout; messages on stderr.")]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", help="Approve the preview yourself, for all but the hard floor (see --accept)."
    ),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept", metavar="RULE", help="With --yes: accept this rule of the hard floor too, or `all`."
    ),
]


def rules(accept: list[str] | None) -> tuple[str, ...]:
    """Return the accepted rules; raise `InputError` for a name the policy does not have."""
    from infraai.errors import InputError
    from infraai.policy import HARD_FLOOR

    names = tuple(name.strip() for one in accept or [] for name in one.split(",") if name.strip())
    unknown = [name for name in names if name != "all" and name not in HARD_FLOOR]
    if unknown:
        raise InputError(
            f"--accept does not know {', '.join(unknown)}.",
            next_step=f"It knows: all, {', '.join(sorted(HARD_FLOOR))}.",
        )
    return names
