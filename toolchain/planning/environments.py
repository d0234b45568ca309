"""Lambda's environments as the simulation keeps them: one answers one request at a time."""

from collections import deque
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from toolchain.planning.coldness import AGE_SECONDS, IDLE_SECONDS
from toolchain.planning.quotas import BURST, BURST_SECONDS, CONCURRENT, REQUESTS_PER_CONCURRENT

WARM, COLD, LIMITED, RUSHED, HASTY = 0, 1, 2, 3, 4
"""How a request fares: answered, after a start or not; or refused: by the limit of concurrency, by the rate at which a
function may grow, by the rate at which it may be called."""
OUTCOMES = ("warm", "cold", "concurrency limit", "scaling rate", "request rate")


class Rules(NamedTuple):
    """How a function's environments come and go."""

    concurrency: int = int(CONCURRENT.value)
    """Environments that answer at a time, at most: the account's limit, or what is reserved."""
    burst: float = BURST.value
    """Environments that may be started at once; as many again come free in ten seconds, evenly."""
    rate: float = REQUESTS_PER_CONCURRENT.value
    """Requests per second for each environment that there may be."""
    idle: tuple[float, float] = IDLE_SECONDS
    """Least and most seconds that an idle one is kept; each time any between."""
    age: float = AGE_SECONDS
    """Seconds after which one is used no more."""
    kept: int = 0
    """Environments that are kept ready, and asked first."""


class Pool:
    """The environments of one function, in simulated time."""

    def __init__(self, rules: Rules, rng: Random) -> None:
        self.rules = rules
        self._rng = rng
        self._busy: list[tuple[float, float, bool]] = []
        self._idle: deque[tuple[float, float]] = deque()
        self._ready = rules.kept
        self._room, self._room_at = rules.burst, 0.0
        self._calls, self._calls_at = self._most_calls, 0.0
        self.alive_seconds = 0.0
        """Of environments that are gone, those kept ready left out."""

    @property
    def _most_calls(self) -> float:
        return self.rules.concurrency * self.rules.rate

    @property
    def busy(self) -> int:
        """Environments that answer."""
        return len(self._busy)

    @property
    def size(self) -> int:
        """Environments that are there."""
        return len(self._busy) + len(self._idle) + self._ready

    def free(self, now: float) -> None:
        """Put down those that have answered by now, and let go of those that have been idle for too long."""
        busy = self._busy
        while busy and busy[0][0] <= now:
            end, born, kept = heappop(busy)
            if kept:
                self._ready += 1
            else:
                low, high = self.rules.idle
                self._idle.append((end + low + (high - low) * self._rng.random(), born))
        idle = self._idle
        while idle and idle[0][0] <= now:
            until, born = idle.popleft()
            self._gone(until, born)

    def take(self, now: float) -> tuple[int, float, bool]:
        """How a request fares that comes now; with when its environment was born, and whether it is one kept ready."""
        self._calls = min(self._most_calls, self._calls + (now - self._calls_at) * self._most_calls)
        self._calls_at = now
        if self._calls < 1:
            return HASTY, 0.0, False
        if len(self._busy) >= self.rules.concurrency:
            return LIMITED, 0.0, False
        self._calls -= 1
        if self._ready:
            self._ready -= 1
            return WARM, 0.0, True
        idle, age = self._idle, self.rules.age
        while idle:
            until, born = idle.pop()
            if until > now and now - born < age:
                return WARM, born, False
            self._gone(until, born)
        return self._start(now)

    def hold(self, end: float, born: float, kept: bool) -> None:
        """Keep the environment that was taken busy until the end of its answer."""
        heappush(self._busy, (end, born, kept))

    def close(self, now: float) -> float:
        """Seconds that all environments were there, up to now; those kept ready left out."""
        gone = sum(min(until, now) - born for until, born in self._idle)
        return self.alive_seconds + gone + sum(now - born for _, born, kept in self._busy if not kept)

    def _gone(self, until: float, born: float) -> None:
        self.alive_seconds += min(until, born + self.rules.age) - born

    def _start(self, now: float) -> tuple[int, float, bool]:
        burst = self.rules.burst
        self._room = min(burst, self._room + (now - self._room_at) * burst / BURST_SECONDS)
        self._room_at = now
        if self._room < 1:
            return RUSHED, 0.0, False
        self._room -= 1
        return COLD, now, False
