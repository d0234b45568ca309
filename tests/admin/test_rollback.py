"""An alarm's message undoes the state that the alarm was set for, and nothing else."""

import os
import subprocess
import sys
from typing import Any

import orjson
import pytest

from functions.admin.trial import State, state_of
from functions.core.settings import environment
from tests.admin.conftest import SETTINGS, TOPIC, Api
from tests.conftest import BUCKET, ROOT

CODE = """
import json, sys
from functions.admin.rollback import handler
handler(json.load(sys.stdin), None)
"""


def message(alarm: str, state: str = "ALARM") -> dict[str, Any]:
    """What SNS delivers of an alarm."""
    alarmed = {"AlarmName": alarm, "NewStateValue": state, "NewStateReason": "Threshold Crossed: 1.0 > 0"}
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": orjson.dumps(alarmed).decode()}}]}


def deliver(event: dict[str, Any]) -> str:
    """Run the function on an event in a process of its own; returns what it logged."""
    given = environment(model_bucket=BUCKET, alarm_topic=TOPIC, alarm_prefix="test")
    done = subprocess.run(
        [sys.executable, "-c", CODE], input=orjson.dumps(event), env={**os.environ, **given},
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stderr.decode()


@pytest.mark.parametrize(
    ("alarm", "state"),
    [
        ("ortless-prod-canary-plus-g12-errors", State("plus", 12)),
        ("ortless-prod-canary-a-canary-b-g3-latency", State("a-canary-b", 3)),
        ("ortless-prod-canary-iris-svm-g1-errors", State("iris-svm", 1)),
        ("ortless-prod-errors", None),
        ("ortless-prod-canary-plus-gx-errors", None),
        ("ortless-dev-canary-plus-g1-errors", None),
    ],
)
def test_the_name_of_an_alarm_says_what_it_may_undo(alarm: str, state: State | None) -> None:
    assert state_of(alarm, "ortless-prod") == state


def test_a_canary_that_errs_is_taken_back_and_the_history_says_by_what(api: Api) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 1})
    api("POST", "/admin/models/plus:canary", {"version": 2, "weight": 0.1})
    deliver(message("test-canary-plus-g2-errors", "OK"))
    assert api.alias()["canary"] == {"version": 2, "weight": 0.1}
    deliver(message("test-canary-plus-g2-errors"))
    assert (api.alias()["live"], api.alias()["canary"]) == (1, None)
    newest = api("GET", "/admin/models/plus/history").body["changes"][0]
    assert newest["who"] == "alarm/test-canary-plus-g2-errors"
    assert newest["why"] == "Threshold Crossed: 1.0 > 0"


def test_an_alarm_that_is_late_undoes_nothing_newer_and_one_that_is_told_twice_nothing_more(api: Api) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 1})
    api("POST", "/admin/models/plus:canary", {"version": 2, "weight": 0.1})
    api("POST", "/admin/models/plus:promote", {"version": 2})
    assert '"event":"rollback_too_late"' in deliver(message("test-canary-plus-g2-errors"))
    assert (api.alias()["live"], api.alias()["previous"]) == (2, 1)
    api("POST", "/admin/models/plus:canary", {"version": 3, "weight": 0.1})
    for _ in range(2):
        deliver(message("test-canary-plus-g4-latency"))
    assert (api.alias()["live"], api.alias()["generation"]) == (2, 5)


def test_what_is_no_alarm_of_a_canary_is_let_go(api: Api) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 1})
    deliver(message("billing"))
    deliver({"Records": [{"Sns": {"Message": "{}"}}]})
    assert api.alias()["generation"] == 1


def test_a_canary_that_nobody_would_watch_is_taken_back_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 1})
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    unwatched = Api(type(api.service)(SETTINGS))
    refused = unwatched("POST", "/admin/models/plus:canary", {"version": 2, "weight": 0.1})
    assert (refused.status, refused.body["code"]) == (503, "alarms_refused")
    assert (api.alias()["live"], api.alias()["canary"], api.alias()["generation"]) == (1, None, 3)
