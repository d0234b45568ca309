"""The embedded cloud: MiniStack as one process group on the loopback interface, with IAM enforced."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType

from local import ports, processes
from local.endpoint import REGION
from local.environment import environment, url_of
from local.errors import CloudFailed
from local.processes import Process
from local.signals import held
from local.state import ROOT, State, read_json, write_json

_START_SECONDS = 30.0


@dataclass(frozen=True)
class Cloud:
    """A MiniStack process that was started from this state directory."""

    state: State
    port: int
    marker: str
    process: Process | None = None
    owner: Process | None = None
    child: "subprocess.Popen[bytes] | None" = field(default=None, compare=False, repr=False)

    @classmethod
    def start(cls, state: State, port: int | None = None, *, owned: bool = False, region: str = REGION) -> "Cloud":
        """Start a cloud and wait until it answers; owned means that it shall not outlive this process."""
        owner = Process.of(os.getpid()) if owned else None
        with ports.listen(port) as listener:
            cloud = cls(state, listener.getsockname()[1], secrets.token_hex(8), owner=owner)
            return cloud._spawned(listener, region)

    @classmethod
    def find(cls, state: State) -> "Cloud | None":
        """The cloud that this state directory records, running or not."""
        content = read_json(state.cloud)
        if content is None:
            return None
        process, owner = (Process(**content[key]) if content[key] else None for key in ("process", "owner"))
        return cls(state, content["port"], content["marker"], process, owner)

    @property
    def url(self) -> str:
        """Where every service of the cloud answers."""
        return url_of(self.port)

    def alive(self) -> bool:
        """Whether the process that was started still runs."""
        return self.process is not None and self.process.alive()

    def ours(self) -> bool:
        """Whether it shall not outlive this process."""
        return self.owner is not None and self.owner == Process.of(os.getpid())

    def orphaned(self) -> bool:
        """Whether it belonged to a foreground run that is gone (killed, most likely)."""
        return self.owner is not None and not self.owner.alive()

    def answers(self) -> bool:
        """Whether this cloud, and not another one on its port, answers."""
        connection = http.client.HTTPConnection(ports.HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            health = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        return bool(health.get("version") == self.marker)

    def stop(self) -> int:
        """End the cloud and its functions, remove what they left; answers how many processes that ended."""
        with held(deliver=False):
            ended = processes.end(self.process, self.marker)
            if self.child:
                self.child.wait()
            recorded = Cloud.find(self.state)
            if recorded is None or recorded.marker == self.marker:  # a later start's files are not ours to remove
                self.state.clear()
        return ended

    def __enter__(self) -> "Cloud":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _spawned(self, listener: socket.socket, region: str) -> "Cloud":
        self.state.create()
        cloud = self
        try:
            with held(deliver=True):
                cloud._record()
                child = _spawn(self.state.log, listener, environment(self.state, self.port, self.marker, region))
                listener.close()  # its process has it now: when that ends, connections are refused
                cloud = replace(self, process=Process.of(child.pid), child=child)
                cloud._record()
            cloud._wait(child)
        except BaseException:
            cloud.stop()
            raise
        return cloud

    def _record(self) -> None:
        process, owner = (asdict(one) if one else None for one in (self.process, self.owner))
        write_json(self.state.cloud, {"marker": self.marker, "port": self.port, "process": process, "owner": owner})

    def _wait(self, child: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if child.poll() is not None:
                raise CloudFailed(
                    f"MiniStack ended with exit code {child.returncode}:\n{_tail(self.state.log)}".rstrip()
                )
            if time.monotonic() > deadline:
                raise CloudFailed(f"MiniStack did not answer on port {self.port} within {_START_SECONDS:.0f} s")
            time.sleep(0.05)


def _spawn(log: Path, listener: socket.socket, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    # A session of its own: a Ctrl-C in the terminal reaches this process, which then stops the group.
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "local.edge", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=variables,
            start_new_session=True,
        )


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
