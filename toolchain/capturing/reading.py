"""Captured requests of a model, downloaded and joined in the order in which they were answered."""

import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from functions.core.errors import OrtlessError

if TYPE_CHECKING:
    from functions.core.store import ObjectStore
    from toolchain.deployment import Deployment

PREFIX = "captured"
Progress = Callable[[int], None]


class NothingKept(OrtlessError):
    """The stage keeps no requests."""

    code = "nothing_kept"

    def __init__(self, stage: str) -> None:
        super().__init__(
            f"The stage {stage!r} keeps no requests\n"
            "hint: set `capture.share` of the stage in cdk.json and deploy it: docs/guides/capture.md"
        )


class DamagedCapture(OrtlessError):
    """An object of the bucket is not what a function writes."""

    code = "damaged_capture"

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"The object {key!r} is no captured requests: {reason}")


class Reader:
    """The bucket of a stage."""

    def __init__(self, deployment: "Deployment") -> None:
        """Find the bucket. Raises NothingKept, NoStack, CloudRefused or NoCredentials."""
        name = deployment.outputs.get("CaptureBucket")
        if not name:
            raise NothingKept(deployment.stage)
        self._store: ObjectStore = deployment.store(name)

    def records(self, model: str, seconds: float, progress: Progress = lambda _bytes: None) -> list[dict[str, Any]]:
        """The records of the last so many seconds, the oldest first.

        Args:
            progress: told the bytes of each object that was read.

        Raises:
            StoreUnavailable: the store did not answer or refused.
            DamagedCapture: an object is not what a function writes.
        """
        since = datetime.now(UTC) - timedelta(seconds=seconds)
        wanted = since.isoformat(timespec="milliseconds")
        found = []
        for key, size in self.objects(model, since).items():
            found += [record for record in self._lines(key) if record["time"] >= wanted]
            progress(size)
        return sorted(found, key=lambda record: str(record["time"]))

    def objects(self, model: str, since: datetime) -> dict[str, int]:
        """Keys and bytes of what was written since then: no record is in an object of an earlier hour."""
        prefix, hour = f"{PREFIX}/{model}/", since.strftime("%Y/%m/%d/%H")
        tree = self._store.tree(prefix)
        return {f"{prefix}{name}": facts.size for name, facts in tree.items() if name.partition("/")[2] >= hour}

    def _lines(self, key: str) -> Iterator[dict[str, Any]]:
        body = self._store.get(key).body
        try:
            for line in zlib.decompress(body, wbits=31).splitlines():
                record: dict[str, Any] = orjson.loads(line)
                yield record
        except (zlib.error, orjson.JSONDecodeError) as fault:
            raise DamagedCapture(key, str(fault)) from None


def instances(records: list[dict[str, Any]]) -> Iterator[Any]:
    """The instances of records in the user's terms; of named ones, redacted features are left out."""
    for record in records:
        for instance in (record.get("request") or {}).get("instances", ()):
            yield _shown(instance)


def _shown(instance: Any) -> Any:
    if isinstance(instance, dict):
        return {name: _shown(value) for name, value in instance.items() if not _is_redacted(value)}
    if isinstance(instance, list):
        return [None if _is_redacted(value) else value for value in instance]
    return None if _is_redacted(instance) else instance


def _is_redacted(value: Any) -> bool:
    return isinstance(value, dict) and "redacted" in value
