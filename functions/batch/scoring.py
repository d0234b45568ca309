"""Windows of rows -> answers, by the predictor that serves real time; a bad row costs no other row its answer."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.rows import Answers, Refusal, Window
from functions.core.errors import DeadlineExceeded, InvalidInput, InvalidPackage, ModelFailed, OrtlessError
from functions.core.explaining import explanation
from functions.core.predictor import Predictor
from functions.core.processing import kinds
from functions.core.tensors import Array

ROW = "row"
"""How messages call an instance: they stand beside the row's number."""


class Scorer:
    """A model, set as a job wants it."""

    def __init__(self, predictor: Predictor, options: Options, rows_at_once: int, *, arrays: bool = False) -> None:
        """Check the options against the model.

        Args:
            rows_at_once: rows of a run, at most.
            arrays: answers keep the output tensors, for results that are arrays.

        Raises:
            FileRefused: the model has no such parameter, or no explanations.
        """
        self._predictor, self._rows_at_once, self._arrays = predictor, max(1, rows_at_once), arrays
        self._chosen: explanation.Options | None = None
        try:
            self._postprocess = _adjusted(predictor, options.parameters)
            if options.explain is not None:
                self._chosen = explanation.options(dict(options.explain), "explain")
        except InvalidInput as error:
            raise FileRefused(str(error)) from error
        able = hasattr(predictor.preprocess, "parts") and hasattr(predictor.postprocess, "scores")
        if self._chosen and not able:
            raise FileRefused(f"Expected no explanations - got `explain` - as {predictor.manifest.name!r} has none")

    def answer(self, window: Window) -> Answers:
        """An answer or a refusal for each row of a window, in its order.

        Raises:
            InvalidPackage: the model does not answer one row for each.
            FileRefused: explanations are wanted of rows that were read as tensors.
        """
        if self._chosen and window.tensors is not None:
            raise FileRefused("Expected rows as instances for explanations - got tensors")
        work = _Work(self._predictor, self._postprocess, window, self._arrays)
        order = self._order(window.instances)
        for start in range(0, len(order), self._rows_at_once):
            work.attempt(order[start : start + self._rows_at_once])
        if window.tensors is not None:
            for start in range(0, len(window.numbers), self._rows_at_once):
                work.attempt(range(start, min(start + self._rows_at_once, len(window.numbers))))
        return work.answers(self._explanations(work, window, self._chosen) if self._chosen else {})

    def _order(self, instances: Sequence[Any]) -> Sequence[int]:
        """The order in which rows go to the model: those of like length together, as padding costs time."""
        sizes = lengths(self._predictor, instances)
        return sorted(range(len(instances)), key=sizes.__getitem__) if sizes else range(len(instances))

    def _explanations(self, work: "_Work", window: Window, chosen: explanation.Options) -> dict[int, Any]:
        found = {}
        for position in work.answered():
            try:
                instance = [window.instances[position]]
                found[position] = explanation.explain(self._predictor, instance, chosen, ROW)[0]
            except (InvalidInput, ModelFailed, DeadlineExceeded) as error:
                work.refuse(position, error)
        return found


