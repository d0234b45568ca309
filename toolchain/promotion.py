"""Pointing a model's alias at a version, by compare-and-set."""

from typing import NamedTuple
from uuid import uuid4

from functions.core import alias as aliases
from functions.core import manifest
from functions.core.alias import Alias
from functions.core.errors import StoreUnavailable, WriteConflict
from functions.core.package import digest_of_bytes, key
from functions.core.store import ObjectStore


class Current(NamedTuple):
    """An alias as it was read, with the ETag that a change must name."""

    alias: Alias
    etag: str


def read(name: str, store: ObjectStore) -> Current | None:
    """A model's alias; None if it was never promoted. Raises StoreUnavailable or InvalidPackage."""
    found = store.find(aliases.key(name))
    return Current(aliases.parse(found.body, name), found.etag) if found else None


def promote(name: str, version: int, store: ObjectStore) -> Alias:
    """Make a version live; the one before becomes `previous`. Nothing is written if it is live already.

    Raises:
        ObjectMissing: there is no such version.
        WriteConflict: someone else changed the alias meanwhile; it is for a person to decide what then.
        StoreUnavailable: the registry did not answer.
    """
    document = store.get(key(name, version, manifest.FILE)).body
    digest = digest_of_bytes(document)
    current = read(name, store)
    if current and current.alias.live == version:
        return current.alias
    changed = _next(current.alias if current else None, version, digest)
    try:
        _write(name, changed, current.etag if current else None, store)
    except (StoreUnavailable, WriteConflict):
        # The write may have arrived although its answer did not: the nonce tells whose it is.
        after = read(name, store)
        if after is None or after.alias.nonce != changed.nonce:
            raise
    return changed


def _next(before: Alias | None, version: int, digest: str) -> Alias:
    if before is None:
        return Alias(1, uuid4().hex, version, None, None, None, {str(version): digest})
    digests = {str(version): digest}
    if (kept := before.digest(before.live)) is not None:
        digests[str(before.live)] = kept
    return Alias(before.generation + 1, uuid4().hex, version, before.live, None, None, digests)


def _write(name: str, alias: Alias, etag: str | None, store: ObjectStore) -> None:
    body = aliases.render(alias)
    if etag is None:
        store.put_if_absent(aliases.key(name), body)
    else:
        store.put_if_match(aliases.key(name), body, etag)
