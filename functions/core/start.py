"""What a start can do without while it imports, and what it sets up for the requests that follow."""

import gc
import sys
from types import ModuleType

from functions.core.allocator import keep_memory

DOCUMENTATION = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
"""Modules of numpy that only attach docstrings, a tenth of its import; a function has nobody who would read them."""


def begin() -> None:
    """Call before the first import of anything large."""
    # Imports make hundreds of thousands of objects that all stay: looking for garbage among them finds none.
    gc.disable()
    if "numpy" not in sys.modules:
        for name in DOCUMENTATION:
            sys.modules[name] = ModuleType(name)


def finish() -> None:
    """Call when everything is imported: what is there stays, what requests make is looked after as ever."""
    keep_memory()
    gc.freeze()
    gc.enable()
