"""Lines on their way into the bucket: many in one object, as each write costs time and money."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from gzip import compress
from threading import Thread
from time import monotonic

from functions.core.errors import OrtlessError, WriteConflict
from functions.core.store import ObjectStore
from functions.core.telemetry import emit

LINES, BYTES, SECONDS = 200, 1 << 20, 60.0
"""What is written at once: so many lines, so many bytes, or what has waited so long when the next request comes."""
ROOM = 4 * BYTES
"""Bytes that wait at most; what comes while a write takes longer than that is not kept."""
WAIT = 0.05
"""Seconds that the request which fills a batch waits for its write: an environment is frozen once it has answered."""

Place = tuple[str, str]
"""A model and a version of it."""


class Spool:
    """What this environment has not written yet. It is lost if the environment is not asked again."""

    def __init__(self, store: ObjectStore, clock: Callable[[], float] = monotonic) -> None:
        """Wait for lines; the bucket is asked nothing yet."""
        self._store = store
        self._clock = clock
        self._lines: dict[Place, list[bytes]] = {}
        self._count = self._bytes = self._dropped = self._written = 0
        self._oldest = 0.0
        self._environment = ""
        self._writer: Thread | None = None
        self._failing = False

    def add(self, place: Place, line: bytes) -> None:
        """Take a line; where there is no room it is counted, and gone."""
        if self._bytes + len(line) > ROOM:
            self._dropped += 1
            return
        if not self._count:
            self._oldest = self._clock()
        self._lines.setdefault(place, []).append(line)
        self._count += 1
        self._bytes += len(line)

    def turn(self) -> None:
        """Write what is due, beside whatever comes next; waits for it no longer than WAIT."""
        if not self._count:
            return
        if self._count < LINES and self._bytes < BYTES and self._clock() - self._oldest < SECONDS:
            return
        if self._writer is None or not self._writer.is_alive():
            self.flush(WAIT)

    def flush(self, seconds: float | None = None) -> None:
        """Write everything that waits; returns after so many seconds even if that is not done."""
        if self._writer is not None:
            self._writer.join(seconds)
        batches, self._lines = self._lines, {}
        self._count = self._bytes = 0
        if batches:
            self._writer = Thread(target=self._write, args=(batches,), daemon=True)
            self._writer.start()
            self._writer.join(seconds)

    def _write(self, batches: dict[Place, list[bytes]]) -> None:
        for place, lines in batches.items():
            key = self._key(place)
            try:
                self._store.put_if_absent(key, compress(b"".join(lines), 6))
            except WriteConflict:
                pass  # an attempt whose answer was lost: nobody else writes under this name
            except OrtlessError as fault:
                self._fail(fault.code, len(lines))
            except Exception as fault:  # whatever it is, requests go on
                self._fail(type(fault).__name__, len(lines))
            else:
                self._failing = False

    def _fail(self, code: str, lines: int) -> None:
        """Say it once, until a write succeeds again."""
        self._dropped += lines
        if not self._failing:
            emit("capture_failed", code=code, records=self._dropped)
        self._failing = True

    def _key(self, place: Place) -> str:
        # Not sooner: environments that begin from one snapshot would have one name.
        self._environment = self._environment or os.urandom(8).hex()
        self._written += 1
        model, version = place
        hour = datetime.now(UTC).strftime("%Y/%m/%d/%H")
        return f"captured/{model}/{version}/{hour}/{self._environment}-{self._written}.jsonl.gz"
