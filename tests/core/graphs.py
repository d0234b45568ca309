"""Small ONNX graphs that tests make packages of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

TEXTS = 'name = "{name}"\ntitle = "{name}"\n'


def source(folder: Path, name: str, model: onnx.ModelProto, toml: str = "") -> Path:
    """A model's folder with that graph and, after the name, that model.toml."""
    path = folder / name
    path.mkdir(parents=True)
    onnx.save(model, path / "model.onnx")
    (path / "model.toml").write_text(TEXTS.format(name=name) + toml)
    return path


def model(nodes: list[onnx.NodeProto], inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> onnx.ModelProto:
    """A graph whose tensors are (element type, shape) by name."""
    takes, gives = (
        [helper.make_tensor_value_info(name, *of) for name, of in side.items()] for side in (inputs, outputs)
    )
    graph = helper.make_graph(nodes, "g", takes, gives)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def plus(amount: float) -> onnx.ModelProto:
    """y = x + amount, on rows of two."""
    constant = helper.make_tensor("amount", TensorProto.FLOAT, [1], [amount])
    nodes = [
        helper.make_node("Constant", [], ["amount"], value=constant),
        helper.make_node("Add", ["x", "amount"], ["y"]),
    ]
    rows = (TensorProto.FLOAT, ["n", 2])
    return model(nodes, {"x": rows}, {"y": rows})


def identity(element: int) -> onnx.ModelProto:
    """y = x, of any element type of TensorProto and any shape of two dimensions."""
    anything = (element, ["n", "m"])
    return model([helper.make_node("Identity", ["x"], ["y"])], {"x": anything}, {"y": anything})


def endless() -> onnx.ModelProto:
    """A loop that never ends for a positive x: only a deadline stops it."""
    number = (TensorProto.FLOAT, [1])
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["still_going"]),
            helper.make_node("Add", ["value", "value"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", *number),
        ],
        [
            helper.make_tensor_value_info("still_going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", *number),
        ],
    )
    trips = helper.make_tensor("trips", TensorProto.INT64, [], [2**62])
    zero = helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])
    nodes = [
        helper.make_node("Constant", [], ["trips"], value=trips),
        helper.make_node("Constant", [], ["zero"], value=zero),
        helper.make_node("Greater", ["x", "zero"], ["positive"]),
        helper.make_node("Squeeze", ["positive"], ["start"]),
        helper.make_node("Loop", ["trips", "start", "x"], ["y"], body=body),
    ]
    return model(nodes, {"x": number}, {"y": number})
