"""A model's folder, compressed: searched, judged once more, and written down."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, cast

from functions.packaging import onnx_file, source
from toolchain.compression import sensitivity
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.evaluation import latency, requests
from toolchain.compression.evaluation.evaluator import PackageEvaluator
from toolchain.compression.graph import Graph
from toolchain.compression.report import document, files
from toolchain.compression.report.document import Layers, Run
from toolchain.compression.search.contract import Candidate, Target
from toolchain.compression.search.searching import Found, Limits, Progress, search

SAMPLES = 16
"""Requests that tell how sensitive a layer is."""
Told = Callable[[Progress], None]


class Outcome(NamedTuple):
    """What came of it.

    Attributes:
        report: the content of report.json.
        found: the search's own account.
    """

    report: dict[str, Any]
    found: Found


def compress(
    folder: Path, run: Run, cache: Path | None, progress: Told | None = None, rounds: int = latency.ROUNDS
) -> Outcome:
    """Find the model that ships in the place of the original, and write it with its report into the folder.

    Ctrl-C ends the search with what was found so far. Until everything is measured nothing in the folder changes.

    Args:
        folder: the model's; model.onnx in it is only read.
        run: what is asked for.
        cache: where results are kept, so that a second run resumes; None: nowhere.
        progress: is told before each recipe.
        rounds: fresh processes for each model and number of rows that is timed.

    Raises:
        InvalidPackage, BrokenGraph, ExternalData, InvalidData, Unmeasurable: the folder cannot be compressed as it is.
        Unwritable: it takes no file, or has no room.
    """
    model = source.read(folder)
    onnx_file.whole(folder / source.GRAPH)
    files.check_writable(folder)
    with ExitStack() as stack:
        evaluator = PackageEvaluator(model, run.gate, run.seed, rounds)
        stack.callback(evaluator.close)
        samples = evaluator.calibration()
        calibration, rows = samples or (None, None)
        limits = Limits(cast("Target", run.gate.target), run.passes, run.seconds, run.gate.max_ms)
        found = search(evaluator.original, evaluator, calibration, limits, cache, progress)
        shipped = found.chosen.model if found.chosen else evaluator.original
        judged = document.evaluation(evaluator, shipped, _timed(evaluator, shipped))
        layers = Layers((), "the search was interrupted") if found.stopped else _layers(evaluator, calibration)
        report = document.document(run, evaluator, rows, found, judged, layers)
        files.write(folder, report, _made(evaluator, found.chosen), evaluator.originals)
    return Outcome(report, found)


def _timed(evaluator: PackageEvaluator, shipped: bytes) -> list[Any]:
    models = [evaluator.original] if shipped == evaluator.original else [evaluator.original, shipped]
    return evaluator.latency(models)


def _made(evaluator: PackageEvaluator, chosen: Candidate | None) -> files.Made | None:
    return files.Made(chosen.model, evaluator.golden(chosen.model)) if chosen else None


def _layers(evaluator: PackageEvaluator, calibration: Calibration | None) -> Layers:
    """On sample requests; where there are none, the rows have to do, as nothing is fitted to them here."""
    try:
        rows = evaluator.rows
        count = min(SAMPLES, len(rows))
        asked = calibration or Calibration([requests.encode(evaluator.predictor, rows, at) for at in range(count)])
        return Layers(sensitivity.measure(Graph.of(evaluator.original), asked.first(SAMPLES)))
    except (NotApplicable, ValueError) as fault:
        return Layers((), str(fault))
