"""An API of jobs in memory, and a file to send."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.toolchain.jobs.caller import written
from tests.toolchain.jobs.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """Without any jobs, behind HTTP."""
    with serving() as state:
        yield state


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A CSV of two rows."""
    return written(tmp_path)
