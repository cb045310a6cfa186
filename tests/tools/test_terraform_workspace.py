"""The directory a bundle is laid out in."""

import base64
from pathlib import Path

import pytest

from infraai.errors import DirectoryError
from infraai.models import Bundle
from tools.terraform.workspace import workspace


def names(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink()
    }


def test_an_earlier_bundle_leaves_nothing_but_terraforms_own_cache(tmp_path: Path) -> None:
    space = workspace(tmp_path, "dep-1")
    space.lay_out(Bundle(files={"main.tf": "a", "modules/net/main.tf": "b", "old/x.tf": "c", "t/u.tpl": "d"}))
    (space.folder / ".terraform" / "modules").mkdir(parents=True)
    (space.folder / ".terraform" / "modules" / "modules.json").write_text("{}")
    (space.folder / "errored.tfstate").write_text("{}")
    (space.folder / "stray.auto.tfvars").write_text("x = 1")

    space.lay_out(Bundle(files={"main.tf": "a2", "modules/net/main.tf": "b", "t": "now a file"}))

    assert names(space.folder) == {
        "main.tf",
        "modules/net/main.tf",
        "t",
        "infraai_backend_override.tf",
        ".terraform/modules/modules.json",
        "errored.tfstate",
    }
    assert (space.folder / "main.tf").read_text() == "a2"
    assert not (space.folder / "old").exists()


def test_nobody_else_can_look_into_it(tmp_path: Path) -> None:
    space = workspace(tmp_path, "dep-1")
    space.lay_out(
        Bundle(files={"modules/net/main.tf": "b"}, assets={"a/b.bin": base64.b64encode(b"\0\1").decode()})
    )

    for path in (space.folder, *space.folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert (space.folder / "a/b.bin").read_bytes() == b"\0\1"


@pytest.mark.parametrize(
    "name",
    ["../out.tf", "/etc/cron.d/x", "a/../../out.tf", "", ".", "a\\b.tf", "a\0.tf", ".terraform/x", "errored.tfstate",
     ".infraai/plan", "main.tofu"],
)  # fmt: skip
def test_a_name_that_escapes_or_is_terraforms_own_is_refused(tmp_path: Path, name: str) -> None:
    space = workspace(tmp_path, "dep-1")
    with pytest.raises(DirectoryError):
        space.lay_out(Bundle(files={name: "x"}))
    assert not space.folder.exists()


def test_terraform_hidden_among_the_assets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="not UTF-8"):
        workspace(tmp_path, "dep-1").lay_out(Bundle(assets={"more.tf": base64.b64encode(b"# \xff").decode()}))


def test_a_link_planted_in_the_directory_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    space = workspace(tmp_path, "dep-1")
    space.lay_out(Bundle(files={"main.tf": "a"}))
    (space.folder / "sub").symlink_to(outside)
    (space.folder / "main.tf").unlink()
    (space.folder / "main.tf").symlink_to(outside / "main.tf")

    space.lay_out(Bundle(files={"main.tf": "a", "sub/x.tf": "b"}))

    assert list(outside.iterdir()) == []
    assert (space.folder / "sub" / "x.tf").read_text() == "b"


@pytest.mark.parametrize("deployment_id", ["", "..", "a/b", ".hidden", "a" * 200])
def test_an_id_that_is_no_name_is_refused(tmp_path: Path, deployment_id: str) -> None:
    with pytest.raises(DirectoryError):
        workspace(tmp_path, deployment_id)
