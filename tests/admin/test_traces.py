"""What the lifecycle's API writes to the log: a line for each call, and the trace of its caller in every line."""

from typing import Any

import orjson
import pytest

from tests.admin.conftest import Api
from tests.predict.calls import TRACE as GATEWAYS

TRACE = "0af7651916cd43dd8448eb211c80319c"
"""Of the header in the event that calls are made of."""
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_a_change_is_in_the_log_with_the_trace_of_who_made_it(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 1}, traceparent=PARENT)
    changed, called = lines(capfd)
    assert (changed["event"], changed["action"], changed["trace"]) == ("alias_changed", "promote", TRACE)
    assert called.pop("ms") > 0
    assert called.pop("id")
    route = "POST /admin/models/{name}:promote"
    assert called == {"event": "request", "route": route, "status": 200, "code": "", "trace": TRACE}


@pytest.mark.parametrize(
    ("method", "path", "route", "status", "code"),
    [
        ("GET", "/admin/models/none", "/admin/models/{name}", 404, "unknown_model"),
        ("GET", "/admin/models/NONE", "/admin/models/{name}", 400, "invalid_input"),
        ("GET", "/admin/secret-of-mine", "none", 404, "not_found"),
    ],
)
def test_a_refusal_is_in_the_log_by_its_code_and_template(
    api: Api, capfd: pytest.CaptureFixture[str], method: str, path: str, route: str, status: int, code: str
) -> None:
    assert api(method, path).status == status
    (line,) = lines(capfd)
    assert (line["route"], line["status"], line["code"]) == (f"{method} {route}", status, code)
    assert line["trace"] == GATEWAYS
