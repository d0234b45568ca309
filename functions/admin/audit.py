"""Who changed what, when and why: a line in the log and an immutable object for each change of an alias."""

from typing import Any

import orjson

from functions.core import alias as aliases
from functions.core.alias import Alias
from functions.core.errors import StoreUnavailable, WriteConflict
from functions.core.holdings import AUDIT
from functions.core.store import ObjectStore
from functions.core.telemetry import emit


def record(name: str, alias: Alias, store: ObjectStore) -> None:
    """Keep the change that made an alias what it is; when the registry does not answer, the next change keeps it."""
    entry = _entry(name, alias)
    emit("alias_changed", **{key: value for key, value in entry.items() if key not in ("before", "after")})
    try:
        keep(name, alias, store)
    except StoreUnavailable as fault:  # the change took place, and stands in the alias itself
        emit("audit_delayed", model=name, generation=alias.generation, error=str(fault))


def keep(name: str, alias: Alias | None, store: ObjectStore) -> None:
    """Write the object of an alias' last change, unless it is there. Raises StoreUnavailable."""
    if alias is None or alias.change is None:
        return
    body = orjson.dumps(_entry(name, alias), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        store.put_if_absent(f"{AUDIT}{name}/{alias.generation:08d}-{alias.nonce}.json", body)
    except WriteConflict:
        return  # written already, by the call that made the change or by the one after it


def _entry(name: str, alias: Alias) -> dict[str, Any]:
    change = alias.change._asdict() if alias.change else {}
    after = aliases.document(alias._replace(change=None))
    return {"model": name, "generation": alias.generation, **change, "after": after}
