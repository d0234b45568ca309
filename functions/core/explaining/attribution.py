"""What an explanation is made of, and the question that is put to the model."""

from collections.abc import Callable
from typing import Any, NamedTuple

from functions.core.tensors import Array

Question = Callable[[Array], Array]
"""From variants of an instance, bool [n, parts] that says what each keeps, to the score that is explained, [n]."""


class Attribution(NamedTuple):
    """How much each part of an instance moved the score away from that of none."""

    values: Array
    """One per part, float64."""
    baseline: float
    """The score without any part."""
    score: float
    """The score with all of them."""
    error: float
    """Half the width of the 95 % confidence interval of the least certain value; 0 where they are exact."""
    runs: int
    """Rows that the model was asked."""

    def document(self, attributions: Any) -> dict[str, Any]:
        """As an answer has it."""
        return {
            "attributions": attributions,
            "baseline": self.baseline,
            "score": self.score,
            "error": self.error,
            "runs": self.runs,
        }
