"""Tokens and keys never stay in a text that goes on; what only resembles them does."""

import pytest

from infraai.masking import NOT_SHOWN, conceal, conceal_text, is_private, mask, mask_all, restore

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


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD", "root_password", "apiKey", "api-key", "user_labels.auth_token", "client_secret", "user_data",
     "metadata_startup_script", "credentials", "private_key", "ssh_keys", "service.pwd"],
)  # fmt: skip
def test_what_its_name_says_is_a_secret_is_not_shown(name: str) -> None:
    assert is_private(name)
    assert conceal({name: "s3cret"}) == {name: NOT_SHOWN}
    assert conceal({"a": [{"name": name, "value": "s3cret"}]}) == {"a": [{"name": name, "value": NOT_SHOWN}]}


@pytest.mark.parametrize(
    "name",
    ["zone", "machine_type", "tier", "secret_id", "token_count", "key_name", "instance_id", "monitoring",
     "database_flags.max_connections", "password_policy", "author", "disk_io", "passenger_count"],
)  # fmt: skip
def test_what_is_only_about_a_secret_is_shown(name: str) -> None:
    assert conceal({name: "n2"}) == {name: "n2"}


@pytest.mark.parametrize(
    "text",
    ["https://h/hook?token=hunter22&x=1", "password: hunter22", "export API_KEY='hunter22'", "--db-password=hunter22",
     '{"client_secret": "hunter22"}', "postgres://u:hunter22@h/db"],
)  # fmt: skip
def test_what_a_text_says_a_secret_is_is_not_shown(text: str) -> None:
    assert "hunter22" not in conceal_text(text)
    assert "hunter22" not in str(conceal({"detail": [text]}))


@pytest.mark.parametrize(
    "text",
    ["CPU above 80 % for 5 min", "https://h/hook?x=1", "value: 0.93, threshold: 0.8", "it has no token", ""],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert conceal_text(text) == text
    assert conceal({"n": 1, "b": True, "none": None, "t": text}) == {
        "n": 1,
        "b": True,
        "none": None,
        "t": text,
    }
