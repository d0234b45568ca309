"""Verbs that change and show which versions serve, against the admin API in memory."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.toolchain.operator import NOBODY, Operator


def shown(state: dict[str, object]) -> dict[str, object]:
    """What of an alias a person chooses."""
    return {field: state[field] for field in ("generation", "live", "previous", "canary", "shadow")}


def cells(text: str) -> list[list[str]]:
    """The rows of a printed table."""
    lines = [line for line in text.splitlines() if line.startswith(("│", "┃"))]
    return [[cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")] for line in lines]


def test_a_version_is_promoted_tried_shadowed_and_taken_back(operator: Operator) -> None:
    operator.has("plus", versions=3)
    state: dict[str, object] = {"generation": 0, "live": 0, "previous": None, "canary": None, "shadow": None}
    steps: list[tuple[tuple[str, ...], dict[str, object]]] = [
        (("promote", "plus", "1"), {"live": 1}),
        (("canary", "plus", "2", "10%"), {"canary": {"version": 2, "weight": 0.1}}),
        (("canary", "plus", "2", "0.25"), {"canary": {"version": 2, "weight": 0.25}}),
        (("shadow", "plus", "3"), {"shadow": 3}),
        (("shadow", "plus", "none"), {"shadow": None}),
        (("canary", "plus", "2", "0"), {"canary": None}),
        (("promote", "plus", "2"), {"live": 2, "previous": 1}),
        (("rollback", "plus"), {"live": 1, "previous": None}),
    ]
    for generation, (arguments, changed) in enumerate(steps, 1):
        state |= changed | {"generation": generation}
        assert shown(operator.json(*arguments, "--why", "because")) == state
    assert {change.why for change in operator.server.registry.models["plus"].changes} == {"because"}


def test_the_new_state_is_a_table_for_people(operator: Operator) -> None:
    operator.has("plus", versions=2, live=1)
    done = operator("canary", "plus", "2", "12.5%")
    assert cells(done.stdout) == [
        ["model", "generation", "live", "previous", "canary", "shadow"],
        ["plus", "2", "1", "-", "2 (12.5%)", "-"],
    ]
    assert done.stderr == ""


def test_a_conflict_says_how_things_are(operator: Operator) -> None:
    operator.has("plus", versions=2, live=1)
    done = operator("promote", "plus", "2", "--generation", "7")
    assert (done.returncode, done.stdout) == (1, "")
    words, *table = done.stderr.splitlines()
    assert words == "error (conflict): Expected generation 7 of 'plus' - got 1 [409]"
    assert cells("\n".join(table))[1] == ["plus", "1", "1", "-", "-", "-"]
    none = operator("rollback", "plus", "--generation", "1")
    assert none.returncode == 1
    assert "There is no previous version to go back to" in none.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promote", "nope", "1"), "The registry has no model 'nope' [404 unknown_model]"),
        (("promote", "plus", "9"), "The model 'plus' has no version 9 [404 unknown_version]"),
        (("history", "nope"), "The registry has no model 'nope' [404 unknown_model]"),
        (("models", "no/../pe"), "Not Found [404 not_found]"),
    ],
)
def test_what_is_not_there_is_told_in_the_apis_own_words(
    operator: Operator, arguments: tuple[str, ...], message: str
) -> None:
    operator.has("plus", versions=1)
    done = operator(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error (api_refused): {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("canary", "plus", "2", "10"), "expected a share like 10% or 0.1 - got '10'"),
        (("canary", "plus", "2", "many"), "expected a share like 10% or 0.1 - got 'many'"),
        (("canary", "plus", "2", "nan"), "expected a share like 10% or 0.1 - got 'nan'"),
        (("shadow", "plus", "latest"), "expected a version or none - got 'latest'"),
        (("promote", "plus", "0"), "Input should be greater than or equal to 1"),
        (("gc", "Plus", "--apply"), "expected a model's name - got 'Plus'"),
        (("publish", "--canary", "10%", "--no-promote"), "give --canary, or --promote or --no-promote, not both"),
        (("publish", "--canary", "0"), "expected a share above 0"),
        (("publish", "--models", "docs"), "there is no model in docs"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_called(
    operator: Operator, arguments: tuple[str, ...], message: str
) -> None:
    done = operator(*arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert operator.server.calls == []


def test_a_version_that_serves_cannot_be_retired_and_another_can(operator: Operator) -> None:
    operator.has("plus", versions=2, live=1)
    refused = operator("rm", "plus", "1")
    assert refused.returncode == 1
    assert "Version 1 of 'plus' serves: it cannot be retired" in refused.stderr
    state = operator.json("rm", "plus", "2", "--why", "wrong data")
    assert {version["version"]: version["retired"] for version in state["versions"]} == {1: False, 2: True}


def test_models_are_listed_with_what_serves_of_them(operator: Operator) -> None:
    operator.has("minus", versions=1)
    operator.has("plus", versions=3, live=1)
    operator.server.registry.change("plus", "canary", b'{"version": 3, "weight": 0.5}')
    assert cells(operator("models").stdout) == [
        ["model", "generation", "live", "previous", "canary", "shadow", "versions"],
        ["minus", "-", "-", "-", "-", "-", "1"],
        ["plus", "2", "1", "-", "3 (50%)", "-", "3"],
    ]
    assert [model["model"] for model in operator.json("models")["models"]] == ["minus", "plus"]


def test_of_an_empty_registry_it_is_said_that_there_is_nothing(operator: Operator) -> None:
    done = operator("models")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "There are none.\n")


def test_the_versions_of_a_model_are_listed_with_what_is_known_of_them(operator: Operator) -> None:
    operator.has("plus", versions=3, live=1)
    operator.server.registry.change("plus", "canary", b'{"version": 3, "weight": 0.5}')
    operator.server.registry.models["plus"].versions[2].retired = True
    when, who = "2026-05-04 03:02:01", "user/alice"
    assert cells(operator("models", "plus").stdout)[2:] == [
        ["version", "serves", "verdict", "size", "published (UTC)", "by", "digest"],
        ["3", "canary 50%", "accepted", "3.0 kB", when, who, "000000000000"],
        ["2", "-", "retired", "2.0 kB", when, who, "000000000000"],
        ["1", "live", "accepted", "1.0 kB", when, who, "000000000000"],
    ]
    assert operator.json("models", "plus")["alias"]["live"] == 1


def test_the_history_says_who_changed_what_from_what_to_what_and_why(operator: Operator) -> None:
    operator.has("plus", versions=2, live=1)
    operator.server.registry.change("plus", "canary", b'{"version": 2, "weight": 0.1, "why": "new data"}')
    operator.server.registry.change("plus", "promote", b'{"version": 2}')
    when, who = "2026-05-04 03:02:01", "user/alice"
    assert cells(operator("history", "plus").stdout) == [
        ["generation", "when (UTC)", "who", "action", "from -> to", "why"],
        ["3", when, who, "promote", "live 1 -> 2, canary 2 (10%) -> -", "-"],
        ["2", when, who, "canary", "canary - -> 2 (10%)", "new data"],
        ["1", when, who, "promote", "live - -> 1", "-"],
    ]
    assert [change["generation"] for change in operator.json("history", "plus")["changes"]] == [3, 2, 1]


def test_nothing_is_removed_unless_somebody_says_so(operator: Operator) -> None:
    operator.has("plus", versions=4, live=1)
    done = operator("gc", "--keep", "1")
    assert cells(done.stdout)[1:] == [["plus", "2", "2.0 kB"], ["plus", "3", "3.0 kB"], ["total", "2", "5.0 kB"]]
    assert done.stderr == "Nothing was removed. With --apply, what is shown is.\n"
    assert operator("gc", "plus", "--apply").stderr == ""
    asked = [(request.dry_run, request.models, request.keep) for request in operator.server.registry.collections]
    assert asked == [(True, [], 1), (False, ["plus"], 3)]
    assert operator.json("gc") == {"dry_run": True, "removed": []}


def at_a_terminal(operator: Operator, answer: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a verb with a terminal as its standard input, where somebody has typed an answer."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    environment = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | NOBODY | operator.server.variables
    command = [sys.executable, "-m", "toolchain", *arguments]
    with os.fdopen(ours, "wb"), os.fdopen(theirs) as terminal:
        return subprocess.run(
            command, cwd=ROOT, env=environment, stdin=terminal, capture_output=True, text=True, check=False
        )


def test_at_a_terminal_a_rollback_asks_first_and_does_what_was_agreed_to(operator: Operator) -> None:
    operator.has("plus", versions=2, live=1)
    operator.server.registry.change("plus", "promote", b'{"version": 2}')
    declined = at_a_terminal(operator, "n", "rollback", "plus")
    assert declined.returncode == 1
    assert "plus: go back from version 2 to 1? [y/N]" in declined.stderr
    assert operator.server.done() == []
    agreed = at_a_terminal(operator, "y", "rollback", "plus")
    assert agreed.returncode == 0, agreed.stderr
    assert json.loads(operator.server.calls[-1].body)["generation"] == 2
    operator.server.registry.change("plus", "canary", b'{"version": 2, "weight": 0.1}')
    trial = at_a_terminal(operator, "n", "rollback", "plus")
    assert "plus: end the canary of version 2 (10%)?" in trial.stderr


def test_at_a_terminal_retiring_asks_first_unless_told_not_to(operator: Operator) -> None:
    operator.has("plus", versions=2, live=1)
    declined = at_a_terminal(operator, "n", "rm", "plus", "2")
    assert declined.returncode == 1
    assert "plus: retire version 2 for good? [y/N]" in declined.stderr
    assert operator.server.done() == []
    assert at_a_terminal(operator, "n", "rm", "plus", "2", "--yes").returncode == 0
    assert operator.server.registry.models["plus"].versions[2].retired
