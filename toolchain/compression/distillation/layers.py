"""Layers that a student is made of, in numpy: what they give, what they learn, and their nodes in ONNX.

Tensors are float32; pictures lie as (rows, height, width, channels) here and as (rows, channels, height, width) in
ONNX, which only `Convolution` and `Dense` behind pictures have to know.
"""

from typing import NamedTuple, Protocol

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import helper

Tensor = NDArray[np.float32]


class Written(NamedTuple):
    """A layer in ONNX: its nodes, and their constants by name."""

    nodes: list[onnx.NodeProto]
    weights: dict[str, Tensor]


class Layer(Protocol):
    """A part of a network.

    Attributes:
        weights: what it learns, changed in place; empty or a matrix (inputs, units) and a bias (units,).
        gradients: of the loss by each of them, after `backward`.
    """

    weights: list[Tensor]
    gradients: list[Tensor]

    def forward(self, x: Tensor) -> Tensor:
        """What it gives; it remembers what `backward` needs."""

    def backward(self, gradient: Tensor, *, first: bool) -> Tensor:
        """The loss's gradient by what it took, from the one by what it gave; the first layer need not tell."""

    def written(self, x: str, y: str) -> Written:
        """Nodes that make tensor `y` of tensor `x`."""


def drawn(random: np.random.Generator, inputs: int, units: int) -> list[Tensor]:
    """Weights to begin with, for units that are rectified (He et al., Delving Deep into Rectifiers, 2015)."""
    weight = random.normal(0, np.sqrt(2 / inputs), (inputs, units)).astype(np.float32)
    return [weight, np.zeros(units, np.float32)]


class Dense:
    """x @ weight + bias, on rows; pictures are laid flat."""

    def __init__(self, random: np.random.Generator, shape: tuple[int, ...], units: int) -> None:
        """Draw weights for what has that shape a row: (values,) or (height, width, channels)."""
        self.shape = shape
        self.weights = drawn(random, int(np.prod(shape)), units)
        self.gradients: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """(rows, *shape) to (rows, units)."""
        self._x = x.reshape(len(x), -1)
        return self._x @ self.weights[0] + self.weights[1]

    def backward(self, gradient: Tensor, *, first: bool) -> Tensor:
        """As `Layer`."""
        self.gradients = [self._x.T @ gradient, gradient.sum(0)]
        return gradient if first else (gradient @ self.weights[0].T).reshape(-1, *self.shape)

    def written(self, x: str, y: str) -> Written:
        """Flatten where there are pictures, and Gemm."""
        weight, bias = self.weights
        names = [f"{y}_weight", f"{y}_bias"]
        if len(self.shape) == 1:
            nodes = [helper.make_node("Gemm", [x, *names], [y])]
        else:
            weight = weight.reshape(*self.shape, -1).transpose(2, 0, 1, 3).reshape(len(weight), -1)
            nodes = [helper.make_node("Flatten", [x], [f"{y}_flat"])]
            nodes.append(helper.make_node("Gemm", [f"{y}_flat", *names], [y]))
        return Written(nodes, dict(zip(names, (weight, bias), strict=True)))


class Convolution:
    """A square kernel moved over pictures: one to one with a border of zeros, or side by side without any."""

    def __init__(self, random: np.random.Generator, taken: int, units: int, size: int, stride: int) -> None:
        """Draw weights.

        Args:
            random: draws them.
            taken: channels that come.
            units: channels that go.
            size: the kernel's side.
            stride: 1, with a border that keeps the picture's size; or `size`.
        """
        self.size, self.stride, self.taken = size, stride, taken
        self.border = size // 2 if stride == 1 else 0
        self.weights = drawn(random, size * size * taken, units)
        self.gradients: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """(rows, height, width, taken) to (rows, height // stride, width // stride, units)."""
        edge = (self.border, self.border)
        padded = np.pad(x, ((0, 0), edge, edge, (0, 0))) if self.border else x
        windows = sliding_window_view(padded, (self.size, self.size), axis=(1, 2))
        windows = windows[:, :: self.stride, :: self.stride].transpose(0, 1, 2, 4, 5, 3)
        self._padded, self._places = padded.shape, windows.shape[:3]
        # Picture by picture: products so small are computed by one thread, where several would wait for each other.
        self._patches = windows.reshape(len(x), -1, self.weights[0].shape[0])
        return (self._patches @ self.weights[0] + self.weights[1]).reshape(*self._places, -1)

    def backward(self, gradient: Tensor, *, first: bool) -> Tensor:
        """As `Layer`."""
        flat = gradient.reshape(len(gradient), -1, gradient.shape[-1])
        self.gradients = [(self._patches.transpose(0, 2, 1) @ flat).sum(0), flat.sum((0, 1))]
        if first:
            return gradient
        parts = (flat @ self.weights[0].T).reshape(*self._places, self.size, self.size, self.taken)
        whole = np.zeros(self._padded, np.float32)
        height, width = (self.stride * count for count in self._places[1:])
        for row, column in np.ndindex(self.size, self.size):
            at = slice(row, row + height, self.stride), slice(column, column + width, self.stride)
            whole[:, at[0], at[1]] += parts[:, :, :, row, column]
        inner = slice(self.border, -self.border or None)
        return whole[:, inner, inner]

    def written(self, x: str, y: str) -> Written:
        """Conv."""
        kernel = self.weights[0].reshape(self.size, self.size, self.taken, -1).transpose(3, 2, 0, 1)
        names = [f"{y}_weight", f"{y}_bias"]
        node = helper.make_node("Conv", [x, *names], [y], strides=[self.stride] * 2, pads=[self.border] * 4)
        return Written([node], dict(zip(names, (kernel, self.weights[1]), strict=True)))


class Rectifier:
    """What is negative becomes zero."""

    def __init__(self) -> None:
        self.weights: list[Tensor] = []
        self.gradients: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """As `Layer`."""
        self._passed = x > 0
        return x * self._passed

    def backward(self, gradient: Tensor, *, first: bool) -> Tensor:  # noqa: ARG002 - as `Layer`
        """As `Layer`."""
        return gradient * self._passed

    def written(self, x: str, y: str) -> Written:
        """Relu."""
        return Written([helper.make_node("Relu", [x], [y])], {})


class Pool:
    """The largest of every two by two pixels."""

    def __init__(self) -> None:
        self.weights: list[Tensor] = []
        self.gradients: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """(rows, height, width, channels) to half of both sides, rounded down."""
        rows, height, width, channels = x.shape
        self._shape = x.shape
        cells = x[:, : height // 2 * 2, : width // 2 * 2].reshape(rows, height // 2, 2, width // 2, 2, channels)
        largest = cells.max(axis=(2, 4))
        self._chosen = cells == largest[:, :, None, :, None]
        return np.asarray(largest)

    def backward(self, gradient: Tensor, *, first: bool) -> Tensor:  # noqa: ARG002 - as `Layer`
        """As `Layer`; of equal pixels each gets the whole, which happens to rectified zeros mostly."""
        rows, height, width, channels = self._shape
        whole = np.zeros(self._shape, np.float32)
        spread = self._chosen * gradient[:, :, None, :, None]
        whole[:, : height // 2 * 2, : width // 2 * 2] = spread.reshape(rows, height // 2 * 2, width // 2 * 2, channels)
        return whole

    def written(self, x: str, y: str) -> Written:
        """MaxPool."""
        return Written([helper.make_node("MaxPool", [x], [y], kernel_shape=[2, 2], strides=[2, 2])], {})
