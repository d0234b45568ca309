"""What holds for the whole service: it is up, says what it is, lets nobody in who may not, and errs in one shape."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from toolchain.findings import Finding, fail, ok, skipped, warn
from toolchain.smoke.asking import Asker, Reply

LOG = "see the function's log and the API's access log"
SHOW = "give the key with ORTLESS_API_KEY, or --sign where the stage wants signatures"


def is_in_the_clear(url: str) -> bool:
    """Whether what is sent there can be read on the way: it leaves this machine without TLS."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")


def health(asker: Asker) -> Iterator[Finding]:
    """Anyone may ask whether it lives; the first of these calls may start a function."""
    for check, path in (("live", "/v2/health/live"), ("ready", "/v2/health/ready")):
        reply = asker.ask("GET", path, shown=False)
        yield _expect(check, reply, reply.status == 200, LOG)


def metadata(asker: Asker) -> Finding:
    """What the server says that it is."""
    reply = asker.ask("GET", "/v2")
    if reply.status == 200 and "name" in reply.body:
        return ok("metadata", f"{reply.body['name']} {reply.body.get('version', '')}, {_took(reply)}")
    return fail("metadata", str(reply), SHOW)


def refuses_strangers(asker: Asker) -> Iterator[Finding]:
    """Predictions take what the stage asks for, the lifecycle a signature."""
    for check, path in (("predictions are guarded", "/v1/models"), ("lifecycle is guarded", "/admin/models")):
        reply = asker.ask("GET", path, shown=False)
        if reply.status == 200:
            yield fail(check, f"anyone may call {path}", "set `auth` of the stage, and deploy it")
        elif reply.is_error:
            yield ok(check, f"{reply.status} {reply.body['code']}")
        else:
            yield fail(check, f"expected an error of the API's shape - got {reply}", "deploy the stack anew")


def errors(asker: Asker, model: str) -> Iterator[Finding]:
    """A request that cannot be answered is refused with status, code and words."""
    calls = {"bad request": (f"/v1/models/{model}:predict", 400), "unknown model": ("/v1/models/no-such:predict", 404)}
    for check, (path, status) in calls.items():
        reply = asker.ask("POST", path, {"instances": []})
        as_it_should = reply.is_error and reply.status == status
        yield _expect(check, reply, as_it_should, f"expected {status} and an error of the API's shape")


def pages(asker: Asker) -> Iterator[Finding]:
    """The pages for people, where the stage has them."""
    for check, path, kind in (
        ("openapi", "/openapi.json", "application/json"),
        ("docs", "/docs", "text/html"),
        ("console", "/console", "text/html"),
    ):
        reply = asker.ask("GET", path)
        if reply.status == 200 and reply.kind == kind:
            yield ok(check, f"{kind}, {_took(reply)}")
        elif check == "console" and reply.is_error:
            yield skipped(check, "this stage has none")
        else:
            yield warn(check, str(reply), LOG)


def _expect(check: str, reply: Reply, holds: bool, hint: str) -> Finding:
    if holds:
        return ok(check, f"{reply.status} {reply.body.get('code', '')}".strip() + f", {_took(reply)}")
    return fail(check, str(reply), hint)


def _took(reply: Reply) -> str:
    return f"{reply.ms:.0f} ms"
