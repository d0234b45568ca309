"""What is written of a job: each object once, by whoever comes first; the manifest commits it."""

from collections.abc import Callable
from time import sleep
from typing import Any, TypeVar

import orjson

from functions.core.errors import StoreUnavailable, WriteConflict
from functions.core.store import ObjectStore

Answer = TypeVar("Answer")

CLAIM, PLAN, MANIFEST, FAILED, CANCELLED = "claim.json", "plan.json", "manifest.json", "failed.json", "cancelled.json"
OVER = frozenset((MANIFEST, FAILED, CANCELLED))
"""What ends a job, well or not."""
ATTEMPTS = 6
"""Times that a write whose fate is unknown is tried, or looked for."""
PAUSE = 0.1
"""Seconds before the second try; each other waits twice as long as the one before."""


class Ledger:
    """The objects of one job in the output bucket."""

    def __init__(self, store: ObjectStore, job: str) -> None:
        self.job = job
        self._store = store

    def key(self, name: str) -> str:
        """Where an object of the job is kept."""
        return f"{self.job}/{name}"

    def settle(self, name: str, body: bytes) -> bytes:
        """Write an object unless it is there; returns what stands, which is what others read.

        A conflict may be a lie, as when the first try was carried out and its answer lost, or when S3 was busy with
        another write of the same key: what stands is read again, and where nothing does, it is tried again.

        Raises:
            StoreUnavailable: the store does not answer, or contradicts itself.
        """
        fault: Exception | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                sleep(PAUSE * 2 ** (attempt - 1))
            try:
                self._store.put_if_absent(self.key(name), body)
            except (WriteConflict, StoreUnavailable) as refused:
                fault = refused
            else:
                return body
            try:
                found = self._store.find(self.key(name))
            except StoreUnavailable as refused:
                fault = refused
                continue
            if found is not None:
                return found.body
        raise StoreUnavailable(self.key(name), f"{ATTEMPTS} writes did not settle it: {fault}")

    def settle_json(self, name: str, document: Any) -> Any:
        """The same for a document; returns the one that stands."""
        return orjson.loads(self.settle(name, orjson.dumps(document)))

    def find(self, name: str) -> bytes | None:
        """An object's bytes, None if there is none. Raises StoreUnavailable."""
        found = patiently(lambda: self._store.find(self.key(name)))
        return found and found.body

    def find_json(self, name: str) -> Any:
        """A document, None if there is none. Raises StoreUnavailable."""
        body = self.find(name)
        return None if body is None else orjson.loads(body)

    def names(self) -> set[str]:
        """The names of what is written so far. Raises StoreUnavailable."""
        return set(patiently(lambda: self._store.names(f"{self.job}/")))

    def tallied(self) -> set[int]:
        """The indices of the pieces that are done. Raises StoreUnavailable."""
        return {int(name[len("tally-") : -len(".json")]) for name in self.names() if name.startswith("tally-")}

    def is_stopped(self) -> bool:
        """Whether somebody cancelled the job, or part of it has shown that it can never be done."""
        return self.find(CANCELLED) is not None or self.find(FAILED) is not None


def patiently(ask: Callable[[], Answer]) -> Answer:
    """What a read of the store gives, tried again while the store is not to be had. Raises StoreUnavailable."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return ask()
        except StoreUnavailable:
            sleep(PAUSE * 2**attempt)
    return ask()


def numbered(kind: str, index: int, ending: str) -> str:
    """The name of a piece's object, as part-00012.csv."""
    return f"{kind}-{index:05d}.{ending}"
