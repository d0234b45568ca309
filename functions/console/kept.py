"""Answers that are kept for a moment: many pages that look at the same time cost one question to AWS."""

from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
MOST = 64


class Kept(Generic[Answer]):
    """The newest answers by what was asked."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        """Keep answers for so many seconds; 0 keeps none."""
        self._seconds = seconds
        self._clock = clock
        self._answers: dict[Hashable, tuple[float, Answer]] = {}

    def get(self, asked: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer that is kept, or else what asking gives; what asking raises is not kept."""
        now = self._clock()
        known = self._answers.get(asked)
        if known and now - known[0] < self._seconds:
            return known[1]
        answer = ask()
        self._answers.pop(asked, None)
        while len(self._answers) >= MOST:
            del self._answers[next(iter(self._answers))]
        self._answers[asked] = (now, answer)
        return answer
