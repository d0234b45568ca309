"""How long models take: one thread, each sample in a fresh process, the contestants in turn, so that a change of the
machine's speed hits all alike."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from toolchain.compression.errors import NotApplicable

ROUNDS = 5
SECONDS = 300
"""For one process, however slow the model."""
ROOT = Path(__file__).parents[3]
NAN = float("nan")


class Contestant(NamedTuple):
    """A compiled graph, as it ships.

    Attributes:
        graph: the file.
        optimized: whether it is, so that loading does nothing again.
        batches: feeds of a run, one for each number of rows; None where the model takes no so many.
        outputs: what is computed.
    """

    graph: Path
    optimized: bool
    batches: Sequence[Mapping[str, Any] | None]
    outputs: Sequence[str]


def compare(contestants: Sequence[Contestant], rounds: int = ROUNDS) -> list[list[float]]:
    """Median milliseconds of each contestant, for each of its batches; NaN for a batch that there is not.

    They are timed in turn, `rounds` times each.

    Raises:
        NotApplicable: a contestant does not run.
        OSError: there is no room for the tensors, which says nothing of a contestant.
    """
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        files = [
            [_saved(Path(scratch) / f"{number}-{at}.npz", batch) for at, batch in enumerate(contestant.batches)]
            for number, contestant in enumerate(contestants)
        ]
        samples: list[list[list[float]]] = [[[] for _ in contestant.batches] for contestant in contestants]
        for _ in range(rounds):
            for at in range(max((len(found) for found in samples), default=0)):
                for contestant, feeds, found in zip(contestants, files, samples, strict=True):
                    file = feeds[at]
                    found[at].append(NAN if file is None else _sample(contestant, file))
    return [[median(times) for times in found] for found in samples]


def _saved(path: Path, batch: Mapping[str, Any] | None) -> Path | None:
    if batch is None:
        return None
    arrays = {name: np.asarray(value) for name, value in batch.items()}
    plain = {name: value.astype(str) if value.dtype == object else value for name, value in arrays.items()}
    np.savez(path, allow_pickle=False, **plain)
    return path


def _sample(contestant: Contestant, feeds: Path) -> float:
    state = "optimized" if contestant.optimized else "original"
    module = "toolchain.compression.evaluation.timing"
    outputs = json.dumps(list(contestant.outputs))
    command = [sys.executable, "-m", module, str(contestant.graph), state, str(feeds), outputs]
    variables = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(_paths())}
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise NotApplicable(f"it takes more than {SECONDS} s to be timed") from None
    except subprocess.CalledProcessError as fault:
        words = (fault.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise NotApplicable(f"it does not run by itself: {words[:300]}") from None
    return float(json.loads(done.stdout))


def _paths() -> list[str]:
    """This tree first: the child must be of the same code."""
    return [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
