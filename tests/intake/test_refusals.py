"""Whatever is sent gives alerts or an AlertError, and never anything else."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infraai.errors import AlertError
from infraai.operations.intake import MAX_BODY_BYTES, parse_body
from infraai.operations.shapes import Alert
from tests.intake.written import ALL, alertmanager, flat, google, sent


def refusal(body: bytes | str) -> AlertError:
    with pytest.raises(AlertError) as caught:
        parse_body(body)
    assert caught.value.message
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a": "\xc3"}', "not UTF-8"),
        (b"CPU is high on vm-1", "not valid JSON"),
        (b'{"incident": {"x": 1}', "not valid JSON"),
        (b"{} and more", "not valid JSON"),
        (b'{"a": 1,}', "not valid JSON"),
        (b"{'a': 1}", "not valid JSON"),
        (b"{}", "has no fields"),
        (b"null", "no JSON object"),
        (b'"text"', "no JSON object"),
        (b"7", "no JSON object"),
        (b"[]", "a list of 0"),
        (b"[[]]", "Element 1"),
        (b'{"version": "1.2"}', "fields version"),
        (b'{"version": "1.2", "incident": {}}', "fields incident, version"),
        (b'{"version": "1.2", "incident": "down"}', "fields incident, version"),
        (b'{"resource_id": "vm-1"}', "fields resource_id"),
        (b'{"resource_id": "vm-1", "metric": "cpu", "state": "confused"}', "state 'confused'"),
        (
            b'{"resource_id": "vm-1", "metric": "cpu", "resource_id": "vm-2"}',
            "two different things.*'resource_id'",
        ),
        (b'{"title": "t", "alert_type": "$ALERT_TYPE", "scopes": []}', "Alertmanager v4"),
    ],
)
def test_the_refusal_says_why(body: bytes, reason: str) -> None:
    assert re.search(reason, str(refusal(body)))


def test_a_body_of_five_megabytes_is_refused_before_it_is_read() -> None:
    body = b'{"a": "' + b"x" * 5_000_000
    began = time.perf_counter()
    assert "too large" in str(refusal(body))
    assert time.perf_counter() - began < 0.1
    assert "too large" in str(refusal("\u00e9" * (MAX_BODY_BYTES // 2 + 1)))
    assert "not valid JSON" in str(refusal(body[:MAX_BODY_BYTES]))


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"incident":'])
def test_a_nesting_bomb_is_refused(opening: str) -> None:
    assert "nested too deeply" in str(refusal(opening * 60_000))


def test_a_name_twice_is_fine_where_it_says_the_same() -> None:
    (alert,) = parse_body(b'{"metric": "cpu", "resource_id": "vm-1", "resource_id": "vm-1"}')
    assert alert.resource == "vm-1"


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "true", "null", "[1]", '"1e999"']
)
def test_what_is_no_measurement_is_no_value(value: str) -> None:
    (alert,) = parse_body(f'{{"resource_id": "vm-1", "metric": "cpu", "value": {value}}}')
    assert alert.value is None


def test_a_byte_order_mark_is_no_matter() -> None:
    assert parse_body(b"\xef\xbb\xbf" + sent(flat())) == parse_body("\ufeff" + json.dumps(flat()))


def test_a_list_is_all_of_its_bodies_or_none() -> None:
    assert (
        len(parse_body(sent([flat(), google(), alertmanager({"alertname": "A"}, {"alertname": "B"})]))) == 4
    )
    assert "Element 2" in str(refusal(sent([flat(), {"x": 1}])))
    assert len(parse_body(sent([flat()] * 100))) == 100
    assert "101" in str(refusal(sent([flat()] * 101)))


def test_more_alerts_than_anybody_sends_are_refused() -> None:
    labels = [{"alertname": "A"}] * 1001
    assert "1001 alerts" in str(refusal(sent(alertmanager(*labels))))


def test_the_summary_is_bounded_and_shows_no_secret_and_no_control_character() -> None:
    key = "AIza" + "x" * 35
    (alert,) = parse_body(sent(flat(summary=f"key {key}\x00\x1b[31m\u202e\ttab\nline" + "y" * 5000)))
    assert key not in alert.summary
    assert "[masked: a Google API key 1][31m tab\nline" in alert.summary
    assert len(alert.summary) == 2000


@pytest.mark.parametrize("hidden", ["vm\u0000-1", "vm\u200b-1", "vm\n1", "vm\ud800", "v" * 600, "null", " "])
def test_a_name_with_what_cannot_be_seen_names_nothing(hidden: str) -> None:
    (alert,) = parse_body(
        json.dumps(google(metric={"labels": {"instance_name": hidden}}, metadata={}, resource={}))
    )
    assert alert.resource == ""


def test_a_large_body_is_read_in_time() -> None:
    labels = [{"alertname": "A", **{f"label_{n}": "v" * 30 for n in range(10)}} for _ in range(1000)]
    body = sent(alertmanager(*labels))[:MAX_BODY_BYTES]
    began = time.perf_counter()
    assert len(parse_body(body)) == 1000
    assert time.perf_counter() - began < 1.5


def read(body: bytes | str) -> tuple[Alert, ...]:
    try:
        alerts = parse_body(body)
    except AlertError:
        return ()
    assert alerts
    for alert in alerts:
        alert.model_dump_json().encode()
    return alerts


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        ["open", "1.2", "test", "4", "1", "0.5", "null", "2026-08-01T10:00:00Z", 10**400, "\ud800"]
    )
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)


@given(st.binary(max_size=300) | st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_arbitrary_bytes_never_raise_anything_else(body: bytes | str) -> None:
    read(body)


@given(ANYTHING)
@settings(max_examples=100, deadline=None)
def test_arbitrary_json_never_raises_anything_else(body: Any) -> None:
    read(json.dumps(body))


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [here, *(path for key, one in inner for path in paths(one, (*here, key)))]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_valid_body_with_anything_in_any_place_never_raises_anything_else(data: st.DataObject) -> None:
    body: Any = json.loads(json.dumps(data.draw(st.sampled_from(ALL))))
    for _ in range(data.draw(st.integers(1, 3))):
        inside = [one for one in paths(body) if one]
        if not inside:
            break
        *way, last = data.draw(st.sampled_from(inside))
        place = body
        for key in way:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(ANYTHING)
        else:
            del place[last]
    read(json.dumps(body))
    cut = data.draw(st.integers(0, 400))
    read(json.dumps(body).encode()[:cut])
