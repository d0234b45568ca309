"""What a model answers to every row, as arrays: what it says, and the numbers that it rests on."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from functions.core.errors import DeadlineExceeded, InvalidPackage, ModelFailed
from functions.core.predictor import Predictor
from toolchain.compression.errors import NotApplicable
from toolchain.compression.evaluation.errors import Unmeasurable
from toolchain.compression.evaluation.requests import Requests

Kind = Literal["classes", "labels", "items", "vectors", "numbers"]
KINDS: dict[str, Kind] = {
    "classification": "classes",
    "nearest": "classes",
    "multilabel": "labels",
    "ranking": "items",
    "embedding": "vectors",
    "regression": "numbers",
    "rows": "numbers",
}
"""What a kind of postprocessing answers."""
NONE = -1
"""The choice of no class, or no item."""


class Answers(NamedTuple):
    """Answers to all rows.

    Attributes:
        kind: what they are.
        choices: int64; of classes [rows], of labels 0 or 1 [rows, labels], of items [rows, k], the best first;
            the rest has none, [rows, 0].
        scores: float64; of classes and labels their probabilities [rows, targets], else the numbers or the vector
            [rows, width], shorter rows filled up with zeros; items have none, [rows, 0].
        broken: the first row that NaN was answered to, or None.
    """

    kind: Kind
    choices: NDArray[np.int64]
    scores: NDArray[np.float64]
    broken: int | None = None


def kind_of(predictor: Predictor) -> Kind:
    """What a package answers."""
    return KINDS[str(predictor.manifest.postprocess.get("kind", "rows"))]


def targets_of(predictor: Predictor) -> tuple[str, ...]:
    """The names of its classes, labels, items or numbers; empty where they have none."""
    return tuple(str(target) for target in getattr(predictor.postprocess, "targets", ()))


def ask(predictor: Predictor, requests: Requests) -> Answers:
    """Ask every row by itself.

    Raises:
        NotApplicable: the model does not run, or answers in another shape than its package says.
        Unmeasurable: it answers no numbers.
    """
    kind = kind_of(predictor)
    known = {target: index for index, target in enumerate(targets_of(predictor))}
    choices: list[Any] = []
    scores: list[NDArray[np.float64]] = []
    broken = None
    for index in range(len(requests.rows)):
        prediction, row = _answer(predictor, requests, index, kind)
        if broken is None and (np.isnan(row).any() or prediction is None):
            broken = index
        choices.append(_choice(kind, prediction, known))
        scores.append(np.zeros(0) if kind == "items" else row)
    return Answers(kind, _table(choices, NONE, np.int64, flat=kind == "classes"), _table(scores, 0, np.float64), broken)


def _answer(predictor: Predictor, requests: Requests, index: int, kind: Kind) -> tuple[Any, NDArray[np.float64]]:
    """The prediction for a row, and all numbers that it rests on."""
    postprocess = predictor.postprocess
    try:
        values = predictor.infer(requests.feeds(index), postprocess.outputs)
        predictions = postprocess.decode(values)
        scored = cast("Any", postprocess).scores(values) if kind in ("classes", "labels", "items") else None
    except (ModelFailed, DeadlineExceeded, InvalidPackage) as fault:
        raise NotApplicable(f"{requests.rows.place(index)} is not answered: {fault}") from None
    if len(predictions) != 1:
        raise NotApplicable(f"{len(predictions)} predictions for {requests.rows.place(index)} alone")
    row = np.asarray(scored[0], np.float64).ravel() if scored is not None else _numbers(predictions[0])
    return predictions[0], row


def _choice(kind: Kind, prediction: Any, known: dict[str, int]) -> Any:
    match kind:
        case "classes":
            return known.get(prediction["label" if "label" in prediction else "answer"], NONE)
        case "labels":
            said = set(prediction["labels"])
            return [int(label in said) for label in known]
        case "items":
            return [known[entry["item"]] for entry in prediction["items"]]
    return []


def _numbers(prediction: Any) -> NDArray[np.float64]:
    found = [np.asarray(part) for part in _parts(prediction)]
    if any(part.dtype.kind not in "fiub" for part in found):
        raise Unmeasurable("The model answers texts, and declares no labels: there is nothing to measure them by")
    return np.concatenate([part.astype(np.float64).ravel() for part in found]) if found else np.zeros(0)


def _parts(prediction: Any) -> Iterator[Any]:
    if isinstance(prediction, dict):
        for part in prediction.values():
            yield from _parts(part)
    else:
        yield prediction


def _table(rows: Sequence[Any], filler: float, dtype: Any, *, flat: bool = False) -> NDArray[Any]:
    """Rows of one length; `flat` ones are single values."""
    if flat:
        return np.asarray(rows, dtype)
    width = max(map(len, rows), default=0)
    table = np.full((len(rows), width), filler, dtype)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table
