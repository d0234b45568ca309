"""Ctrl-C, SIGTERM and a closed terminal as one exception, and stretches that they may not tear apart."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Someone asked this process to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def raised() -> Iterator[None]:
    """Inside, the first signal to stop raises Interrupted wherever the main thread is; what follows is clearing up."""
    stopping = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            raise Interrupted(number)

    with _handled_by(stop):
        yield


@contextmanager
def held(*, deliver: bool) -> Iterator[None]:
    """Inside, signals to stop wait; at the end they are delivered or, when this was the stopping, forgotten."""
    pending: list[int] = []
    with _handled_by(lambda number, _frame: pending.append(number)):
        yield
    for number in pending if deliver else ():
        signal.raise_signal(number)


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    # What the caller ignores (nohup, a job in a script's background) stays ignored; threads own no handlers.
    ours = [number for number, before in previous.items() if before not in (signal.SIG_IGN, None)]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    for number in ours:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, previous[number])
