"""A directory of Terraform as a bundle."""

import base64
import os
from pathlib import Path

import pytest

from infraai.errors import DirectoryError
from tools import directory
from tools.directory import read_directory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    return folder


def write(root: Path, name: str, content: bytes | str = "x") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_everything_that_terraform_may_need_is_read_and_nothing_else(root: Path) -> None:
    kept = (
        "vars.tf.json",
        "prod.auto.tfvars",
        "modules/net/main.tf",
        "templates/start.sh.tpl",
        ".terraform.lock.hcl",
    )
    for name in kept:
        write(root, name, f"# {name}\r\n")
    write(root, "logo.png", b"\x89PNG\0\xff")
    for name in (
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "sub/terraform.tfstate.d/x.tfstate",
        ".terraform/providers/x",
        ".git/config",
        "crash.log",
        "crash.2026.log",
        "out.tfplan",
    ):
        write(root, name)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}

    bundle = read_directory(root)

    assert set(bundle.files) == {"main.tf", *kept}
    assert bundle.files["modules/net/main.tf"] == "# modules/net/main.tf\r\n"
    assert {name: base64.b64decode(text) for name, text in bundle.assets.items()} == {
        "logo.png": b"\x89PNG\0\xff"
    }
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_links_inside_the_directory_are_read_as_what_they_point_at(root: Path) -> None:
    write(root, "shared/vars.tf", "v")
    (root / "vars.tf").symlink_to("shared/vars.tf")
    (root / "again").symlink_to("shared")

    assert read_directory(root).files["vars.tf"] == "v"
    assert read_directory(root).files["again/vars.tf"] == "v"


def refuse_file_out(root: Path) -> None:
    write(root.parent, "secret.txt", "s")
    (root / "notes.txt").symlink_to(root.parent / "secret.txt")


def refuse_folder_out(root: Path) -> None:
    (root / "etc").symlink_to("/etc")


def refuse_loop(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "up").symlink_to(root)


def refuse_dangling(root: Path) -> None:
    (root / "gone.tf").symlink_to("nowhere")


def refuse_pipe(root: Path) -> None:
    os.mkfifo(root / "pipe")


def refuse_encoding(root: Path) -> None:
    write(root, "latin.tf", b"# a\n# \xe9")


def refuse_utf16(root: Path) -> None:
    write(root, "wide.tf", "\ufeff# a".encode("utf-16-le"))


def refuse_nul(root: Path) -> None:
    write(root, "nul.tfvars", b"a = 1\n\n#\0")


def refuse_tofu(root: Path) -> None:
    write(root, "main.tofu", "")


def refuse_size(root: Path) -> None:
    with (root / "dump.sql").open("wb") as file:
        file.truncate(directory.MAX_BYTES + 1)


def refuse_count(root: Path) -> None:
    for number in range(directory.MAX_FILES):
        write(root, f"{number}.txt", "")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (refuse_file_out, "notes.txt is a link that leads out"),
        (refuse_folder_out, "etc is a link that leads out"),
        (refuse_loop, "sub/up is a link to a folder that holds it"),
        (refuse_dangling, "gone.tf is a link that leads nowhere"),
        (refuse_pipe, "pipe is not a regular file"),
        (refuse_encoding, "latin.tf is not UTF-8 text: line 2 has the byte 0xE9"),
        (refuse_utf16, "wide.tf is not UTF-8 text: it is UTF-16"),
        (refuse_nul, "nul.tfvars is not UTF-8 text: line 3 has a NUL byte"),
        (refuse_tofu, "main.tofu is OpenTofu's own"),
        (refuse_size, "dump.sql takes the directory over 50 MB"),
        (refuse_count, "more than 2000 files"),
    ],
)
def test_what_cannot_be_read_safely_is_named_with_the_reason_and_the_next_step(
    root: Path, spoil: object, said: str
) -> None:
    assert callable(spoil)
    spoil(root)
    with pytest.raises(DirectoryError, match=said) as caught:
        read_directory(root)
    assert caught.value.next_step


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_named(root: Path) -> None:
    write(root, "closed.tf")
    (root / "closed.tf").chmod(0)
    with pytest.raises(DirectoryError, match=r"closed.tf cannot be read \(Permission denied\)"):
        read_directory(root)


def test_a_path_that_is_no_root_module_is_refused(root: Path) -> None:
    write(root, "docs/a.md")
    for path, said in (
        (root / "absent", "does not exist"),
        (root / "main.tf", "is not a directory"),
        (root / "docs", "has no .tf files"),
    ):
        with pytest.raises(DirectoryError, match=said):
            read_directory(path)
