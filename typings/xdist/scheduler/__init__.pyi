"""How tests are handed to processes."""

import pytest

class LoadScopeScheduling:
    """Tests of one scope run in one process, in their order."""

    def __init__(self, config: pytest.Config, log: object = ...) -> None: ...
    def _split_scope(self, nodeid: str) -> str: ...
