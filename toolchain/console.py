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
from toolchain import standing
from toolchain.admin_errors import Conflict

messages = Console(stderr=True, highlight=False)


def error(fault: OrtlessError) -> None:
    """One line for an error of ours; a hint, where it has one, on the next; and a table of the state in the way."""
    messages.print(f"[bold red]error[/] ({fault.code}): ", end="")
    messages.print(str(fault), markup=False, soft_wrap=True)
    if isinstance(fault, Conflict) and fault.state:
        table([standing.alias(fault.state)], to=messages)


def note(text: str) -> None:
    """A message for a person, beside the data."""
    messages.print(text, markup=False, soft_wrap=True)


def data(content: object) -> None:
    """JSON on stdout."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.buffer.write(orjson.dumps(content, option=options))
    sys.stdout.buffer.flush()


def table(
    rows: list[dict[str, Any]], styles: Mapping[str, str] = MappingProxyType({}), to: Console | None = None
) -> None:
    """Rows of the same fields, on stdout; a cell whose text is in `styles` is shown in that style."""
    if not rows:
        note("There are none.")
        return
    shown = Table(*rows[0])
    for row in rows:
        texts = ["-" if value is None else str(value) for value in row.values()]
        shown.add_row(*(Text(text, styles.get(text, ""), overflow="fold") for text in texts))
    (to or Console()).print(shown)


def show(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Rows, as a table or as JSON."""
    (data if as_json else table)(rows)


def progress() -> Progress:
    """Bars that count bytes, gone when they are done, and never there where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    return Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal)
