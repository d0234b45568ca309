"""One comparison: what two models answer to the same rows, and what is right."""

from typing import NamedTuple

from toolchain.compression.evaluation.answers import Answers, Kind
from toolchain.compression.evaluation.truth import Truth


class Case(NamedTuple):
    """What a metric looks at.

    Attributes:
        answers: of the model that is judged.
        original: of the original; its own metrics are those of a case in which it is both.
        truth: what is right, where that is known.
        targets: names of classes, labels, items or numbers.
        probabilities: whether the scores of classes are probabilities.
    """

    answers: Answers
    original: Answers
    truth: Truth | None
    targets: tuple[str, ...]
    probabilities: bool

    @property
    def kind(self) -> Kind:
        """What the models answer."""
        return self.original.kind

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.original.scores)

    @property
    def labels(self) -> Truth:
        """What is right. Raises LookupError where that is not known: such a metric does not fit."""
        if self.truth is None:
            raise LookupError("these rows have no labels")
        return self.truth

    def of_original(self) -> "Case":
        """The original judged by itself."""
        return self._replace(answers=self.original)
