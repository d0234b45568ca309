"""Terminates runs that exceed their deadline: a model may loop for ever, native code hears no exception."""

from _thread import start_new_thread
from threading import Event
from time import monotonic, sleep
from typing import Protocol

TICK = 0.05
"""Seconds between looks while something runs: how late a termination may be."""


class Terminable(Protocol):
    """What can be told to stop, as onnxruntime.RunOptions can."""

    terminate: bool


class Watchdog:
    """One thread that sleeps while nothing runs.

    Guarding a run costs two dictionary writes, not a thread or a timer: the thread looks at the runs under way
    every `TICK` and parks itself when there has been none.
    """

    def __init__(self) -> None:
        self._runs: dict[Terminable, float] = {}
        self._wake = Event()
        self._started = False

    def guard(self, run: Terminable, seconds: float) -> None:
        """Terminate `run` unless it is released within so many seconds."""
        self._runs[run] = monotonic() + seconds
        if not self._wake.is_set():
            self._start()

    def release(self, run: Terminable) -> None:
        """The run has ended."""
        self._runs.pop(run, None)

    def _start(self) -> None:
        self._wake.set()
        if not self._started:
            self._started = True
            # threading.Thread would wait until the thread runs: up to 7 ms of a first answer on a busy processor.
            start_new_thread(self._watch, ())

    def _watch(self) -> None:
        idle = 0
        while True:
            if idle > 20:
                idle = 0
                self._wake.clear()
                # A run that was guarded between the last look and the clearing must not be missed.
                if not self._runs:
                    self._wake.wait()
            idle = 0 if self._look() else idle + 1
            sleep(TICK)

    def _look(self) -> int:
        now = monotonic()
        runs = list(self._runs.items())
        for run, deadline in runs:
            if now >= deadline:
                run.terminate = True
        return len(runs)
