"""report.json: everything about one compression that can be said in numbers, and how to do it again."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from functions.packaging import compressed
from functions.packaging.gate import Gate
from toolchain.compression.evaluation import datasets, figures
from toolchain.compression.evaluation.datasets import Rows
from toolchain.compression.evaluation.evaluator import PackageEvaluator
from toolchain.compression.evaluation.gates import Terms
from toolchain.compression.evaluation.intervals import DRAWS
from toolchain.compression.report import machine
from toolchain.compression.search import choice
from toolchain.compression.search.contract import Candidate, Latency, Measured
from toolchain.compression.search.searching import Found
from toolchain.compression.sensitivity import Effect

FORMAT = 1


class Run(NamedTuple):
    """What was asked for.

    Attributes:
        command: the line that does it again.
        gate: model.toml's, with what the line said otherwise.
        passes: those that were allowed; all when there are none.
        seconds: the budget, or None.
        seed: of draws.
    """

    command: str
    gate: Gate
    passes: tuple[str, ...]
    seconds: float | None
    seed: int


class Layers(NamedTuple):
    """What each layer's quantization alone does; or why that is not known."""

    effects: Sequence[Effect]
    reason: str = ""


def evaluation(evaluator: PackageEvaluator, model: bytes, latencies: Sequence[Latency]) -> dict[str, Any]:
    """What is known of one model beside the original, on this machine.

    Args:
        model: the file's content.
        latencies: of the original and of the model, from one run.

    Raises:
        NotApplicable: it does not run.
    """
    case = evaluator.compared(model)
    quality = evaluator.evaluate(model)
    reason = quality.refused or choice.too_slow(latencies[-1].ms_1, evaluator.terms.max_ms)
    parts = figures.slices(case, evaluator.rows.instances)
    lost = figures.worst(parts)
    return {
        "architecture": machine.architecture(),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "gate": gate(evaluator.terms, evaluator),
        "data": data(evaluator.rows),
        "seed": evaluator.seed,
        "passes": not reason,
        "reason": reason,
        "sha256": hashlib.sha256(model).hexdigest(),
        "bytes": {"original": len(evaluator.original), "compressed": len(model)},
        "compiled_bytes": {
            "original": evaluator.compiled_bytes(evaluator.original),
            "compressed": evaluator.compiled_bytes(model),
        },
        "latency": {"original": latencies[0]._asdict(), "compressed": latencies[-1]._asdict()},
        "figures": [figure._asdict() for figure in figures.figures(case, evaluator.seed)],
        "classes": figures.of_classes(case),
        "slices": [part._asdict() for part in parts],
        "worst_slice": lost._asdict() if lost else None,
        "confusion": figures.confusion(case),
    }


def gate(terms: Terms, evaluator: PackageEvaluator) -> dict[str, Any]:
    """What had to hold, and on what rows."""
    return {
        **terms._asdict(),
        "rows": len(evaluator.rows),
        "draws": DRAWS,
        "interval": "95 %, paired bootstrap; the bad end decides",
    }


def data(rows: Rows) -> dict[str, Any]:
    """A file of rows."""
    return {"file": rows.file, "sha256": rows.digest, "rows": len(rows), "labels": rows.labels is not None}


def document(
    run: Run,
    evaluator: PackageEvaluator,
    calibration: Rows | None,
    found: Found,
    judged: dict[str, Any],
    layers: Layers,
) -> dict[str, Any]:
    """The report, but for the files, which are written with it.

    Args:
        run: what was asked for.
        evaluator: judged.
        calibration: sample requests, if there were any.
        found: what the search came to.
        judged: `evaluation` of what ships.
        layers: the original's.
    """
    model = evaluator.source
    return {
        "format": FORMAT,
        "model": model.name,
        "task": model.texts["task"],
        "title": model.texts["title"],
        "command": run.command,
        "architecture": judged["architecture"],
        "seed": run.seed,
        "budget_seconds": run.seconds,
        "stopped": found.stopped,
        "target": run.gate.target,
        "passes": list(run.passes),
        "gate": judged["gate"],
        "data": {
            "evaluation": data(evaluator.rows),
            "calibration": calibration and data(calibration) | {"shared": datasets.shared(evaluator.rows, calibration)},
        },
        "chosen": _chosen(found.chosen),
        "evaluations": {judged["architecture"]: judged},
        "original": found.original._asdict(),
        "front": [measured._asdict() for measured in found.front],
        "tried": [{**measured._asdict(), "lost": _lost(measured, found)} for measured in found.tried],
        "sensitivity": {"layers": [effect._asdict() for effect in layers.effects], "reason": layers.reason},
    }


def records(contents: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """SHA-256 and size of files, as `files` of the report has them."""
    return {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in contents.items()
    }


def _chosen(candidate: Candidate | None) -> dict[str, Any]:
    if candidate is None:
        return {"recipe": "", "notes": [], "file": compressed.GRAPH}
    return {"recipe": str(candidate.recipe), "notes": list(candidate.notes), "file": compressed.FILE}


def _lost(measured: Measured, found: Found) -> str:
    """Why a recipe was not chosen; empty for the one that was."""
    if measured.refused:
        return measured.refused
    if found.measured is None or measured.recipe == found.measured.recipe:
        return ""
    if measured.bytes > found.measured.bytes:
        return f"it passes, and is larger than what was chosen by {measured.bytes - found.measured.bytes} bytes"
    if measured.ms_1 > found.measured.ms_1:
        return f"it passes, and takes {measured.ms_1:.3g} ms; what was chosen takes {found.measured.ms_1:.3g} ms"
    return "it passes, and is no better for the target than what was chosen"
