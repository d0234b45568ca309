"""Metrics by name."""

from collections.abc import Callable
from typing import NamedTuple

from toolchain.compression.evaluation import likeness, scoring
from toolchain.compression.evaluation.answers import Kind
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.intervals import Measure

AGREEMENT = "agreement"
"""With the original; what is left where there are no labels."""


class Metric(NamedTuple):
    """A metric.

    Attributes:
        sign: 1 where more is better, -1 where less is.
        kinds: what answers it is of.
        of: looks at a comparison; what it gives tells the figures of any draws of its rows.
        labels: whether it needs them.
        probabilities: whether it needs scores that are probabilities.
    """

    sign: int
    kinds: tuple[Kind, ...]
    of: Callable[[Case], Measure]
    labels: bool = True
    probabilities: bool = False

    def fits(self, case: Case) -> bool:
        """Whether it can be computed."""
        known = case.truth is not None or not self.labels
        return case.kind in self.kinds and known and (case.probabilities or not self.probabilities)


METRICS: dict[str, Metric] = {
    "accuracy": Metric(1, ("classes", "labels"), scoring.accuracy),
    "macro_f1": Metric(1, ("classes", "labels"), scoring.macro_f1),
    "auc": Metric(1, ("classes", "labels"), scoring.auc, probabilities=True),
    "ece": Metric(-1, ("classes",), scoring.calibration_error, probabilities=True),
    "rmse": Metric(-1, ("numbers",), scoring.rmse),
    "mae": Metric(-1, ("numbers",), scoring.mae),
    "r2": Metric(1, ("numbers",), scoring.r2),
    "ndcg": Metric(1, ("items",), scoring.ndcg),
    "recall": Metric(1, ("items",), scoring.recall),
    "cosine": Metric(1, ("vectors",), likeness.cosine, labels=False),
    AGREEMENT: Metric(1, ("classes", "labels", "items", "vectors", "numbers"), likeness.agreement, labels=False),
}
DEFAULTS: dict[Kind, str] = {
    "classes": "accuracy", "labels": "macro_f1", "items": "ndcg", "vectors": "cosine", "numbers": "r2",
}  # fmt: skip
"""What a kind of answers is judged by, where model.toml does not say."""


def default(case: Case) -> str:
    """The metric of a kind; agreement where it would need labels that there are not."""
    name = DEFAULTS[case.kind]
    return name if METRICS[name].fits(case) else AGREEMENT
