"""The house: generic package names resolve to this repository, and nothing else ships one of them."""

import importlib.util
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("infraai", "agents", "tools", "graphs", "api", "sandbox")


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_this_repositorys(package: str) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).parent == ROOT / package


def test_no_dependency_ships_a_package_of_our_names() -> None:
    thieves = [
        f"{one.metadata['Name']}: {file}"
        for one in distributions()
        if one.metadata["Name"] != "infraai"
        for file in one.files or ()
        if file.parts and file.parts[0] in PACKAGES and file.suffix == ".py"
    ]
    assert thieves == []


def test_no_file_names_a_registry_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "http" not in lock.replace("httpcore", "").replace("httpx", "").replace("httptools", "").replace(
        "http-", ""
    )
    assert "--hash=sha256:" in lock
