"""Plan: from a goal in words to the resources that fulfil it."""

from sandbox.gemini.planner.architect import draw
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.coverage import cover
from sandbox.gemini.planner.reading import Reading, read
from sandbox.gemini.planner.reckoning import rest_usd
from sandbox.gemini.planner.refusal import refuse
from sandbox.gemini.planner.sizing import budget
from sandbox.gemini.planner.substitutes import substituted
from sandbox.gemini.planner.summary import summarise
from sandbox.gemini.planner.watch import watches
from sandbox.gemini.wire import Json
from sandbox.gemini.zones import first_zone


def plan(block: Json) -> Json:
    """Return a PlanDraft for the block's goal."""
    reading = read(str(block["goal"]), block)
    refusal = refuse(reading)
    if refusal is not None:
        return {**refusal, "assumptions": _ignored(reading), "confidence": 0.9}
    default = str(block.get("region") or block.get("default_region") or "us-central1")
    region, zone = _where(reading, block, default)
    blueprint = Blueprint(reading, block, region, zone)
    for note in _ignored(reading):
        blueprint.note(note)
    _note_place(blueprint, block)
    stack_type = draw(blueprint)
    _note_rest(blueprint)
    over = _over_budget(blueprint)
    coverage = cover(blueprint)
    machine = next(
        (str(r.settings["machine_type"]) for r in blueprint.resources if "machine_type" in r.settings), ""
    )
    return {
        "stack_type": stack_type,
        "region": region,
        "machine_type": machine,
        "autoscaling": reading.wants("autoscale") and not reading.denies("autoscale"),
        "resources": [one.model_dump() for one in blueprint.resources],
        "monitoring": watches(blueprint),
        "risk_flags": ["cost_over_budget"] if over else [],
        "confidence": coverage.confidence,
        "assumptions": [*coverage.notes, *blueprint.assumptions],
        "summary": summarise(blueprint),
    }


def _where(reading: Reading, block: Json, default: str) -> tuple[str, str]:
    place = reading.place
    if place is None or block.get("region"):
        return default, first_zone(default)
    region = place.region
    return region, place.zone or first_zone(region)


def _note_place(blueprint: Blueprint, block: Json) -> None:
    place = blueprint.reading.place
    if place is None:
        blueprint.note(f"Region {blueprint.region}: the goal names none.")
    elif block.get("region") and place.region != blueprint.region:
        blueprint.note(
            f"The operator fixed region {blueprint.region}; the goal's {place.region} was set aside."
        )
    elif place.note:
        blueprint.note(place.note)


def _ignored(reading: Reading) -> list[str]:
    return [
        f"Ignored, as it is an order to the planner and no infrastructure: {order!r}."
        for order in reading.orders
    ]


def _note_rest(blueprint: Blueprint) -> None:
    reading = blueprint.reading
    for name, nearest in reading.sizes.unknown:
        blueprint.note(f"No price table has {name!r}: {nearest} is planned instead.")
    for guessed in sorted(
        {f"{one.text!r} was read as {one.concept}" for one in reading.mentions if one.guessed}
    ):
        blueprint.note(f"{guessed}.")
    for word, title in substituted(reading).items():
        blueprint.note(f"{word!r} is no service of Google Cloud: {title} is planned in its place.")
    if reading.amounts.currency and budget(blueprint) is not None:
        blueprint.note(
            f"The budget's {reading.amounts.currency} were taken as as many USD, which is on the safe side."
        )


def _over_budget(blueprint: Blueprint) -> bool:
    """Say so where what was planned costs more than the budget."""
    limit = budget(blueprint)
    spent = blueprint.spent_usd + rest_usd(blueprint)
    if limit is None or spent <= limit:
        return False
    blueprint.note(
        f"By list price this comes to about {spent:.0f} USD a month, more than the budget of "
        f"{limit:.0f}: it is the cheapest that does what the goal asks."
    )
    return True
