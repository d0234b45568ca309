"""Memory stays flat, however large the file."""

import subprocess
import sys
from pathlib import Path

import pytest

READ = """
import resource, sys
from functions.batch.sources.decoding import opened
from functions.batch.sources.formats import source
from functions.batch.sources.opening import LocalFile
from functions.batch.rows import Aim
from functions.batch.sources.view import View

path, name, compression, window = sys.argv[1:]
item = {"type": "number"}
view = View({"type": "array", "items": item}, window=int(window))
reader, opening = source(name), opened(LocalFile(path), compression or None)
rows, started = 0, None
for piece in reader.plan(opening, Aim(16 << 20, 10**9, 10**9)):
    for window in reader.read(opening if not compression else opened(LocalFile(path), compression), piece, view):
        rows += len(window.numbers) + len(window.refused)
    if started is None:
        started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - started) // 1024)
"""
ROW = b",".join(b"0.%d" % (at * 7919 % 100_003) for at in range(64))


def growth(path: Path, name: str, compression: str = "", window: int = 2048) -> tuple[int, int]:
    """Rows that were read, and MiB that memory grew by after the first piece."""
    command = [sys.executable, "-c", READ, str(path), name, compression, str(window)]
    rows, grown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(rows), int(grown)


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_200_mb_of_lines_need_no_more_than_the_first_of_their_pieces(tmp_path: Path, name: str) -> None:
    path = tmp_path / "rows"
    row = b"[%b]\n" % ROW if name == "jsonl" else ROW + b"\n"
    count = 200_000_000 // len(row)
    with path.open("wb") as file:
        if name == "csv":
            file.write(b",".join(b"c%d" % at for at in range(64)) + b"\n")
        for _ in range(count // 1000):
            file.write(row * 1000)
    rows, grown = growth(path, name)
    assert rows == count // 1000 * 1000
    assert grown < 24


def test_a_line_of_100_mb_and_a_sea_of_blank_ones_are_not_held(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    with path.open("wb") as file:
        file.write((b"[%b]\n" % ROW) * 60_000)
        for _ in range(100):
            file.write(b"a" * 1_000_000)
        file.write(b"\n")
        for _ in range(20):
            file.write(b"\n" * 1_000_000)
        file.write(b"1\n")
    rows, grown = growth(path, "jsonl", window=256)
    assert rows == 60_002
    assert grown < 48
