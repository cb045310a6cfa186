from infraai.drafts import FileText, MendDraft
from infraai.models import Bundle, Diagnostic, Report
from tests.fakes.chat import FakeModel, block_of
from tests.mending.loop import mended, rules

TEXT = 'resource "google_compute_network" "main" {\n  name = "main"\n}\n'
BUNDLE = Bundle(files={"main.tf": TEXT})
ODD = Report(
    diagnostics=(Diagnostic(summary="Something odd", detail="nobody knows", file="main.tf", line=2),)
)
PASSED = Report()


def written(text: str) -> MendDraft:
    return MendDraft(files=(FileText(name="main.tf", content=text),), explanation="tried")


def odd(number: int) -> Report:
    return Report(diagnostics=(Diagnostic(summary=f"Odd {number}", file="main.tf", line=2),))


async def test_the_same_errors_twice_in_a_row_end_it() -> None:
    texts = [TEXT + f"# {number}\n" for number in range(9)]
    model = FakeModel().says("mend", *(written(text) for text in texts))

    ended = await mended(BUNDLE, lambda _: ODD, model)

    assert ended.update["reason"] == "not_converging"
    assert ended.update["message"].startswith("LLM fix not converging")
    assert len(model.asked("mend")) == 1


async def test_the_model_is_asked_three_times_and_no_more() -> None:
    reports = iter(odd(number) for number in range(9))
    model = FakeModel().says("mend", *(written(TEXT + f"# {number}\n") for number in range(9)))

    ended = await mended(BUNDLE, lambda _: next(reports), model)

    assert ended.update["reason"] == "validation_exhausted"
    assert "after 3 attempts" in ended.update["message"]
    assert (ended.fixes, len(model.asked("mend"))) == (3, 3)


async def test_an_answer_that_drops_a_resource_is_rejected_told_and_counted() -> None:
    model = FakeModel().says("mend", written("# empty\n"), written(TEXT + "# better\n"))

    def check(bundle: Bundle) -> Report:
        return PASSED if "better" in bundle.files["main.tf"] else ODD

    ended = await mended(BUNDLE, check, model)

    assert ended.report.passed
    assert ended.fixes == 2
    assert "it drops google_compute_network.main" in model.asked("mend")[1].text
    assert any("rejected" in note for note in ended.notes)


async def test_answers_that_are_never_faithful_use_up_the_tries() -> None:
    ended = await mended(BUNDLE, lambda _: ODD, FakeModel().says("mend", written("# empty\n")))

    assert ended.update["reason"] == "validation_exhausted"
    assert ended.fixes == 3
    assert ended.bundle == BUNDLE


async def test_a_model_without_a_mend_ends_it_with_its_own_words() -> None:
    nothing = MendDraft(files=(), explanation="it would drop the network")

    ended = await mended(BUNDLE, lambda _: ODD, FakeModel().says("mend", nothing))

    assert ended.update["reason"] == "not_converging"
    assert ended.notes == ["model: it has no mend. it would drop the network"]


async def test_a_mend_by_code_is_not_counted_and_asks_nobody() -> None:
    broken = Bundle(files={"main.tf": TEXT.replace("name ", "nmae ")})
    said = Diagnostic(
        summary="Unsupported argument",
        detail='An argument named "nmae" is not expected here.',
        file="main.tf",
        line=2,
    )
    model = FakeModel()

    def check(bundle: Bundle) -> Report:
        return PASSED if bundle == BUNDLE else Report(diagnostics=(said,))

    ended = await mended(broken, check, model)

    assert (ended.report.passed, ended.fixes, model.prompts) == (True, 0, [])
    assert ended.notes == ["code: argument nmae → name in google_compute_network.main (main.tf:2)"]


async def test_mends_by_code_that_go_in_a_circle_end_at_the_model() -> None:
    """Terraform that always finds the other spelling wrong cannot keep the loop running."""

    def check(bundle: Bundle) -> Report:
        name = "name" if "  name " in bundle.files["main.tf"] else "nmae"
        said = Diagnostic(
            summary="Unsupported argument",
            detail=f'An argument named "{name}" is not expected here. Did you mean "description"?',
            file="main.tf",
            line=2,
        )
        return Report(diagnostics=(said,))

    ended = await mended(BUNDLE, check, rules(), most=40)

    assert ended.update.get("status") == "failed"


async def test_the_prompt_holds_all_files_the_exact_errors_and_the_schema_of_the_types_in_trouble() -> None:
    bundle = BUNDLE.with_files({"outputs.tf": "# ``` none yet\n"})
    model = FakeModel().says("mend", MendDraft(files=()))

    await mended(bundle, lambda _: ODD, model)

    block = block_of(model.asked("mend")[0])
    assert block["task"] == "mend"
    assert block["files"] == bundle.files
    assert block["diagnostics"][0]["detail"] == "nobody knows"
    assert "auto_create_subnetworks" in block["schemas"]["google_compute_network"]["arguments"]
