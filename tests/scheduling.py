"""Which tests run in one process, where there are several, and which first: `make test` has one for each core and more.

xdist's own way to group tests, by marks, writes into what pytest 9.1 and later do not let be written.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/e2e/", "tests/browser/console/", "tests/browser/", "tests/image/", "tests/toolchain/importing/")
"""Folders whose tests share what takes long to make - a cloud, a browser, images, environments -, the longest first."""


class Together(LoadScopeScheduling):
    """Tests of such a folder run in one process, in their order; elsewhere those of a file do."""

    def _split_scope(self, nodeid: str) -> str:
        return folder(nodeid) or nodeid.partition("::")[0]


def folder(nodeid: str) -> str | None:
    """The folder that a test has to stay together with."""
    return next((each for each in TOGETHER if nodeid.startswith(each)), None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """What hands tests to processes."""
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, or one process would be at it when the others have nothing left to do."""
    ranks = {each: rank for rank, each in enumerate(TOGETHER)}
    items.sort(key=lambda item: ranks.get(folder(item.nodeid) or "", len(ranks)))
