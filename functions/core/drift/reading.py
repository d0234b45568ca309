"""What is watched of a model: the features of its inputs and outputs that its reference has, and how they are read."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from functions.core.drift import inputs, outputs
from functions.core.drift.part import Part, Spec, Tensors
from functions.core.drift.reference import Reference, read
from functions.core.drift.sketch import Bins, Sketch
from functions.core.errors import InvalidPackage
from functions.core.predictor import Predictor


class Side(NamedTuple):
    """The inputs or the outputs of a model, as far as they are watched."""

    part: Part
    columns: list[int]
    """Which of the part's features are watched."""
    bins: Bins

    @property
    def is_whole(self) -> bool:
        """Whether all of the part's features are watched, in its order."""
        return self.columns == list(range(len(self.part.specs)))

    def sketch(self, tensors: Tensors) -> Sketch | None:
        """The sketch of a request's tensors; None where it has not all that it is read from, or they are no rows."""
        if not self.columns or any(tensors.get(name) is None for name in self.part.tensors):
            return None
        if len({len(tensors[name]) for name in self.part.tensors}) != 1:
            return None
        rows = np.asarray(self.part.read(tensors), np.float64)
        return self.bins.count(rows if self.is_whole else rows[:, self.columns])


def parts(predictor: Predictor) -> tuple[Part, Part]:
    """All that could be watched: of the inputs, and of the outputs."""
    manifest = predictor.manifest
    if not predictor.postprocess.outputs:  # a model without rows
        nothing = Part((), lambda _: np.zeros((0, 0)), (), together=False)
        return nothing, nothing
    return inputs.part(manifest, predictor.preprocess), outputs.part(manifest, predictor.postprocess)


def sides(predictor: Predictor, reference: Reference) -> tuple[Side, Side]:
    """What is watched of the inputs and of the outputs.

    Raises:
        InvalidPackage: the reference has a feature that the model has not, or has otherwise.
    """
    found = parts(predictor)
    known = {spec.name: (side, at) for side, part in enumerate(found) for at, spec in enumerate(part.specs)}
    taken: tuple[list[Any], list[Any]] = ([], [])
    for feature in reference.features:
        side, at = known.get(feature.name, (-1, -1))
        if side < 0 or not _fits(feature.codes, found[side].specs[at]):
            raise InvalidPackage(
                predictor.package.label,
                f"its reference has a feature that it has not: {feature.name!r}; `ortless reference` makes it anew",
            )
        taken[side].append((at, feature))
    made = [
        Side(part, [at for at, _ in chosen], Bins([feature for _, feature in chosen]))
        for part, chosen in zip(found, taken, strict=True)
    ]
    return made[0], made[1]


def check(predictor: Predictor) -> Reference | None:
    """The reference of a model, if it has one. Raises InvalidPackage where it is damaged, or of another model."""
    found = read(predictor.package)
    if found is not None:
        sides(predictor, found)
    return found


def joined(requests: Sequence[Tensors]) -> dict[str, Any]:
    """The tensors of several requests as those of one; they are alike but for their rows."""
    names = requests[0].keys()
    return {name: _concatenated([request[name] for request in requests]) for name in names}


def _concatenated(values: list[Any]) -> Any:
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    return [row for value in values for row in value]


def _fits(codes: Sequence[int], spec: Spec) -> bool:
    return max(codes, default=-1) < len(spec.categories) if codes else not spec.categories
