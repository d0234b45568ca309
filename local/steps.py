"""The step list on stderr: a spinner while a step runs, its time when it is done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass
class Step:
    """A step that is under way; what is noted on it stands behind its title."""

    note: str = ""


class Steps:
    """Shows steps one after the other; in a pipe it prints a plain line for each."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def __call__(self, title: str) -> Iterator[Step]:
        """One step: done when the block ends, failed when it raises."""
        step, began = Step(), time.monotonic()
        try:
            with self.console.status(f"{title} ..."):
                yield step
        except BaseException:
            self._line("[red]✗[/]", title, step.note, began)
            raise
        self._line("[green]✓[/]", title, step.note, began)

    def note(self, text: str) -> None:
        """Say something between two steps."""
        self.console.print(f"  {text}", style="dim", highlight=False)

    def _line(self, sign: str, title: str, note: str, began: float) -> None:
        seconds = f"{time.monotonic() - began:5.1f} s"
        self.console.print(f"{sign} {title:<26}[dim]{seconds}  {note}[/]", highlight=False)
