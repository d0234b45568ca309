"""An API key as API Gateway and its tags describe it; never its value."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

STAGE, NAME, TIER = "ortless:stage", "ortless:name", "ortless:tier"
REPLACES, UNTIL = "ortless:replaces", "ortless:replaces-until"
"""Tags. That a key replaces another, and until when both work, stands on the new one, and is written as it is made:
a rotation is there as a whole or not at all."""


class Key(NamedTuple):
    """A key of a stage."""

    id: str
    name: str
    tier: str | None
    """The tier whose plan has it; None: it opens nothing, as its tier is gone, it is revoked, or was never finished."""
    made: datetime
    enabled: bool
    replaces: str
    """The id of the key that it takes the place of; empty: it is nobody's successor."""
    until: datetime | None
    """How long that one works beside it."""

    @property
    def works(self) -> bool:
        """Whether the API takes it."""
        return self.enabled and self.tier is not None


def read(found: Mapping[str, Any], tier: str | None) -> Key:
    """A key from what API Gateway answers."""
    tags = found.get("tags", {})
    until = tags.get(UNTIL)
    return Key(
        id=found["id"],
        name=tags.get(NAME, ""),
        tier=tier,
        made=found["createdDate"].astimezone(UTC),
        enabled=str(found["enabled"]).lower() == "true",  # after a change, the embedded cloud answers with a text
        replaces=tags.get(REPLACES, ""),
        until=datetime.fromisoformat(until) if until else None,
    )


def ends(key: Key, keys: Sequence[Key]) -> datetime | None:
    """When a key that another one replaces is to end; None if none does."""
    return next((each.until for each in keys if each.replaces == key.id and each.works), None)


def state(key: Key, keys: Sequence[Key], now: datetime) -> str:
    """One word: works, ending, due, revoked, or closed, as in no tier that there is."""
    if not key.enabled:
        return "revoked"
    if not key.works:
        return "closed"
    end = ends(key, keys)
    if end is None:
        return "works"
    return "ending" if now < end else "due"


def row(key: Key, keys: Sequence[Key], now: datetime) -> dict[str, Any]:
    """As a person reads it."""
    end = ends(key, keys)
    return {
        "name": key.name,
        "tier": key.tier,
        "id": key.id,
        "made": stamp(key.made),
        "state": state(key, keys, now),
        "ends": stamp(end) if end and key.works else None,
    }


def stamp(moment: datetime) -> str:
    """A time to the second, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
