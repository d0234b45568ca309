"""What a model was asked and answered, feature by feature, beside its reference."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from functions.core.drift.reference import Feature, Reference
from functions.core.drift.sketch import Bins, Sketch
from toolchain.drift.making import is_output

PSI = 0.2
"""From which on a distribution is another one: the usual rule, N. Siddiqi, Credit Risk Scorecards, 2006."""
WATCH = 0.1
"""From which on it is worth a look, by the same rule."""
RATE = 0.1
"""Share of missing values beyond the reference's, or of unexpected ones, that is worth as much."""
LEAST = 50
"""Rows below which there is no verdict."""
STABLE, LOOK, DRIFT, FEW = "stable", "look", "drift", "few rows"


class Compared(NamedTuple):
    """A feature: its reference, what came, and what that says."""

    feature: Feature
    counts: tuple[int, ...]
    rows: int
    psi: float
    missing: float
    missing_more: float
    outside: float
    verdict: str

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        rates = {name: round(getattr(self, name), 4) for name in ("psi", "missing", "missing_more", "outside")}
        return {"feature": self.feature.name, "rows": self.rows, **rates, "verdict": self.verdict,
                "counts": list(self.counts), "reference": list(self.feature.counts)}  # fmt: skip


class Comparison(NamedTuple):
    """All of it.

    Attributes:
        model, version: what was asked.
        rows: that were looked at.
        span: the first and the last of them, in words.
        features: the outputs first, then the inputs as they are declared.
        unwatched: names of features without a reference.
    """

    model: str
    version: str
    rows: int
    span: str
    features: tuple[Compared, ...]
    unwatched: tuple[str, ...]
    threshold: float

    @property
    def worst(self) -> float:
        """The largest index of any feature."""
        return max((each.psi for each in self.features), default=0.0)

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"model": self.model, "version": self.version, "rows": self.rows, "span": self.span,
                "psi_max": round(self.worst, 4), "threshold": self.threshold,
                "features": [each.document() for each in self.features],
                "unwatched": list(self.unwatched)}  # fmt: skip


def merged(bins: Bins, documents: Iterable[Mapping[str, Any]]) -> Sketch:
    """The sketches of several lines as one. Raises ValueError where one is of other bins."""
    sketch = bins.empty()
    for document in documents:
        sketch = sketch.merged(bins.read(document))
    return sketch


def compare(reference: Reference, sketch: Sketch, bins: Bins, threshold: float = PSI) -> tuple[Compared, ...]:
    """What a sketch says of each feature; the outputs first.

    Args:
        bins: of the reference's features.
        threshold: of the index, from which on it is drift.
    """
    figures, documents = bins.figures(sketch), bins.document(sketch)
    found = []
    for at, feature in enumerate(reference.features):
        rates = (figures.psi[at], figures.missing[at], figures.missing_more[at], figures.outside[at])
        psi, missing, more, outside = map(float, rates)
        rows = int(figures.rows[at])
        verdict = _verdict(rows, psi, max(more, outside), threshold)
        counts = tuple(documents[feature.name]["counts"])
        found.append(Compared(feature, counts, rows, psi, missing, more, outside, verdict))
    return tuple(sorted(found, key=lambda each: not is_output(each.feature.name)))


def _verdict(rows: int, psi: float, rate: float, threshold: float) -> str:
    if rows < LEAST:
        return FEW
    if psi > threshold or rate > RATE:
        return DRIFT
    return LOOK if psi > min(WATCH, threshold) else STABLE


def names(feature: Feature) -> Sequence[str]:
    """What the bins of a feature are called."""
    if feature.codes:
        return (*feature.categories, "other")
    if not feature.edges:
        return ("any",)
    edges = [f"{edge:.4g}" for edge in feature.edges]
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return (f"below {edges[0]}", *between, f"{edges[-1]} and more")
