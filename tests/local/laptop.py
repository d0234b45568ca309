"""A developer's machine as far as a test needs one: a state directory and a shell with the wrong AWS settings."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]


@dataclass
class Laptop:
    """Runs the command line as a user does, with one state directory."""

    state: Path
    foreground: list["subprocess.Popen[str]"] = field(default_factory=list)

    def local(self, *arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a verb to its end."""
        command = [sys.executable, "-m", "local", *arguments]
        variables = self._variables() | (environment or {})
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=variables)

    def start(self, *arguments: str, until: Callable[[], bool] | None = None) -> "subprocess.Popen[str]":
        """Run a verb in the foreground and wait until the cloud is up, or until something else is so."""
        command = [sys.executable, "-m", "local", *arguments]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self._variables(),
        )
        self.foreground.append(process)
        so = until or (lambda: self.endpoint is not None)
        self.wait_for(lambda: so() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        return process

    @property
    def endpoint(self) -> dict[str, Any] | None:
        """The record of the cloud that is up."""
        file = self.state / "endpoint.json"
        return json.loads(file.read_text()) if file.exists() else None

    def ask(self, path: str = "/hello") -> dict[str, Any]:
        """Call the deployed API with its key."""
        assert self.endpoint
        url, headers = self.endpoint["api_url"] + path, {"x-api-key": self.endpoint["api_key"]}
        answer: dict[str, Any] = httpx.get(url, headers=headers, timeout=20, trust_env=False).raise_for_status().json()
        return answer

    @property
    def pid(self) -> int:
        """The cloud's process."""
        assert self.endpoint
        return int(self.endpoint["pid"])

    def processes(self) -> list[int]:
        """Every process that was started for this state directory: the cloud and its functions."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._is_ours(path)]

    def leftovers(self) -> list[str]:
        """What a stopped cloud must not leave."""
        kept = {"cloud.log", "lock"}
        files = [path.name for path in self.state.glob("*") if path.name not in kept]
        return files + [f"process {pid}" for pid in self.processes()]

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    def shut_down(self) -> None:
        """Stop whatever the test left running."""
        for process in self.foreground:
            process.kill()
            process.communicate()
        self.local("down")

    def _variables(self) -> dict[str, str]:
        # What a developer's shell may hold, and nothing here may use.
        shell = {"AWS_PROFILE": "missing", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        return os.environ | shell | {"ORTLESS_STATE_DIR": str(self.state)}

    def _is_ours(self, directory: Path) -> bool:
        try:
            environment = (directory / "environ").read_bytes().split(b"\0")
            zombie = ") Z " in (directory / "stat").read_text()
        except OSError:
            return False
        return not zombie and f"TMPDIR={self.state / 'tmp'}".encode() in environment
