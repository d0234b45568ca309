"""The search: ladders of recipes climbed under a gate, then the best recipe changed step by step."""

import time
from collections.abc import Callable, Collection
from math import isnan, log2
from pathlib import Path
from typing import Literal, NamedTuple

from toolchain.compression.calibration import Calibration
from toolchain.compression.recipe import Recipe, parse
from toolchain.compression.search import choice, families
from toolchain.compression.search.cache import Cache
from toolchain.compression.search.contract import Candidate, Evaluator, Measured, Target
from toolchain.compression.search.judging import Judge
from toolchain.compression.search.workshop import Workshop

Stopped = Literal["", "time", "interrupted"]


class Progress(NamedTuple):
    """Where a search is.

    Attributes:
        recipe: what it tries next.
        done: how many recipes were tried.
        expected: how many these may become; a guess.
        best: the best so far.
        seconds: since it began.
    """

    recipe: str
    done: int
    expected: int
    best: Measured | None
    seconds: float


class Found(NamedTuple):
    """What a search found.

    Attributes:
        original: the original's figures, drop 0.
        tried: every recipe, in the order in which it was tried, with the reason of those that lost.
        front: of those that pass, the ones that none beats in size, latency and drop at once; the smallest first.
        chosen: the best for the target, with its content; None where nothing passes.
        measured: the figures of `chosen`.
        stopped: "" when all was tried; "time" or "interrupted" when not.
        fault: why results were not kept for a second run, or empty.
    """

    original: Measured
    tried: tuple[Measured, ...]
    front: tuple[Measured, ...]
    chosen: Candidate | None
    measured: Measured | None
    stopped: Stopped
    fault: str


class Limits(NamedTuple):
    """What bounds a search.

    Attributes:
        target: what to choose by, of what passes.
        passes: names of those to take; all when there are none.
        seconds: after which nothing new is begun; None: when all is tried.
        max_ms: that a run of one row may take; None: as long as the original's.
    """

    target: Target = "size"
    passes: Collection[str] = ()
    seconds: float | None = None
    max_ms: float | None = None


def search(
    model: bytes,
    evaluator: Evaluator,
    calibration: Calibration | None = None,
    limits: Limits = Limits(),  # noqa: B008 - a constant
    folder: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """Find a smaller or faster model. The same arguments and the same results of the evaluator give the same answer.

    Ctrl-C ends it with what was found so far.

    Args:
        model: the original file's content.
        evaluator: judges and times.
        calibration: sample requests; without, passes that need them are left out.
        limits: what to choose by, from what, within which time.
        folder: where results are kept and looked up, so that a second run resumes; None: nowhere.
        progress: is told before each recipe.
        clock: gives seconds.

    Raises:
        OrtlessError: the original itself cannot be judged.
    """
    data = f"{evaluator.digest} {'' if calibration is None else calibration.digest}"
    cache = None if folder is None else Cache(folder, model, data)
    return _Search(model, evaluator, calibration, limits, cache, progress, clock).run()


class _Search:
    def __init__(
        self,
        model: bytes,
        evaluator: Evaluator,
        calibration: Calibration | None,
        limits: Limits,
        cache: Cache | None,
        progress: Callable[[Progress], None] | None,
        clock: Callable[[], float],
    ) -> None:
        self._limits, self._cache, self._progress, self._clock, self._began = limits, cache, progress, clock, clock()
        self._workshop = Workshop(model, calibration, limits.passes)
        self._judge = Judge(self._workshop, evaluator, cache, limits.target, limits.max_ms)
        self._done = self._expected = 0

    def run(self) -> Found:
        """Search until all is tried, the time is over, or Ctrl-C."""
        stopped: Stopped = ""
        try:
            usable, reasons = self._workshop.usable()
            for name, reason in reasons.items():
                self._judge.refuse(name, reason)
            self._climb_all(usable)
            self._improve(usable)
        except _TimeOver:
            stopped = "time"
        except KeyboardInterrupt:
            stopped = "interrupted"
        tried, best = tuple(self._judge.tried.values()), self._judge.best
        chosen = None if best is None else self._judge.made(best)
        fault = "" if self._cache is None else self._cache.fault
        return Found(self._judge.original, tried, choice.front(tried), chosen, best, stopped, fault)

    def _climb_all(self, usable: list[str]) -> None:
        calibrated = self._workshop.calibration is not None
        first = "fold | " if self._workshop.folded else ""
        found = families.ladders(self._workshop.graph, usable, calibrated=calibrated, first=first)
        self._expected = sum(len(ladder.rungs[0]) + int(log2(len(ladder.rungs))) for ladder in found)
        for ladder in found:
            self._climb(ladder.rungs)

    def _climb(self, rungs: tuple[tuple[Recipe, ...], ...]) -> None:
        """Find the first rung that passes, by bisection: a rung passes where the one before does, or nearly so.

        Which of the first rung's alternatives was nearest to the original is nearest on the others too, or nearly so.
        """
        first = self._rung(rungs[0])
        kind = self._judge.winner(rungs[0])
        if first.passes or not isnan(first.ms_1):
            return  # what was timed and refused is too slow; milder rungs are no faster
        low, high = 1, len(rungs) - 1
        while low <= high:
            middle = (low + high) // 2
            if self._rung(rungs[middle][kind : kind + 1] or rungs[middle]).passes:
                high = middle - 1
            else:
                low = middle + 1

    def _improve(self, usable: list[str]) -> None:
        """Change the best recipe in one place as long as that makes a better one."""
        before, hopeless = None, set[str]()
        while (best := self._judge.best) is not None and best != before:
            before = best
            rows = families.neighbours(parse(best.recipe), usable)
            self._expected += len(rows)
            for change in [change for change in rows if change not in hopeless]:
                # What fails at one step fails at the next, bolder one, and with another recipe too.
                failed = next((recipe for recipe in rows[change] if not self._rung((recipe,)).passes), None)
                if failed == rows[change][0]:
                    hopeless.add(change)

    def _rung(self, alternatives: tuple[Recipe, ...]) -> Measured:
        looked = []
        for recipe in alternatives:
            self._tell(recipe)
            looked.append((recipe, self._judge.look(recipe)))
        return self._judge.nearest(looked)

    def _tell(self, recipe: Recipe) -> None:
        seconds = self._clock() - self._began
        if self._limits.seconds is not None and seconds > self._limits.seconds:
            raise _TimeOver
        if self._progress is not None:
            expected = max(self._done + 1, self._expected)
            self._progress(Progress(str(recipe), self._done, expected, self._judge.best, seconds))
        self._done += 1


class _TimeOver(Exception):
    """The seconds are over."""
