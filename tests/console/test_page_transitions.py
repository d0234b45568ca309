"""What the page says that an action changes is what the admin API makes of it, from every state."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from functions.admin import transitions
from functions.admin.errors import StateConflict
from functions.core.alias import Alias, Canary
from tests.console.test_page_modules import module, node

VERSIONS = (1, 2, 3)
FOUND = f"""
import {{ outcome }} from {module("models/transitions.js")};
const asked = JSON.parse(process.argv[1]);
console.log(JSON.stringify(asked.map(([action, state, what]) => outcome(action, state, what))));
"""


def states() -> Iterator[Alias]:
    """Every state of three versions in which no version has two roles that exclude each other."""
    for live, previous, canary, shadow in product(VERSIONS, (None, *VERSIONS), (None, *VERSIONS), (None, *VERSIONS)):
        if live not in (previous, canary, shadow) and (canary is None or canary != shadow):
            trial = Canary(canary, 0.1) if canary else None
            yield Alias(1, "", live, previous, trial, shadow, {})


def changes(before: Alias) -> Iterator[tuple[str, dict[str, Any], Alias]]:
    """What an operator may ask for, and what comes of it; what is refused is left out."""
    for version in VERSIONS:
        yield "promote", {"version": version}, transitions.promote(before, version, "")
        for weight in (0, 0.25):
            try:
                after = transitions.canary(before, version, "", weight)
                yield "canary", {"version": version, "weight": weight}, after
            except StateConflict:
                continue
    for shadow in (None, *VERSIONS):
        try:
            yield "shadow", {"version": shadow}, transitions.shadow(before, shadow, "")
        except StateConflict:
            continue
    if before.canary or before.previous:
        yield "rollback", {}, transitions.rollback(before)


def shown(state: Alias) -> dict[str, Any]:
    """The four fields that the page shows."""
    return {
        "live": state.live,
        "previous": state.previous,
        "canary": state.canary._asdict() if state.canary else None,
        "shadow": state.shadow,
    }


def test_the_dialog_names_what_really_changes() -> None:
    cases = [(action, before, what, after) for before in states() for action, what, after in changes(before)]
    assert len(cases) > 400
    asked = [[action, shown(before), what] for action, before, what, _ in cases]
    assert json.loads(node(FOUND, json.dumps(asked))) == [shown(after) for *_, after in cases]
