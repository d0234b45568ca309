"""An admin API in memory, and operators of it."""

from collections.abc import Iterator

import pytest

from tests.toolchain.admin_server import Server, serving
from tests.toolchain.operator import Operator


@pytest.fixture
def server() -> Iterator[Server]:
    """An empty registry behind HTTP."""
    with serving() as state:
        yield state


@pytest.fixture
def operator(server: Server) -> Operator:
    """Someone who may do everything there."""
    return Operator(server)
