"""A handler over the sample models, without a registry."""

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry


@pytest.fixture
def entry(settings: Settings) -> Entry:
    """The predict function's handler."""
    return Entry(settings)
