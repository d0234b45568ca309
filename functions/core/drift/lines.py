"""A sketch on the log: one line of counts, and the metrics of each feature."""

from collections.abc import Sequence
from typing import Any

from functions.core.drift.outputs import PREFIX
from functions.core.drift.sketch import Bins, Figures, Sketch
from functions.core.telemetry import measured, write

EVENT = "sketch"


def emit(
    model: str, version: str, digest: str, span: tuple[float, float], kept: Sequence[tuple[Bins, Sketch]], most: int
) -> None:
    """Write what came since the last time; never a value of a request, only how many were in which bin.

    Args:
        digest: of the package, whose reference has the bins.
        span: when the first and the last row came, in seconds since 1970.
        kept: the bins of the inputs and of the outputs, and what is in them.
        most: features with metrics of their own; the outputs come first.
    """
    found = [(bins, bins.figures(sketch)) for bins, sketch in kept]
    features: dict[str, Any] = {}
    for bins, sketch in kept:
        features |= bins.document(sketch)
    since, until = (int(at * 1000) for at in span)
    line = {"event": EVENT, "digest": digest, "since": since, "until": until, "features": features}
    write(line | measured(model, version, _worst([figures for _, figures in found])))
    rows = [(feature.name, figures, at) for bins, figures in found for at, feature in enumerate(bins.features)]
    rows.sort(key=lambda row: not row[0].startswith(PREFIX))
    for name, figures, at in rows[:most]:
        if figures.rows[at]:
            write({"event": "drift", **measured(model, version, _of(figures, at)), "Feature": name})


def _of(figures: Figures, at: int) -> dict[str, float]:
    return {
        "Psi": round(float(figures.psi[at]), 4),
        "MissingRate": round(float(figures.missing[at]), 4),
        "OutOfRangeRate": round(float(figures.outside[at]), 4),
    }


def _worst(found: Sequence[Figures]) -> dict[str, float]:
    """The worst of any feature: what an alarm can be set on, whatever the models and features are called."""
    columns = {"PsiMax": "psi", "MissingMax": "missing_more", "OutOfRangeMax": "outside"}
    return {
        metric: round(max(float(getattr(figures, field).max(initial=0)) for figures in found), 4)
        for metric, field in columns.items()
    }
