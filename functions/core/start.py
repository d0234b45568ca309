"""What a start can do without while it imports, and what it sets up for the requests that follow."""

import gc
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from functions.core.allocator import keep_memory

Loaded = TypeVar("Loaded")

DOCUMENTATION = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
"""Modules of numpy that only attach docstrings, a tenth of its import; a function has nobody who would read them."""

ROOM = 32768
"""Slots of Python's own stack, 8 bytes each, that loading gets in one piece."""


def start(load: Callable[[], Loaded]) -> Loaded:
    """What `load` returns, with as little work as it can be had for.

    Args:
        load: imports and makes everything that requests need.
    """
    # Imports make hundreds of thousands of objects that all stay: looking for garbage among them finds none.
    gc.disable()
    if "numpy" not in sys.modules:
        for name in DOCUMENTATION:
            sys.modules[name] = ModuleType(name)
    loaded = _with_room(load)
    keep_memory()
    gc.freeze()
    gc.enable()
    return loaded


def _with_room(load: Callable[[], Loaded]) -> Loaded:
    return load()


# CPython keeps the frames of Python functions in pieces of 16 KiB, and gives a piece back as soon as the last frame in
# it returns. Where an import's busy loop happens to call across the edge of a piece, each call maps and unmaps memory:
# 1,800 times and 25 ms of this function's start, by nothing but the depth it was imported at. A frame that asks for
# much gets a piece to match, and what it calls finds room in the rest of it.
_with_room.__code__ = _with_room.__code__.replace(co_stacksize=ROOM)
