"""Two packages beside each other, as each of them ships, on the rows of the first."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from functions.packaging import source
from functions.packaging.gate import Gate
from functions.packaging.source import Source
from toolchain.compression.evaluation import candidate, datasets, figures, latency, requests
from toolchain.compression.evaluation.answers import Answers, ask, kind_of, targets_of
from toolchain.compression.evaluation.errors import Unmeasurable
from toolchain.compression.evaluation.evaluator import case_of, contestant


def shipped(model: Source) -> bytes:
    """The graph that ships. Raises InvalidPackage where the compressed one is stale."""
    return (model.folder / model.stand_ins().get(source.GRAPH, source.GRAPH)).read_bytes()


def compare(first: Path, second: Path, seed: int = 0, rounds: int = latency.ROUNDS) -> dict[str, Any]:
    """Figures of the second package beside those of the first.

    Returns:
        Names, bytes, latency, the figures, in which the first is the original, and the slice with the largest drop.

    Raises:
        InvalidPackage, InvalidData, NotApplicable, Unmeasurable: one of them cannot be evaluated, or they answer
            something else.
    """
    models = [source.read(folder) for folder in (first, second)]
    contents = [shipped(model) for model in models]
    rows = datasets.read(first / (models[0].compress or Gate()).data)
    with ExitStack() as stack:
        pairs = zip(models, contents, strict=True)
        packages = [stack.enter_context(candidate.compiled(model, content)) for model, content in pairs]
        predictors = [candidate.predictor(package) for package in packages]
        told = [(kind_of(predictor), targets_of(predictor)) for predictor in predictors]
        if told[0] != told[1]:
            raise Unmeasurable(f"{first.name} and {second.name} do not answer the same: {told[0]} and {told[1]}")
        asked = [requests.requests(predictor, rows) for predictor in predictors]
        answers = [ask(predictor, each) for predictor, each in zip(predictors, asked, strict=True)]
        _check(answers, [first.name, second.name])
        case = case_of(models[0], rows, answers[0], told[0][1])._replace(answers=answers[1])
        contestants = [
            contestant(package, each.batches(), each.predictor.postprocess.outputs)
            for package, each in zip(packages, asked, strict=True)
        ]
        times = latency.compare(contestants, rounds)
    lost = figures.worst(figures.slices(case, rows.instances))
    return {
        "packages": [first.name, second.name],
        "rows": len(rows),
        "bytes": [len(content) for content in contents],
        "latency": [{"ms_1": one, "ms_32": many} for one, many in times],
        "figures": [figure._asdict() for figure in figures.figures(case, seed)],
        "worst_slice": lost._asdict() if lost else None,
    }


def _check(answers: list[Answers], names: list[str]) -> None:
    for each, name in zip(answers, names, strict=True):
        if each.broken is not None:
            raise Unmeasurable(f"{name} answers NaN to row {each.broken + 1}")
    shapes = [list(each.scores.shape) for each in answers]
    if shapes[0] != shapes[1]:
        raise Unmeasurable(f"{names[0]} answers in the shape {shapes[0]}, {names[1]} in {shapes[1]}")
