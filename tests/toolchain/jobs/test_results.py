"""How the results of a job get to this machine: whole, in order, and never over another file."""

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.toolchain.jobs.caller import FIRST, batch, names, run
from tests.toolchain.jobs.fake import Outcome
from tests.toolchain.jobs.server import Server


def npy(rows: int, start: int = 0) -> bytes:
    sink = io.BytesIO()
    np.save(sink, np.arange(start, start + 3 * rows, dtype=np.float32).reshape(rows, 3))
    return sink.getvalue()


def frame(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


def frames(content: bytes) -> bytes:
    return bytes(pa.input_stream(io.BytesIO(content), compression="zstd").read())


HEAD = b'row,"a\r\n""b"""\r\n'
TABLE = [HEAD + b"0,1\r\n", HEAD, HEAD + b'1,"x\r\ny"\r\n']
WHOLE = HEAD + b'0,1\r\n1,"x\r\ny"\r\n'


@pytest.mark.parametrize(
    ("ending", "parts", "read", "expected"),
    [
        ("jsonl", [b"0\n", b"", b"1\n2\n"], bytes, b"0\n1\n2\n"),
        ("jsonl.gz", [gzip.compress(b"0\n"), gzip.compress(b"1\n")], gzip.decompress, b"0\n1\n"),
        ("jsonl.zst", [frame(b"0\n"), frame(b"1\n")], frames, b"0\n1\n"),
        ("csv", TABLE, bytes, WHOLE),
        ("csv.gz", [gzip.compress(part) for part in TABLE], gzip.decompress, WHOLE),
        ("npy", [npy(2), npy(1, 6), npy(4, 9)], bytes, npy(7)),
    ],
)
def test_parts_become_one_file_in_their_order(
    server: Server, file: Path, ending: str, parts: list[bytes], read: Any, expected: bytes
) -> None:
    server.outcome, server.page = Outcome(parts, ending), 2
    done = batch(server, file)
    results = file.parent / f"spring flowers.results.{ending}"
    assert (done.returncode, done.stdout) == (0, f"{results}\n"), done.stderr
    assert names(file.parent) == {file.name, results.name}
    found = read(results.read_bytes())
    if ending == "npy":
        np.testing.assert_array_equal(np.load(io.BytesIO(found)), np.load(io.BytesIO(expected)))
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("ending", "parts"),
    [
        ("parquet", [b"PAR1 0", b"PAR1 1"]),
        ("csv.zst", [frame(TABLE[0]), frame(TABLE[2])]),
        ("csv", [b"row,a\r\n0,1\r\n", b"row,id,a\r\n1,x,1\r\n"]),
        ("npy", [npy(2), npy(1).replace(b"3)", b"4)")]),
    ],
)
def test_parts_that_cannot_be_joined_stay_files_of_their_own(
    server: Server, file: Path, ending: str, parts: list[bytes]
) -> None:
    server.outcome = Outcome(parts, ending)
    done = batch(server, file)
    kept = [file.parent / f"spring flowers.results.part-0000{at}.{ending}" for at in (0, 1)]
    assert (done.returncode, done.stdout) == (0, f"{kept[0]}\n{kept[1]}\n"), done.stderr
    assert [path.read_bytes() for path in kept] == parts
    assert names(file.parent) == {file.name, *(path.name for path in kept)}
    assert "The results are 2 files" in done.stderr


def test_addresses_that_lapse_are_asked_for_anew(server: Server, file: Path) -> None:
    server.outcome, server.lapses_after = Outcome([b"0\n", b"1\n", b"2\n"]), 1
    done = batch(server, file, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    assert (file.parent / "spring flowers.results.jsonl").read_bytes() == b"0\n1\n2\n"
    assert "part-00001.jsonl did not come: its address does not hold any more; asking again (1 of 4)" in done.stderr


def test_what_is_damaged_on_its_way_is_asked_for_again_and_never_kept(server: Server, file: Path) -> None:
    server.outcome, server.damaged = Outcome([b"0\n", b"1\n"]), 1
    assert batch(server, file, "--format", "jsonl").returncode == 0
    assert (file.parent / "spring flowers.results.jsonl").read_bytes() == b"0\n1\n"
    server.damaged = 1000
    done = run(server, "jobs", FIRST, "--watch", "--to", file.parent, "--force")
    assert done.returncode == 1
    assert "error (not_downloaded): part-00000.jsonl could not be downloaded: 2 bytes came that are not" in done.stderr
    assert f"ortless jobs {FIRST} --watch --to {file.parent}" in done.stderr
    assert (file.parent / "spring flowers.results.jsonl").read_bytes() == b"0\n1\n"


def test_what_has_come_of_a_download_need_not_come_again(server: Server, file: Path) -> None:
    server.outcome = Outcome([b"0\n", b"1\n"])
    second = f"GET /results/{FIRST}/part-00001.jsonl"
    server.scripted[second] = [(404, b"")]
    done = batch(server, file, "--format", "jsonl")
    assert done.returncode == 1
    assert "part-00001.jsonl could not be downloaded: Not Found [404]" in done.stderr
    assert names(file.parent) == {file.name, f".ortless-{FIRST}"}
    server.calls.clear()
    assert run(server, "jobs", FIRST, "--watch", "--to", file.parent).returncode == 0
    assert [call for call in server.calls if "/results/" in call] == [second]
    assert names(file.parent) == {file.name, "spring flowers.results.jsonl"}
