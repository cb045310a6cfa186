"""An outage is told from a stopped machine, from a healthy one, and from trouble in other places."""

from typing import Any

import pytest

from tests.sandbox.decisions import answered, block, option, piece, series

RESTART, REDEPLOY = (option(one) for one in ("restart", "redeploy"))
ZONE = "us-central1-a"
DOWN = piece(3, "probe", healthy=False, answers=False)
BAD_GATEWAY = piece(3, "probe", healthy=False, answers=True, status_code=502)
UP = piece(3, "probe", healthy=True, answers=True, status_code=200)
RUNNING = piece(4, "resource", status="RUNNING")
TERMINATED = piece(4, "resource", status="TERMINATED")


def zone(silent: str, heard: str = "", own: str = "a", **last_at: float) -> dict[str, Any]:
    """How the machines of a zone stand, one letter each, and which is the alert's."""
    peers: list[dict[str, Any]] = [
        {"name": name, "silent": name in silent, "own": name in own} for name in (*silent, *heard)
    ]
    for one in peers:
        if one["name"] in last_at:
            one["last_at"] = last_at[one["name"]]
    return piece(5, "resource", zone=ZONE, peers=peers, silent=len(silent))


def incidents(*zones: str) -> dict[str, Any]:
    """Other open incidents of what stopped answering, in these zones."""
    listed = [
        {
            "cause": "unavailable",
            "resource": f"google_compute_instance.other-{number}",
            "zone": one,
            "age_s": 60,
        }
        for number, one in enumerate(zones)
    ]
    return piece(10, "precedent", open_incidents=listed[:1], open_elsewhere=listed[1:], reopened=0)


def decided(cause: str, *pieces: dict[str, Any]) -> dict[str, Any]:
    return answered(block(cause, series(None), *pieces, options=(RESTART, REDEPLOY)))


@pytest.mark.parametrize("cause", ["unavailable", "stopped", "errors", "restarts"])
@pytest.mark.parametrize("probe", [DOWN, BAD_GATEWAY])
def test_a_zone_that_went_silent_is_not_restarted_machine_by_machine(
    cause: str, probe: dict[str, Any]
) -> None:
    reply = decided(cause, probe, RUNNING, zone("abc"))
    assert reply["recommended_action"] == "ask"
    assert f"3 of the 3 machines in {ZONE} went silent together [E5]" in reply["reasoning"]
    assert {"E3", "E5"} <= set(reply["evidence"])
    assert {"restart", "redeploy"} <= {one["action"] for one in reply["alternatives"]}


@pytest.mark.parametrize(
    "pieces",
    [
        (DOWN, RUNNING, zone("", "abc")),
        (DOWN, RUNNING, zone("a", "bc")),
        (DOWN, RUNNING, zone("bc", "a")),
        (DOWN, RUNNING, zone("bcd", own="")),
        (DOWN, RUNNING, zone("abc", a=1000.0, b=100.0, c=200.0)),
        (UP, RUNNING, zone("abc")),
        (DOWN, TERMINATED, zone("abc")),
        (DOWN, RUNNING, incidents(ZONE, ZONE, ZONE)),
        (DOWN, RUNNING, zone("", "abc"), incidents("europe-west3-a", "us-central1-c", "")),
        (DOWN, RUNNING, zone("ab", "cde"), incidents("europe-west3-a", "us-central1-c", "")),
    ],
)
@pytest.mark.parametrize("cause", ["unavailable", "stopped"])
def test_what_the_zone_itself_does_not_show_is_no_outage(
    cause: str, pieces: tuple[dict[str, Any], ...]
) -> None:
    assert "outage" not in decided(cause, *pieces)["reasoning"]


def test_a_stopped_machine_is_started_though_others_are_in_trouble_too() -> None:
    reply = decided("stopped", TERMINATED, zone("abc"), incidents(ZONE, ZONE))
    assert reply["recommended_action"] == "restart"
    assert "TERMINATED [E4]" in reply["reasoning"]


def test_incidents_of_the_same_zone_make_an_outage_of_some_silent_machines() -> None:
    reply = decided("unavailable", DOWN, RUNNING, zone("ab", "cde"), incidents(ZONE, ZONE))
    assert reply["recommended_action"] == "ask"
    assert "[E10]" in reply["reasoning"]
