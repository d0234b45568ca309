"""What versions of a model the registry holds, and what is known of each."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from functions.admin.errors import StateConflict
from functions.core import manifest as manifests
from functions.core.alias import Alias
from functions.core.errors import ObjectMissing
from functions.core.holdings import VERDICT, NoModel, NoVersion, key, numbers, retired_key
from functions.core.manifest import Manifest
from functions.core.package import digest_of_bytes
from functions.core.store import ObjectStore


class Version(NamedTuple):
    """A version of a model as the registry has it."""

    number: int
    manifest: Manifest
    verdict: dict[str, Any] | None
    """What its validation said; None where it was written by hand."""
    retired: bool

    @property
    def size(self) -> int:
        """Of its files, in bytes."""
        return sum(record.size for record in self.manifest.files.values())

    @property
    def accepted(self) -> bool:
        """Whether it passed its validation, and is what passed."""
        verdict = self.verdict or {}
        return bool(verdict.get("accepted")) and verdict.get("digest") == self.manifest.digest


def every(name: str, store: ObjectStore) -> Iterator[Version]:
    """The versions of a model, the newest first."""
    for number in reversed(numbers(name, store)):
        try:
            yield read(name, number, store)
        except NoVersion:
            continue  # an upload that is under way, or that a crash left


def check_known(name: str, found: Sequence[Version], alias: Alias | None) -> None:
    """Raise NoModel where the registry has nothing of a model."""
    if not found and alias is None:
        raise NoModel(name)


def read(name: str, number: int, store: ObjectStore) -> Version:
    """One version.

    Raises:
        NoVersion: there is none of that number.
        InvalidPackage: its manifest is damaged.
    """
    try:
        document = store.get(key(name, number, manifests.FILE)).body
    except ObjectMissing:
        raise NoVersion(name, number) from None
    manifest = manifests.parse(document, digest_of_bytes(document), f"{name}@{number}")
    verdict = store.find(key(name, number, VERDICT))
    retired = store.find(retired_key(name, number)) is not None
    return Version(number, manifest, orjson.loads(verdict.body) if verdict else None, retired)


def servable(name: str, number: int, alias: Alias | None, store: ObjectStore) -> Version:
    """A version that may be promoted, as a canary or shadow too.

    Raises:
        NoVersion: there is none of that number.
        StateConflict: it did not pass its validation, or is retired.
    """
    version = read(name, number, store)
    if not version.accepted:
        raise StateConflict(f"Version {number} of {name!r} did not pass a validation", alias, name)
    if version.retired:
        raise StateConflict(f"Version {number} of {name!r} is retired", alias, name)
    return version
