"""Compressed files."""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim
from functions.batch.sources.decoding import Decoded
from functions.batch.sources.formats import source
from functions.batch.sources.limits import BLOCK
from functions.batch.sources.opening import LocalFile
from functions.batch.sources.staging import staged
from functions.core.errors import StoreUnavailable
from tests.batch.sources.reading import ANYTHING, NUMBERS, file, read


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstd}
LINES = b"".join(b'{"row": %d, "noise": %d}\n' % (row, row * 7919 % 1000003) for row in range(90_000))


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["gzip", "zstd"]),
    st.lists(st.binary(max_size=50), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 220), st.integers(0, 220)), max_size=6),
)
def test_any_range_is_what_was_compressed(
    compression: str, members: list[bytes], ranges: list[tuple[int, int]]
) -> None:
    whole = b"".join(members)
    with TemporaryDirectory() as folder:
        decoded = Decoded(file(Path(folder), b"".join(map(PACK[compression], members))), compression)
        for start, end in ranges:
            assert decoded.read(start, end) == whole[start:end]
            assert b"".join(decoded.stream(start, end)) == whole[start:end]
        assert (decoded.size, decoded.file().read()) == (len(whole), whole)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_rows_of_a_compressed_file_are_those_of_the_file(tmp_path: Path, compression: str) -> None:
    aim = Aim(1_000_000, 10**9, 10**9)
    plain = read("jsonl", file(tmp_path, LINES), ANYTHING._replace(window=5000), aim)
    packed = file(tmp_path, PACK[compression](LINES), "packed")
    assert read("jsonl", packed, ANYTHING._replace(window=5000), aim, compression) == plain
    assert len(plain.pieces) == 3


def test_readers_may_alternate_and_blocks_are_whole(tmp_path: Path) -> None:
    decoded = Decoded(file(tmp_path, gzip.compress(LINES)), "gzip")
    first, second = decoded.stream(0), decoded.stream(100_000)
    found = [b"", b""]
    for one, other in zip(first, second, strict=True):
        found[0] += one
        found[1] += other
        assert len(one) == BLOCK or found[0] == LINES
    assert found == [LINES, LINES[100_000:]]


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_what_is_read_in_order_is_decoded_once(tmp_path: Path, compression: str) -> None:
    class Counting(LocalFile):
        """Remembers what was read."""

        taken = 0

        def read(self, start: int, end: int) -> bytes:
            self.taken += end - start
            return super().read(start, end)

    noise = np.random.default_rng(0).integers(0, 256, 6 * BLOCK, np.uint8).tobytes()
    file(tmp_path, PACK[compression](noise))
    opening = Counting(str(tmp_path / "rows"))
    decoded = Decoded(opening, compression)
    decoded.read(0, 100)
    for start in range(0, len(noise), 100_000):
        assert b"".join(decoded.stream(start, start + 100_000)) == noise[start : start + 100_000]
        assert decoded.read(0, 100) == noise[:100]
    assert opening.taken < 1.6 * opening.size


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_damaged_and_truncated_files_are_refused(tmp_path: Path, compression: str) -> None:
    packed = PACK[compression](LINES)
    broken = packed[:5000] + b"\0" * 5000 + packed[10_000:]
    for content in (packed[:-20], packed[: len(packed) // 2], b"not packed at all" * 10, broken):
        with pytest.raises(FileRefused, match=f"The file cannot be decoded as {compression}: "):
            read("jsonl", file(tmp_path, content), compression=compression)


def test_zeros_may_pad_gzip_and_nothing_else_may(tmp_path: Path) -> None:
    packed = gzip.compress(b"1\n2\n")
    assert read("jsonl", file(tmp_path, packed + b"\0" * 9000), compression="gzip").instances == [1, 2]
    with pytest.raises(FileRefused, match="cannot be decoded as gzip"):
        read("jsonl", file(tmp_path, packed + b"more"), compression="gzip")


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_bomb_is_refused_before_it_has_grown(tmp_path: Path, compression: str) -> None:
    bomb = file(tmp_path, PACK[compression](b"1\n" * (300 << 19)))
    decoded = Decoded(bomb, compression)
    seen: list[int] = []
    with pytest.raises(FileRefused, match="The file grows more than 200 times when decoded, as no file of rows does"):
        seen.extend(map(len, decoded.stream(0)))
    assert sum(seen) <= max(16 << 20, 200 * bomb.size)


def test_a_store_that_fails_does_not_condemn_the_file(tmp_path: Path) -> None:
    class Failing(LocalFile):
        """Is not to be had."""

        def read(self, start: int, end: int) -> bytes:
            raise StoreUnavailable("rows", f"{start} to {end}")

    for compression, pack in PACK.items():
        file(tmp_path, pack(LINES))
        with pytest.raises(StoreUnavailable):
            read("jsonl", Failing(str(tmp_path / "rows")), compression=compression)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_staged_pieces_are_files_of_their_own(tmp_path: Path, compression: str) -> None:
    array = io.BytesIO()
    np.save(array, np.arange(600, dtype=np.float32).reshape(300, 2))
    table = b"id,a,b\r\n" + b"".join(b'"r\n%d",%d,%d\r\n' % (row, row, -row) for row in range(300))
    lines = b"\xef\xbb\xbf" + b"".join(b"[%d, 1]\n\n" % row for row in range(300))
    for format_name, content in (("csv", table), ("npy", array.getvalue()), ("jsonl", lines)):
        reader, decoded = source(format_name), Decoded(file(tmp_path, PACK[compression](content)), compression)
        whole = read(format_name, file(tmp_path, content, "plain"), NUMBERS)
        found: list[tuple[int, list[float]]] = []
        seen_lines: list[int] = []
        for number, planned in enumerate(list(reader.plan(decoded, Aim(500, 1000, 1000)))):
            body, piece = staged(reader, decoded, planned, f"staged-{number}")
            assert (piece.row, piece.line, piece.source) == (planned.row, planned.line, f"staged-{number}")
            for window in reader.read(file(tmp_path, body, "piece"), piece, NUMBERS):
                values = window.instances if window.tensors is None else window.tensors["x"].tolist()
                found += list(zip(window.numbers, values, strict=True))
                seen_lines += window.lines
        assert found == list(zip(whole.numbers, whole.instances, strict=True))
        assert (len(found), seen_lines) == (300, whole.lines)


def test_a_member_may_hold_back_more_than_a_block(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = b"1" * 999 + b"\n"
    packed = b"".join([packer.compress(content * 9000), packer.flush()])
    assert b"".join(Decoded(file(tmp_path, packed), "gzip").stream(0)) == content * 9000