class _Work:
    """A window on the way to its answers; positions count its readable rows from 0."""

    def __init__(self, predictor: Predictor, postprocess: kinds.Postprocess, window: Window, arrays: bool) -> None:
        self._predictor, self._postprocess, self._window, self._arrays = predictor, postprocess, window, arrays
        self._refused: dict[int, Refusal] = {}
        self._predictions: dict[int, Any] = {}
        self._tensors: list[tuple[Sequence[int], list[Array]]] = []

    def attempt(self, positions: Sequence[int]) -> None:
        """Answer these rows together, and those that fail apart."""
        if not positions:
            return
        try:
            feeds = self._feeds(positions)
        except InvalidInput as error:
            self._sift(positions, error)
            return
        try:
            self._run(feeds, positions)
        except (ModelFailed, DeadlineExceeded) as error:
            if len(positions) == 1:
                self.refuse(positions[0], error)
                return
            half = len(positions) // 2
            self.attempt(positions[:half])
            self.attempt(positions[half:])

    def _sift(self, positions: Sequence[int], error: OrtlessError) -> None:
        """Each row alone is good or bad; the good ones go together again, or alone where they do not fit together."""
        if len(positions) == 1:
            self.refuse(positions[0], error)
            return
        good = [position for position in positions if self._is_good(position)]
        if len(good) < len(positions):
            self.attempt(good)
        else:
            for position in positions:
                self.attempt([position])

    def _is_good(self, position: int) -> bool:
        try:
            self._feeds([position])
        except InvalidInput as error:
            self.refuse(position, error)
            return False
        return True

    def _feeds(self, positions: Sequence[int]) -> Mapping[str, Array]:
        if self._window.tensors is None:
            return self._predictor.preprocess.encode([self._window.instances[at] for at in positions], ROW)
        first, last = positions[0], positions[-1] + 1  # tensors are never sorted: these rows are neighbours
        return {name: tensor[first:last] for name, tensor in self._window.tensors.items()}

    def _run(self, feeds: Mapping[str, Array], positions: Sequence[int]) -> None:
        values = self._predictor.infer(feeds, self._postprocess.outputs)
        answers = values if self._arrays else [self._postprocess.decode(values)]
        for rows in answers:
            if len(rows) != len(positions):
                reason = f"it answers {len(rows)} rows to {len(positions)} instances"
                raise InvalidPackage(self._predictor.package.label, reason)
        if self._arrays:
            self._tensors.append((positions, values))
        else:
            self._predictions.update(zip(positions, answers[0], strict=True))

    def refuse(self, position: int, error: OrtlessError) -> None:
        """Keep why a row has no answer."""
        window = self._window
        line = window.lines[position] if window.lines else 0
        ids = window.carried.get("id")
        row_id = ids[position] if ids is not None else None
        self._refused[position] = Refusal(window.numbers[position], _reason(error), line, row_id, error.code)

    def answered(self) -> Sequence[int]:
        """Positions of the rows that have an answer."""
        if not self._refused:
            return range(len(self._window.numbers))
        return [position for position in range(len(self._window.numbers)) if position not in self._refused]

    def answers(self, explanations: Mapping[int, Any]) -> Answers:
        """All of it, in the window's order."""
        window, kept = self._window, self.answered()
        refused = sorted([*window.refused, *self._refused.values()], key=lambda refusal: refusal.row)
        whole = len(kept) == len(window.numbers)
        carried = {
            name: values if whole else [values[position] for position in kept]
            for name, values in window.carried.items()
        }
        return Answers(
            window.numbers if whole else [window.numbers[position] for position in kept],
            () if self._arrays else [self._predictions[position] for position in kept],
            self._joined(kept) if self._arrays else None,
            carried,
            [explanations[position] for position in kept] if explanations else (),
            refused,
        )

    def _joined(self, kept: Sequence[int]) -> dict[str, Array]:
        """The output tensors of the rows that are kept, in the window's order."""
        if not self._tensors:
            return {}
        joined = [
            parts[0] if len(parts) == 1 else np.concatenate(parts)
            for parts in zip(*(values for _, values in self._tensors), strict=True)
        ]
        if not self._is_whole:
            places = np.concatenate([np.asarray(positions, np.int64) for positions, _ in self._tensors])
            order = np.argsort(places, kind="stable")
            order = order[np.isin(places[order], np.asarray(kept, np.int64))]
            joined = [values[order] for values in joined]
        return dict(zip(self._postprocess.outputs, joined, strict=True))

    @property
    def _is_whole(self) -> bool:
        """Whether the tensors are those of all rows in the window's order, as they mostly are."""
        ends = 0
        for positions, _ in self._tensors:
            if not isinstance(positions, range) or positions.start != ends:
                return False
            ends = positions.stop
        return ends == len(self._window.numbers) and not self._refused


def lengths(predictor: Predictor, instances: Sequence[Any]) -> list[int] | None:
    """How long texts and sequences are, an object of texts as all of them together; None where all are alike."""
    kinds = set(map(type, instances))
    # Of objects only those of texts have a length: the members of others are columns.
    is_text = predictor.manifest.preprocess.get("kind") == "text"
    if not kinds or not kinds <= ({str, list, dict} if is_text else {str, list}):
        return None
    found = list(map(_length, instances)) if dict in kinds else list(map(len, instances))
    return found if min(found) < max(found) else None


def _length(instance: Any) -> int:
    if type(instance) is not dict:
        return len(instance)
    return sum(len(text) for text in instance.values() if type(text) is str)


def _adjusted(predictor: Predictor, parameters: Mapping[str, Any]) -> kinds.Postprocess:
    if not parameters:
        return predictor.postprocess
    if not hasattr(predictor.postprocess, "adjusted"):
        raise InvalidInput("parameters", f"none, as {predictor.manifest.name!r} takes none", ", ".join(parameters))
    return cast("kinds.Adjustable", predictor.postprocess).adjusted(parameters, "parameters")


def _reason(error: OrtlessError) -> str:
    """The message without the row's place in a batch that its reader never saw."""
    message = str(error)
    if not isinstance(error, InvalidInput) or not error.path.startswith(f"{ROW}["):
        return message
    rest = error.path.partition("]")[2]
    path = rest[1:] if rest.startswith(".") else f"{ROW}{rest}"
    return f"{message.removesuffix(f'`{error.path}`')}`{path}`"
