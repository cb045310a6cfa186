"""What differs between two JSON values, as a person reads it."""

from typing import Any

import pytest
from rich.console import Console

from api.cli.cards import preview_card
from api.cli.leaves import MOST, Gap, changed_leaves, plain
from infraai.models import Change, Preview


def told(before: Any, after: Any) -> list[str]:
    return [str(one) for one in changed_leaves(before, after, "settings")]


def flags(limit: int, *more: str) -> list[dict[str, Any]]:
    named = [{"name": "max_connections", "value": str(limit)}]
    return [{"tier": "db-f1", "database_flags": named + [{"name": one, "value": "on"} for one in more]}]


def test_a_nested_value_is_told_by_its_path_alone() -> None:
    assert told(flags(100, "log_locks"), flags(200, "log_locks")) == [
        "settings.database_flags.max_connections: 100 → 200"
    ]


def test_blocks_are_matched_by_their_name_wherever_they_stand() -> None:
    before, after = flags(100, "a", "b"), flags(100, "b", "c")
    after[0]["database_flags"].reverse()
    assert told(before, after) == [
        "settings.database_flags.a: on → none",
        "settings.database_flags.c: none → on",
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (["10.0.0.0/8", "0.0.0.0/0"], ["10.0.0.0/8"], ["settings: -0.0.0.0/0"]),
        (["a"], ["b"], ["settings: a → b"]),
        (["a", "b"], ["b", "a"], ["settings: another order"]),
        ([{"x": 1}, {"x": 2}], [{"x": 1}, {"x": 3}], ["settings[0].x: 2 → 3"]),
        ([{"x": 1}], [], ["settings.x: 1 → none"]),
        ({"x": None, "y": ""}, {"x": [], "y": None}, []),
        ({"x": 1}, {"x": True}, []),
        (None, {"x": {"y": "z", "empty": []}}, ["settings.x.y: none → z"]),
        ("a", Gap.UNKNOWN, ["settings: a → (known after apply)"]),
        ([{"name": "only"}], [], ["settings: only → none"]),
    ],
)
def test_every_shape_has_its_words(before: Any, after: Any, said: list[str]) -> None:
    assert told(before, after) == said


def test_of_a_long_text_the_place_where_it_differs_is_shown() -> None:
    (said,) = told("x" * 500 + "old", "x" * 500 + "new")
    assert "old → …" in said
    assert said.endswith("new")
    assert len(plain(["word"] * 100)) == MOST


def test_a_preview_shows_every_value_that_changes() -> None:
    change = Change(
        address="google_sql_database_instance.db",
        type="google_sql_database_instance",
        name="db",
        action="update",
        changed=("settings", "etag", "self_link"),
        before={"settings": flags(100), "etag": "x"},
        after={"settings": flags(200)},
    )
    console = Console(width=100, record=True)
    with console.capture() as captured:
        console.print(preview_card(Preview(changes=(change,), plan_digest="0" * 64)))
    words = " ".join(captured.get().replace("│", " ").split())
    assert "settings.database_flags.max_connections: 100 → 200" in words
    assert "known after apply: etag, self_link" in words
