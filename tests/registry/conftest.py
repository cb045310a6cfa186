"""A registry of its own for each test, and a clock that is moved by hand."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infraai.registry.database import migrate
from infraai.registry.registry import Registry


class Time:
    at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Time:
    return Time()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "registry.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
async def registry(tmp_path: Path, now: Time, migrated: Path) -> AsyncIterator[Registry]:
    shutil.copy(migrated, tmp_path)
    opened = await Registry.open(tmp_path, now=now)
    yield opened
    await opened.close()
