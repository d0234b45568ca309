"""What a teacher gives, as parts of what a student's last layer gives."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph

SHAPING = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten")
FOLLOWED = 0.99
"""Share of labels that have to be those of the greatest probability."""
SUMS = 2e-3
"""How far probabilities, of 16 bits maybe, may be from adding up to 1."""
Kind = Literal["probabilities", "chances", "values"]
Answers = Mapping[str, NDArray[Any]]


class Head(NamedTuple):
    """An output of floats.

    Attributes:
        name: the tensor's.
        kind: probabilities of classes that exclude each other, chances each by itself, or any values.
        shape: of one row's answer.
        element: the tensor's type, of TensorProto.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    element: int

    @property
    def width(self) -> int:
        """How many numbers one row's answer has."""
        return int(np.prod(self.shape))


class Label(NamedTuple):
    """An output of labels: the class of the greatest probability.

    Attributes:
        name: the tensor's.
        shape: of one row's answer, which holds one label.
        table: the labels by class, of the tensor's type.
        of: the head of the probabilities, by name.
    """

    name: str
    shape: tuple[int, ...]
    table: NDArray[Any]
    of: str


class Gives(NamedTuple):
    """All outputs, in no order."""

    heads: tuple[Head, ...]
    labels: tuple[Label, ...]

    @property
    def width(self) -> int:
        """How many numbers the last layer gives."""
        return sum(head.width for head in self.heads)


def read(graph: Graph, answers: Answers) -> Gives:
    """Tell from a graph and its answers what its outputs are.

    Args:
        graph: the teacher.
        answers: by output, (rows, ...).

    Raises:
        NotApplicable: an answer is not finite, is neither float nor label, or a label follows from no probabilities.
    """
    elements = {value.name: value.type.tensor_type.elem_type for value in graph.model.graph.output}
    floats = {name: given for name, given in answers.items() if np.issubdtype(given.dtype, np.floating)}
    for name, given in floats.items():
        if not np.isfinite(given).all():
            raise NotApplicable(f"it answers NaN or infinity in {name}")
    heads = tuple(
        Head(name, _kind(graph, name, given), given.shape[1:], elements[name]) for name, given in floats.items()
    )
    labels = tuple(_label(graph, name, answers, heads) for name in answers if name not in floats)
    return Gives(heads, labels)


def _kind(graph: Graph, name: str, given: NDArray[Any]) -> Kind:
    positive = given.min() >= 0
    if positive and given.ndim == 2 and given.shape[1] > 1 and _sum_to_one(given):
        return "probabilities"
    producers = graph.producers
    node = producers.get(name)
    while node is not None and node.op_type in SHAPING:
        node = producers.get(node.input[0])
    logistic = node is not None and node.op_type == "Sigmoid"
    return "chances" if logistic and positive and given.max() <= 1 else "values"


def _sum_to_one(given: NDArray[Any]) -> bool:
    return bool(np.abs(given.sum(axis=1, dtype=np.float64) - 1).max() < SUMS)


def _label(graph: Graph, name: str, answers: Answers, heads: tuple[Head, ...]) -> Label:
    given = answers[name].reshape(len(answers[name]), -1)
    if given.shape[1] != 1 or not (np.issubdtype(given.dtype, np.integer) or given.dtype == np.object_):
        raise NotApplicable(f"{name} gives neither floats nor one label a row")
    for head in heads:
        if head.kind == "probabilities":
            greatest = answers[head.name].argmax(axis=1)
            table = _table(graph, given[:, 0], greatest, head.width)
            if table is not None and (table[greatest] == given[:, 0]).mean() >= FOLLOWED:
                return Label(name, answers[name].shape[1:], table, head.name)
    raise NotApplicable(f"the labels of {name} do not follow from the greatest of several probabilities")


def _table(graph: Graph, given: NDArray[Any], greatest: NDArray[np.int64], width: int) -> NDArray[Any] | None:
    """The labels by class: the commonest one where a class was the greatest; the rest as the graph lists them."""
    seen: dict[int, Any] = {}
    for index in np.unique(greatest):
        labels, counts = np.unique(given[greatest == index], return_counts=True)
        seen[int(index)] = labels[counts.argmax()]
    if len(seen) == width:
        return np.array([seen[index] for index in range(width)], given.dtype)
    lists = (listed for listed in _lists(graph, given.dtype) if len(listed) == width)
    return next((listed for listed in lists if all(listed[index] == label for index, label in seen.items())), None)


def _lists(graph: Graph, kind: np.dtype[Any]) -> list[NDArray[Any]]:
    """What may be a graph's own list of labels: one-dimensional constants, and attributes named for labels."""
    found = [_texts(numpy_helper.to_array(tensor)) for tensor in graph.constants.values() if len(tensor.dims) == 1]
    for node in graph.nodes:
        for entry in node.attribute:
            if entry.name.startswith("classlabels_") or entry.name in ("cats_strings", "keys_strings"):
                found.append(_texts(np.array(_listed(entry))))
    return [listed.astype(kind) for listed in found if (listed.dtype == np.object_) == (kind == np.object_)]


def _listed(entry: onnx.AttributeProto) -> list[Any]:
    return list(helper.get_attribute_value(entry))


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    """Bytes of texts as texts, in an array of objects as ONNX Runtime gives them."""
    if values.dtype.kind not in "SO":
        return values
    return np.array([value.decode() if isinstance(value, bytes) else value for value in values.tolist()], np.object_)
