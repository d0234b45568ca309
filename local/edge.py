"""The cloud's own process: MiniStack on a socket that it is handed, behind an edge that counts as TLS."""

import asyncio
import os
import resource
import sys
from importlib import import_module
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

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
                headers += [(name, value) for name, value in _ASSUMED.items() if name not in said]
                api = scope["path"].removeprefix(_API).partition("/")[0]
                headers = [*(header for header in headers if header[0] != _PREFIX), (_PREFIX, f"{_API}{api}".encode())]
            scope["headers"] = headers
        await app(scope, receive, send)

    return edge


def serve_ranges_of_versions() -> None:
    """Have a part of an object's newest version be a part: the embedded S3 answers with all of a version."""
    s3: Any = import_module("ministack.services.s3")
    whole = s3._get_object

    def ranged(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        asked = (query or {}).get("versionId")
        version = asked[0] if isinstance(asked, list) and asked else asked
        newest = (s3._buckets.get(bucket) or {"objects": {}})["objects"].get(key)
        if version and "range" in headers and newest and newest.get("version_id") == version:
            query = {name: value for name, value in (query or {}).items() if name != "versionId"}
        return whole(bucket, key, headers, query)

    s3._get_object = ranged


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
    serve_ranges_of_versions()
    asyncio.run(serve(behind_edge(application), config))


if __name__ == "__main__":
    main(int(sys.argv[1]))
