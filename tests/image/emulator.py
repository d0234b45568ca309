"""Lambda's runtime interface emulator around a handler, on free ports of the loopback interface."""

import json
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.image.sandbox import Sandbox

RIE = "/usr/local/bin/aws-lambda-rie"
MEMORY = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
PATH = "2015-03-31/functions/function/invocations"


class Emulator:
    """A handler that can be invoked."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._invocations, self._runtime = _free_port(), _free_port()

    @contextmanager
    def over(self, box: Sandbox, command: tuple[str, ...], **variables: str) -> Iterator[None]:
        """Serve what the command starts: the image's entry point with the handler's name.

        Args:
            variables: the function's environment.
        """
        addresses = (
            f"--runtime-interface-emulator-address=127.0.0.1:{self._invocations}",
            f"--runtime-api-address=127.0.0.1:{self._runtime}",
        )
        with box.running(RIE, *addresses, *command, log=self.log, **(MEMORY | variables)):
            assert _within_seconds(10, self.listens), self.log.read_text()[-4000:]
            yield
        assert _within_seconds(10, lambda: not self.listens()), "the emulator is still there"

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer of a handler behind the gateway."""
        result: dict[str, Any] = self.tell(event)
        assert "statusCode" in result, f"{result}\n{self.log.read_text()[-4000:]}"
        return result

    def tell(self, event: dict[str, Any]) -> Any:
        """The handler's result, whatever it is; a handler that raises fails the test."""
        url = f"http://127.0.0.1:{self._invocations}/{PATH}"
        with urllib.request.urlopen(url, json.dumps(event).encode(), timeout=180) as response:
            result = json.load(response)
        assert not (isinstance(result, dict) and "errorType" in result), f"{result}\n{self.log.read_text()[-4000:]}"
        return result

    def listens(self) -> bool:
        """Whether it takes events."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._invocations)) == 0


def _within_seconds(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
