"""A process that a model has taken over: what it tells and leaves behind is not believed unseen."""

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic

import orjson
import pytest

from functions.admin.confinement import LONGEST_REPORT, Check, heard, told
from functions.admin.errors import Refused
from functions.admin.inspection import CHECKS
from functions.admin.validation import LARGEST_MANIFEST, sealed
from functions.core.package import Package

DIED = "it died"


def line(check: object, *, ok: object = True, detail: object = "", seconds: object = 0.1) -> bytes:
    return orjson.dumps({"check": check, "ok": ok, "detail": detail, "seconds": seconds}) + b"\n"


def passed(count: int) -> list[Check]:
    return [Check(check, ok=True, detail="", seconds=0.1) for check in CHECKS[:count]]


def failed(count: int) -> list[Check]:
    """So many checks passed, and the process died in the next."""
    return [*passed(count), Check(CHECKS[count], ok=False, detail=DIED, seconds=0.0)]


ALL = b"".join(map(line, CHECKS))
REPORTS: dict[str, tuple[bytes, list[Check]]] = {
    "all is well": (ALL, passed(7)),
    "nothing": (b"", failed(0)),
    "only that a check begins": (b'{"begins":"format"}\n', failed(0)),
    "half a line": (line("format") + b'{"check":"external da', failed(1)),
    "the last check alone": (line("golden"), failed(0)),
    "a check left out": (line("format") + line("domains"), failed(1)),
    "a check that is none": (line("format") + line("mine"), failed(1)),
    "more than there is": (ALL + line("golden", ok=False), passed(7)),
    "a truth that is none": (line("format", ok="yes"), [Check("format", ok=False, detail="", seconds=0.1)]),
    "no seconds": (line("format", seconds=[]), failed(0)),
    "a list": (b"[1]\n7\n" + ALL, failed(0)),
    "a name that is none": (line({"a": 1}), failed(0)),
    "no text at all": (b"\xff\xfe\n" + ALL, failed(0)),
    "a book": (
        line("format", ok=False, detail="a" * 9000), [Check("format", ok=False, detail="a" * 300, seconds=0.1)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_only_checks_in_their_order_are_believed(name: str) -> None:
    report, expected = REPORTS[name]
    assert told(report, DIED) == expected


def test_whoever_tells_without_end_is_not_listened_to_for_long() -> None:
    read, write = os.pipe()

    def chatter() -> None:
        with suppress(BrokenPipeError), os.fdopen(write, "wb", buffering=0) as pipe:
            while True:
                pipe.write(b"a" * 4096)

    thread = threading.Thread(target=chatter)
    thread.start()
    content = heard(read, monotonic() + 20)
    os.close(read)
    thread.join(20)
    assert LONGEST_REPORT < len(content) <= 2 * LONGEST_REPORT
    assert not thread.is_alive()


def pipe(path: Path) -> None:
    """Something that who reads it waits for."""
    path.unlink()
    os.mkfifo(path)


def link(path: Path) -> None:
    """The same content, elsewhere."""
    elsewhere = path.parent.parent / "elsewhere"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


def grow(path: Path) -> None:
    """More than anybody would read."""
    with path.open("r+b") as file:
        file.truncate(LARGEST_MANIFEST + 1)


def damage(path: Path) -> None:
    """Another byte."""
    path.write_bytes(b"x" + path.read_bytes()[1:])


@pytest.mark.parametrize("harm", [pipe, link, grow, damage, Path.unlink])
@pytest.mark.parametrize("file", ["model.onnx", "manifest.json"])
def test_a_package_that_is_not_whole_is_refused(
    compiled: list[Package], tmp_path: Path, file: str, harm: Callable[[Path], None]
) -> None:
    directory = tmp_path / "plus"
    shutil.copytree(compiled[0].directory, directory)
    assert sealed(directory, "plus").manifest == compiled[0].manifest
    harm(directory / file)
    with pytest.raises(Refused) as refused:
        sealed(directory, "plus")
    assert refused.value.check == "package"


def test_a_package_of_another_model_is_refused(compiled: list[Package]) -> None:
    with pytest.raises(Refused, match="is not what its manifest says"):
        sealed(Path(compiled[0].directory), "another")
