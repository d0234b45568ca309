"""What serves of a model, and what came of it, as a person reads them: rows of a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.filesize import decimal

NOTHING = "-"
Table = Mapping[str, Any]


def alias(state: Table) -> dict[str, Any]:
    """A row for an alias."""
    shown = {field: state.get(field) for field in ("model", "generation", "live", "previous")}
    return {**shown, "canary": _canary(state), "shadow": state.get("shadow")}


def models(found: Iterable[Table]) -> list[dict[str, Any]]:
    """A row for each model of the registry."""
    return [{**alias(model), "versions": model["versions"]} for model in found]


def versions(model: Table) -> list[dict[str, Any]]:
    """A row for each version of a model, with what it serves as."""
    return [
        {
            "version": version["version"],
            "serves": _role(model["alias"] or {}, version["version"]),
            "verdict": _verdict(version),
            "size": decimal(version["bytes"]),
            "published (UTC)": _moment(version["published_at"]),
            "by": _person(version["published_by"]),
            "digest": version["digest"][:12],
        }
        for version in model["versions"]
    ]


def changes(history: Iterable[Table]) -> list[dict[str, Any]]:
    """A row for each change of an alias."""
    return [
        {
            "generation": entry["generation"],
            "when (UTC)": _moment(entry["at"]),
            "who": _person(entry["who"]),
            "action": entry["action"],
            "from -> to": _difference(entry["before"] or {}, entry["after"]),
            "why": entry["why"] or None,
        }
        for entry in history
    ]


def removals(collection: Table) -> list[dict[str, Any]]:
    """A row for each version that was removed, or would be, and one for all of them."""
    removed = collection["removed"]
    rows = [{**removal, "bytes": decimal(removal["bytes"])} for removal in removed]
    total = {"model": "total", "version": len(removed), "bytes": decimal(sum(each["bytes"] for each in removed))}
    return [*rows, total]


def undoing(state: Table) -> str:
    """What a rollback would do to an alias, for who has to agree to it."""
    if state["canary"]:
        return f"end the canary of version {_canary(state)}"
    if state["previous"] is None:
        return "go back, though there is no previous version"
    return f"go back from version {state['live']} to {state['previous']}"


def _canary(state: Table) -> str | None:
    canary = state.get("canary")
    return f"{canary['version']} ({canary['weight'] * 100:g}%)" if canary else None


def _role(state: Table, version: int) -> str | None:
    roles = [field for field in ("live", "previous", "shadow") if state.get(field) == version]
    if (canary := state.get("canary")) and canary["version"] == version:
        roles.append(f"canary {canary['weight'] * 100:g}%")
    return ", ".join(roles) or None


def _verdict(version: Table) -> str:
    if version["retired"]:
        return "retired"
    said = "accepted" if version["accepted"] else "not validated"
    return f"{said}, ungated: {reason}" if (reason := version.get("ungated")) else said


def _difference(before: Table, after: Table) -> str:
    rows = alias(before), alias(after)
    pairs = {field: tuple(row[field] for row in rows) for field in ("live", "canary", "shadow")}
    changed = [f"{field} {_text(was)} -> {_text(now)}" for field, (was, now) in pairs.items() if was != now]
    return ", ".join(changed)


def _text(value: object) -> str:
    return NOTHING if value is None else str(value)


def _moment(at: str | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return at[:19].replace("T", " ") if at else None


def _person(who: str | None) -> str | None:
    """The end of an ARN, which says who it is within the account."""
    return who.rpartition(":")[2] if who else None
