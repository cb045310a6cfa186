"""Fixtures of the sandbox's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.console import Console


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """A project in a cloud of its own."""
    made = Console(tmp_path)
    yield made
    made.cloud.close()
