"""How a student learns: mini-batches, Adam, the teacher's soft answers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.distillation.heads import Head
from toolchain.compression.distillation.layers import Layer, Tensor
from toolchain.compression.errors import NotApplicable

RATE = 5e-3
FIRST, SECOND, TINY = 0.9, 0.999, 1e-8
"""Adam's (Kingma and Ba, 2015)."""
LEAST = 1e-6
"""Probabilities below it are taken for it: their logarithms tell nothing any more."""


class Course(NamedTuple):
    """How long and how.

    Attributes:
        epochs: times that every row is looked at.
        batch: rows of a step.
        temperature: what scores are divided by before they are compared (Hinton et al., Distilling the Knowledge in a
            Neural Network, 2015).
    """

    epochs: int
    batch: int
    temperature: float


class Task(NamedTuple):
    """Columns of the last layer, and what they should be.

    Attributes:
        kind: as `Head.kind`.
        columns: of the last layer.
        right: (rows, width): probabilities or chances at the course's temperature, or values of mean 0 and deviation 1.
    """

    kind: str
    columns: slice
    right: Tensor


def softened(head: Head, given: NDArray[np.float32], temperature: float) -> Tensor:
    """The teacher's probabilities or chances at a temperature, (rows, width)."""
    given = np.clip(given.reshape(len(given), -1).astype(np.float64), LEAST, 1)
    if head.kind == "chances":
        given = np.minimum(given, 1 - LEAST)
        return (1 / (1 + ((1 - given) / given) ** (1 / temperature))).astype(np.float32)
    powers = given ** (1 / temperature)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def run(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """What layers give, one behind the other."""
    for layer in layers:
        x = layer.forward(x)
    return x


def train(layers: Sequence[Layer], x: Tensor, tasks: Sequence[Task], course: Course, random: np.random.Generator) -> float:
    """Change the weights of layers; the mean loss of the last epoch.

    Raises:
        NotApplicable: the weights grew beyond all bounds.
    """
    weights = [weight for layer in layers for weight in layer.weights]
    means, squares = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
    steps = course.epochs * -(-len(x) // course.batch)
    step, loss = 0, 0.0
    for _ in range(course.epochs):
        order = random.permutation(len(x))
        losses = []
        for start in range(0, len(x), course.batch):
            chosen = order[start : start + course.batch]
            losses.append(_learn(layers, x[chosen], chosen, tasks, course.temperature))
            step += 1
            rate = RATE * min(1.0, 20 * step / steps) * 0.5 * (1 + np.cos(np.pi * step / steps))
            gradients = [gradient for layer in layers for gradient in layer.gradients]
            for weight, gradient, mean, square in zip(weights, gradients, means, squares, strict=True):
                mean += (1 - FIRST) * (gradient - mean)
                square += (1 - SECOND) * (gradient * gradient - square)
                size = np.sqrt(square / (1 - SECOND**step)) + TINY
                weight -= np.float32(rate / (1 - FIRST**step)) * mean / size
        loss = float(np.mean(losses))
    if not np.isfinite(loss) or not all(np.isfinite(weight).all() for weight in weights):
        raise NotApplicable("training did not converge")
    return loss


def _learn(
    layers: Sequence[Layer], x: Tensor, chosen: NDArray[np.int64], tasks: Sequence[Task], temperature: float
) -> float:
    """Set the gradients of layers by some rows; the loss on these."""
    scores = run(layers, x)
    gradient = np.empty_like(scores)
    loss = 0.0
    for task in tasks:
        part, found = _compared(task, scores[:, task.columns], task.right[chosen], temperature)
        gradient[:, task.columns] = found / np.float32(len(x))
        loss += part
    for index in range(len(layers) - 1, -1, -1):
        gradient = layers[index].backward(gradient, first=index == 0)
    return loss


def _compared(task: Task, scores: Tensor, right: Tensor, temperature: float) -> tuple[float, Tensor]:
    """The mean loss of rows, and its gradient by each row's scores: squared errors, or divergence."""
    if task.kind == "values":
        difference = scores - right
        return float((difference * difference).mean()), difference / np.float32(scores.shape[1])
    scores = scores / np.float32(temperature)
    if task.kind == "chances":
        got = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        terms = right * np.log(right / got) + (1 - right) * np.log((1 - right) / (1 - got) + 1e-12)
    else:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        got = powers / powers.sum(axis=1, keepdims=True)
        terms = right * np.log(right / (got + 1e-12))
    # Divided by the temperature once; not twice, as the terms themselves shrink with its square.
    return float(terms.sum(axis=1).mean()), (got - right) * np.float32(temperature)
