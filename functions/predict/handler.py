"""The Lambda handler of the predict function."""

import os
from time import perf_counter
from typing import TYPE_CHECKING

from functions.core.start import start

if TYPE_CHECKING:
    from functions.predict.entry import Entry

INITIALIZATION, ON_DEMAND = "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"


def load() -> "Entry":
    """Import what answers requests, and make the function's entry of it."""
    began = perf_counter()
    from functions.core.registry import Registry
    from functions.core.settings import Settings

    settings = Settings.from_environment(os.environ)
    registry = Registry.of(settings)
    # The registry answers while ONNX Runtime is imported and the model loads: on AWS a first look is a TLS handshake.
    registry.look_ahead()

    from functions.predict.entry import Entry

    # Environments that stand ready, and snapshots, started before there was a request that could wait for it.
    waiting = os.environ.get(INITIALIZATION, ON_DEMAND) == ON_DEMAND
    return Entry(settings, registry, began if waiting else None)


handler = start(load)
