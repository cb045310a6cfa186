"""A Cloud SQL instance: another tier, a larger disk.

Source: https://cloud.google.com/sql/docs/mysql/instance-settings.
"""

from collections.abc import Iterator

from pydantic import Field

from infraai.configuration import Block
from infraai.errors import ActionError
from infraai.machines import MachineType, find_sql_tier
from infraai.offers import priced_sql_tiers
from infraai.operations.edits import sizes
from infraai.operations.edits.costs import Given, cost_delta
from infraai.operations.edits.disk import grown
from infraai.operations.edits.draft import Draft
from infraai.operations.edits.kind import (
    BY_HAND,
    Kind,
    Parameters,
    managed,
    number_of,
    only,
    value_of,
)
from infraai.operations.edits.subject import Subject
from infraai.operations.shapes import ActionType, Option

SQL = "google_sql_database_instance"
_LEAST_DISK_GB = 10
_MOST_DISK_GB = 65_536


class TierParameters(Parameters):
    """The tier to change to."""

    tier: str = Field(min_length=1, max_length=63, description="such as db-custom-2-7680")


class StorageParameters(Parameters):
    """The disk's new size."""

    size_gb: int = Field(
        ge=_LEAST_DISK_GB, le=_MOST_DISK_GB, description="the new size in GB; a disk only grows"
    )


def settings_of(subject: Subject) -> Block:
    """Return the block of settings; raise `ActionError` where it is not written out."""
    settings = only(subject.block, "settings")
    if settings is None:
        raise ActionError(f"The settings of {subject.address} are not written out.", next_step=BY_HAND)
    return settings


def tier_of(subject: Subject) -> str:
    """Return the tier by the files; raise `ActionError` where it is not known."""
    managed(subject, "settings.tier")
    found = value_of(subject, settings_of(subject), "tier")
    if not isinstance(found, str):
        raise ActionError(f"The tier of {subject.address} is not written in the files.", next_step=BY_HAND)
    return found


def engine_of(subject: Subject) -> str:
    """Return POSTGRES, MYSQL or SQLSERVER."""
    return str(value_of(subject, subject.block, "database_version", "MYSQL")).split("_")[0].upper()


def _described(tier: str) -> str:
    size = find_sql_tier(tier)
    return f"{tier} ({size.vcpus} vCPU, {size.memory_gb:g} GB)" if size else tier


def _scaled(subject: Subject, action: ActionType) -> Iterator[Option]:
    now = tier_of(subject)
    candidates = (
        [sizes.next_tier(now), sizes.tier_with_more_memory(now)]
        if action == "scale_up"
        else [sizes.previous_tier(now)]
    )
    possible = [one for one in candidates if one and not _tier_fault(subject, one)]
    if not possible:
        raise ActionError(f"No tier of {_described(now)}'s kind comes after it.", next_step=BY_HAND)
    for wanted in dict.fromkeys(possible):
        yield Option(
            action=action,
            parameters={"tier": wanted},
            summary=f"tier {_described(now)} → {_described(wanted)}; the database restarts, a minute or two",
            stops=True,
            cost_delta_usd_month=cost_delta(
                subject, Given(subject, ("settings", "tier"), wanted), aside=("disk_size", "disk_type")
            ),
        )


def _tier_fault(subject: Subject, tier: str) -> str:
    """Return why the database cannot have this tier, "" where it can."""
    if fault := sizes.tier_fault(tier):
        return fault
    engine, plus = engine_of(subject), tier.startswith("db-perf-")
    if plus != (settings_of(subject).literal("edition") == "ENTERPRISE_PLUS"):
        return "it is a tier of the other edition"
    if tier.startswith("db-n1-") and engine != "MYSQL":
        return "such tiers are for MySQL alone"
    if engine == "SQLSERVER" and not tier.startswith("db-custom-"):
        return "SQL Server takes custom tiers alone"
    return ""


def _check_tier(subject: Subject, given: TierParameters, action: ActionType) -> None:
    now = tier_of(subject)
    if fault := _tier_fault(subject, given.tier):
        common = ", ".join(one.name for one, _ in priced_sql_tiers(subject.region)[:6])
        raise ActionError(
            f"{given.tier!r} cannot be the tier of {subject.address}: {fault}.",
            next_step=f"Common are: {common}.",
        )
    old, new = find_sql_tier(now), find_sql_tier(given.tier)
    if given.tier == now:
        raise ActionError(f"{subject.address} has the tier {now} already.", next_step="Choose another.")
    if old and new and not _fits(old, new, action):
        word = "larger" if action == "scale_up" else "smaller"
        raise ActionError(
            f"{_described(given.tier)} is not {word} than {_described(now)}.", next_step=f"Name a {word} one."
        )


def _fits(old: MachineType, new: MachineType, action: ActionType) -> bool:
    less, more = (old, new) if action == "scale_up" else (new, old)
    return more.vcpus >= less.vcpus and more.memory_gb >= less.memory_gb


def _edit_tier(subject: Subject, given: TierParameters, draft: Draft) -> None:
    draft.give(subject, settings_of(subject), "tier", given.tier)


def _disk_size(subject: Subject) -> int:
    """Return the disk's size by the files; where it grows by itself and none is given, nobody knows it from here."""
    managed(subject, "settings.disk_size")
    settings = settings_of(subject)
    size = number_of(subject, settings, "disk_size")
    if size:
        return size
    if value_of(subject, settings, "disk_autoresize", True) is not False:  # noqa: FBT003
        raise ActionError(
            f"The disk of {subject.address} grows by itself, and its size is not in the files.",
            next_step=BY_HAND,
        )
    return _LEAST_DISK_GB


def _grown(subject: Subject) -> Iterator[Option]:
    now, settings = _disk_size(subject), settings_of(subject)
    after = grown(now)
    grows = (
        " (it also grows by itself when it is nearly full)"
        if settings.literal("disk_autoresize") is not False
        else ""
    )
    yield Option(
        action="resize_disk",
        parameters={"size_gb": after},
        summary=f"disk {now} GB → {after} GB, in place{grows}; it cannot be made smaller again",
        reversible=False,
        cost_delta_usd_month=cost_delta(subject, Given(subject, ("settings", "disk_size"), after)),
    )


def _check_disk(subject: Subject, given: StorageParameters) -> None:
    now = _disk_size(subject)
    if given.size_gb <= now:
        raise ActionError(
            f"The disk of {subject.address} has {now} GB: it cannot become {given.size_gb} GB, disks only grow.",
            next_step=f"Name a size above {now}.",
        )


def _edit_disk(subject: Subject, given: StorageParameters, draft: Draft) -> None:
    draft.give(subject, settings_of(subject), "disk_size", given.size_gb)


def _scaling(action: ActionType) -> Kind:
    return Kind(
        action=action,
        types=(SQL,),
        parameters=TierParameters,
        options=lambda subject: _scaled(subject, action),
        check=lambda subject, given: _check_tier(subject, given, action),
        edit=_edit_tier,
    )


KINDS = (
    _scaling("scale_up"),
    _scaling("scale_down"),
    Kind(
        action="resize_disk",
        types=(SQL,),
        parameters=StorageParameters,
        options=_grown,
        check=_check_disk,
        edit=_edit_disk,
    ),
)
