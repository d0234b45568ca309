"""A student as an ONNX graph that takes and gives what its teacher does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from toolchain.compression.distillation.heads import Gives, Head, Label
from toolchain.compression.distillation.layers import Layer, Tensor
from toolchain.compression.distillation.signature import Signature

OPSET, IR_VERSION = 20, 9
PREFIX = "student_"


class Draft:
    """Nodes and constants as they are written, in order."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """A node; the name of what it gives."""
        output = output or f"{PREFIX}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A constant; its name."""
        contiguous = np.ascontiguousarray(values) if values.dtype != np.object_ else values
        self.constants.append(numpy_helper.from_array(contiguous, PREFIX + name))
        return PREFIX + name


def write(
    teacher: onnx.ModelProto, signature: Signature, gives: Gives, layers: Sequence[Layer], missing: Tensor | None
) -> onnx.ModelProto:
    """The student's file.

    Args:
        teacher: its inputs and outputs are declared in the student as they are here.
        signature: of the teacher.
        gives: what its outputs are.
        layers: trained, to take and to give what is not standardised.
        missing: what stands for NaN in each value of a row; None where NaN may make NaN.
    """
    draft = Draft()
    x = _taken(draft, signature)
    if missing is not None:
        x = draft.add("Where", [draft.add("IsNaN", [x]), draft.constant("missing", missing), x])
    for number, layer in enumerate(layers):
        y = f"{PREFIX}layer{number}"
        written = layer.written(x, y)
        draft.nodes += written.nodes
        draft.constants += [numpy_helper.from_array(np.ascontiguousarray(v), n) for n, v in written.weights.items()]
        x = y
    soft = dict(zip((head.name for head in gives.heads), _heads(draft, x, gives.heads), strict=True))
    for label in gives.labels:
        _label(draft, label, soft[label.of])
    sides = teacher.graph.input, teacher.graph.output
    graph = helper.make_graph(draft.nodes, "student", *sides, draft.constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _taken(draft: Draft, signature: Signature) -> str:
    """The inputs as one float32 tensor: (rows, values) or (rows, channels, height, width)."""
    names = [
        entry.name if entry.element == TensorProto.FLOAT else draft.add("Cast", [entry.name], to=TensorProto.FLOAT)
        for entry in signature.takes
    ]
    x = names[0] if len(names) == 1 else draft.add("Concat", names, axis=1)
    return draft.add("Transpose", [x], perm=[0, 3, 1, 2]) if signature.layout == "channels last" else x


def _heads(draft: Draft, scores: str, heads: Sequence[Head]) -> list[str]:
    """Add each output; the tensors, (rows, width), that they are first made of."""
    parts = [scores]
    if len(heads) > 1:
        parts = [f"{PREFIX}part{index}" for index in range(len(heads))]
        widths = draft.constant("widths", np.array([head.width for head in heads], np.int64))
        draft.nodes.append(helper.make_node("Split", [scores, widths], parts, axis=1))
    return [_head(draft, part, head) for part, head in zip(parts, heads, strict=True)]


def _head(draft: Draft, x: str, head: Head) -> str:
    steps: list[tuple[str, list[str], dict[str, Any]]] = []
    if head.kind != "values":
        steps.append(("Softmax", [], {"axis": 1}) if head.kind == "probabilities" else ("Sigmoid", [], {}))
    if len(head.shape) != 1:
        steps.append(("Reshape", [draft.constant(f"{head.name}_shape", np.array([-1, *head.shape], np.int64))], {}))
    if head.element != TensorProto.FLOAT:
        steps.append(("Cast", [], {"to": head.element}))
    first = ""
    for index, (operator, more, attributes) in enumerate(steps or [("Identity", [], {})]):
        last = index >= len(steps) - 1
        x = draft.add(operator, [x, *more], head.name if last else "", **attributes)
        first = first or x
    return first


def _label(draft: Draft, label: Label, probabilities: str) -> None:
    index = draft.add("ArgMax", [probabilities], axis=1, keepdims=0)
    found = draft.add("Gather", [draft.constant(f"{label.name}_labels", label.table), index])
    shape = draft.constant(f"{label.name}_shape", np.array([-1, *label.shape], np.int64))
    draft.add("Reshape", [found, shape], label.name)
