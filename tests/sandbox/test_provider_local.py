"""random, null and time do what the real ones do, with nothing but the state."""

import base64
from typing import Any

import pytest

from sandbox.provider.codec import UNKNOWN, Values
from sandbox.provider.local import LocalProvider
from sandbox.provider.null_types import NULL_DATA, NULL_TYPES
from sandbox.provider.provider import Failure
from sandbox.provider.random_types import RANDOM_TYPES
from sandbox.provider.time_types import TIME_TYPES, duration_s

RANDOM = LocalProvider(name="random", types=RANDOM_TYPES)
NULL = LocalProvider(name="null", types=NULL_TYPES, data=NULL_DATA)
TIME = LocalProvider(name="time", types=TIME_TYPES)


def given(provider: LocalProvider, name: str, **config: Any) -> Values:
    schema = provider.resource(name)
    assert schema is not None
    return {key: config.get(key) for key in schema.block.attributes}


def made(provider: LocalProvider, name: str, **config: Any) -> Values:
    whole = given(provider, name, **config)
    planned = provider.plan(name, None, whole, whole).values
    values = provider.apply(name, None, planned, whole, lambda: False)
    assert values is not None
    assert provider.plan(name, values, whole, whole).values == values
    return values


def test_a_password_keeps_its_minimums_and_its_alphabet() -> None:
    values = made(
        RANDOM, "random_password", length=20, min_upper=3, min_numeric=2, override_special="#", min_special=4
    )
    result = values["result"]
    assert len(result) == 20
    assert sum(letter.isupper() for letter in result) >= 3
    assert sum(letter.isdigit() for letter in result) >= 2
    assert result.count("#") >= 4
    assert set(result) <= set("#" + "".join(letter for letter in result if letter.isalnum()))
    schema = RANDOM.resource("random_password")
    assert schema is not None
    assert schema.block.attributes["result"].sensitive


def test_only_letters_where_only_letters_are_allowed() -> None:
    values = made(RANDOM, "random_string", length=40, special=False, upper=False, numeric=False)
    assert values["result"].islower()
    assert values["id"] == values["result"]


def test_an_id_says_the_same_bytes_in_each_of_its_forms() -> None:
    values = made(RANDOM, "random_id", byte_length=5, prefix="p-")
    content = bytes.fromhex(values["hex"].removeprefix("p-"))
    assert len(content) == 5
    assert values["dec"] == f"p-{int.from_bytes(content, 'big')}"
    assert base64.b64decode(values["b64_std"].removeprefix("p-")) == content


def test_the_rest_of_random_is_within_what_was_asked() -> None:
    assert made(RANDOM, "random_pet", length=3, prefix="my")["id"].count("-") == 3
    assert 5 <= made(RANDOM, "random_integer", min=5, max=7)["result"] <= 7
    shuffled = made(RANDOM, "random_shuffle", input=["a", "b", "c"], result_count=5)["result"]
    assert len(shuffled) == 5
    assert set(shuffled) == {"a", "b", "c"}
    seeded = [made(RANDOM, "random_integer", min=1, max=10**9, seed="s")["result"] for _ in range(2)]
    assert seeded[0] == seeded[1]


def test_new_keepers_and_triggers_replace() -> None:
    values = made(RANDOM, "random_pet", keepers={"ami": "1"})
    config = given(RANDOM, "random_pet", keepers={"ami": "2"})
    assert list(RANDOM.plan("random_pet", values, config, config).replace) == [("keepers",)]
    null = made(NULL, "null_resource", triggers={"a": "1"})
    config = given(NULL, "null_resource", triggers={"a": UNKNOWN})
    assert list(NULL.plan("null_resource", null, config, config).replace) == [("triggers",)]


def test_moments_are_kept_shifted_and_end() -> None:
    moment = "2026-01-31T10:00:00Z"
    static = made(TIME, "time_static", rfc3339=moment)
    assert (static["year"], static["day"], static["unix"]) == (2026, 31, 1769853600)
    assert (
        made(TIME, "time_offset", base_rfc3339=moment, offset_months=1)["rfc3339"] == "2026-02-28T10:00:00Z"
    )
    rotating = made(TIME, "time_rotating", rfc3339="2020-01-01T00:00:00Z", rotation_days=30)
    assert rotating["rotation_rfc3339"] == "2020-01-31T00:00:00Z"
    assert TIME.read("time_rotating", rotating) is None


def test_a_sleep_sleeps_by_the_factor_and_can_be_stopped() -> None:
    assert duration_s("1m30s") == 90
    config = given(TIME, "time_sleep", create_duration="1h")
    planned = TIME.plan("time_sleep", None, config, config).values
    assert TIME.apply("time_sleep", None, planned, config, lambda: False) is not None
    slow = LocalProvider(name="time", types=TIME_TYPES, speed=1.0)
    with pytest.raises(Failure):
        slow.apply("time_sleep", None, planned, config, lambda: True)
