"""Candidates judged: by proxies first, then by the evaluator, each at most once."""

from math import inf, isfinite, isnan, nan
from typing import Any, NamedTuple

from toolchain.compression.recipe import Recipe, parse
from toolchain.compression.search import choice
from toolchain.compression.search.cache import Cache, Kind
from toolchain.compression.search.contract import Candidate, Evaluator, Measured, Target
from toolchain.compression.search.proxies import Proxies, Proxy
from toolchain.compression.search.workshop import REFUSALS, SHORTAGES, Workshop

HOPELESS = 2.0
"""Times the least error that failed the gate: what is further off is not judged any more.

Students are, as theirs is an error of another kind: nowhere near the original, and yet right as often.
"""


class Verdict(NamedTuple):
    """Figures, and whether it was the answers that the gate refused."""

    figures: Measured
    answers_failed: bool = False

    @classmethod
    def of(cls, answers_failed: bool, **figures: Any) -> "Verdict":
        """As it was kept."""
        return cls(Measured(**figures), answers_failed)


class Judge:
    """Judges recipes on one original.

    Attributes:
        original: the original's figures, drop 0.
        tried: figures, or the reason why there are none, by recipe in the order in which they were tried.
    """

    def __init__(
        self,
        workshop: Workshop,
        evaluator: Evaluator,
        cache: Cache | None,
        target: Target,
        max_ms: float | None = None,
    ) -> None:
        """Judge the original.

        Raises:
            OrtlessError: it does not run, or the data does not fit it.
        """
        self._workshop, self._evaluator, self._cache, self._target = workshop, evaluator, cache, target
        self._max_ms = max_ms
        self.tried: dict[str, Measured] = {}
        self.original = self._judged_original()
        self._proxies: Proxies | None = None
        self._least_failed = inf
        self._looked: dict[str, Proxy] = {}
        self._last: tuple[Recipe, Candidate] | None = None
        self._kept: Candidate | None = None

    @property
    def best(self) -> Measured | None:
        """The one to take of those tried so far."""
        return choice.choose(tuple(self.tried.values()), self._target)

    def made(self, measured: Measured) -> Candidate:
        """A candidate's file; what is known from an earlier run is made again."""
        if self._kept is not None and str(self._kept.recipe) == measured.recipe:
            return self._kept
        return self._workshop.make(parse(measured.recipe))

    def refuse(self, recipe: str, reason: str, size: int = 0) -> Measured:
        """Keep why a recipe is left out."""
        self.tried[recipe] = Measured(recipe, size, nan, nan, nan, nan, nan, nan, reason)
        return self.tried[recipe]

    def nearest(self, proxies: list[tuple[Recipe, Proxy]]) -> Measured:
        """Judge the one whose answers are nearest to the original's; the others lose against it."""
        for _, proxy in proxies:
            if proxy.refused:
                self.refuse(proxy.recipe, proxy.refused, proxy.bytes)
        able = [pair for pair in proxies if not pair[1].refused]
        if not able:
            return self.tried[proxies[0][1].recipe]
        recipe, least = min(able, key=lambda pair: _nearness(pair[1]))
        for _, proxy in able:
            if proxy.recipe != least.recipe and proxy.recipe not in self.tried:
                reason = f"an error of {proxy.error:.3g} on sample requests; {least.recipe} has {least.error:.3g}"
                self.refuse(proxy.recipe, reason, proxy.bytes)
        return self._judged(recipe, least)

    def winner(self, alternatives: tuple[Recipe, ...]) -> int:
        """Which of the alternatives that were looked at is the nearest; 0 where none could be made."""
        proxies = [self.look(recipe) for recipe in alternatives]
        able = [index for index, proxy in enumerate(proxies) if not proxy.refused]
        return min(able, key=lambda index: _nearness(proxies[index]), default=0)

    def look(self, recipe: Recipe) -> Proxy:
        """What is known of a recipe before its answers are judged."""
        found = self._looked.get(str(recipe))
        if found is None and self._cache is not None:
            found = self._cache.get("proxy", recipe, Proxy)
        if found is None:
            found = self._measured_proxy(recipe)
        self._looked[str(recipe)] = found
        if not found.refused and self._target == "size" and found.bytes >= len(self._workshop.original):
            return found._replace(refused="it is no smaller than the original")
        return found

    def _measured_proxy(self, recipe: Recipe) -> Proxy:
        if self._proxies is None:
            self._proxies = Proxies(self._workshop.original, self._workshop.calibration)
        try:
            made = self._workshop.make(recipe)
            self._last = (recipe, made)
            found = self._proxies.of(str(made.recipe), made.model)
        except SHORTAGES as fault:
            return Proxy(str(recipe), 0, nan, nan, f"{type(fault).__name__}: {fault}")
        except REFUSALS as fault:
            found = Proxy(str(recipe), 0, nan, nan, str(fault))
        self._keep("proxy", recipe, found._asdict())
        return found

    def _judged_original(self) -> Measured:
        known = None if self._cache is None else self._cache.get("original", Recipe(), Measured)
        if known is not None:
            return known
        model = self._workshop.original
        quality, (times,) = self._evaluator.evaluate(model), self._evaluator.latency([model])
        found = Measured("", len(model), quality.score, 0.0, 0.0, quality.agreement, *times, quality.refused)
        self._keep("original", Recipe(), found._asdict())
        return found

    def _judged(self, recipe: Recipe, proxy: Proxy) -> Measured:
        seen = self.tried.get(proxy.recipe)
        if seen is not None and not isnan(seen.score):
            return seen
        found = None if self._cache is None else self._cache.get("measured", recipe, Verdict.of)
        student = any(step.name == "distill" for step in recipe.steps)
        if found is None and not student and proxy.error >= HOPELESS * self._least_failed:
            reason = f"an error of {proxy.error:.3g} on sample requests; {self._least_failed:.3g} failed already"
            return self.refuse(proxy.recipe, reason, proxy.bytes)
        if found is None:
            try:
                found = self._evaluated(recipe, proxy)
            except SHORTAGES as fault:
                return self.refuse(proxy.recipe, f"{type(fault).__name__}: {fault}", proxy.bytes)
            self._keep("measured", recipe, {**found.figures._asdict(), "answers_failed": found.answers_failed})
        if found.answers_failed and not (student or isnan(proxy.error)):
            self._least_failed = min(self._least_failed, proxy.error)
        self.tried[proxy.recipe] = self._in_time(found.figures)
        return self.tried[proxy.recipe]

    def _in_time(self, found: Measured) -> Measured:
        """Refused where a run takes longer than agreed; what was kept is of any agreement."""
        return found if found.refused else found._replace(refused=choice.too_slow(found.ms_1, self._max_ms))

    def _evaluated(self, recipe: Recipe, proxy: Proxy) -> Verdict:
        """The figures of one candidate; only one whose answers pass is timed, beside the original."""
        try:
            last = self._last
            made = last[1] if last is not None and last[0] == recipe else self._workshop.make(recipe)
            quality = self._evaluator.evaluate(made.model)
            refused = quality.refused
            if not (refused or all(map(isfinite, (quality.score, quality.drop, quality.drop_high)))):
                refused = "its score is not a number"
            found = Measured(proxy.recipe, len(made.model), *quality[:4], nan, nan, refused)
            if refused:
                return Verdict(found, answers_failed=not quality.by_size)
            before, after = self._evaluator.latency([self._workshop.original, made.model])
        except REFUSALS as fault:
            return Verdict(self.refuse(proxy.recipe, str(fault), proxy.bytes))
        # In proportion to the original's time in the same run: what slows the machine down slows both.
        ms_1, ms_32 = (base * b / a for base, a, b in zip(self.original[6:8], before, after, strict=True))
        found = found._replace(ms_1=ms_1, ms_32=ms_32)
        found = found._replace(refused=choice.slower(found, self.original))
        if choice.choose((*self.tried.values(), found), self._target) == found:
            self._kept = made
        return Verdict(found)

    def _keep(self, kind: Kind, recipe: Recipe, values: dict[str, Any]) -> None:
        if self._cache is not None:
            self._cache.put(kind, recipe, values)


def _nearness(proxy: Proxy) -> tuple[float, int]:
    return (-1.0 if isnan(proxy.error) else proxy.error, proxy.bytes)
