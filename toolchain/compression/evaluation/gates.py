"""Whether a model's answers pass what model.toml agreed; what decides is the bad end of each interval."""

from typing import NamedTuple

import numpy as np

from functions.packaging.gate import Gate
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.errors import Unmeasurable
from toolchain.compression.evaluation.intervals import Interval, interval
from toolchain.compression.evaluation.metrics import AGREEMENT, METRICS, Metric, default
from toolchain.compression.search.contract import Quality

MAX_DROP = 0.005
AGREEMENTS = {"vectors": 0.95}
"""Of vectors it is the share with the same nearest row, which is a finer question than the same class."""
LEAST_AGREEMENT = 0.98
ROUNDING = 1e-9
NAN = float("nan")


class Terms(NamedTuple):
    """The gate of one package, with nothing left open.

    Attributes:
        metric: its name.
        max_drop: in the metric's unit.
        agreement: the least.
        max_bytes: of the file, or None; max_ms: of a run with one row, or None.
    """

    metric: str
    max_drop: float
    agreement: float
    max_bytes: int | None
    max_ms: float | None


def terms(gate: Gate, case: Case) -> Terms:
    """What was agreed, completed by what suits the kind of answers.

    Raises:
        Unmeasurable: the metric is not of this kind, or needs labels that there are not.
    """
    metric = gate.metric or default(case)
    if not METRICS[metric].fits(case):
        fitting = ", ".join(name for name, other in METRICS.items() if other.fits(case))
        needs = " without labels" if case.truth is None else ""
        expected = f"one of {fitting}, which is what can be measured of this model{needs}"
        raise Unmeasurable(f"Expected {expected} - got {metric!r} - at `compress.metric` of model.toml")
    least = AGREEMENTS.get(case.kind, LEAST_AGREEMENT) if gate.agreement is None else gate.agreement
    if metric == AGREEMENT and gate.max_drop is None:
        return Terms(metric, 1 - least, least, gate.max_bytes, gate.max_ms)
    return Terms(metric, MAX_DROP if gate.max_drop is None else gate.max_drop, least, gate.max_bytes, gate.max_ms)


def drop(case: Case, metric: Metric, seed: int) -> Interval:
    """By how much a metric is worse than the original's, on the same draws of rows."""
    before, after = metric.of(case.of_original()), metric.of(case)
    return interval(lambda block: metric.sign * (before(block) - after(block)), case.rows, seed)


def judge(case: Case, agreed: Terms, size: int, seed: int) -> Quality:
    """The figures that decide, and why the gate does not let the model pass, if so.

    Args:
        size: of the file, in bytes.
        seed: of the draws.
    """
    if case.answers.broken is not None:
        return Quality(NAN, NAN, NAN, NAN, f"it answers NaN to row {case.answers.broken + 1}")
    if case.answers.scores.shape != case.original.scores.shape:
        got, expected = (list(answers.scores.shape) for answers in (case.answers, case.original))
        return Quality(NAN, NAN, NAN, NAN, f"its answers have the shape {got}, those of the original {expected}")
    infinite = np.isfinite(case.answers.scores) != np.isfinite(case.original.scores)
    if infinite.any():
        row = int(infinite.any(axis=1).argmax()) + 1
        return Quality(NAN, NAN, NAN, NAN, f"it answers infinity to row {row}, or not where the original does")
    metric = METRICS[agreed.metric]
    score = float(metric.of(case)(np.ones((1, case.rows)))[0])
    worse = drop(case, metric, seed)
    same = interval(METRICS[AGREEMENT].of(case), case.rows, seed)
    refused = _refused(case, agreed, worse, same)
    if not refused and agreed.max_bytes is not None and size > agreed.max_bytes:
        reason = f"the file has {size} bytes; {agreed.max_bytes} may be"
        return Quality(score, worse.value, worse.high, same.value, reason, by_size=True)
    return Quality(score, worse.value, worse.high, same.value, refused)


def _refused(case: Case, agreed: Terms, worse: Interval, same: Interval) -> str:
    within = f"in 95 % of draws of {case.rows} rows"
    if not worse.high <= agreed.max_drop + ROUNDING:
        drops = f"{agreed.metric} drops by {worse.value:.4g}, by up to {worse.high:.4g} {within}"
        return f"{drops}; {agreed.max_drop:.4g} may be"
    if not same.low >= agreed.agreement - ROUNDING:
        return f"the agreement is {same.value:.4g}, down to {same.low:.4g} {within}; it must be {agreed.agreement:.4g}"
    return ""
