"""Someone with a file, a key and a folder for results, at the command line."""

from pathlib import Path
from subprocess import CompletedProcess

from tests.toolchain.jobs.server import Server
from tests.toolchain.operator import NOBODY
from tests.toolchain.test_cli import ortless

ROWS = b"sepal_length,sepal_width\n5.1,3.5\n"
NAME = "spring flowers.csv"
FIRST = "0" * 32
"""The id of the first job."""


def written(folder: Path) -> Path:
    """A file of rows."""
    path = folder / NAME
    path.write_bytes(ROWS)
    return path


def run(server: Server, *arguments: object, **variables: str) -> "CompletedProcess[str]":
    """Run a verb in a process of its own."""
    return ortless(*map(str, arguments), **NOBODY | server.variables | variables)


def batch(server: Server, file: Path, *arguments: object) -> "CompletedProcess[str]":
    """Have a file answered."""
    return run(server, "batch", file, "--model", "iris-svm", *arguments)


def names(folder: Path) -> set[str]:
    """What is in a folder."""
    return {path.name for path in folder.iterdir()}
