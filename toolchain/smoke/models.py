"""Each model: it answers its golden requests, which the API's own document has, as it was published to."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from functions.core.golden import difference
from toolchain.findings import Finding, fail, ok, skipped
from toolchain.smoke.asking import Asker

PUBLISH = "the version that is live differs from what was published: `ortless history`, then `ortless rollback`"


class Case(NamedTuple):
    """A golden request, what answers it, and how much a number may differ from that."""

    name: str
    request: Any
    response: dict[str, Any]
    tolerance: float


def golden(asker: Asker, only: str = "") -> dict[str, list[Case]]:
    """The golden requests of each model that is served; none for one whose requests are too long for the document."""
    listed = asker.ask("GET", "/v1/models").body.get("models", [])
    paths = asker.ask("GET", "/openapi.json").body.get("paths", {})
    return {name: _cases(paths.get(f"/v1/models/{name}:predict", {})) for name in listed if only in ("", name)}


def check(asker: Asker, name: str, cases: list[Case]) -> Finding:
    """Ask one model all that it must answer."""
    if not cases:
        return _ready(asker, name)
    served, took = "", []
    for case in cases:
        reply = asker.ask("POST", f"/v1/models/{quote(name, safe='')}:predict", case.request)
        if reply.status != 200:
            return fail(name, f"golden request {case.name!r}: {reply}", "see the function's log")
        if found := difference(case.response, reply.body, case.tolerance, "answer"):
            return fail(name, f"golden request {case.name!r}: {found}", PUBLISH)
        served = reply.model
        took.append(reply.ms)
    return ok(name, f"{served}: {len(cases)} golden requests, {max(took):.0f} ms at most")


def _cases(path: dict[str, Any]) -> list[Case]:
    try:
        post = path["post"]
        asked = post["requestBody"]["content"]["application/json"]["examples"]
        answered = post["responses"]["200"]["content"]["application/json"]
        tolerance = float(answered["x-tolerance"])
        return [
            Case(name, asked[name]["value"], answered["examples"][name]["value"], tolerance) for name in sorted(asked)
        ]
    except (KeyError, TypeError):
        return []


def _ready(asker: Asker, name: str) -> Finding:
    reply = asker.ask("GET", f"/v2/models/{quote(name, safe='')}/ready")
    if reply.status == 200:
        return skipped(name, "ready; the API's document has no golden request of it that could be sent")
    return fail(name, str(reply), "see the function's log")


def listing(found: dict[str, list[Case]]) -> Iterator[Finding]:
    """Whether there is any model at all."""
    if not found:
        yield fail("models", "none is served", "publish one: ortless publish")
