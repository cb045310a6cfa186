"""No way of writing a hostile bundle differently makes it pass."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from infraai.guard import inspect
from infraai.models import Bundle
from tests.guard.honest import HONEST
from tests.guard.hostile import HOSTILE
from tools.hcl import HclTreeSitter

NATIVE = [files for _, _, files in HOSTILE if set(files) == {"main.tf"} and files["main.tf"]]
PLAIN = [
    files["main.tf"] for _, files in HONEST if set(files) == {"main.tf"} and "\r" not in files["main.tf"]
]
COMMENTS = ["# /*\n", "// */ <<EOT\n", "/* } ${ \n */\n", "\n\n", '# "\n', "/**/ # EOT\n", "# \u2028 } \\\n"]
INDENTS = ["", " ", "\t", "      "]


def passes(files: dict[str, str]) -> bool:
    bundle = Bundle(files=files)
    return all(one.verdict == "flag" for one in inspect(HclTreeSitter().parse(bundle), bundle))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NATIVE), st.data())
def test_comments_and_layout_hide_nothing(files: dict[str, str], data: st.DataObject) -> None:
    lines = files["main.tf"].removeprefix("\ufeff").splitlines(keepends=True)
    written = [
        data.draw(st.sampled_from([*COMMENTS, ""])) + data.draw(st.sampled_from(INDENTS)) + line
        for line in lines
    ]
    text = "".join(written) + data.draw(st.sampled_from(["", *COMMENTS, "# no newline"]))
    if data.draw(st.booleans()) and "\r" not in text:
        text = text.replace("\n", "\r\n")
    if data.draw(st.booleans()):
        text = "\ufeff" + text
    assert not passes({"main.tf": text})


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(NATIVE),
    st.sampled_from(PLAIN),
    st.booleans(),
    st.sampled_from(["z.tf", "override.tf", "a_override.tf", "m/x.tf"]),
)
def test_honest_company_hides_nothing(files: dict[str, str], honest: str, together: bool, name: str) -> None:
    hostile = files["main.tf"].removeprefix("\ufeff")
    # In a module's folder stand only the bundle's own files: listing them there shows nothing of Terraform's.
    assume("/" not in name or "fileset(path.module" not in hostile)
    if together:
        assert not passes({"main.tf": f"{honest.removeprefix(chr(0xFEFF))}\n{hostile}"})
    called = 'module "called" {\n  source = "./m"\n}\n' if "/" in name else ""
    honest = honest.removeprefix("\ufeff")
    assert not passes({"main.tf": f"{called}{honest}", name: hostile})


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abEOT_ \n\r\t\"'$%{}[]()<>-=/*#\\.,:~\ufeff\xa0é0", max_size=120))
def test_reading_never_fails_and_never_guesses(text: str) -> None:
    configuration = HclTreeSitter().parse(
        Bundle(files={"main.tf": text, "main.tf.json": text, "x.auto.tfvars": text})
    )
    assert configuration.files == ("main.tf", "main.tf.json")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NATIVE), st.data())
def test_what_is_cut_short_is_never_believed_in_part(files: dict[str, str], data: st.DataObject) -> None:
    text = files["main.tf"]
    block_open = [
        at
        for at in range(1, len(text))
        if text[:at].count("{") > text[:at].count("}") and text[at - 1] == "\n"
    ]
    if block_open:
        assert not passes({"main.tf": text[: data.draw(st.sampled_from(block_open))]})
