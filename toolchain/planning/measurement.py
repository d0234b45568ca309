"""Times a package at several sizes: each start a fresh process, held to the share of CPU that comes with the memory."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import orjson

from functions.core import golden
from functions.packaging.build import build
from toolchain.compression.report.machine import architecture
from toolchain.planning.errors import NotMeasured
from toolchain.planning.quotas import vcpus
from toolchain.planning.shares import DutyCycle, Share, Streams, share
from toolchain.planning.timings import MEASURED, REFERENCE_MB, Timings

ROOT = Path(__file__).parents[2]
ROUNDS = 3
"""Starts at each size; the median counts."""
ANSWERS = 200
"""Warm answers of each start."""
SECONDS = 120.0
"""For one process, however slow the package."""


class Measured(NamedTuple):
    """What a package takes."""

    timings: list[Timings]
    """At the sizes that this machine has processors for."""
    peak_mb: float
    request_bytes: int
    answer_bytes: int
    log_bytes: int
    """That one answer leaves in the function's log."""
    skipped: list[int]
    """Sizes that come with more processors than there are here."""
    load: float
    """Processes that wanted a processor before, on average over a minute."""


def measure(
    folder: Path, sizes: Iterable[int], rounds: int = ROUNDS, tell: Callable[[int], object] = lambda _: None
) -> Measured:
    """Time a model's folder with the first of its golden requests, through the handler that ships.

    Args:
        sizes: megabytes of memory.
        tell: hears of each size before its turn.

    Raises:
        InvalidPackage: it does not compile.
        NotMeasured: it has no golden request, or does not answer.
    """
    found, skipped, runs, load = [], [], [], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        package = build(folder, Path(scratch) / "packages")
        if golden.FILE not in package.manifest.files:
            raise NotMeasured(package.manifest.name, f"it has no {golden.FILE}, so that there is nothing to ask it")
        request = orjson.dumps(orjson.loads(package.read(golden.FILE))["cases"][0]["request"])
        streams = Streams(*(Path(scratch) / name for name in ("event.json", "found.json", "log")))
        streams.read.write_bytes(event(package.manifest.name, request))
        _run(DutyCycle(1.0), REFERENCE_MB, streams, Path(scratch), package.manifest.name)  # compiles imports
        for size in sizes:
            if vcpus(size) > (os.cpu_count() or 1) + 0.01:
                skipped.append(size)
                continue
            tell(size)
            timings, results = _at(size, streams, Path(scratch), rounds, package.manifest.name)
            found.append(timings)
            runs += results
    if not runs:
        raise NotMeasured(package.manifest.name, f"{skipped} MB come with more processors than this machine has")
    peak = max(run["peak_mb"] for run in runs)
    line = max(run["log_bytes"] for run in runs)
    return Measured(found, peak, len(request), runs[0]["answer_bytes"], line, skipped, load)


def _at(size: int, streams: Streams, scratch: Path, rounds: int, name: str) -> tuple[Timings, list[dict[str, Any]]]:
    with share(vcpus(size)) as held:
        runs = [_run(held, size, streams, scratch, name) for _ in range(rounds)]
        means = held.means
    warm = tuple(sorted(each for run in runs for each in run["warm"]))
    init, first = (median(run[part] for run in runs) for part in ("init", "first"))
    return Timings(size, warm, init, first, MEASURED, architecture(), means), runs


def _run(held: Share, size: int, streams: Streams, scratch: Path, name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "toolchain.planning.probe", str(ANSWERS)]
    try:
        status = held.run(command, _variables(size, scratch), streams, SECONDS)
    except subprocess.TimeoutExpired:
        raise NotMeasured(name, f"it takes more than {SECONDS:.0f} s with {size} MB") from None
    errors = streams.errors.read_text(errors="replace").splitlines()
    if status != 0:
        raise NotMeasured(name, (errors or ["it ended without a word"])[-1][:300])
    found: dict[str, Any] = orjson.loads(streams.out.read_bytes())
    if found["status"] != 200:
        raise NotMeasured(name, f"it answers its golden request with {found['status']}: {found['body'][:200]}")
    return found | {"log_bytes": max((len(line) for line in errors if '"event":"request"' in line), default=0)}


def _variables(size: int, scratch: Path) -> dict[str, str]:
    """What a function is told, and compiled code for its imports: without it every start would compile them."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(scratch / "bytecode"),
        "OMP_WAIT_POLICY": "PASSIVE",
        "ORTLESS_PACKAGES": str(scratch / "packages"),
        "ORTLESS_CACHE": str(scratch / "cache"),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(size),
    }


def event(name: str, request: bytes) -> bytes:
    """What API Gateway hands to a function, as far as the function looks at it."""
    path = f"/v1/models/{name}:predict"
    found = {
        "resource": "/v1/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.removeprefix("/v1/")},
        "requestContext": {"requestId": "plan", "httpMethod": "POST", "path": path, "stage": "plan"},
        "body": request.decode(),
        "isBase64Encoded": False,
    }
    return orjson.dumps(found)
