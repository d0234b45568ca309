"""How the C library gives memory back: for a function that answers one request after the other, not at all."""

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
KEPT = 64 * 1024 * 1024
"""Bytes of free memory that the process keeps for the next request."""
LARGEST_KEPT = 32 * 1024 * 1024
"""Blocks up to this size come from memory that is kept; glibc takes no larger value."""


def keep_memory() -> None:
    """Keep what a request frees, for the next one.

    By default glibc returns every large block to the kernel, and the next request faults it in again page by page: a
    third of the time that a picture-sized tensor takes. Source: mallopt(3). Without glibc nothing happens.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
        mallopt(M_TRIM_THRESHOLD, KEPT)
