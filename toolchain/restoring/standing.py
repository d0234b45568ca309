"""What the alias of a model was, from its own versions or, where these are gone, from its audit."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from functions.core import alias as aliases
from functions.core.alias import Alias
from functions.core.errors import InvalidPackage
from toolchain.restoring.archive import Archive, Held, Histories, then

AUDIT = "audit/"


class Standing(NamedTuple):
    """The alias of a model at a time."""

    alias: Alias | None
    """None where none had been promoted yet, or nothing says what it was."""
    newest: int
    """The highest generation that the model ever had, as far as anything says."""
    gone: bool
    """There may have been an alias, but nothing that the bucket keeps says what it was."""


def standing(model: str, histories: Histories, archive: Archive, to: datetime) -> Standing:
    """What the alias was. Raises botocore's errors."""
    history = histories.get(aliases.key(model), ())
    versions = [held for held in history if not held.deleted]
    newest = _newest(model, histories, archive, versions)
    before = [held for held in history if held.at <= to]
    if before and before[-1].deleted:
        return Standing(None, newest, gone=False)
    # Of an alias that was damaged already, functions went on with what it was before.
    found = _first(model, archive, [held for held in versions if held.at <= to]) or _audited(
        model, histories, archive, to
    )
    oldest = _first(model, archive, list(reversed(versions)))
    gone = found is None and oldest is not None and oldest.generation > 1
    return Standing(found, newest, gone)


def _newest(model: str, histories: Histories, archive: Archive, versions: list[Held]) -> int:
    audited = [_generation(key) for key in histories if key.startswith(f"{AUDIT}{model}/")]
    last = _first(model, archive, versions)
    return max([*audited, last.generation if last else 0], default=0)


def _generation(key: str) -> int:
    number = key.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdigit() else 0


def _first(model: str, archive: Archive, versions: list[Held]) -> Alias | None:
    """The last of these versions that can be read."""
    for held in reversed(versions):
        try:
            return aliases.parse(archive.read(held), model)
        except InvalidPackage:
            continue
    return None


def _audited(model: str, histories: Histories, archive: Archive, to: datetime) -> Alias | None:
    entries = list(_entries(model, histories, archive))
    last = max(
        (entry for entry in entries if datetime.fromisoformat(entry["at"]) <= to),
        key=lambda entry: int(entry["generation"]),
        default=None,
    )
    return aliases.parse(orjson.dumps(last["after"]), model) if last else None


def _entries(model: str, histories: Histories, archive: Archive) -> Iterator[dict[str, Any]]:
    """What the audit says of each change, whether its object was deleted or damaged since."""
    for key, history in histories.items():
        if not key.startswith(f"{AUDIT}{model}/"):
            continue
        for held in history:
            if held.deleted:
                continue
            try:
                entry = orjson.loads(archive.read(held))
                aliases.parse(orjson.dumps(entry["after"]), model)
                datetime.fromisoformat(entry["at"])
            except (orjson.JSONDecodeError, InvalidPackage, KeyError, TypeError, ValueError):
                continue
            yield entry
            break


def held_then(histories: Histories, prefix: str, to: datetime) -> dict[str, Held]:
    """The objects that there were under a prefix, by key."""
    known = {key: then(history, to) for key, history in histories.items() if key.startswith(prefix)}
    return {key: held for key, held in known.items() if held}
