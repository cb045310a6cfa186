"""A database that takes more connections.

Sources: https://cloud.google.com/sql/docs/postgres/flags, https://cloud.google.com/sql/docs/mysql/flags and
https://cloud.google.com/sql/docs/quotas (connections by memory).
"""

from collections.abc import Iterator

from pydantic import Field

from infraai.blocks.hcl import Written
from infraai.configuration import Block
from infraai.connections import default_connections
from infraai.errors import ActionError
from infraai.machines import find_sql_tier
from infraai.operations.edits.database import SQL, engine_of, settings_of, tier_of
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import BY_HAND, Kind, Parameters, managed, number_of, refers
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import Option

_FLAG = "max_connections"
_MOST_CONNECTIONS = 100_000
_MB_A_CONNECTION = {"POSTGRES": 10, "MYSQL": 0.5}  # memory below which more connections only make it slower


class ConnectionParameters(Parameters):
    """How many connections the database takes."""

    max_connections: int = Field(
        ge=1, le=_MOST_CONNECTIONS, description="connections that the database takes"
    )


def _flag(subject: Subject) -> Block | None:
    """Return the flag's block, None where there is none; raise `ActionError` where flags are made by a loop."""
    flags = settings_of(subject).of("database_flags")
    if any(one.generated for one in flags):
        raise ActionError(f"The flags of {subject.address} are made by a loop.", next_step=BY_HAND)
    return next((one for one in flags if one.literal("name") == _FLAG), None)


def _connections(subject: Subject) -> tuple[int, int]:
    """Return how many connections the database takes now, and how many its memory is good for."""
    managed(subject, "settings.database_flags")
    engine, tier = engine_of(subject), tier_of(subject)
    size, by_itself = find_sql_tier(tier), default_connections(engine, tier)
    if engine not in _MB_A_CONNECTION or size is None or by_itself is None:
        raise ActionError(
            f"How many connections {subject.address} takes is not known here.", next_step=BY_HAND
        )
    if _has_replicas(subject):
        raise ActionError(
            f"{subject.address} has replicas, whose {_FLAG} has to be raised before its own.",
            next_step=BY_HAND,
        )
    flag, most = _flag(subject), int(size.memory_gb * 1024 / _MB_A_CONNECTION[engine])
    now = number_of(subject, flag, "value") if flag else None
    return now or by_itself, most


def _has_replicas(subject: Subject) -> bool:
    for block in subject.siblings:
        master = block.attribute("master_instance_name")
        if block.labels[0] == SQL and refers(master.expression if master else None, subject.block.address):
            return True
    return False


def _raised(subject: Subject) -> Iterator[Option]:
    now, most = _connections(subject)
    after = min(now * 2, most, _MOST_CONNECTIONS)
    if after <= now:
        raise ActionError(
            f"{subject.address} takes {now} connections, all that its memory is good for.",
            next_step="Scale it up.",
        )
    yield Option(
        action="modify_config",
        parameters={_FLAG: after},
        summary=f"{_FLAG} {now} → {after}; the database restarts, a minute or so",
        stops=True,
        cost_delta_usd_month=0,
    )


def _check_connections(subject: Subject, given: ConnectionParameters) -> None:
    now, most = _connections(subject)
    if given.max_connections == now:
        raise ActionError(
            f"{subject.address} takes {now} connections already.", next_step="Name another number."
        )
    if given.max_connections > most:
        raise ActionError(
            f"{given.max_connections} connections are more than the memory of {subject.address} is good for.",
            next_step=f"Name at most {most}, or scale it up first.",
        )


def _edit_connections(subject: Subject, given: ConnectionParameters, draft: Draft) -> None:
    flag = _flag(subject)
    if flag is not None:
        draft.give(subject, flag, "value", str(given.max_connections))
        return
    made = Written("database_flags", attributes={"name": _FLAG, "value": str(given.max_connections)})
    draft.insert(subject, settings_of(subject), made)


KINDS = (
    Kind(
        action="modify_config",
        types=(SQL,),
        parameters=ConnectionParameters,
        options=_raised,
        check=_check_connections,
        edit=_edit_connections,
    ),
)
