"""A teacher asked, a student taught."""

from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray

from toolchain.compression.calibration import Calibration
from toolchain.compression.distillation import augmentation, heads, teacher, training, writing
from toolchain.compression.distillation.heads import Gives
from toolchain.compression.distillation.layers import Dense, Layer, Tensor
from toolchain.compression.distillation.signature import Signature
from toolchain.compression.distillation.student import Size, build
from toolchain.compression.distillation.training import Course, Task
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph

FEWEST = 50
"""Rows of sample requests."""
ROWS, PICTURES = 40_000, 8_000
"""Made up beside the real ones, unless told otherwise; rows are the cheapest way to a nearer student."""
HELD = 2**25
"""Numbers in all pictures that are made up: 128 MiB."""
PROBES = 16
"""Rows that tell whether the teacher knows missing values."""


class Lesson(NamedTuple):
    """What a student is taught.

    Attributes:
        x: real rows, then made-up ones: (rows, values) or (rows, height, width, channels); what is missing is NaN.
        real: how many are real.
        missing: whether the teacher answers finite numbers where values are missing.
        gives: what the teacher's outputs are.
        answers: the teacher's, by output.
    """

    x: Tensor
    real: int
    missing: bool
    gives: Gives
    answers: dict[str, NDArray[np.float32]]


class Distilled(NamedTuple):
    """A student: its file, how many weights it has, and the divergence or squared error that training ended at."""

    model: onnx.ModelProto
    weights: int
    loss: float


def lesson(graph: Graph, signature: Signature, calibration: Calibration, count: int) -> Lesson:
    """Ask the teacher about the sample requests, and about so many others made of them; 0: as many as suits.

    Raises:
        NotApplicable: there are too few, or the answers are none that a student can give.
    """
    real = teacher.questions(signature, calibration)
    if len(real) < FEWEST:
        raise NotApplicable(f"{FEWEST} rows of sample requests are the fewest to learn from, there are {len(real)}")
    random = np.random.default_rng(0)
    missing = signature.layout == "rows" and _knows_missing(graph, signature, real)
    if signature.layout == "rows":
        made = augmentation.rows(real, count or ROWS, random)
        made = augmentation.missing(made, random) if missing else made
    else:
        made = augmentation.pictures(real, min(count or PICTURES, max(len(real), HELD // real[0].size)), random)
    x = np.concatenate([real, made])
    answers = teacher.ask(graph, signature, x)
    return Lesson(x, len(real), missing, heads.read(graph, answers), answers)


def _knows_missing(graph: Graph, signature: Signature, real: Tensor) -> bool:
    """Whether a teacher, as trees do, answers where values are NaN; its student has to do so too."""
    probes = np.repeat(real[:1], PROBES, axis=0)
    probes[np.random.default_rng(0).random(probes.shape) < 0.5] = np.nan
    given = teacher.ask(graph, signature, probes).values()
    return all(np.isfinite(value).all() for value in given if np.issubdtype(value.dtype, np.floating))


def distil(graph: Graph, signature: Signature, taught: Lesson, size: Size, course: Course, seed: int) -> Distilled:
    """Train a student. The same arguments give the same file.

    Raises:
        NotApplicable: training fails.
    """
    random = np.random.default_rng(seed)
    mean, scale = _standard(taught.x[: taught.real], signature)
    layers = build(taught.x.shape[1:], taught.gives.width, size, random)
    tasks, shifts, scales = _tasks(taught, course.temperature)
    x = taught.x - mean
    x /= scale
    loss = training.train(layers, np.nan_to_num(x, copy=False, nan=0.0), tasks, course, random)
    _fold(layers, mean, scale, shifts, scales)
    model = writing.write(graph.model, signature, taught.gives, layers, mean if taught.missing else None)
    return Distilled(model, sum(weight.size for layer in layers for weight in layer.weights), loss)


def _standard(x: Tensor, signature: Signature) -> tuple[Tensor, Tensor]:
    """What to subtract from, and divide by, values or channels.

    From pictures nothing is subtracted: the border of zeros that convolutions add would not be the same then.
    """
    axes = tuple(range(x.ndim - 1))
    wide = x.astype(np.float64)
    mean = wide.mean(axis=axes) if signature.layout == "rows" else np.zeros(x.shape[-1])
    scale = np.sqrt(((wide - mean) ** 2).mean(axis=axes))
    return mean.astype(np.float32), np.where(scale > 1e-12, scale, 1).astype(np.float32)


def _tasks(taught: Lesson, temperature: float) -> tuple[list[Task], Tensor, Tensor]:
    """What each head learns; and what the last layer's columns are to be shifted and scaled by after."""
    tasks, start, width = [], 0, taught.gives.width
    shifts, scales = np.zeros(width, np.float32), np.ones(width, np.float32)
    for head in taught.gives.heads:
        columns = slice(start, start + head.width)
        given = taught.answers[head.name].reshape(len(taught.x), -1).astype(np.float32)
        if head.kind == "values":
            shifts[columns] = given[: taught.real].mean(axis=0)
            deviation = given[: taught.real].std(axis=0)
            scales[columns] = np.where(deviation > 1e-12, deviation, 1)
            right = (given - shifts[columns]) / scales[columns]
        else:
            right = training.softened(head.kind, given, temperature)
        tasks.append(Task(head.kind, columns, right))
        start += head.width
    return tasks, shifts, scales


def _fold(layers: list[Layer], mean: Tensor, scale: Tensor, shifts: Tensor, scales: Tensor) -> None:
    """Let the first layer take what is not standardised, and the last give what is not."""
    weight, bias = layers[0].weights
    if isinstance(layers[0], Dense) and len(layers[0].shape) == 1:
        wide = weight.astype(np.float64) / scale[:, None]
        bias -= (mean.astype(np.float64) @ wide).astype(np.float32)
        weight[:] = wide
    else:
        weight /= np.tile(scale, len(weight) // len(scale))[:, None]
    weight, bias = layers[-1].weights
    weight *= scales
    bias *= scales
    bias += shifts
