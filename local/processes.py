"""Which process is which: identity by pid and start time, and an end to the ones that are ours."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_MARKER = "ORTLESS_CLOUD"
_POLL_SECONDS = 0.02


def marker_variable(marker: str) -> dict[str, str]:
    """The environment variable by which a cloud and the functions it spawned are recognised."""
    return {_MARKER: marker}


@dataclass(frozen=True)
class Process:
    """One process: the kernel reuses a pid, but not together with its start time."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has this pid now."""
        return cls(pid, _started(pid) or "")

    def alive(self) -> bool:
        """Whether this very process still runs."""
        return bool(self.started) and _started(self.pid) == self.started


def end(leader: Process | None, marker: str, grace: float = 3.0) -> int:
    """End a process group and whatever else carries its marker; answers how many processes were alive."""
    ours = _ours(leader, marker)
    for process in ours:
        _signal(process, signal.SIGTERM, group=process == leader)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(process.alive() for process in ours):
        time.sleep(_POLL_SECONDS)
    # What was born while we looked, or does not listen, is killed until nothing is left.
    while (survivors := _ours(leader, marker)) and time.monotonic() < deadline + grace:
        for process in survivors:
            _signal(process, signal.SIGKILL, group=process == leader)
        time.sleep(_POLL_SECONDS)
    return len(ours)


def _ours(leader: Process | None, marker: str) -> set[Process]:
    found = {process for process in _marked(marker) if process.alive()}
    return found | {leader} if leader and leader.alive() else found


def _signal(process: Process, number: signal.Signals, *, group: bool) -> None:
    if not process.alive():
        return
    try:
        if group:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)
    except ProcessLookupError:
        pass


def _marked(marker: str) -> Iterator[Process]:
    """Processes whose environment carries the marker (Linux; elsewhere the process group has to do)."""
    entry = f"{_MARKER}={marker}".encode()
    for directory in _PROC.glob("[0-9]*"):
        try:
            environment = (directory / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if entry in environment:
            yield Process.of(int(directory.name))


def _started(pid: int) -> str | None:
    """When a living process started, in the platform's own notation; a zombie does not live."""
    if (_PROC / "self").exists():
        try:
            state, *fields = (_PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            return None
        return None if state in "ZX" else fields[18]
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    state, _, started = subprocess.run(command, capture_output=True, text=True, check=False).stdout.partition(" ")
    return None if not state or state.startswith("Z") else started.strip()
