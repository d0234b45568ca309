"""Times, sizes and lists of them as people write them."""

import re
from collections.abc import Mapping

import typer

TIMES = {"ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0, "d": 86_400_000.0}
SIZES = {"": 1.0, "B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "KiB": 1024.0, "MiB": 1024.0**2}


def milliseconds(text: str, option: str) -> float:
    """A time with its unit. Raises BadParameter."""
    return _quantity(text, TIMES, "a time like 20ms or 1.5s", option)


def duration(text: str, option: str) -> float:
    """A time in milliseconds that is not nought. Raises BadParameter."""
    found = milliseconds(text, option)
    if not found:
        raise typer.BadParameter(f"expected a time above nought - got {text!r}", param_hint=option)
    return found


def size(text: str, option: str) -> float:
    """Bytes. Raises BadParameter."""
    return _quantity(text, SIZES, "a size like 800, 2kB or 1MB", option)


def seconds_between(text: str, option: str) -> tuple[float, float]:
    """Two times in seconds, or one for both. Raises BadParameter."""
    low, _, high = text.partition("-")
    found = (milliseconds(low, option) / 1000, milliseconds(high or low, option) / 1000)
    if not 0 < found[0] <= found[1]:
        raise typer.BadParameter(f"expected two times that rise, like 5m-15m - got {text!r}", param_hint=option)
    return found


def memory(text: str, option: str, least: int, most: int) -> list[int]:
    """Megabytes, with commas between. Raises BadParameter."""
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < least or found[-1] > most:
        raise typer.BadParameter(f"expected MB from {least} to {most}, like 512,1769 - got {text!r}", param_hint=option)
    return found


def _quantity(text: str, units: Mapping[str, float], expected: str, option: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)", text.strip())
    if not found or found[2] not in units:
        raise typer.BadParameter(f"expected {expected} - got {text!r}", param_hint=option)
    return float(found[1]) * units[found[2]]
