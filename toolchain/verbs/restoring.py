"""The verb that brings a registry back to a point in time."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.filesize import decimal

from toolchain import console
from toolchain.verbs.options import AsJson, Stage, Why, Yes

if TYPE_CHECKING:
    from functions.core.alias import Alias
    from toolchain.restoring.plan import Model
    from toolchain.restoring.restoring import Restored, Restorer


def restore(
    *,
    to: Annotated[str, typer.Option(metavar="TIME", help="As 2026-11-21T13:00:00Z; without an offset it is UTC.")],
    model: Annotated[str, typer.Option(help="This model only.")] = "",
    source: Annotated[str, typer.Option(metavar="BUCKET", help="Read this bucket's versions: the replica's.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    why: Why = "",
    stage: Stage = "",
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Bring packages and aliases back to what they were at a time; what was published since stays beside them."""
    from toolchain.deployment import find
    from toolchain.restoring.restoring import Restorer

    moment = _moment(to)
    restorer = Restorer(find(stage), source)
    plan = restorer.plan(moment, model)
    if dry_run:
        _tell(restorer.standing(plan), moment, as_json=json, done=False)
        return
    if not yes and sys.stdin.isatty():
        _tell(restorer.standing(plan), moment, as_json=False, done=False)
        typer.confirm(f"Bring this back to what it was at {moment.isoformat()}?", abort=True, err=True)
    _tell(_restore(restorer, plan, moment, why), moment, as_json=json, done=True)


def _restore(restorer: "Restorer", plan: "Sequence[Model]", to: datetime, why: str) -> "list[Restored]":
    with console.progress() as bars:
        task = bars.add_task("copying", total=sum(model.bytes for model in plan))
        return restorer.restore(plan, to, why, lambda held: bars.advance(task, held.size))


def _moment(text: str) -> datetime:
    """A time of the past. Raises BadParameter."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"expected a time like 2026-11-21T13:00:00Z - got {text!r}", param_hint="--to"
        ) from None
    moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if moment > datetime.now(UTC):
        raise typer.BadParameter(f"expected a time that is over - got {moment.isoformat()}", param_hint="--to")
    return moment


def _tell(found: "Sequence[Restored]", to: datetime, *, as_json: bool, done: bool) -> None:
    if as_json:
        console.data({"to": to.isoformat(), "done": done, "models": [_document(each) for each in found]})
        return
    console.table([_row(each) for each in found])
    for each in found:
        for note in _notes(each, to):
            console.note(note)
    if not any(each.changed for each in found):
        console.note(f"Everything is what it was at {to.isoformat()}.")
    elif not done:
        console.note("Nothing was changed.")


def _row(each: "Restored") -> dict[str, Any]:
    was, live = (alias.live if alias else None for alias in (each.before, each.after))
    return {
        "model": each.plan.name,
        "live": str(live) if was == live else f"{was or '-'} -> {live or '-'}",
        "versions brought back": ", ".join(map(str, each.plan.versions)) or None,
        "objects": len(each.plan.copies),
        "size": decimal(each.plan.bytes),
        "retired no more": len(each.plan.unretired),
        "changed": "yes" if each.changed else "no",
    }


def _notes(each: "Restored", to: datetime) -> list[str]:
    name, canary = each.plan.name, each.plan.canary
    notes = []
    if each.plan.alias is None and each.before is not None:
        notes.append(f"{name}: no version was live at {to.isoformat()}; what is live now stays.")
    if canary:
        again = f"ortless canary {name} {canary.version} {canary.weight * 100:g}%"
        notes.append(f"{name}: a canary ran then. To begin it again: {again}")
    if each.plan.lost:
        notes.append(f"{name}: not kept any more, and nothing leads to it: {', '.join(each.plan.lost)}")
    return notes


def _document(each: "Restored") -> dict[str, Any]:
    return {
        "model": each.plan.name,
        "changed": each.changed,
        "versions": each.plan.versions,
        "objects": [{"key": held.key, "version": held.version, "bytes": held.size} for held in each.plan.copies],
        "unretired": list(each.plan.unretired),
        "before": _alias(each.before),
        "after": _alias(each.after),
        "canary_then": each.plan.canary and each.plan.canary._asdict(),
        "lost": list(each.plan.lost),
    }


def _alias(alias: "Alias | None") -> dict[str, Any] | None:
    from functions.core.alias import document

    return document(alias._replace(change=None)) if alias else None
