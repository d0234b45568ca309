"""A converter's graph, cut to what is answered."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from tests.core import graphs as samples
from toolchain.importing import graphs

ROWS = (TensorProto.FLOAT, ["n", 2])


def two_outputs() -> onnx.ModelProto:
    """x + one, and z * 2 within a branch that takes a constant from outside."""
    then = helper.make_graph(
        [helper.make_node("Mul", ["z", "two"], ["inner"])],
        "then",
        [],
        [helper.make_tensor_value_info("inner", TensorProto.FLOAT, ["n", 2])],
    )
    nodes = [
        helper.make_node("Add", ["x", "one"], ["a"]),
        helper.make_node("If", ["yes"], ["b"], then_branch=then, else_branch=then),
    ]
    model = samples.model(nodes, {"x": ROWS, "z": ROWS}, {"a": ROWS, "b": ROWS})
    for name, value in (("one", np.float32(1)), ("two", np.float32(2)), ("yes", np.array(True))):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return model


def run(model: onnx.ModelProto, **feeds: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [node.name for node in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def test_what_no_kept_output_needs_is_gone() -> None:
    model = graphs.without_unused(graphs.keep(two_outputs(), ["a"]))
    assert [node.op_type for node in model.graph.node] == ["Add"]
    assert [tensor.name for tensor in model.graph.initializer] == ["one"]
    assert [value.name for value in model.graph.input] == ["x"]
    assert run(model, x=np.ones((1, 2), np.float32))["a"].tolist() == [[2.0, 2.0]]


def test_what_a_branch_takes_stays() -> None:
    model = graphs.without_unused(graphs.keep(two_outputs(), ["b"]))
    assert {tensor.name for tensor in model.graph.initializer} == {"two", "yes"}
    assert run(model, z=np.ones((1, 2), np.float32))["b"].tolist() == [[2.0, 2.0]]


def test_outputs_get_other_names_in_their_order() -> None:
    model = graphs.rename(graphs.keep(two_outputs(), ["b", "a"]), {"b": "price", "a": "a"})
    found = run(model, x=np.zeros((1, 2), np.float32), z=np.ones((1, 2), np.float32))
    assert {name: values.tolist() for name, values in found.items()} == {"price": [[2.0, 2.0]], "a": [[1.0, 1.0]]}
    assert list(found) == ["price", "a"]


def test_traces_of_the_source_are_removed() -> None:
    model = two_outputs()
    model.doc_string = model.graph.node[0].doc_string = "/home/somebody/train.py"
    entry = model.graph.node[0].metadata_props.add()
    entry.key, entry.value = "stack", "/home/somebody/train.py"
    assert b"somebody" not in graphs.clean(model, "mine").SerializeToString()
    assert model.graph.name == "mine"
