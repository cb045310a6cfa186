"""Disks: full ones are made bigger; slow ones are a person's to look at."""

import re

from sandbox.gemini.decider.advice import Advice
from sandbox.gemini.decider.case import Case, Json, mapping, number
from sandbox.gemini.decider.sizes import growth
from sandbox.gemini.decider.wording import shown, value_of

_DEVICES = frozenset({"device", "device_name"})
_BOOT = re.compile(r"^(sda|root|nvme0n1)\w*$")
_ROOM = 0.9  # of the threshold, so that it does not fire again at once


def disk_full(case: Case) -> Advice | None:
    """Grow the disk to the smallest size that brings it well below the threshold."""
    options = [one for one in case.offered("resize_disk") if not case.has_failed(one)]
    if not options:
        return None
    options = _of_device(case, options)
    option = next((one for one in options if _enough(case, one)), options[-1])
    used, ratio = _used(case), growth(case, option)
    series = case.series.data if case.series else {}
    to = f" from {value_of(series, used)} to about {value_of(series, used / ratio)}" if used and ratio else ""
    after = f", which leaves about {value_of(series, used / ratio)} in use" if used and ratio else ""
    doubt = "it cannot be told which of the disks is the full one" if _unclear(options) else ""
    return Advice(
        action="resize_disk",
        option=option,
        why=f"{shown(case, 'The disk is nearly full')}. What writes to a full disk fails, and more room helps "
        f"{'after a stop' if option.get('stops') else 'at once'}. Proposed is {option.get('summary')}{after}",
        rather=_rather(options, option) if _enough(case, option) else "",
        doubt=doubt,
        confidence=0.6 if _unclear(options) else 0.85 if _enough(case, option) else 0.7,
        cites=[case.said, case.series, case.config],
        effect=f"The same files fill less of it: the used share falls{to}.",
        risk="A disk cannot be made smaller again, and whatever fills it will fill this one too.",
    )


def disk_io(case: Case) -> Advice | None:
    """Ask: who reads or writes that much is not seen from outside."""
    return Advice(
        action="ask",
        why=f"{shown(case, 'The disk is busy')}. What reads or writes so much cannot be seen from here: it may be a "
        "passing job, such as a backup. Nothing that can be done from here is known to help, so a person has to look",
        confidence=0.5,
        cites=[case.said, case.series],
        effect="It ends when the work ends, such as a backup.",
        risk="If it is no passing job, the service stays slow.",
    )


def _rather(options: list[Json], chosen: Json) -> str:
    """Return why not the other sizes of the same disk, "" where there are none."""
    disk = mapping(chosen.get("parameters")).get("disk")
    sizes = [one for one in options if mapping(one.get("parameters")).get("disk") == disk]
    place = sizes.index(chosen)
    if place + 1 < len(sizes):
        return "It is the smallest size that is enough, and a disk cannot be made smaller again"
    return "A smaller size would be near the threshold again" if place else ""


def _of_device(case: Case, options: list[Json]) -> list[Json]:
    """Return the options of the disk that is full, where its device tells which; else all of them."""
    labels = mapping(case.series.data.get("labels")) if case.series else {}
    labels = {**mapping(case.alert.get("labels")), **labels}
    device = next((str(value) for name, value in labels.items() if name.rpartition(".")[2] in _DEVICES), "")
    name = device.rpartition("/")[2]
    if not name:
        return options
    boot = bool(_BOOT.match(name))
    found = [one for one in options if bool(mapping(one.get("parameters")).get("boot")) is boot]
    named = [one for one in found if name in str(mapping(one.get("parameters")).get("disk") or "")]
    return named or found or options


def _unclear(options: list[Json]) -> bool:
    """Return whether the options are about more than one disk."""
    return len({str(mapping(one.get("parameters")).get("disk")) for one in options}) > 1


def _used(case: Case) -> float | None:
    return number(case.series.data.get("last")) if case.series else None


def _enough(case: Case, option: Json) -> bool:
    used, ratio = _used(case), growth(case, option)
    threshold = number(case.series.data.get("threshold")) if case.series else None
    return used is not None and ratio is not None and (threshold is None or used / ratio < threshold * _ROOM)
