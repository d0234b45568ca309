"""The process that looks into a model: what it may take, what it sees of its surroundings, and how its end is told."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from onnx import numpy_helper

from functions.admin.confinement import Check, inspect
from functions.admin.inspection import CHECKS
from functions.admin.limits import MIB, Limits
from tests.admin.hostile_folders import endless
from tests.admin.hostile_graphs import plus
from tests.admin.submissions import NAME, accepted, golden, graph

LIMITS = Limits.of(1769)._replace(seconds=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that has nothing wrong, and beside it room for the package."""
    return lay(tmp_path, accepted())


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    """A model that never answers its golden request."""
    return lay(tmp_path, graph(endless()) | {"golden.json": golden(([1], [1]))})


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (folder / "packages").mkdir()
    for name, content in files.items():
        (source / name).write_bytes(content)
    return source


def look(source: Path, limits: Limits) -> list[Check]:
    return inspect(source, source.parents[1] / "packages", limits)


def begun(source: Path, limits: Limits, watch: Callable[[int], None]) -> list[Check]:
    """Inspect, and once the package lies there and the golden requests run, let somebody watch the process."""
    seen: list[int] = []

    def wait(started_by: int) -> None:
        draft = source.parents[1] / "packages" / NAME / "manifest.json"
        deadline = monotonic() + 20
        while not draft.exists() and monotonic() < deadline:
            sleep(0.01)
        sleep(0.2)
        listed = Path(f"/proc/self/task/{started_by}/children").read_text().split()
        seen.extend(pid for pid in map(int, listed) if "functions.admin.inspection" in command(pid))
        watch(seen[0])

    watcher = threading.Thread(target=wait, args=(threading.get_native_id(),))
    watcher.start()
    checks = look(source, limits)
    watcher.join()
    assert seen
    assert not Path(f"/proc/{seen[0]}").exists()
    return checks


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_a_model_that_has_nothing_wrong_passes_every_check_in_order(folder: Path) -> None:
    assert [(check.check, check.ok) for check in look(folder, LIMITS)] == [(check, True) for check in CHECKS]


def test_the_process_sees_no_credentials_and_is_limited_by_the_kernel(
    busy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    seen: dict[str, str] = {}

    def watch(pid: int) -> None:
        seen["environment"] = Path(f"/proc/{pid}/environ").read_text()
        seen["limits"] = Path(f"/proc/{pid}/limits").read_text()
        seen["session"] = str(os.getsid(pid) == os.getpgid(pid) == pid)
        seen["input"] = str(Path(f"/proc/{pid}/fd/0").readlink())

    begun(busy, LIMITS._replace(answer_seconds=1), watch)
    names = {line.partition("=")[0] for line in seen["environment"].split("\0") if line}
    ours = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "PYTHONPATH", "TMPDIR"}
    assert names <= {"PATH", "LD_LIBRARY_PATH", "LANG", "TZ", "LC_CTYPE"} | ours
    limits = {line[:26].strip(): line[26:].split()[:2] for line in seen["limits"].splitlines()}
    assert {name: limits[name] for name in ("Max address space", "Max cpu time", "Max file size")} == {
        "Max address space": [str((1769 - 256) * MIB)] * 2,
        "Max cpu time": ["600", "605"],
        "Max file size": [str((1769 - 256) * MIB // 3)] * 2,
    }
    assert (limits["Max core file size"], limits["Max open files"]) == (["0", "0"], ["256", "256"])
    assert (seen["session"], seen["input"]) == ("True", "/dev/null")


@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGABRT, "SIGABRT"), (signal.SIGKILL, "SIGKILL"), (35, "signal 35")],
)
def test_of_a_process_that_dies_it_is_told_in_which_check_and_of_what(busy: Path, number: int, name: str) -> None:
    checks = begun(busy, LIMITS, lambda pid: os.kill(pid, number))
    assert [(check.check, check.ok) for check in checks] == [
        *((check, True) for check in CHECKS[:-1]),
        ("golden", False),
    ]
    assert checks[-1].detail.startswith(f"the process that looked at it ended with {name}, having used ")


def test_the_clock_on_the_wall_ends_it(busy: Path) -> None:
    began = monotonic()
    last = look(busy, LIMITS._replace(seconds=1.5))[-1]
    assert (last.check, last.ok, last.detail) == ("golden", False, "it took longer than 1.5 s")
    assert monotonic() - began < 5


def test_a_processor_that_is_kept_busy_ends_it(busy: Path) -> None:
    last = look(busy, LIMITS._replace(processor_seconds=1))[-1]
    assert (last.check, last.ok, last.detail) == ("golden", False, "it computed for longer than 1 s")


@pytest.mark.parametrize("memory", [200, 280, 320])
def test_memory_that_does_not_suffice_is_said_to_be_the_reason(tmp_path: Path, memory: int) -> None:
    weights = numpy_helper.from_array(np.ones(16 * MIB, np.float32), "w")
    last = look(lay(tmp_path, graph(plus(initializers=(weights,)))), LIMITS._replace(memory=memory * MIB))[-1]
    assert (last.ok, last.detail) == (False, f"it takes more than {memory} MiB of memory")


def test_a_process_that_cannot_even_begin_is_a_refusal(folder: Path) -> None:
    last = look(folder, LIMITS._replace(memory=4 * MIB))[-1]
    assert (last.check, last.ok) == ("format", False)
    assert last.detail
