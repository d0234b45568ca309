"""Traffic from a file: a moment per request, or requests per interval; JSON Lines or CSV."""

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from functions.core.errors import brief
from toolchain.planning.errors import UnusableTrace

TIME, DURATION, COUNT = "time", "duration_ms", "count"
COLUMNS = (TIME, DURATION, COUNT)
MOST = 50_000_000
"""Requests of a trace: what fits into a few gigabytes."""


class Trace(NamedTuple):
    """Requests in the order in which they came."""

    arrivals: NDArray[np.float64]
    """Seconds; from the epoch where the file has dates."""
    durations: NDArray[np.float64] | None
    """Seconds that each answer takes on a warm environment; None where the file does not say."""


def read(path: Path, seed: int = 0) -> Trace:
    """The traffic in a file.

    Args:
        seed: of the moments within an interval that only its number of requests is known of.

    Raises:
        UnusableTrace: with the line that is not understood.
    """
    rows = list(_rows(path))
    if not rows:
        raise UnusableTrace(str(path), "requests", "an empty file")
    if COUNT in rows[0]:
        return _spread(path, rows, seed)
    times = np.array([row[TIME] for row in rows])
    order = np.argsort(times, kind="stable")
    durations = None
    if DURATION in rows[0]:
        durations = np.array([_field(path, row, DURATION) for row in rows])[order] / 1000
    return Trace(times[order], durations)


def poisson(rps: float, seconds: float, seed: int = 0) -> Trace:
    """Traffic that comes at random, at the same rate all the time."""
    rng = np.random.default_rng(seed)
    count = max(1, rng.poisson(rps * seconds))
    return Trace(np.sort(rng.random(count)) * seconds, None)


def _rows(path: Path) -> Iterator[Mapping[str, float]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head = file.read(1)
            file.seek(0)
            lines = _objects(path, file) if head == "{" else _records(path, file)
            for number, row in enumerate(lines, 1):
                if number > MOST:
                    raise UnusableTrace(str(path), f"at most {MOST} lines", "more")
                yield row
    except (OSError, UnicodeDecodeError) as fault:
        raise UnusableTrace(str(path), "a text file", getattr(fault, "strerror", None) or "something else") from None


def _objects(path: Path, lines: Any) -> Iterator[Mapping[str, float]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or TIME not in found:
            raise UnusableTrace(f"{path}:{number}", 'an object such as {"time": 0.25}', brief(line.strip()))
        yield {name: _number(path, number, name, found[name]) for name in COLUMNS if name in found}


def _records(path: Path, lines: Any) -> Iterator[Mapping[str, float]]:
    reader = csv.reader(lines)
    names = [name.strip() for name in next(reader, [])]
    if TIME not in names:
        raise UnusableTrace(f"{path}:1", f"a header with {TIME}, and {DURATION} or {COUNT}", brief(",".join(names)))
    places = {name: names.index(name) for name in COLUMNS if name in names}
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(names):
            raise UnusableTrace(f"{path}:{reader.line_num}", f"{len(names)} values", f"{len(cells)}")
        yield {name: _number(path, reader.line_num, name, cells[place]) for name, place in places.items()}


def _number(path: Path, line: int, name: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        number = _date(value) if name == TIME else math.nan
    if not math.isfinite(number) or (name != TIME and number < 0):
        expected = "seconds or an ISO 8601 date" if name == TIME else "a number from 0"
        raise UnusableTrace(f"{path}:{line}", f"{expected} as {name}", brief(str(value)))
    return number


def _date(value: object) -> float:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return math.nan
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _field(path: Path, row: Mapping[str, float], name: str) -> float:
    if name not in row:
        raise UnusableTrace(str(path), f"{name} in every line, or in none", "some without")
    return row[name]


def _spread(path: Path, rows: list[Mapping[str, float]], seed: int) -> Trace:
    """Requests at random within each interval: until the next line, but no longer than is usual, as logs have no line
    for an interval without requests."""
    starts = np.array([row[TIME] for row in rows])
    counts = np.array([_field(path, row, COUNT) for row in rows]).astype(np.int64)
    lengths = np.diff(starts)
    if not len(lengths) or (lengths <= 0).any():
        raise UnusableTrace(str(path), "two or more intervals whose times rise", "others")
    if counts.sum() > MOST:
        raise UnusableTrace(str(path), f"at most {MOST} requests", f"{counts.sum()}")
    usual = float(np.median(lengths))
    lengths = np.append(np.minimum(lengths, usual), usual)
    within = np.random.default_rng(seed).random(int(counts.sum()))
    return Trace(np.sort(np.repeat(starts, counts) + within * np.repeat(lengths, counts)), None)
