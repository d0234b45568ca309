"""Versions that did not load: tried again only after a while, and told of once for each state of the alias."""

from typing import NamedTuple

from functions.core.errors import OrtlessError
from functions.core.telemetry import emit, measured

LIMIT = 256
"""How many are remembered; requests can name any number of versions."""

Key = tuple[str, int]


class Failure(NamedTuple):
    """Under which state of the alias a version did not load, until when that is believed, and why it was."""

    etag: str
    until: float
    fault: OrtlessError


class Failures:
    """What did not load, by model and version."""

    def __init__(self) -> None:
        self._known: dict[Key, Failure] = {}

    def check(self, key: Key, etag: str, now: float) -> None:
        """Raise the fault again that a version met lately, under the same state of the alias."""
        failure = self._known.get(key)
        if failure and failure.etag == etag and now < failure.until:
            # A traceback that grows with each request would hold their frames.
            raise failure.fault.with_traceback(None)

    def remember(self, key: Key, etag: str, until: float, fault: OrtlessError) -> None:
        """Keep that a version did not load; the first time under this state of the alias, the log says so."""
        before = self._known.pop(key, None)
        if before is None or before.etag != etag:
            metric = measured(key[0], str(key[1]), {"LoadFailures": 1})
            emit("model_load_failed", model=key[0], version=key[1], error=str(fault), code=fault.code, **metric)
        if len(self._known) >= LIMIT:
            del self._known[next(iter(self._known))]
        # The frames of a traceback hold what was half loaded.
        fault.__traceback__ = fault.__context__ = fault.__cause__ = None
        self._known[key] = Failure(etag, until, fault)

    def retry(self, name: str) -> None:
        """Believe none of a model's failures any longer."""
        for key, failure in self._known.items():
            if key[0] == name:
                self._known[key] = failure._replace(until=float("-inf"))
