"""Which of the measured models are worth a look, and which one is taken."""

from collections.abc import Callable, Sequence
from math import isnan

from toolchain.compression.search.contract import Measured, Target

NEAR = 1.05
"""Times within so much of the best are as good as the best: they vary by that from run to run."""
TICK_MS = 0.005
"""Differences below it are not told apart either."""
RUNTIME_MB = 200.0
COPIES = 2.5
"""Of a model in memory: its file, its prepared weights, and room for activations."""


def slower(found: Measured, original: Measured) -> str:
    """Why it is slower than the original, with 1 row or with 32, beyond what timing varies by; empty if it is not."""
    for rows, ms, base in ((1, found.ms_1, original.ms_1), (32, found.ms_32, original.ms_32)):
        if ms > max(base * NEAR, base + TICK_MS):
            return f"slower than the original: {ms:.3g} ms with batches of {rows}, the original takes {base:.3g} ms"
    return ""


def too_slow(ms_1: float, max_ms: float | None) -> str:
    """Why a run of one row takes longer than agreed; empty if it does not, or nothing was agreed."""
    if max_ms is None or ms_1 <= max_ms:
        return ""
    took = "no run of one row could be timed" if isnan(ms_1) else f"a run takes {ms_1:.3g} ms"
    return f"{took}; {max_ms:g} ms may be"


def front(measured: Sequence[Measured]) -> tuple[Measured, ...]:
    """Those that pass and that no other one beats in size, time of one row and drop at once; the smallest first."""
    able = [found for found in measured if found.passes and found.bytes]
    best = [found for found in able if not any(_beats(other, found) for other in able)]
    unique = {(found.bytes, found.drop): found for found in sorted(best, key=_order, reverse=True)}
    return tuple(sorted(unique.values(), key=_order))


def choose(measured: Sequence[Measured], target: Target) -> Measured | None:
    """The one to take of those that pass, or None.

    For size: the smallest. For latency and cost: the smallest of those within 5 % of the best, because times vary and
    sizes do not. Where none was timed - a run was interrupted - the smallest.
    """
    able = [found for found in measured if found.passes and found.bytes]
    if target != "size":
        value: Callable[[Measured], float] = cost if target == "cost" else _one_row
        timed = [found for found in able if not isnan(found.ms_1)]
        least = min((value(found) for found in timed), default=0.0)
        able = [found for found in timed if value(found) <= least * NEAR] or able
    return min(able, key=_order, default=None)


def cost(found: Measured) -> float:
    """An estimate to order models by, in MB times ms: what a request of one row is billed for.

    Memory is the runtime's 200 MB and two and a half times the file.
    """
    return (RUNTIME_MB + COPIES * found.bytes / 1e6) * found.ms_1


def _one_row(found: Measured) -> float:
    return found.ms_1


def _order(found: Measured) -> tuple[float, float, str]:
    return found.bytes, found.drop_high, found.recipe


def _beats(other: Measured, found: Measured) -> bool:
    pairs = ((other.bytes, found.bytes), (other.ms_1, found.ms_1), (other.drop, found.drop))
    known = [(a, b) for a, b in pairs if not (isnan(a) or isnan(b))]
    return all(a <= b for a, b in known) and any(a < b for a, b in known)
