"""Verbs on API keys; a value is shown once, when it is made, and never again."""

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from toolchain import console
from toolchain.verbs.options import AsJson, Stage, Yes

if TYPE_CHECKING:
    from toolchain.keys.key import Key
    from toolchain.keys.places import Place
    from toolchain.keys.ring import Made, Ring

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
OVERLAP = re.compile(r"(\d{1,4})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Holder = Annotated[str, typer.Argument(metavar="NAME", help="Who the key is for.")]
To = Annotated[str, typer.Option(metavar="FILE|ssm:NAME|secret:NAME", help="Put the value there, and do not show it.")]

app = typer.Typer(help="Create, list, rotate and revoke the API keys of a stage.", no_args_is_help=True)


@app.command(epilog="Example: ortless keys create web-shop --tier pro --stage prod")
def create(
    name: Holder,
    *,
    tier: Annotated[str, typer.Option(help="A tier of the stage, as cdk.json has them.")] = "default",
    to: To = "",
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """Make a key and show its value, this once; a key that is there is left as it is."""
    holder = _named(name)
    ring, place = _opened(stage, to)
    _tell(ring.create(holder, tier, place), place, to, as_json=json)


@app.command("list", epilog="Example: ortless keys list --stage prod")
def list_keys(
    *,
    every: Annotated[bool, typer.Option("--all", help="Revoked ones too.")] = False,
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """Show the keys of a stage: who they are for, their tiers, and what is due."""
    from toolchain.keys import key as keys

    found, now = _ring(stage).all(), datetime.now(UTC)
    rows = [keys.row(key, found, now) for key in found]
    console.show([row for row in rows if every or row["state"] != "revoked"], json)
    if any(row["state"] == "due" for row in rows):
        console.note("What is due still works. To end it: ortless keys revoke --due")


@app.command(epilog="Example: ortless keys rotate web-shop --overlap 7d --stage prod")
def rotate(
    name: Holder,
    *,
    overlap: Annotated[str, typer.Option(help="How long both work, as 90m, 12h or 7d; 0d: not at all.")] = "7d",
    tier: Annotated[str | None, typer.Option(help="Of the new key; the old one's by default.")] = None,
    finish: Annotated[bool, typer.Option("--finish", help="End what was replaced now, and make nothing.")] = False,
    to: To = "",
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """Make a second key beside the first, which is due when the overlap is over."""
    holder, beside = _named(name), _duration(overlap)
    if finish:
        _ended(_ring(stage).finish(holder), as_json=json)
        return
    ring, place = _opened(stage, to)
    _tell(ring.rotate(holder, beside, tier, place), place, to, as_json=json)


@app.command(epilog="Example: ortless keys revoke web-shop --stage prod")
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose keys; none with --due.")] = "",
    *,
    due: Annotated[bool, typer.Option("--due", help="All that were replaced and whose overlap is over.")] = False,
    yes: Yes = False,
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """End every key of a name at once, or what is due; nothing brings a revoked key back."""
    if bool(name) == due:
        raise typer.BadParameter("give a name or --due", param_hint="NAME")
    if due:
        _ended(_ring(stage).end_due(), as_json=json)
        return
    holder = _named(name)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"{holder}: end every key of it for good?", abort=True, err=True)
    _ended(_ring(stage).revoke(holder), as_json=json)


def _ring(stage: str) -> "Ring":
    from toolchain.deployment import find
    from toolchain.keys.ring import Ring

    return Ring(find(stage))


def _opened(stage: str, to: str) -> "tuple[Ring, Place]":
    from toolchain.deployment import find
    from toolchain.keys.places import place
    from toolchain.keys.ring import Ring

    deployment = find(stage)
    return Ring(deployment), place(to, deployment)


def _tell(made: "Made", place: "Place", to: str, *, as_json: bool) -> None:
    from toolchain.keys.places import Memory

    value = place.value if isinstance(place, Memory) and made.new else None
    if as_json:
        console.data({"name": made.key.name, "id": made.key.id, "tier": made.key.tier, "new": made.new, "value": value})
    elif value:
        typer.echo(value)
    if not made.new:
        console.note(f"{made.key.name} has a key, {made.key.id}, made {made.key.made:%Y-%m-%d}: nothing was made now")
        console.note("A value is shown once only. For a new one: ortless keys rotate; `ortless keys list` shows both")
    else:
        console.note(f"{made.key.id}, in the tier {made.key.tier}: " + (f"put into {to}" if to else "shown this once"))
        if made.key.until:
            over = made.key.until <= datetime.now(UTC)
            then = "has ended" if over else f"is due at {made.key.until:%Y-%m-%d %H:%M} UTC"
            console.note(f"The key that it replaces, {made.key.replaces}, {then}")


def _ended(found: "list[Key]", *, as_json: bool) -> None:
    rows = [{"name": key.name, "id": key.id, "tier": key.tier, "state": "revoked"} for key in found]
    if as_json:
        console.data(rows)
    elif rows:
        console.table(rows)
    else:
        console.note("There was nothing left to end.")


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        expected = "letters, digits, dots, hyphens, underscores and @, at most 64"
        raise typer.BadParameter(f"expected {expected} - got {name!r}", param_hint="NAME")
    return name


def _duration(text: str) -> timedelta:
    found = OVERLAP.fullmatch(text)
    if not found:
        raise typer.BadParameter(f"expected a time such as 90m, 12h or 7d - got {text!r}", param_hint="--overlap")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
