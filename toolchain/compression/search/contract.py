"""What a search asks of whoever judges models, and what it gives back."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from toolchain.compression.recipe import Recipe

Target = Literal["size", "latency", "cost"]


class Quality(NamedTuple):
    """What is left of a model's answers.

    Attributes:
        score: the task's metric, or the agreement with the original's answers where there are no labels.
        drop: of the metric against the original's, in the metric's unit; positive is worse, whichever way it counts.
        drop_high: the bad end of the drop's interval; the gate looks at this.
        agreement: with the original's answers, 0 to 1.
        refused: why the gate does not let it pass; empty if it does. Answers of NaN are a reason of their own.
        by_size: whether the file is refused, and not its answers: what answers worse may pass then.
    """

    score: float
    drop: float
    drop_high: float
    agreement: float
    refused: str = ""
    by_size: bool = False

    @property
    def passes(self) -> bool:
        """Whether the gate lets it pass."""
        return not self.refused


class Latency(NamedTuple):
    """Milliseconds of one run with 1 row and with 32, medians over fresh processes of one thread."""

    ms_1: float
    ms_32: float


class Evaluator(Protocol):
    """Judges models on the data, with the metric and under the gate of one package."""

    @property
    def digest(self) -> str:
        """Of all that `evaluate` depends on but the model: data, metric, gate, processing. Results are kept by it."""

    def evaluate(self, model: bytes) -> Quality:
        """Judge a model's answers against the original's.

        Raises:
            NotApplicable: ONNX Runtime does not load it, or it does not run.
        """

    def latency(self, models: Sequence[bytes]) -> list[Latency]:
        """Time models, in turn, in one run; the search passes the original first, to compare with."""


class Candidate(NamedTuple):
    """A recipe carried out: the file's content, and what each pass says it did."""

    recipe: Recipe
    model: bytes
    notes: tuple[str, ...] = ()


class Measured(NamedTuple):
    """What came of one recipe; fields that were not measured are NaN.

    Attributes:
        recipe: its text; empty for the original.
        bytes: the file's size; 0 where no file came of it.
        score, drop, drop_high, agreement: as `Quality`.
        ms_1, ms_32: as `Latency`.
        refused: why it is not to be chosen; empty if it may be.
    """

    recipe: str
    bytes: int
    score: float
    drop: float
    drop_high: float
    agreement: float
    ms_1: float
    ms_32: float
    refused: str = ""

    @property
    def passes(self) -> bool:
        """Whether it may be chosen."""
        return not self.refused
