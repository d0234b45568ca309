"""S3 on a bad day: a proxy before a real server that answers some requests with faults, carried out or not."""

import http.client
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from tests.served import served

STATUSES = {
    409: "ConditionalRequestConflict",
    412: "PreconditionFailed",
    500: "InternalError",
    503: "SlowDown",
}
HANG = 1.5
"""Seconds of silence; longer than the clients of these tests wait."""
BODY = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>injected</Message></Error>"
OF_WRITES = (409, 412)
"""Statuses that S3 gives to conditional writes only."""


class BadDay:
    """Which requests fail, and how; counts what was injected."""

    def __init__(self, share: float, seed: int) -> None:
        self._share, self._chance, self._lock = share, random.Random(seed), Lock()  # noqa: S311 - the same each time
        self.injected: Counter[str] = Counter()

    def fault(self, method: str) -> tuple[str, bool] | None:
        """A fault, and whether the request is carried out all the same; None for a request that goes well."""
        with self._lock:
            if self._chance.random() >= self._share:
                return None
            kinds = ["500", "503", "lost", "hang", *(map(str, OF_WRITES) if method == "PUT" else ())]
            kind = self._chance.choice(kinds)
            done = kind in ("lost", "hang") or (kind in ("500", "503") and self._chance.random() < 0.5)
            self.injected[f"{kind} {'after' if done else 'instead'}"] += 1
            return kind, done


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target: str
    day: BadDay

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.day.fault(self.command)
        answer = None if fault and not fault[1] else self._asked(body)
        if fault is None:
            self._say(*answer)  # type: ignore[misc]  # it was asked
        elif fault[0] in ("lost", "hang"):
            time.sleep(HANG if fault[0] == "hang" else 0)
            self.close_connection = True
        else:
            text = BODY.format(code=STATUSES[int(fault[0])]).encode()
            self._say(int(fault[0]), {"content-type": "application/xml"}, text)

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.target, timeout=30)
        connection.request(self.command, self.path, body, dict(self.headers))
        response = connection.getresponse()
        found = response.status, dict(response.getheaders()), response.read()
        connection.close()
        return found

    def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        dropped = {"connection", "transfer-encoding"} | ({"content-length"} if self.command != "HEAD" else set())
        for name, value in headers.items():
            if name.lower() not in dropped:
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _forward  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def faulty(url: str, day: BadDay) -> Iterator[str]:
    """The address of such a proxy before a server."""
    with served(type("Proxy", (_Proxy,), {"target": urlsplit(url).netloc, "day": day})) as address:
        yield address
