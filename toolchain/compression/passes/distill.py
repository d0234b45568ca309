"""A small network takes a model's place: it learnt to answer as the model does.

What it learns from are the sample requests and others mixed from them, with the model's own soft answers - its
probabilities, or its values; see `toolchain.compression.distillation`. No labels are needed.
"""

from dataclasses import dataclass

from toolchain.compression.calibration import Calibration
from toolchain.compression.distillation import distilling, signature
from toolchain.compression.distillation.distilling import Distilled, Lesson
from toolchain.compression.distillation.student import Size
from toolchain.compression.distillation.training import Course
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph


@dataclass(frozen=True)
class Options:
    """How large the student, and how it learns.

    Attributes:
        hidden: units of each hidden layer, where rows of values are taken.
        channels: of the first convolution, where pictures are taken.
        layers: hidden layers, or convolutions.
        epochs: times that every row is looked at.
        made: rows to make up of those in the sample requests, fewer where pictures are large; 0: as many as suits.
        temperature: above 1, classes that are hardly probable count for more.
        seed: of the first weights, and of the order of rows.
    """

    hidden: int = 32
    channels: int = 8
    layers: int = 2
    epochs: int = 40
    made: int = 0
    temperature: float = 4.0
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.hidden, self.channels, self.layers, self.epochs) < 1:
            raise ValueError("hidden, channels, layers and epochs are 1 or more")
        if self.made < 0:
            raise ValueError(f"made is 0 or more, got {self.made}")
        if self.temperature <= 0:
            raise ValueError(f"temperature is above 0, got {self.temperature}")


def applies(graph: Graph) -> str | None:
    """Whether a student can take what the model takes."""
    found = signature.read(graph)
    return found if isinstance(found, str) else None


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The student's graph; the teacher is the graph that the recipe began with.

    Raises:
        NotApplicable: the sample requests are too few, or the model's answers are none that a student can give.
    """
    teacher = Graph(graph.origin)
    found = signature.read(teacher)
    if isinstance(found, str):
        raise NotApplicable(found)
    key = ("lesson", teacher.bytes(), options.made)
    taught: Lesson = calibration.once(key, lambda: distilling.lesson(teacher, found, calibration, options.made))
    size = Size(options.hidden, options.channels, options.layers)
    course = Course(options.epochs, 64, options.temperature)
    made: Distilled = calibration.once(
        ("distilled", *key, options), lambda: distilling.distil(teacher, found, taught, size, course, options.seed)
    )
    student = graph.followed_by(made.model)
    rows = f"{taught.real} rows and {len(taught.x) - taught.real} made of them"
    student.note(f"a student of {made.weights} weights learnt from {rows}; loss {made.loss:.3g}")
    return student
