"""Packages that only some imports need: loaded when they do, with the command that installs them when they are not."""

import importlib
from typing import Any

from toolchain.importing.errors import MissingPackage


def load(name: str, group: str) -> Any:
    """A module of an optional package.

    Args:
        name: of the module.
        group: the optional dependencies of pyproject.toml that bring it.

    Raises:
        MissingPackage: it, or what it needs itself, is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as fault:
        raise MissingPackage(fault.name or name.partition(".")[0], group, str(fault)) from None
