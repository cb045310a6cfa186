"""Tokens and keys never stay in a text that goes on; what only resembles them does."""

import pytest

from infraai.masking import mask, mask_all, restore

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\ndef==\n-----END RSA PRIVATE KEY-----"
TOKENS = [
    "ya29." + "a0AfH6SMBx-_" * 4,
    "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"[:35],
    "ghp_" + "A1b2" * 9,
    "glpat-" + "x9" * 12,
    "AKIA" + "ABCD1234" * 2,
    "eyJhbGciOiJSUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJlZm9y",
    KEY,
    KEY.replace("\n", "\\n"),
]


@pytest.mark.parametrize("token", TOKENS)
def test_no_token_is_left_and_all_else_is(token: str) -> None:
    text = f'line 1: token = "{token}" was refused, and "{token}" again'
    masked = mask(text)
    assert token not in masked
    assert "MIIE" not in masked
    assert masked.startswith('line 1: token = "[masked: a')
    assert masked.endswith(" again")
    assert restore(masked, text) == text


def test_a_key_that_is_cut_off_is_masked_to_the_end() -> None:
    assert mask("x = " + KEY[:45]) == "x = [masked: a private key 1]"


def test_an_address_keeps_its_host() -> None:
    masked = mask("postgres://app:hunter22@db.internal:5432/app is refused")
    assert masked == "postgres://[masked: a password in an address 1]@db.internal:5432/app is refused"


def test_two_tokens_are_told_apart() -> None:
    text = f"{TOKENS[2]} {TOKENS[2][:-1]}Z {TOKENS[2]}"
    assert mask(text) == "[masked: a GitHub token 1] [masked: a GitHub token 2] [masked: a GitHub token 1]"
    assert restore(mask(text), text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "projects/p/zones/us-central1-a/instances/web",
        "https://example.com:8080/a@b",
        "postgres://app:${var.password}@db/app",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "ghp_short, AIzaTooShort, ya29",
        "[masked: a GitHub token 1]",
    ],
)
def test_what_is_no_token_stays(text: str) -> None:
    assert mask(text) == text
    assert restore(text, text) == text


def test_texts_are_masked_wherever_they_lie() -> None:
    token = TOKENS[2]
    assert mask_all({"a": [token, 1, None, {"b": (token,)}], token: True}) == {
        "a": ["[masked: a GitHub token 1]", 1, None, {"b": ["[masked: a GitHub token 1]"]}],
        "[masked: a GitHub token 1]": True,
    }
