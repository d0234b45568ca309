"""Putting a compiled package into the registry, where a version never changes."""

import os
from collections.abc import Callable
from pathlib import Path

from functions.core import manifest
from functions.core.errors import WriteConflict
from functions.core.holdings import key, numbers
from functions.core.manifest import FileRecord
from functions.core.package import Package, digest_of, digest_of_bytes
from functions.core.store import ObjectStore

Progress = Callable[[str, int], None]
"""Told the name and size of each file that is in the registry."""


def publish(package: Package, store: ObjectStore, progress: Progress = lambda _name, _size: None) -> int:
    """Write a package as the next version of its model, unless a version has the same digest already.

    The files go first and the manifest last: it is the commit, and a version without one does not exist. Whoever is
    stopped on the way goes on where they stopped when they try again, as the same package has the same bytes.

    Returns:
        The version.

    Raises:
        StoreUnavailable: the registry did not answer or refused; what was written is invisible and harmless.
    """
    versions = _versions(package.manifest.name, store)
    for version in reversed(versions):
        if _digest(package.manifest.name, version, store) == package.manifest.digest:
            return version
    version = (versions[-1] if versions else 0) + 1
    while not _write(package, version, store, progress):
        version += 1
    return version


def _versions(name: str, store: ObjectStore) -> list[int]:
    return [version for version in numbers(name, store) if _digest(name, version, store)]


def _digest(name: str, version: int, store: ObjectStore) -> str | None:
    document = store.find(key(name, version, manifest.FILE))
    return digest_of_bytes(document.body) if document else None


def _write(package: Package, version: int, store: ObjectStore, progress: Progress) -> bool:
    """Whether the version is ours; a rival, or a leftover of one that crashed, may hold it."""
    name = package.manifest.name
    for file in (*package.manifest.files, manifest.FILE):
        place, path = key(name, version, file), Path(package.directory, file)
        try:
            # Whole in memory, once: what S3 takes in parts it does not take on the condition that there is nothing
            # yet. The limits of what is compiled leave room for it: see Limits.file_bytes.
            store.put_if_absent(place, path.read_bytes())
        except WriteConflict:
            ours = digest_of(str(path))
            if FileRecord(*store.download(place, os.devnull, ours.size)) != ours:
                return False
        progress(file, path.stat().st_size)
    return True
