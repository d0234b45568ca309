"""The cloud's own process: MiniStack on a socket that it is handed, behind an edge that counts as TLS."""

import asyncio
import os
import resource
import sys
from importlib import import_module

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

from local.mending import concurrency, copies, gateway_metrics, key_identity, log_metrics, no_dimensions, ranges, usage

# As an API's or a bucket's own front door says it to what is behind. Policies that refuse plain HTTP, the registry's
# among them, hold on this machine as they do on AWS; that nothing leaves the loopback interface stands for TLS.
_FORWARDED = (b"x-forwarded-proto", b"https")

# API Gateway takes a request that does not say what it carries for JSON, and one that does not say what it accepts is
# content with anything; the embedded one sees no media type there and would turn bytes into text.
_API = "/_aws/execute-api/"
_ASSUMED = {b"content-type": b"application/json", b"accept": b"*/*"}
# On AWS an API has a host name of its own; here it has a part of the path, which its gateway does not pass on.
_PREFIX = b"x-forwarded-prefix"

_DESCRIPTORS = 65536


def behind_edge(app: ASGIFramework) -> ASGIFramework:
    """The same application, told of every request that it came in over TLS, and of an API call what AWS assumes."""

    async def edge(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            headers = [*(header for header in scope["headers"] if header[0] != _FORWARDED[0]), _FORWARDED]
            if scope["path"].startswith(_API):
                said = {name for name, _ in headers}
                api = scope["path"].removeprefix(_API).partition("/")[0]
                headers = [*(header for header in headers if header[0] != _PREFIX), (_PREFIX, f"{_API}{api}".encode())]
                headers += [(name, value) for name, value in _ASSUMED.items() if name not in said]
            scope["headers"] = headers
        await app(scope, receive, send)

    return edge


def main(descriptor: int) -> None:
    """Serve on an open, listening socket until SIGTERM."""
    os.set_inheritable(descriptor, False)  # the functions have no use for it
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _DESCRIPTORS)), hard))
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75.0
    config.loglevel = "WARNING"
    application = import_module("ministack.app").app
    for gap in (ranges, copies, log_metrics, no_dimensions, gateway_metrics, key_identity, usage, concurrency):
        gap.mend()
    asyncio.run(serve(behind_edge(application), config))


if __name__ == "__main__":
    main(int(sys.argv[1]))
