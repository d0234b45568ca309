"""How a student learns: mini-batches, Adam, the teacher's soft answers."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.distillation.heads import Kind
from toolchain.compression.distillation.layers import Layer, Tensor
from toolchain.compression.errors import NotApplicable

RATE, WARM = 1e-2, 0.05
"""The largest step, reached after that share of all; from there it shrinks as half a wave of a cosine."""
FIRST, SECOND, TINY = 0.9, 0.999, 1e-8
"""Adam's."""
LEAST = 1e-6
"""Probabilities below it are taken for it: their logarithms tell nothing any more."""


LARGEST = 15.0
"""Score of a chance, either way: float32 tells its chance from certainty."""


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

    kind: Kind
    columns: slice
    right: Tensor


def softened(kind: Kind, given: NDArray[np.float32], temperature: float) -> Tensor:
    """The teacher's probabilities or chances at a temperature, (rows, width)."""
    given = np.clip(given.reshape(len(given), -1).astype(np.float64), LEAST, 1)
    if kind == "chances":
        given = np.minimum(given, 1 - LEAST)
        return np.asarray(1 / (1 + ((1 - given) / given) ** (1 / temperature)), np.float32)
    powers = given ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def run(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """What layers give, one behind the other."""
    for layer in layers:
        x = layer.forward(x)
    return x


class Adam:
    """Steps against gradients, each weight's in proportion to what its gradients were (Kingma and Ba, 2015)."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        """Weights are changed in place."""
        self._weights = weights
        self._means = [np.zeros_like(weight) for weight in weights]
        self._squares = [np.zeros_like(weight) for weight in weights]
        self._step = 0

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """Take one."""
        self._step += 1
        rate /= 1 - FIRST**self._step
        for weight, gradient, mean, square in zip(self._weights, gradients, self._means, self._squares, strict=True):
            mean += (1 - FIRST) * (gradient - mean)
            square += (1 - SECOND) * (gradient * gradient - square)
            weight -= rate * mean / (np.sqrt(square / (1 - SECOND**self._step)) + TINY)


def train(
    layers: Sequence[Layer], x: Tensor, tasks: Sequence[Task], course: Course, random: np.random.Generator
) -> float:
    """Change the weights of layers; the mean loss of the last epoch.

    Raises:
        NotApplicable: the weights grew beyond all bounds.
    """
    weights = [weight for layer in layers for weight in layer.weights]
    adam = Adam(weights)
    starts = range(0, len(x), course.batch)
    steps, done, loss = course.epochs * len(starts), 0, 0.0
    for _ in range(course.epochs):
        order, losses = random.permutation(len(x)), []
        for start in starts:
            chosen = order[start : start + course.batch]
            losses.append(_learn(layers, x[chosen], chosen, tasks, course.temperature))
            done += 1
            rate = RATE * min(1.0, done / (WARM * steps)) * (1 + math.cos(math.pi * done / steps)) / 2
            adam.step([gradient for layer in layers for gradient in layer.gradients], rate)
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
        part, found = compared(task, scores[:, task.columns], task.right[chosen], temperature)
        gradient[:, task.columns] = found / len(x)
        loss += part
    for index in range(len(layers) - 1, -1, -1):
        gradient = layers[index].backward(gradient, first=index == 0)
    return loss


def compared(task: Task, scores: Tensor, right: Tensor, temperature: float) -> tuple[float, Tensor]:
    """The mean loss of rows - squared error, or divergence times the temperature's square - and each row's gradient.

    Times its square, as the divergence itself shrinks with it (Hinton et al.).
    """
    if task.kind == "values":
        difference = scores - right
        return float((difference * difference).mean()), 2 * difference / scores.shape[1]
    scores = scores / temperature
    if task.kind == "chances":
        got = 1 / (1 + np.exp(-np.clip(scores, -LARGEST, LARGEST)))
        terms = right * np.log(right / got) + (1 - right) * np.log((1 - right) / (1 - got))
    else:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        got = powers / powers.sum(axis=1, keepdims=True)
        terms = right * np.log(right / np.maximum(got, LEAST**2))
    return float(temperature**2 * terms.sum(axis=1).mean()), np.asarray(temperature * (got - right), np.float32)
