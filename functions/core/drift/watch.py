"""Watches what a loaded model is asked and answers, in the process that answers; it costs a request next to nothing.

What comes is held until there are enough rows to look at all of them at once, which costs a row a hundredth of what it
would alone. Whatever that takes, the watch then looks away for so long that it never takes more than SHARE of the time.
"""

from collections.abc import Sequence
from time import time
from typing import Any, NamedTuple

from functions.core.drift import lines
from functions.core.drift.part import Tensors
from functions.core.drift.reading import joined, sides
from functions.core.drift.reference import Reference, read
from functions.core.errors import OrtlessError
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.telemetry import emit

Held = tuple[Tensors, Sequence[str], Sequence[Any]]
"""A request: its tensors, and the names and values of its outputs."""
HELD = 200
"""Rows that are held before they are counted, at most."""
LEAST = 50
"""Rows of a sketch, at least: what the log has is never about a few requests."""
PAUSE = 60
"""Seconds between two sketches of a model, at least, however many rows there are."""
SHARE = 0.01
"""Of the time that the watch takes at most."""
ROWS = 256
"""Rows of one request that are looked at, at most: of a larger one every so many-th."""
LIGHT = 16 * 1024
"""Bytes of a tensor that is held, at most: a larger one is counted at once, and let go."""


class Pace(NamedTuple):
    """How often a sketch is written, and of what."""

    rows: int = 200
    """Rows that are enough for one."""
    seconds: float = 900.0
    """After which fewer are, if they are LEAST."""
    share: float = 1.0
    """Of the requests that are looked at."""
    features: int = 20
    """Features with metrics of their own."""


class Watch:
    """What came of one version of a model since it was last told."""

    def __init__(self, predictor: Predictor, reference: Reference, pace: Pace) -> None:
        """Begin. Raises InvalidPackage where the reference is of another model."""
        self._package, self._pace = predictor.package, pace
        self._sides = sides(predictor, reference)
        self._read = tuple(name for side in self._sides for name in side.part.tensors)
        self._together = all(side.part.together for side in self._sides if side.columns)
        single = self._together and len(predictor.manifest.inputs) == 1
        self._single = predictor.manifest.inputs[0].name if single else ""
        self._enough = min(HELD, pace.rows)
        self._held: list[Held] = []
        self._waiting = self._rows = 0
        self._since = self._until = 0.0
        self._told = self._credit = 0.0
        self._sketches = [side.bins.empty() for side in self._sides]

    def note(self, feeds: Tensors, names: Sequence[str], values: Sequence[Any]) -> None:
        """Look at a request that was answered; whatever is wrong with it, nobody who asks finds out.

        Args:
            feeds: its tensors, by the inputs' names.
            names, values: the outputs that were computed.
        """
        now = time()
        if now < self._until:
            return
        try:
            if self._pace.share < 1 and not self._is_drawn():
                return
            first = feeds.get(self._single)
            if first is not None and first.base is None and first.nbytes <= LIGHT and len(first) <= ROWS:
                self._hold((feeds, names, values), len(first), now, light=True)
            else:
                request, rows, light = self._thinned({**feeds, **dict(zip(names, values, strict=True))})
                self._hold(request, rows, now, light=light)
        except Exception as fault:  # a fault of the watch is no fault of the answer
            self._until = float("inf")
            emit("drift_fault", model=self._package.label, error=f"{type(fault).__name__}: {fault}"[:300])

    def finish(self) -> None:
        """Write what there is, if it is enough rows to be written at all: nothing more will come."""
        self._count(time(), at_once=True)

    def _is_drawn(self) -> bool:
        """Whether this request is one of the share that is looked at."""
        self._credit += self._pace.share
        drawn = self._credit >= 1
        self._credit -= drawn
        return drawn

    def _hold(self, request: Held, rows: int, now: float, *, light: bool) -> None:
        if not self._rows and not self._waiting:
            self._since = now
        self._held.append(request)
        self._waiting += rows
        if not light or self._waiting >= self._enough or now - self._since >= self._pace.seconds:
            self._count(now)

    def _thinned(self, tensors: Tensors) -> tuple[Held, int, bool]:
        """What is read of a request, so many rows of it at most; how many; and whether it can be held for long."""
        found = {name: tensors[name] for name in self._read if name in tensors}
        rows = max((len(value) for value in found.values()), default=0)
        if rows > ROWS:
            found = {name: value[:: -(-rows // ROWS)] for name, value in found.items()}
            rows = max(len(value) for value in found.values())
        light = self._together and all(_is_light(value) for value in found.values())
        if light:  # what views a request's body would keep all of it in memory
            found = {name: value if value.base is None else value.copy() for name, value in found.items()}
        return (found, (), ()), rows, light

    def _count(self, now: float, *, at_once: bool = False) -> None:
        for tensors in self._alike():
            found = [side.sketch(tensors) for side in self._sides]
            pairs = zip(self._sketches, found, strict=True)
            self._sketches = [kept if new is None else kept.merged(new) for kept, new in pairs]
        self._rows += self._waiting
        self._waiting = 0
        self._held.clear()
        due = self._rows >= self._pace.rows and now - self._told >= PAUSE
        if self._rows >= LEAST and (at_once or due or now - self._since >= self._pace.seconds):
            kept = [(side.bins, sketch) for side, sketch in zip(self._sides, self._sketches, strict=True)]
            manifest = self._package.manifest
            version = str(self._package.version)
            lines.emit(manifest.name, version, manifest.digest, (self._since, now), kept, self._pace.features)
            self._sketches = [side.bins.empty() for side in self._sides]
            self._rows, self._told = 0, now
        self._until = now + (time() - now) / SHARE

    def _alike(self) -> list[Tensors]:
        """What is held, joined where it can be."""
        requests: list[Tensors] = [
            {**feeds, **dict(zip(names, values, strict=True))} for feeds, names, values in self._held
        ]
        if len(requests) == 1 or not self._together:
            return requests
        groups: dict[Any, list[Tensors]] = {}
        for tensors in requests:
            form = tuple(name for name in self._read if name in tensors)
            groups.setdefault(form, []).append({name: tensors[name] for name in form})
        return [joined(group) for group in groups.values()]


def watch(predictor: Predictor, settings: Settings) -> Watch | None:
    """The watch of a model; None where its package has no reference, or one of another model, which the log says."""
    try:
        reference = read(predictor.package)
        if reference is None:
            return None
        pace = Pace(settings.drift_rows, 60 * settings.drift_minutes, settings.drift_share, settings.drift_features)
        return Watch(predictor, reference, pace)
    except OrtlessError as fault:
        emit("drift_fault", model=predictor.package.label, error=str(fault)[:300])
        return None


def _is_light(value: Any) -> bool:
    array = getattr(value, "dtype", None)
    return array is not None and array.kind != "O" and value.nbytes <= LIGHT
