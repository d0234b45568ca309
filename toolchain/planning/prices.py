"""The dated list of prices, as planning asks it."""

from collections.abc import Sequence
from typing import Any

from functions.core.prices import prices

ARCHITECTURES = ("arm64", "x86_64")
Tiers = Sequence[tuple[float | None, float]]
"""Up to how many units in all, and what each of them costs; None: without end."""


def price(name: str, architecture: str = "") -> float:
    """US dollars for one unit."""
    found: Any = prices()[name]
    return float(found[architecture] if architecture else found)


def tiered(name: str, units: float, architecture: str = "") -> float:
    """US dollars for the units of a month, of which more cost less each."""
    found: Any = prices()[name]
    return _tiered(found[architecture] if architecture else found, units)


def _tiered(tiers: Tiers, units: float) -> float:
    total = below = 0.0
    for end, each in tiers:
        within = min(units, float("inf") if end is None else end) - below
        if within <= 0:
            break
        total += within * each
        below += within
    return total


def dated() -> dict[str, Any]:
    """When and where the prices held, and who says so."""
    table = prices()
    return {name: table[name] for name in ("priced_on", "currency", "region", "sources")}


def break_even() -> float:
    """How much longer arm64 may take than x86_64 until it costs as much."""
    return price("gb_second", "x86_64") / price("gb_second", "arm64")
