"""A comparison as a table of the terminal."""

from typing import Any

from toolchain.drift.comparison import DRIFT, FEW, LOOK, STABLE, Comparison

STYLES = {STABLE: "green", LOOK: "yellow", DRIFT: "bold red", FEW: "dim"}
FULL, WIDTH = "\N{FULL BLOCK}", 10


def rows(found: Comparison) -> list[dict[str, Any]]:
    """A row for each feature."""
    return [
        {
            "feature": each.feature.name,
            "rows": each.rows,
            "PSI": f"{each.psi:.2f} {bar(each.psi, found.threshold)}".rstrip(),
            "missing": f"{each.missing:.1%}",
            "out of range": f"{each.outside:.1%}",
            "verdict": each.verdict,
        }
        for each in found.features
    ]


def bar(psi: float, threshold: float) -> str:
    """How far an index is on the way to twice its threshold."""
    return FULL * min(WIDTH, round(psi / (2 * threshold) * WIDTH)) if threshold else ""
