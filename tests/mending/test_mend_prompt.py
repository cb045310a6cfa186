"""What a model is shown to mend with: the configuration, never the values, the notes or the tokens."""

import json
from collections.abc import Iterator

from infraai.drafts import FileText, MendDraft
from infraai.models import Bundle, Diagnostic, Report
from tests.fakes.chat import FakeModel, block_of
from tests.mending.loop import mended

TOKEN = "ghp_" + "A1b2" * 9
MAIN = f'# {TOKEN}\nresource "google_compute_network" "main" {{\n  name = "main"\n}}\n'
BUNDLE = Bundle(
    files={
        "main.tf": MAIN,
        "terraform.tfvars": 'db_password = "hunter22"\nnodes = 3\nteams = { web = ["ann"], on = true }\n',
        "env/prod.tfvars": 'db_password = "hunter33"\n',
        "notes.txt": "call Ann at 555-0100\n",
        "scripts/start.sh.tftpl": "echo hello\n",
        "scripts/other.sh": "echo other\n",
    }
)


def report(*said: Diagnostic) -> Report:
    return Report(diagnostics=said)


ODD = report(Diagnostic(summary="Something odd", file="main.tf", line=3, snippet=f'name = "{TOKEN}"'))


async def asked(bundle: Bundle, found: Report) -> dict[str, object]:
    model = FakeModel().says("mend", MendDraft(files=()))
    await mended(bundle, lambda _: found, model)
    return block_of(model.asked("mend")[0])


async def test_only_configuration_and_what_a_diagnostic_names_is_shown() -> None:
    assert set((await asked(BUNDLE, ODD))["files"]) == {"main.tf"}  # type: ignore[call-overload]
    named = report(Diagnostic(summary="Odd", file="scripts/start.sh.tftpl", line=1))
    assert set((await asked(BUNDLE, named))["files"]) == {  # type: ignore[call-overload]
        "main.tf",
        "scripts/start.sh.tftpl",
    }


async def test_values_are_shown_as_names_and_kinds() -> None:
    block = await asked(BUNDLE, ODD)
    assert block["values"] == {
        "terraform.tfvars": {
            "db_password": "...",
            "nodes": 0,
            "teams": {"web": ["..."], "on": False},
        }
    }


async def test_a_diagnostic_of_a_values_file_shows_none_of_them() -> None:
    said = Diagnostic(summary="Odd", file="terraform.tfvars", line=1, snippet='db_password = "hunter22"')
    text = json.dumps(await asked(BUNDLE, report(said)))
    assert "Odd" in text
    assert not any(word in text for word in ("hunter22", "hunter33", "555-0100", "echo other"))


async def test_a_token_is_never_shown_and_comes_back_in_the_mend() -> None:
    text = json.dumps(await asked(BUNDLE, ODD))
    assert TOKEN not in text
    written = MAIN.replace(TOKEN, "[masked: a GitHub token 1]").replace('"main"\n', '"mended"\n')
    model = FakeModel().says("mend", MendDraft(files=(FileText(name="main.tf", content=written),)))
    reports = iter([ODD, Report()])

    ended = await mended(BUNDLE, lambda _: next(reports), model)

    assert ended.bundle.files["main.tf"] == MAIN.replace('"main"\n', '"mended"\n')


async def test_a_file_that_was_not_shown_is_not_written_over() -> None:
    def drafts() -> Iterator[MendDraft]:
        yield MendDraft(files=(FileText(name="terraform.tfvars", content='db_password = "..."\n'),))
        yield MendDraft(files=(FileText(name="main.tf", content=MAIN.replace('"main"\n', '"mended"\n')),))

    reports = iter([ODD, Report()])
    ended = await mended(BUNDLE, lambda _: next(reports), FakeModel().says("mend", *drafts()))

    assert ended.bundle.files["terraform.tfvars"] == BUNDLE.files["terraform.tfvars"]
    assert "mended" in ended.bundle.files["main.tf"]
