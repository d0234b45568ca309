"""Medians of interleaved contestants, and each one's ratio to another."""

import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table


class Row(NamedTuple):
    """A contestant's samples, all of one unit."""

    name: str
    samples: Sequence[float]

    @property
    def median(self) -> float:
        """The middle sample."""
        return median(self.samples)


def interleave(contestants: Mapping[str, Callable[[], float]], rounds: int, what: str) -> list[Row]:
    """Take a sample of each contestant in turn, so that a change of the machine's speed hits all alike."""
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    console = Console(stderr=True)
    for _ in track(range(rounds), what, console=console, transient=True, disable=not sys.stderr.isatty()):
        for name, sample in contestants.items():
            samples[name].append(sample())
    return [Row(name, values) for name, values in samples.items()]


def show(title: str, unit: str, rows: Sequence[Row], against: Sequence[str]) -> None:
    """Print the contestants with median, spread, and the ratio of the medians to those named in `against`."""
    table = Table("", f"median {unit}", "min", "max", *(f"x {name}" for name in against), title=title)
    medians = {row.name: row.median for row in rows}
    for row in rows:
        ratios = (f"{row.median / medians[name]:.2f}" for name in against)
        table.add_row(
            row.name, *(f"{value:.4g}" for value in (row.median, min(row.samples), max(row.samples))), *ratios
        )
    Console(width=110).print(table)
