"""How much memory a request takes, measured in a process of its own with the handler that ships."""

import ctypes
import gc
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tests.conftest import ROOT
from tests.predict.calls import event
from tests.predict.hostile import LIMIT, Hostile

CODE = "from tests.predict import memory; memory.serve()"
ROOM = 400 * LIMIT
"""Bytes of data that a measured process may have at most: what would take the machine's memory fails instead."""


class Measured(NamedTuple):
    """The rise of the process's largest resident size in bytes, what it answered, and the beginning of the body."""

    rise: int
    status: int
    body: str


class Process:
    """A fresh process with the handler; each request is answered in a fork of it, warm and as nobody left it."""

    def __init__(self, packages: Path, warm: list[Any], folder: Path) -> None:
        """Start it.

        Args:
            warm: events that a fork answers before it measures.
            folder: for the events that are sent.
        """
        self._sent = folder / "event.json"
        self._log = (folder / "log").open("w+")
        (folder / "warm.json").write_bytes(orjson.dumps(warm))
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        environment = {"PATH": os.environ["PATH"], "ORTLESS_PACKAGES": str(packages)} | dict.fromkeys(names, "1")
        self._process = subprocess.Popen(
            [sys.executable, "-c", CODE, str(folder / "warm.json"), str(self._sent)],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip

    def measure(self, hostile: Hostile) -> Measured:
        """What a request costs.

        The event that the gateway sends is there before the measurement: Lambda's runtime has it in memory already.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._sent.write_bytes(orjson.dumps(event("POST", hostile.path, hostile.body, hostile.headers)))
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        self._log.seek(0)
        assert line != b"\n", self._log.read()[-3000:]
        return Measured(*orjson.loads(line))

    def close(self) -> None:
        """End it."""
        self._process.communicate()
        self._log.close()


def serve() -> None:
    """For each line that comes, answer the event in a file, and write a line of what was measured."""
    from functions.predict.handler import handler

    warm = orjson.loads(Path(sys.argv[1]).read_bytes())
    for before in warm:
        if before["httpMethod"] == "GET":  # loads a model; nothing that starts a thread may run before a fork
            assert handler(before, None)["statusCode"] == 200
    for _line in sys.stdin:
        child = os.fork()
        if not child:
            _measure(handler, warm)
        if os.waitpid(child, 0)[1]:
            print(flush=True)  # noqa: T201


def _measure(handler: Any, warm: list[Any]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (ROOM, ROOM))
    for before in warm:
        assert handler(before, None)["statusCode"] == 200
    sent = orjson.loads(Path(sys.argv[2]).read_bytes())
    # What reading the event took and gave back must not be there for the request to use unseen.
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    size = _size("VmRSS")
    answered = handler(sent, None)
    rise = _size("VmHWM") - size
    print(orjson.dumps((rise, answered["statusCode"], answered["body"][:1000])).decode(), flush=True)  # noqa: T201
    os._exit(0)


def _size(field: str) -> int:
    """A line of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))
