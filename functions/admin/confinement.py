"""Runs an inspection in a process of its own, and tells what became of it whatever the model does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from select import select
from time import monotonic, sleep
from typing import NamedTuple

import orjson

from functions.admin.inspection import CHECKS, DETAIL, Order
from functions.admin.limits import MIB, Limits

ROOT = Path(__file__).resolve().parents[2]
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ")
"""Environment variables that the process is given: none that could hold a credential."""
LONGEST_REPORT = 64 * 1024
"""Bytes that the process may tell: some lines are enough."""
TICK = 0.01


class Check(NamedTuple):
    """One thing that was looked at."""

    check: str
    ok: bool
    detail: str
    seconds: float


def inspect(folder: Path, packages: Path, limits: Limits) -> list[Check]:
    """Inspect a model's folder; the last check is the one that failed, if one did.

    The process has a session of its own, and its whole group is killed before this returns.
    """
    read, write = os.pipe()
    order = Order(folder, packages, write, limits)
    deadline = monotonic() + limits.seconds
    try:
        process = _start(order)
    except OSError:
        os.close(read)
        raise
    finally:
        os.close(write)
    try:
        try:
            report = heard(read, deadline)
        finally:
            os.close(read)
        late = not _ended(process, deadline)
    finally:
        code, memory = _end(process)
    return told(report, f"it took longer than {limits.seconds:g} s" if late else _fate(code, memory, limits))


def _start(order: Order) -> subprocess.Popen[bytes]:
    # The code that is trusted is found where this process finds it, never in the model's folder.
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    variables |= {"PYTHONPATH": os.pathsep.join((str(ROOT), *filter(None, sys.path))), "TMPDIR": str(order.packages)}
    # Every thread reserves address space, which counts; one is enough to check.
    variables |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return subprocess.Popen(  # noqa: S603 - the interpreter and the module are ours
        [sys.executable, "-s", "-P", "-m", "functions.admin.inspection", order.text()],
        cwd=order.packages, env=variables, pass_fds=(order.report,), start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def heard(report: int, deadline: float) -> bytes:
    """What the process tells until it closes its end, tells too much, or has no more time."""
    content = b""
    while len(content) <= LONGEST_REPORT and select([report], [], [], max(0.0, deadline - monotonic()))[0]:
        chunk = os.read(report, LONGEST_REPORT)
        if not chunk:
            break
        content += chunk
    return content


def _ended(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Whether the process ends in time; it is not waited for yet, so that its group keeps its number."""
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if monotonic() >= deadline:
            return False
        sleep(TICK)
    return True


def _end(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Kill the process' group, with what the model may have started; the exit code and the MiB of memory it had."""
    os.killpg(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024 // MIB


def _fate(code: int, memory: int, limits: Limits) -> str:
    """How the process ended, for where it did not finish in order."""
    if code == -signal.SIGXCPU:
        return f"it computed for longer than {limits.processor_seconds} s"
    try:
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        how = f"signal {-code}"  # most of those for real time have no name
    return f"the process that looked at it ended with {how}, having used {memory} MiB of memory"


def told(report: bytes, fate: str) -> list[Check]:
    """The checks that were told, and the one under way when the process ended without a last word."""
    checks: list[Check] = []
    for line in _lines(report):
        if len(checks) == len(CHECKS) or line.check != CHECKS[len(checks)]:
            break  # none of ours says that
        checks.append(line)
        if not line.ok:
            return checks
    if len(checks) == len(CHECKS):
        return checks
    return [*checks, Check(CHECKS[len(checks)], ok=False, detail=fate, seconds=0.0)]


def _lines(report: bytes) -> Iterator[Check]:
    for line in report.splitlines():
        try:
            table = orjson.loads(line)
            if "check" in table:
                yield Check(table["check"], table["ok"] is True, str(table["detail"])[:DETAIL], float(table["seconds"]))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return  # half a line: the process died while it wrote
