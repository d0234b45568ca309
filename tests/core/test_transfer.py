"""Large objects over a line that takes longer for them than a look-up may: they arrive, and look-ups stay short."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from functions.core import store as stores
from functions.core.errors import ObjectMissing, StoreUnavailable
from functions.core.store import ObjectStore

if TYPE_CHECKING:
    from obstore.store import S3Config

RATE = 4_000_000
"""Bytes in a second."""
TICK = 0.02
TIMEOUT = timedelta(seconds=1)
OBJECT = bytes(range(256)) * 32768
"""8 MiB: two seconds on the line."""


class Line(ThreadingHTTPServer):
    """A bucket at the end of a slow line, with one object; it remembers what was asked for and what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Bucket)
        self.asked: list[str] = []
        self.came: list[bytes] = []

    def store(self, timeout: timedelta = TIMEOUT) -> ObjectStore:
        """The bucket."""
        endpoint = f"http://127.0.0.1:{self.server_port}"
        config: S3Config = {"endpoint": endpoint, "region": "r", "access_key_id": "t", "secret_access_key": "t"}
        return ObjectStore("b", config, timeout)


class Bucket(BaseHTTPRequestHandler):
    """What it answers."""

    server: Line
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._describe(200, OBJECT)

    def do_GET(self) -> None:
        wanted = self.headers.get("range", "")
        self.server.asked.append(wanted)
        start, _, end = wanted.removeprefix("bytes=").partition("-")
        body = OBJECT[int(start) : int(end) + 1] if wanted else OBJECT
        if self._describe(206 if wanted else 200, body, f"bytes {start}-{end}/{len(OBJECT)}" if wanted else ""):
            step = int(RATE * TICK)
            for at in range(0, len(body), step):
                self.wfile.write(body[at : at + step])
                time.sleep(TICK)

    def do_PUT(self) -> None:
        body, size = b"", int(self.headers["content-length"])
        while len(body) < size:
            chunk = self.rfile.read(min(size - len(body), int(RATE * TICK)))
            if not chunk:
                return
            body += chunk
            time.sleep(TICK)
        self.server.came.append(body)
        self.send_response(200)
        self.send_header("etag", '"e"')
        self.send_header("content-length", "0")
        self.end_headers()

    def _describe(self, status: int, body: bytes, part: str = "") -> bool:
        found = self.path == "/b/large"
        self.send_response(status if found else 404)
        self.send_header("content-length", str(len(body) if found else 0))
        self.send_header("last-modified", formatdate(usegmt=True))
        self.send_header("etag", '"e"')
        if part:
            self.send_header("content-range", part)
        self.end_headers()
        return found

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            return  # whoever asked did not wait

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def line() -> Iterator[Line]:
    with Line() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_download_that_takes_longer_than_a_look_up_may_arrives_whole(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = 1_500_000
    monkeypatch.setattr(stores, "PART", part)
    file = tmp_path / "file"
    began = time.monotonic()
    found = line.store().download("large", str(file), len(OBJECT))
    assert time.monotonic() - began > TIMEOUT.total_seconds()
    assert found == (sha256(OBJECT).hexdigest(), len(OBJECT))
    assert file.read_bytes() == OBJECT
    edges = [*range(0, len(OBJECT), part), len(OBJECT)]
    assert line.asked == [f"bytes={start}-{end - 1}" for start, end in pairwise(edges)]


def test_a_download_that_is_longer_than_it_may_be_is_not_asked_for_to_its_end(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "PART", 1_000_000)
    _, size = line.store().download("large", str(tmp_path / "file"), 1_200_000)
    assert 1_200_000 < size <= 2_000_000
    assert len(line.asked) == 2


def test_a_large_object_that_is_missing_is_said_to_be(line: Line, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing):
        line.store().download("none", str(tmp_path / "file"), 2 * stores.PART)


def test_a_look_up_ends_in_time_whatever_the_line(line: Line) -> None:
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        line.store().get("large")
    assert time.monotonic() - began < 3 * TIMEOUT.total_seconds()


def test_who_opens_the_store_to_put_large_objects_has_the_time(line: Line) -> None:
    with pytest.raises(StoreUnavailable):
        line.store().put_if_absent("large", OBJECT)
    began = time.monotonic()
    line.store(timedelta(seconds=30)).put_if_absent("large", OBJECT)
    assert time.monotonic() - began > TIMEOUT.total_seconds()
    assert line.came == [OBJECT]
