"""Holds a process to the share of a processor that comes with a function's memory."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from toolchain.planning.quotas import PERIOD_SECONDS

CGROUPS = Path("/sys/fs/cgroup")
MICROSECONDS = 1_000_000
LEAST_QUOTA = 1000
"""Microseconds; the kernel takes no less."""


class Streams(NamedTuple):
    """Files for what a command reads and writes: a pipe would have its reader compete for the processor."""

    read: Path
    out: Path
    errors: Path

    @contextlib.contextmanager
    def opened(self) -> Iterator[dict[str, Any]]:
        """As a process takes them."""
        with self.read.open("rb") as read, self.out.open("wb") as out, self.errors.open("wb") as errors:
            yield {"stdin": read, "stdout": out, "stderr": errors}


class Share(Protocol):
    """A way to hold processes back."""

    means: str
    """How, for whoever reads the figures."""

    def run(self, command: Sequence[str], env: Mapping[str, str], streams: Streams, timeout: float) -> int:
        """Run a command to its end, and return its status; its last argument will be the moment of its start, in
        nanoseconds of the wall clock. Raises TimeoutExpired, and the command is ended."""


class Quota:
    """The kernel's own quota of CPU time per period, as Lambda's: a group for the processes, in version 1 or 2."""

    def __init__(self, group: Path, vcpus: float) -> None:
        self._group = group
        period = round(PERIOD_SECONDS * MICROSECONDS)
        quota = max(LEAST_QUOTA, round(vcpus * period))
        if (group / "cpu.max").exists():
            self.means = "cgroup v2 quota"
            (group / "cpu.max").write_text(f"{quota} {period}")
        else:
            self.means = "cgroup v1 quota"
            (group / "cpu.cfs_period_us").write_text(f"{period}")
            (group / "cpu.cfs_quota_us").write_text(f"{quota}")

    def run(self, command: Sequence[str], env: Mapping[str, str], streams: Streams, timeout: float) -> int:
        """Run a command that is in the group before it begins: to get there can take the kernel a tenth of a second."""
        within = [
            "sh",
            "-c",
            'echo $$ > "$0" && exec "$@" "$(date +%s%N)"',
            str(self._group / "cgroup.procs"),
            *command,
        ]
        with streams.opened() as files:
            return subprocess.run(within, env=env, timeout=timeout, check=False, **files).returncode


class DutyCycle:
    """Stops and continues a process, period by period, where no quota can be had: coarser, and never more than one
    processor. Within a period the share comes first and the pause after it, as a quota that is used up."""

    means = "duty cycle (SIGSTOP, SIGCONT)"

    def __init__(self, vcpus: float) -> None:
        self._share = min(vcpus, 1.0)

    def run(self, command: Sequence[str], env: Mapping[str, str], streams: Streams, timeout: float) -> int:
        """Run a command that is stopped for its part of each period."""
        stamped = [*command, str(time.time_ns())]
        with streams.opened() as files, subprocess.Popen(stamped, env=dict(env), **files) as process:
            ended = threading.Event()
            pauses = threading.Thread(target=self._pause, args=(process, ended), daemon=True)
            pauses.start()
            try:
                return process.wait(timeout)
            finally:
                ended.set()
                pauses.join()
                process.kill()

    def _pause(self, process: subprocess.Popen[bytes], ended: threading.Event) -> None:
        if self._share >= 1:
            return
        while process.poll() is None and not ended.wait(PERIOD_SECONDS * self._share):
            process.send_signal(signal.SIGSTOP)
            ended.wait(PERIOD_SECONDS * (1 - self._share))
            process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def share(vcpus: float, root: Path = CGROUPS) -> Iterator[Share]:
    """The best way that this machine allows; what it makes for that is gone afterwards."""
    group = _group(root)
    if group is None:
        yield DutyCycle(vcpus)
        return
    try:
        yield Quota(group, vcpus)
    finally:
        with contextlib.suppress(OSError):
            group.rmdir()


def _group(root: Path) -> Path | None:
    """A new group that takes quotas; None where none can be made."""
    for folder in (root, root / "cpu", root / "cpu,cpuacct"):
        group = folder / f"ortless-{os.getpid()}-{threading.get_ident()}"
        try:
            group.mkdir()
        except OSError:
            continue
        if any(os.access(group / name, os.W_OK) for name in ("cpu.max", "cpu.cfs_quota_us")):
            return group
        with contextlib.suppress(OSError):
            group.rmdir()
    return None
