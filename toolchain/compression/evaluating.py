"""What a folder ships, judged beside its original on this machine; and recorded, where there is a report."""

from contextlib import closing
from pathlib import Path
from typing import Any

from functions.packaging import source
from functions.packaging.gate import Gate
from toolchain.compression.evaluation import latency
from toolchain.compression.evaluation.comparison import shipped
from toolchain.compression.evaluation.evaluator import PackageEvaluator
from toolchain.compression.report import document, files


def evaluate(folder: Path, seed: int = 0, rounds: int = latency.ROUNDS, *, recorded: bool = False) -> dict[str, Any]:
    """What is known of what ships, and of the gate that it is held to.

    Args:
        folder: the model's.
        seed: of draws.
        rounds: fresh processes for each model that is timed.
        recorded: whether this becomes the report's word on this architecture.

    Raises:
        InvalidPackage, InvalidData, Unmeasurable, NotApplicable: it cannot be evaluated.
        Damaged, Unwritable: there is no report to write it into.
    """
    model = source.read(folder)
    report = files.read(folder) if recorded else {}
    with closing(PackageEvaluator(model, model.compress or Gate(), seed, rounds)) as evaluator:
        content = shipped(model)
        models = [evaluator.original] if content == evaluator.original else [evaluator.original, content]
        judged = document.evaluation(evaluator, content, evaluator.latency(models))
    if recorded:
        report["evaluations"][judged["architecture"]] = judged
        files.record(folder, report)
    return judged
