"""Options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infraai.models import Bundle

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


Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--var", metavar="NAME=VALUE", help="A Terraform variable; VALUE may be JSON. May be repeated."
    ),
]
VARIABLES_FILE = "infraai.auto.tfvars.json"


def with_variables(bundle: "Bundle", given: list[str] | None) -> "Bundle":
    """Return the bundle with these variables set; raise `InputError` for one that is no NAME=VALUE."""
    import json

    from infraai.errors import InputError

    values: dict[str, object] = {}
    for one in given or []:
        name, equals, text = one.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"--var {one!r} is no NAME=VALUE.", next_step="Such as --var env=prod.")
        try:
            values[name] = json.loads(text)
        except ValueError:
            values[name] = text
    return bundle.with_files({VARIABLES_FILE: json.dumps(values, indent=2)}) if values else bundle


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
