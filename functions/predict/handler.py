"""The Lambda handler of the predict function."""

import os

from functions.core.start import begin, finish

begin()

from functions.core.registry import Registry  # noqa: E402
from functions.core.settings import Settings  # noqa: E402

settings = Settings.from_environment(os.environ)
registry = Registry.of(settings)
# The registry answers while ONNX Runtime is imported and the model loads: on AWS the first look is a TLS handshake.
registry.look_ahead()

from functions.predict.entry import Entry  # noqa: E402

handler = Entry(settings, registry)

finish()
