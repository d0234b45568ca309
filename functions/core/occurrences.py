"""How often a byte occurs in a large document: numpy counts several times as fast as bytes do where it is often."""

import numpy as np


def occurrences(document: bytes, mark: bytes, start: int = 0, stop: int | None = None) -> int:
    """Count a single byte in document[start:stop]; takes as much memory for a while as that is long."""
    return int(np.count_nonzero(np.frombuffer(document, np.uint8)[start:stop] == mark[0]))
