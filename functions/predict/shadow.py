"""A version that is asked what the live one was asked, before the answer leaves; nobody gets what it says."""

from time import perf_counter

from functions.core.agreement import agree, tolerance
from functions.core.catalog import Resident
from functions.core.errors import DeadlineExceeded, OrtlessError
from functions.core.telemetry import emit
from functions.predict.exchange import HEADER_LENGTH, Lane, Request, Response

NEWEST = 0.2
"""What the latest run counts for in a shadow's pace."""
FORGOTTEN = 0.99
"""What is left of a pace after a run that was skipped for it: one slow run, as the first may be, is no verdict."""

CUT = 10
"""Times its limit that a terminated run counts as: how long it would have taken nobody knows."""


class Pace:
    """How long a shadow takes for what takes the live version a millisecond."""

    def __init__(self, absolute: float) -> None:
        self.ratio: float | None = None
        self.absolute = absolute
        """Difference of two numbers that does not count, as the shadow's package has it."""

    def expected(self, live_ms: float) -> float:
        """Milliseconds of the next run; those of the live version where there was none."""
        return live_ms * (1.0 if self.ratio is None else self.ratio)

    def learn(self, ms: float, live_ms: float) -> None:
        """A run took so long."""
        ratio = ms / max(live_ms, 1e-3)
        self.ratio = ratio if self.ratio is None else self.ratio + NEWEST * (ratio - self.ratio)

    def skip(self) -> None:
        """A run did not take place."""
        if self.ratio is not None:
            self.ratio *= FORGOTTEN


def ask(
    shadow: Resident, live: Resident, lane: Lane, request: Request, answer: Response, ms: float, limit: int
) -> None:
    """Let a shadow answer a request, and write to the log whether it agrees; skipped where it would take too long.

    A run that takes too long after all, as the first may, is terminated.

    Args:
        lane: what made the answer of the predictor.
        ms: milliseconds that the live version took for this request.
        limit: milliseconds that the shadow may take.
    """
    if shadow.pace is None:
        shadow.pace = Pace(tolerance(shadow.package))
    pace: Pace = shadow.pace
    if pace.expected(ms) > limit:
        pace.skip()
        return
    code, agrees, labels = "", False, None
    usual, shadow.deadline = shadow.deadline, limit / 1e3  # of its first run nothing else is known
    started = perf_counter()
    try:
        said = lane(shadow, request)
        agrees, labels = _agree(answer, said, pace.absolute), said.labels
    except OrtlessError as error:
        code = error.code
    except Exception as fault:  # whatever a version on trial does, the caller has an answer
        code = type(fault).__name__
    finally:
        shadow.deadline = usual
    took = (perf_counter() - started) * 1e3
    pace.learn(CUT * limit if code == DeadlineExceeded.code else took, ms)
    _record(live, shadow, request.id, agrees=agrees, code=code, ms=round(took, 3), labels=labels)


def _agree(answer: Response, said: Response, absolute: float) -> bool:
    """Binary tensors stand behind the JSON, and agree if they are the same bytes."""
    ends = [int(response.headers.get(HEADER_LENGTH, len(response.body))) for response in (answer, said)]
    if answer.body[ends[0] :] != said.body[ends[1] :]:
        return False
    return agree(answer.body[: ends[0]], said.body[: ends[1]], absolute)


def _record(live: Resident, shadow: Resident, request: str, **found: object) -> None:
    name = live.manifest.name
    emit("shadow", id=request, model=name, version=live.version, shadow=shadow.version, **found)
