"""Whatever ONNX Runtime runs is served: every model that the onnx package brings for testing runtimes."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

WORKERS = min(4, os.cpu_count() or 1)
AT_LEAST = 1_590
"""Models that ONNX Runtime alone runs as expected: fewer means that the suite no longer looks at all of them."""
EXCEPTIONS: dict[str, str] = {}
"""Models that ONNX Runtime runs and we do not serve, by name, with the reason."""


class Outcome(NamedTuple):
    """Why ONNX Runtime alone, and why our code, does not answer a case as expected; empty where it does."""

    name: str
    alone: str
    ours: str


def share(first: int) -> list[Outcome]:
    """The outcomes of one worker's share; a case that kills the process is its case alone."""
    outcomes: list[Outcome] = []
    while True:
        command = [sys.executable, "-m", "tests.onnx_models.worker", *map(str, (first, WORKERS, len(outcomes)))]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        outcomes += [Outcome(**line) for line in lines if "name" in line]
        if not done.returncode:
            return outcomes
        assert lines, done.stderr
        assert "begins" in lines[-1], done.stderr
        outcomes.append(Outcome(lines[-1]["begins"], "", f"the process ended with {done.returncode}"))


def test_every_model_that_onnx_runtime_runs_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = [outcome for part in pool.map(share, range(WORKERS)) for outcome in part]
    runs = [outcome for outcome in outcomes if not outcome.alone]
    refused = {outcome.name: outcome.ours for outcome in runs if outcome.ours}
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(outcomes)} models, {len(runs)} run in ONNX Runtime, {len(runs) - len(refused)} of those served\n"
        )
    assert refused.keys() == EXCEPTIONS.keys(), refused
    assert len(runs) >= AT_LEAST
