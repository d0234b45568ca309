"""Where files lie."""

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import boto3
import numpy as np
import pytest

from functions.batch.sources.limits import BLOCK, PART
from functions.batch.sources.opening import LocalFile, StoredFile
from functions.core.errors import ObjectMissing, StoreUnavailable
from functions.core.store import ObjectStore
from tests.batch.sources.reading import ANYTHING, file, read
from tests.conftest import BUCKET

if TYPE_CHECKING:
    from obstore.store import S3Config

CONTENT = np.random.default_rng(0).integers(0, 256, 3 * BLOCK + 5, np.uint8).tobytes()


@pytest.fixture(params=["local", "stored"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> LocalFile | StoredFile:
    """The content, here or there."""
    if request.param == "local":
        return file(tmp_path, CONTENT)
    store: ObjectStore = request.getfixturevalue("store")
    store.put_if_absent("a b+c%/größe.npy", CONTENT)
    return StoredFile(store, "a b+c%/größe.npy")


def test_ranges_streams_and_files_are_the_same_bytes(opening: LocalFile | StoredFile) -> None:
    assert opening.size == len(CONTENT)
    assert opening.read(10, 20) == CONTENT[10:20]
    assert opening.read(len(CONTENT) - 3, len(CONTENT) + 50) == CONTENT[-3:]
    assert opening.read(len(CONTENT) + 1, len(CONTENT) + 50) == b""
    blocks = list(opening.stream(7))
    assert b"".join(blocks) == CONTENT[7:]
    assert [len(block) for block in blocks] == [BLOCK, BLOCK, BLOCK - 2]
    assert b"".join(opening.stream(BLOCK, BLOCK + 9)) == CONTENT[BLOCK : BLOCK + 9]
    found = opening.file()
    assert found.seek(-5, io.SEEK_END) == len(CONTENT) - 5
    assert found.read() == CONTENT[-5:]
    found.seek(2 * BLOCK)
    assert (found.read(4), found.tell()) == (CONTENT[2 * BLOCK : 2 * BLOCK + 4], 2 * BLOCK + 4)
    with pytest.raises(OSError, match="nothing 1 bytes before the file"):
        LocalFile(__file__).file().seek(-1)


def test_a_version_is_read_though_another_has_been_written(store: ObjectStore, moto: str) -> None:
    s3 = boto3.client(
        "s3", endpoint_url=moto, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=BUCKET, Key="k.jsonl", Body=b"1\n2\n")["VersionId"]
    s3.put_object(Bucket=BUCKET, Key="k.jsonl", Body=b"something else")
    assert read("jsonl", StoredFile(store, "k.jsonl", first)).instances == [1, 2]


def test_an_object_that_is_gone_is_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing, match="There is no object 'k'"):
        StoredFile(store, "k")


class Cutting(BaseHTTPRequestHandler):
    """An object store that sends a third of what it is asked for, or an error, and hangs up."""

    content = b"".join(b"%d\n" % row for row in range(300_000))
    served = 0
    lives = 0
    """Requests that it answers before it fails for good; 0: it never does."""

    def do_HEAD(self) -> None:
        """The size."""
        self.send_response(200)
        self._described(len(self.content))

    def do_GET(self) -> None:
        """Some of the range that is asked for."""
        type(self).served += 1
        if self.served % 3 == 2 or (self.lives and self.served > self.lives):
            self.send_error(503)
            return
        start, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        wanted = self.content[start : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{last}/{len(self.content)}")
        self._described(len(wanted))
        self.wfile.write(wanted if len(wanted) < 200_000 else wanted[: len(wanted) // 3])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has
        """Nothing is logged."""

    def _described(self, size: int) -> None:
        self.send_header("Content-Length", str(size))
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 07:00:00 GMT")
        self.send_header("ETag", '"e"')
        self.end_headers()


@pytest.fixture
def cutting() -> type[Cutting]:
    """A server of its own for each test."""
    return type("Server", (Cutting,), {})


@pytest.fixture
def cut_store(cutting: type[Cutting]) -> Iterator[ObjectStore]:
    """The client of such a store."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), cutting)
    Thread(target=server.serve_forever).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    config: S3Config = {"region": "us-east-1", "endpoint": endpoint}
    yield ObjectStore("b", {**config, "access_key_id": "test", "secret_access_key": "test"})
    server.shutdown()
    server.server_close()


def test_a_stream_that_breaks_off_goes_on_at_the_byte_it_reached(
    cut_store: ObjectStore, cutting: type[Cutting]
) -> None:
    found = read("jsonl", StoredFile(cut_store, "k"), ANYTHING._replace(window=10_000))
    assert (found.instances, found.refused) == (list(range(300_000)), [])
    assert len(cutting.content) < PART
    assert cutting.served > 8


def test_a_store_that_never_comes_back_is_unavailable(cut_store: ObjectStore, cutting: type[Cutting]) -> None:
    cutting.lives = 1
    with pytest.raises(StoreUnavailable):
        read("jsonl", StoredFile(cut_store, "k"))
