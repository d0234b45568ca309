"""The population stability index of counts over bins, and how much of it is chance.

PSI = sum over the bins of (p - q) ln(p / q), with the shares p of the reference and q of what came. Without any drift
it is not 0: for counts of n_ref and n rows over B bins, PSI / (1 / n_ref + 1 / n) is about a chi-squared variable of
B - 1 degrees of freedom (B. Yurdakul and J. Naranjo, "Statistical properties of the population stability index",
Journal of Risk Model Validation 14(4), 2020). So its mean is (B - 1)(1 / n_ref + 1 / n), which is taken off here; and
what chance exceeds in one sketch of a million only counts as none.
"""

import numpy as np

from functions.core.tensors import Array

SMOOTHING = 0.5
"""Rows that each bin is given beside its own, so that an empty one has a logarithm (Jeffreys' prior)."""
RARE = 4.75
"""Standard deviations of a normal variable that it exceeds once in a million."""


def index(reference: Array, observed: Array, starts: Array) -> Array:
    """The index of each feature, not negative; chance is in it.

    Args:
        reference, observed: counts over the bins of all features, one feature after the other.
        starts: where the bins of each feature begin.
    """
    sizes = np.diff(starts, append=len(reference))
    p, q = _shares(reference, starts, sizes), _shares(observed, starts, sizes)
    return np.asarray(np.add.reduceat((p - q) * np.log(p / q), starts))


def beyond_chance(found: Array, bins: Array, n_ref: Array, n: Array) -> Array:
    """The indices less what is expected without any drift; 0 for those that chance alone may have made.

    The quantile of chi-squared is E. B. Wilson's and M. M. Hilferty's approximation (PNAS 17(12), 1931).

    Args:
        found: indices, as `index` has them.
        bins: of each feature.
        n_ref, n: rows of the reference, and rows that came; where none came the index is 0.
    """
    freedom = np.maximum(bins - 1, 1)
    scale = 1 / np.maximum(n_ref, 1) + 1 / np.maximum(n, 1)
    part = 2 / (9 * freedom)
    limit = scale * freedom * (1 - part + RARE * np.sqrt(part)) ** 3
    return np.where((found > limit) & (n > 0), np.maximum(found - scale * (bins - 1), 0), 0.0)


def _shares(counts: Array, starts: Array, sizes: Array) -> Array:
    totals = np.add.reduceat(counts, starts) + SMOOTHING * sizes
    return np.asarray((counts + SMOOTHING) / np.repeat(totals, sizes))
