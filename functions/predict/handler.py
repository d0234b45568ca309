"""The Lambda handler of the predict function."""

import os
from typing import TYPE_CHECKING

from functions.core.start import start

if TYPE_CHECKING:
    from functions.predict.entry import Entry


def load() -> "Entry":
    """Import what answers requests, and make the function's entry of it."""
    from functions.core.registry import Registry
    from functions.core.settings import Settings

    settings = Settings.from_environment(os.environ)
    registry = Registry.of(settings)
    # The registry answers while ONNX Runtime is imported and the model loads: on AWS a first look is a TLS handshake.
    registry.look_ahead()

    from functions.predict.entry import Entry

    return Entry(settings, registry)


handler = start(load)
