"""What the page shows of a version: read once, as a version never changes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from functions.console import compression
from functions.core.errors import InvalidPackage
from functions.core.holdings import VERDICT, key
from functions.core.store import ObjectFacts, ObjectStore

MANIFEST = "manifest.json"
# By its text alone: functions/core/manifest.py knows what every field means, and imports what computes with tensors.
MOST_KEPT = 2000
"""Versions that are remembered; each takes about a kilobyte."""
AT_ONCE = 8
"""Reads at a time: a registry answers each in some ten milliseconds."""


ABOUT = ("title", "task", "description", "takes", "gives")
"""What is said of the model as a whole, as its shown version has it."""


class Version(NamedTuple):
    """A version as the page shows it."""

    number: int
    title: str
    task: str
    description: str
    takes: str | None
    """The kind of its declared preprocessing; None where its tensors go in as they are."""
    gives: str | None
    """The kind of its declared postprocessing."""
    published: str
    """ISO 8601: when its validation passed, or when it was written where none was."""
    digest: str
    size: int
    """Bytes of its files."""
    original_size: int | None
    """The same without compression; None where nothing was compressed."""
    metric: dict[str, Any] | None
    ungated: str | None
    """Why it was published without a report that passes its gate."""

    def document(self, retired: bool) -> dict[str, Any]:
        """The version as an answer shows it."""
        fields = {"version": self.number, **self._asdict(), "retired": retired}
        for field in ("number", *ABOUT):
            del fields[field]
        return fields


class Versions:
    """The versions of one registry."""

    def __init__(self, store: ObjectStore, architecture: str) -> None:
        """Know a registry; `architecture` is that of its functions."""
        self._store = store
        self._architecture = architecture
        self._known: dict[tuple[str, int, str, str], Version] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def read(self, name: str, files: Mapping[int, Mapping[str, ObjectFacts]]) -> list[Version]:
        """Versions of a model, by at most three reads each, and none of those that are known.

        Args:
            files: of the versions that are wanted, as `holdings.files` lists them; each has a manifest.

        Raises:
            InvalidPackage: a manifest is damaged.
            StoreUnavailable, ObjectMissing: the registry did not answer, or a version was removed meanwhile.
        """
        return list(self._pool.map(lambda number: self._version(name, number, files[number]), files))

    def _version(self, name: str, number: int, files: Mapping[str, ObjectFacts]) -> Version:
        # A number may be taken again after the garbage collection removed the newest version: hence the tags.
        verdict = files.get(VERDICT)
        place = (name, number, files[MANIFEST].etag, verdict.etag if verdict else "")
        if place not in self._known:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[place] = self._fetch(name, number, files)
        return self._known[place]

    def _fetch(self, name: str, number: int, files: Mapping[str, ObjectFacts]) -> Version:
        document = self._get(name, number, MANIFEST)
        verdict = orjson.loads(self._get(name, number, VERDICT)) if VERDICT in files else {}
        report = self._get(name, number, compression.FILE) if compression.FILE in files else None
        found = compression.read(report, self._architecture) if report else compression.NONE
        try:
            table = orjson.loads(document)
            size = sum(int(record["size"]) for record in table["files"].values())
            return Version(
                number,
                title=str(table["title"]),
                task=str(table["task"]),
                description=str(table.get("description", "")),
                takes=(table.get("preprocess") or {}).get("kind"),
                gives=(table.get("postprocess") or {}).get("kind"),
                published=str(verdict.get("at") or files[MANIFEST].modified.isoformat(timespec="seconds")),
                digest=sha256(document).hexdigest(),
                size=size,
                original_size=None if found.saved is None else size + found.saved,
                metric=found.metric,
                ungated=verdict.get("ungated") or None,
            )
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as fault:
            raise InvalidPackage(f"{name}@{number}", f"{MANIFEST} is damaged ({type(fault).__name__})") from None

    def _get(self, name: str, number: int, file: str) -> bytes:
        return self._store.get(key(name, number, file)).body
