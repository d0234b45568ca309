"""Lambda's side of the Runtime API, for one process and one event at a time."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import perf_counter
from typing import Any, NamedTuple

START_LIMIT = 60.0
"""Seconds after which a process that has not answered is given up."""


class Start(NamedTuple):
    """One cold start: seconds from spawning the process to its first answer, peak memory in MB, the answer."""

    seconds: float
    peak_mb: float
    answer: dict[str, Any]


class Invocation(ThreadingHTTPServer):
    """Serves one event and keeps the answer and the moment when it came."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApi)
        self.event = json.dumps(event).encode()
        self.served = threading.Event()
        self.answered = threading.Event()
        self.answer = b""
        self.answered_at = 0.0

    def handle_error(self, request: object, client_address: object) -> None:
        """A function that is ended after its answer drops its connection: that is no error."""


class _RuntimeApi(BaseHTTPRequestHandler):
    server: Invocation
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.server.served.is_set():
            self.server.answered.wait(START_LIMIT)
            self.close_connection = True
            return
        self.server.served.set()
        self._send(200, self.server.event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.answered.is_set():
            self.server.answered_at = perf_counter()
            self.server.answer = body
            self.server.answered.set()
        self._send(202, b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing is logged."""

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000000")
        self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def cold_start(handler: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> Start:
    """Spawn a function under Lambda's runtime client and wait for its first answer.

    Raises:
        RuntimeError: it ended or failed instead; with what it wrote.
    """
    with _serving(event) as invocation:
        variables = _variables(invocation.server_address[1], environment)
        started = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        answered = invocation.answered.wait(START_LIMIT)
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        output = process.stdout.read().decode(errors="replace") if process.stdout else ""
        if process.stdout:
            process.stdout.close()
    answer = json.loads(invocation.answer) if answered else {}
    if answer.get("statusCode") != 200:
        raise RuntimeError(f"{handler} answered {answer}:\n{output}")
    return Start(invocation.answered_at - started, usage.ru_maxrss / 1024, answer)


@contextmanager
def _serving(event: Mapping[str, Any]) -> Iterator[Invocation]:
    invocation = Invocation(event)
    thread = threading.Thread(target=invocation.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield invocation
    finally:
        invocation.shutdown()
        invocation.server_close()


def _variables(port: int, extra: Mapping[str, str]) -> dict[str, str]:
    variables = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return variables | dict(extra)
