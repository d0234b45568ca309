"""Numbers of a report as people read them."""

from typing import Any

UNKNOWN = "-"


def figure(value: float | None) -> str:
    """A metric."""
    return UNKNOWN if value is None else f"{value:.4g}"


def ratio(before: float | None, after: float | None) -> str:
    """How many times less."""
    return UNKNOWN if not before or not after else f"{before / after:.2f}"


def bytes_of(size: float) -> str:
    """A size, in the decimal unit that suits it."""
    for unit, factor in (("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}" if size < 1000 * factor else f"{size / factor:.0f} {unit}"
    return f"{size:.0f} B"


def drop_of(row: dict[str, Any]) -> str:
    """How much a figure dropped, with its interval."""
    if row["drop"] is None:
        return UNKNOWN
    if row["drop_low"] is None or row["drop_high"] is None:
        return f"drop {row['drop']:.3g}"
    return f"drop {row['drop']:.3g} ({row['drop_low']:.3g} to {row['drop_high']:.3g})"


def recipe_of(report: dict[str, Any]) -> str:
    """What ships, by its recipe."""
    return str(report["chosen"]["recipe"]) or "the original"


def milliseconds(value: float | None) -> str:
    """A time."""
    return UNKNOWN if value is None else f"{value:.3g} ms"
