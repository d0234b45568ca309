"""Changing an alias by compare-and-set: one of any number of rivals wins, and each knows whether it was the one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from functions.admin import audit
from functions.admin.errors import StateConflict
from functions.core import alias as aliases
from functions.core.alias import Alias, Change
from functions.core.errors import StoreUnavailable, WriteConflict
from functions.core.store import ObjectStore

Transition = Callable[[Alias | None], Alias]
Note = Callable[[str, Alias, ObjectStore], None]
"""Takes note of a change that took place: the model's name, its alias, and where."""


class Current(NamedTuple):
    """An alias as it was read, with the ETag that a change must name."""

    alias: Alias | None
    etag: str


class Outcome(NamedTuple):
    """A change that took place, or, where both are the same, one that there was no need for."""

    before: Alias | None
    after: Alias


class Author(NamedTuple):
    """Who changes an alias, by what action, and why."""

    action: str
    who: str
    why: str


def read(name: str, store: ObjectStore) -> Current:
    """A model's alias, None before the first promotion. Raises StoreUnavailable or InvalidPackage."""
    found = store.find(aliases.key(name))
    return Current(aliases.parse(found.body, name), found.etag) if found else Current(None, "")


def change(
    name: str, transition: Transition, author: Author, store: ObjectStore, generation: int | None = None
) -> Outcome:
    """Apply a transition to what the alias is now.

    Args:
        generation: the state that the change was meant for; None: whatever it is.

    Raises:
        StateConflict: the transition is not possible from here, the state is not the one that was meant, or someone
            else was faster; carries the state as it is. Never tried again here: it is for a person to decide.
        StoreUnavailable: the registry did not answer, and the change did not take place as far as it shows.
    """
    current = read(name, store)
    found = current.alias.generation if current.alias else 0
    if generation is not None and found != generation:
        raise StateConflict(f"Expected generation {generation} of {name!r} - got {found}", current.alias, name)
    return apply(name, transition, author, store, current)


def apply(
    name: str, transition: Transition, author: Author, store: ObjectStore, current: Current, note: Note = audit.record
) -> Outcome:
    """Apply a transition to what the alias was when it was read; the ETag alone stands for one that cannot be read.

    Raises as `change` does.
    """
    try:
        after = transition(current.alias)
    except StateConflict as conflict:
        raise StateConflict(str(conflict), current.alias, name) from None
    if after == current.alias:
        return Outcome(current.alias, after)
    audit.keep(name, current.alias, store)
    after = _stamped(current.alias, after, author)
    try:
        _write(name, after, current.etag, store)
    except (StoreUnavailable, WriteConflict) as fault:
        # The write may have arrived although its answer did not: the nonce tells whose it is.
        seen = read(name, store).alias
        if seen is None or seen.nonce != after.nonce:
            if isinstance(fault, StoreUnavailable):
                raise
            raise StateConflict(f"{name!r} was changed by someone else meanwhile", seen, name) from None
    note(name, after, store)
    return Outcome(current.alias, after)


def _stamped(before: Alias | None, after: Alias, author: Author) -> Alias:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    was = before and aliases.document(before._replace(change=None))
    named = {str(version) for version in after.versions()}
    return after._replace(
        generation=after.generation + 1,
        nonce=uuid4().hex,
        digests={version: digest for version, digest in after.digests.items() if version in named},
        change=Change(at=at, before=was, **author._asdict()),
    )


def _write(name: str, after: Alias, etag: str, store: ObjectStore) -> None:
    body = aliases.render(after)
    if etag:
        store.put_if_match(aliases.key(name), body, etag)
    else:
        store.put_if_absent(aliases.key(name), body)
