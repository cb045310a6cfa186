from typing import Any

from infraai.drafts import MendDraft
from sandbox.gemini.mender import mend

NETWORK = 'resource "google_compute_network" "main" {\n  name = "main" # kept\n}\n'


def asked(text: str, *diagnostics: dict[str, Any], **more: Any) -> MendDraft:
    block = {
        "task": "mend",
        "files": {"main.tf": text},
        "diagnostics": list(diagnostics),
        "plan": None,
        "schemas": {},
    }
    return MendDraft.model_validate(mend({**block, **more}))


def said(summary: str, detail: str, line: int) -> dict[str, Any]:
    return {"summary": summary, "detail": detail, "file": "main.tf", "line": line}


def test_an_error_it_has_no_rule_for_changes_nothing_and_is_told() -> None:
    draft = asked(NETWORK, said("Quota exceeded", "", 1))

    assert draft.files == ()
    assert draft.explanation == "no rule for: Quota exceeded"


def test_each_error_is_mended_in_one_answer() -> None:
    text = 'output "a" {\n  value = local.region\n}\noutput "b" {\n  value = google_service_account.app_runner.email\n}\n'
    draft = asked(
        text,
        said(
            "Reference to undeclared local value",
            'A local value with the name "region" has not been declared.',
            2,
        ),
        said(
            "Reference to undeclared resource",
            'A managed resource "google_service_account" "app_runner" has not been declared in the root module.',
            5,
        ),
    )

    (file,) = draft.files
    assert 'region = "us-central1"' in file.content
    assert 'account_id   = "app-runner"' in file.content
    assert file.content.startswith(text)


def test_values_come_from_the_plan_and_the_schema_it_is_given() -> None:
    text = 'resource "google_redis_instance" "cache" {\n  name = "cache"\n}\n'
    schemas = {
        "google_redis_instance": {"arguments": {"tier": {"type": "string", "enum": ["BASIC", "STANDARD_HA"]}}}
    }
    missing = said(
        "Missing required argument", 'The argument "region" is required, but no definition was found.', 1
    )
    draft = asked(text, missing, plan={"region": "europe-west4"}, schemas=schemas)

    assert 'region = "europe-west4"' in draft.files[0].content


def test_it_writes_no_firewall_rule_for_sources_it_does_not_know() -> None:
    text = 'resource "google_compute_firewall" "f" {\n  name = "f"\n  network = "default"\n}\n'
    detail = '"allow": one of `allow,deny` must be specified'
    schemas = {
        "google_compute_firewall": {
            "arguments": {
                "allow": {"type": "set(block)"},
                "allow.protocol": {"type": "string", "required": True},
            }
        }
    }
    draft = asked(text, said("Invalid combination of arguments", detail, 1), schemas=schemas)

    assert draft.files == ()


def test_a_secret_is_never_written_down() -> None:
    text = 'resource "google_sql_user" "u" {\n  name = "u"\n}\n'
    missing = said(
        "Missing required argument", 'The argument "password" is required, but no definition was found.', 1
    )

    assert asked(text, missing).files == ()


def test_a_file_that_does_not_parse_is_left_to_others() -> None:
    draft = asked(
        NETWORK.replace("}", ""), said("Missing required argument", 'The argument "x" is required', 1)
    )

    assert draft.files == ()


def test_an_argument_that_says_something_is_not_taken_out_and_one_that_is_off_is() -> None:
    text = 'resource "google_compute_network" "main" {\n  name = "main"\n  colour = %s\n}\n'
    unknown = said("Unsupported argument", 'An argument named "colour" is not expected here.', 3)

    assert asked(text % '"blue"', unknown).files == ()
    assert "colour" not in asked(text % "false", unknown).files[0].content


def test_a_secret_gets_no_value_by_its_name_or_by_where_it_goes() -> None:
    use = 'resource "google_sql_user" "u" {\n  password = var.%s\n}\n'
    for name, block in (("db_pwd", ""), ("pass", ""), ("login", use % "login")):
        detail = f'The root module input variable "{name}" is not set, and has no default value.'
        text = f'variable "{name}" {{\n}}\n'

        assert asked(text + block, said("No value for required variable", detail, 1)).files == ()


def test_a_variable_that_is_no_secret_gets_a_value() -> None:
    detail = 'The root module input variable "region" is not set, and has no default value.'
    draft = asked('variable "region" {\n}\n', said("No value for required variable", detail, 1))

    assert 'default = "us-central1"' in draft.files[0].content


def test_of_two_that_differ_it_does_not_choose() -> None:
    text = (
        NETWORK
        + NETWORK.replace('name = "main"', 'name = "other"')
        + 'output "n" {\n  value = google_compute_network.main.id\n}\n'
    )

    assert asked(text, said('Duplicate resource "google_compute_network" configuration', "", 4)).files == ()
