"""Verbs that take a whole stage out of service, and bring it back."""

import sys
from typing import TYPE_CHECKING

import typer

from toolchain import console
from toolchain.verbs.options import AsJson, Stage, Yes

if TYPE_CHECKING:
    from toolchain.switch import Change, Switch


def stop(stage: Stage = "", yes: Yes = False, json: AsJson = False) -> None:
    """Stop what costs: predictions and batch get no environments until `ortless resume`; nothing is lost."""
    from toolchain.switch import STILL_COSTS

    switch = _switch(stage)
    if not yes and sys.stdin.isatty():
        typer.confirm("Refuse every prediction and hold every file from now on?", abort=True, err=True)
    changes = switch.stop()
    if json:
        console.data({"functions": _rows(changes), "still_costs": STILL_COSTS})
        return
    console.table(_rows(changes))
    console.note("Callers get 503 `unavailable`. Dropped files wait in their queue, at most four days.")
    console.note("Large jobs under way fail in a while; after `ortless resume`, `ortless redrive` goes on with them.")
    console.note("What it goes on costing: " + "; ".join(STILL_COSTS) + ".")


def resume(stage: Stage = "", json: AsJson = False) -> None:
    """Give every function what it had before `ortless stop`."""
    changes = _switch(stage).resume()
    if json:
        console.data({"functions": _rows(changes)})
        return
    console.table(_rows(changes))
    if all(change.was == change.now for change in changes):
        console.note("Nothing was stopped.")


def _switch(stage: str) -> "Switch":
    from toolchain.deployment import find
    from toolchain.switch import Switch

    return Switch(find(stage))


def _rows(changes: "list[Change]") -> list[dict[str, object]]:
    return [
        {
            "function": change.function,
            "was": change.was,
            "now": change.now,
            "reserved": change.before.reserved,
            "provisioned": change.before.provisioned,
            "sources": len(change.before.sources),
        }
        for change in changes
    ]
