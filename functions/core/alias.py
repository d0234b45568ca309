"""The alias of a model: the one mutable object of the registry, which says what version is live."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from functions.core.errors import InvalidPackage

PREFIX = "aliases/"


class Alias(NamedTuple):
    """Which versions of a model serve; changed only by compare-and-set on the object's ETag."""

    generation: int
    """1 for the first, one more with each change."""
    nonce: str
    """Random: after a time-out the writer knows by it whether the write was its own."""
    live: int
    previous: int | None
    canary: Mapping[str, Any] | None
    shadow: int | None
    digests: Mapping[str, str]
    """Version -> SHA-256 of its manifest, for every version named here: what is fetched must be that."""

    def digest(self, version: int) -> str | None:
        """The digest that a version must have, where this alias names it."""
        return self.digests.get(str(version))


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
        return Alias(
            generation=int(table["generation"]),
            nonce=str(table["nonce"]),
            live=int(table["live"]),
            previous=table["previous"],
            canary=table["canary"],
            shadow=table["shadow"],
            digests=dict(table["digests"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as fault:
        raise InvalidPackage(name, f"its alias is damaged ({type(fault).__name__}: {fault})") from None


def render(alias: Alias) -> bytes:
    """The bytes of the alias object."""
    return orjson.dumps(alias._asdict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
