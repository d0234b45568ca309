"""What the command line prints: tables or JSON to stdout, messages to stderr."""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from functions.core.errors import OrtlessError

messages = Console(stderr=True, highlight=False)


def error(fault: OrtlessError) -> None:
    """One line for an error of ours; a hint, where it has one, on the next."""
    messages.print(f"[bold red]error[/] ({fault.code}): ", end="")
    messages.print(str(fault), markup=False, soft_wrap=True)


def note(text: str) -> None:
    """A message for a person, beside the data."""
    messages.print(text, markup=False, soft_wrap=True)


def data(content: object) -> None:
    """JSON on stdout."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.buffer.write(orjson.dumps(content, option=options))
    sys.stdout.buffer.flush()


def table(rows: list[dict[str, Any]], styles: Mapping[str, str] = MappingProxyType({})) -> None:
    """Rows of the same fields; a cell whose text is in `styles` is shown in that style."""
    shown = Table(*(rows[0] if rows else ()))
    for row in rows:
        texts = ["-" if value is None else str(value) for value in row.values()]
        shown.add_row(*(Text(text, styles.get(text, "")) for text in texts))
    Console().print(shown)


def show(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Rows, as a table or as JSON."""
    (data if as_json else table)(rows)


def progress() -> Progress:
    """A bar that counts bytes, gone when it is done."""
    return Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=messages, transient=True)
