"""The alias of a model: the one mutable object of the registry, which says what versions serve."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from functions.core.errors import InvalidPackage

PREFIX = "aliases/"


class Canary(NamedTuple):
    """A version on trial, and the share of the callers that it serves, above 0 and up to 1."""

    version: int
    weight: float


class Change(NamedTuple):
    """What made an alias what it is."""

    action: str
    """promote, canary, shadow, rollback, restore."""
    who: str
    why: str
    at: str
    """When: ISO 8601, UTC."""
    before: Mapping[str, Any] | None
    """What the alias was, without what had made it that; None for the first."""


class Alias(NamedTuple):
    """Which versions of a model serve; changed only by compare-and-set on the object's ETag."""

    generation: int
    """1 for the first, one more with each change."""
    nonce: str
    """Random: after a time-out the writer knows by it whether the write was its own."""
    live: int
    previous: int | None
    canary: Canary | None
    shadow: int | None
    """A version that is asked what the live one is asked, and whose answers nobody gets."""
    digests: Mapping[str, str]
    """Version -> SHA-256 of its manifest, for every version named here: what is fetched must be that."""
    change: Change | None = None

    def digest(self, version: int) -> str | None:
        """The digest that a version must have, where this alias names it."""
        return self.digests.get(str(version))

    def versions(self) -> set[int]:
        """Every version that is named here."""
        canary = self.canary.version if self.canary else None
        return {version for version in (self.live, self.previous, canary, self.shadow) if version is not None}


def key(name: str) -> str:
    """Where a model's alias is kept."""
    return f"{PREFIX}{name}.json"


def parse(document: bytes, name: str) -> Alias:
    """Read an alias.

    Raises:
        InvalidPackage: the document is damaged.
    """
    try:
        table = orjson.loads(document)
        canary, change = table["canary"], table.get("change")
        return Alias(
            generation=int(table["generation"]),
            nonce=str(table["nonce"]),
            live=int(table["live"]),
            previous=_version(table["previous"]),
            canary=canary and Canary(int(canary["version"]), float(canary["weight"])),
            shadow=_version(table["shadow"]),
            digests=dict(table["digests"]),
            change=change and Change(**change),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as fault:
        raise InvalidPackage(name, f"its alias is damaged ({type(fault).__name__}: {fault})") from None


def render(alias: Alias) -> bytes:
    """The bytes of the alias object."""
    return orjson.dumps(document(alias), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def document(alias: Alias) -> dict[str, Any]:
    """The alias as a JSON object."""
    canary, change = alias.canary and alias.canary._asdict(), alias.change and alias.change._asdict()
    return alias._asdict() | {"canary": canary, "change": change}


def _version(value: object) -> int | None:
    return None if value is None else int(value)  # type: ignore[call-overload]
