"""What a folder ships, judged beside its original on this machine; and recorded, where there is a report."""

from contextlib import closing
from pathlib import Path
from typing import Any

from functions.core.package import digest_of
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
        Damaged, Unwritable: there is no report to write it into, or it is about another original.
    """
    model = source.read(folder)
    report = _report(folder) if recorded else {}
    with closing(PackageEvaluator(model, model.compress or Gate(), seed, rounds)) as evaluator:
        content = shipped(model)
        models = [evaluator.original] if content == evaluator.original else [evaluator.original, content]
        judged = document.evaluation(evaluator, content, evaluator.latency(models))
    if recorded:
        report["evaluations"][judged["architecture"]] = judged
        files.record(folder, report)
    return judged


def _report(folder: Path) -> dict[str, Any]:
    """The folder's report, whose search was for the original that is there. Raises Damaged."""
    report = files.read(folder)
    if report["files"][source.GRAPH]["sha256"] != digest_of(str(folder / source.GRAPH)).sha256:
        raise files.Damaged(folder, f"it is about another {source.GRAPH}")
    return report
