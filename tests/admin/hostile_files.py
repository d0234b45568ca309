"""Files that are no sound ONNX, lead out of their folder, or call what is not there; as in hostile_graphs."""

import gzip
import io
import pickle
import zipfile
from collections.abc import Callable
from typing import Any

import onnx
from onnx import TensorProto, helper

from tests.admin.hostile_graphs import (
    ROWS,
    Hostile,
    branch,
    chain,
    functions,
    in_branch,
    integers,
    plus,
)
from tests.core import graphs


def outside(location: str = "../../../etc/passwd", name: str = "w") -> TensorProto:
    """A tensor that is kept in another file."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def undeclared() -> TensorProto:
    """A tensor that names another file without saying that it is kept there."""
    tensor = outside()
    tensor.data_location = TensorProto.DEFAULT
    tensor.raw_data = bytes(8)
    return tensor


def constant(**value: Any) -> onnx.NodeProto:
    """A Constant `z`."""
    return helper.make_node("Constant", [], ["z"], **value)


def sparse() -> onnx.SparseTensorProto:
    """A sparse tensor whose values are kept in another file."""
    return onnx.SparseTensorProto(values=outside(), indices=integers("at", 0, 1), dims=[10])


def sparse_initializer() -> onnx.ModelProto:
    """y = x + 1, and a sparse initializer kept elsewhere."""
    model = plus()
    model.graph.sparse_initializer.append(sparse())
    return model


def in_function(*nodes: onnx.NodeProto) -> onnx.ModelProto:
    """A model whose function holds nodes."""
    model = functions(("f0", ["Relu"]))
    for node in nodes:
        model.functions[0].node.insert(0, node)
    return model


def training() -> onnx.ModelProto:
    """y = x + 1, and a training algorithm with a tensor kept elsewhere."""
    model = plus()
    model.training_info.add().initialization.initializer.append(outside())
    return model


def changed(change: Callable[[onnx.ModelProto], object]) -> onnx.ModelProto:
    """y = x + 1, after a change."""
    model = graphs.plus(1)
    change(model)
    return model


def custom(domain: str) -> onnx.NodeProto:
    """A node of another domain."""
    return helper.make_node("Run", ["x"], ["z"], domain=domain)


def typed() -> onnx.ModelProto:
    """The sum of a number and a text."""
    text = TensorProto(name="text", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"])
    return plus(helper.make_node("Add", ["x", "text"], ["z"]), initializers=(text,))


def cyclic() -> onnx.ModelProto:
    """Two nodes that wait for each other."""
    nodes = [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("Relu", ["a"], ["y"])]  # fmt: skip
    return graphs.model(nodes, {"x": ROWS}, {"y": ROWS})


def archive() -> bytes:
    """A zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("model.onnx", graphs.plus(1).SerializeToString())
    return content.getvalue()


def deeper_than_the_parser(depth: int = 40) -> bytes:
    """Graphs within graphs, written by hand: no library writes what none reads."""

    def field(number: int, content: bytes) -> bytes:
        size, length = b"", len(content)
        while length > 127:
            size, length = size + bytes([length & 127 | 128]), length >> 7
        return bytes([number << 3 | 2]) + size + bytes([length]) + content

    node: bytes = helper.make_node("Relu", ["x"], ["z"]).SerializeToString()
    for _ in range(depth):
        node = field(4, b"If") + field(5, field(1, b"then_branch") + field(6, field(1, node)))
    model: bytes = graphs.plus(1).SerializeToString()
    return model + field(7, field(1, node))


def _set_opset(version: int) -> Callable[[onnx.ModelProto], object]:
    return lambda model: setattr(model.opset_import[0], "version", version)


def _short_tensor() -> TensorProto:
    return TensorProto(name="short", data_type=TensorProto.FLOAT, dims=[100], raw_data=b"1234")


EXTERNAL = {
    "initializer_above": lambda: plus(initializers=(outside(),)),
    "initializer_absolute": lambda: plus(initializers=(outside("/proc/self/environ"),)),
    "initializer_link": lambda: plus(initializers=(outside("link-to-secrets.bin"),)),
    "initializer_undeclared": lambda: plus(initializers=(undeclared(),)),
    "attribute": lambda: plus(constant(value=outside())),
    "sparse_attribute": lambda: plus(constant(sparse_value=sparse())),
    "sparse_initializer": sparse_initializer,
    "subgraph": lambda: in_branch(constant(value_float=1.0), outside("/etc/shadow")),
    "subgraph_attribute": lambda: in_branch(constant(value=outside("/etc/shadow"))),
    "function": lambda: in_function(constant(value=outside())),
    "function_subgraph": lambda: in_function(branch(constant(value=outside()))),
    "training": training,
}
DOMAINS = {
    "custom_domain": (lambda: plus(custom("com.example")), "com.example.Run"),
    "python_domain": (lambda: plus(custom("ai.onnx.contrib")), "ai.onnx.contrib.Run"),
    "custom_in_subgraph": (lambda: in_branch(custom("com.example")), "com.example.Run"),
    "custom_in_function": (lambda: in_function(custom("com.example")), "com.example.Run"),
    "terminal_codes": (lambda: plus(custom("a\x1b[2J\x07b")), "operator a?[2J?b.Run"),
    "undefined_function": (lambda: functions(("f0", ["missing"])), "own.missing"),
}
CHECKER = {
    "functions_3000_deep": lambda: chain(3000),
    "function_recursion": lambda: functions(("f0", ["f0"])),
    "functions_in_a_ring": lambda: functions(("f0", ["f1"]), ("f1", ["f2"]), ("f2", ["f0"])),
    "cycle": cyclic,
    "missing_input": lambda: plus(helper.make_node("Relu", ["nowhere"], ["z"])),
    "no_inputs": lambda: plus(helper.make_node("Relu", [], ["z"])),
    "unknown_operator": lambda: plus(helper.make_node("Summon", ["x"], ["z"])),
    "same_name_twice": lambda: plus(helper.make_node("Relu", ["x"], ["y"])),
    "opset_missing": lambda: changed(lambda model: model.ClearField("opset_import")),
    "opset_negative": lambda: changed(_set_opset(-1)),
    "ir_version_of_the_future": lambda: changed(lambda model: setattr(model, "ir_version", 9999)),
    "attribute_of_another_type": lambda: plus(constant(value="text")),
    "tensor_without_its_bytes": lambda: plus(initializers=(_short_tensor(),)),
    "nameless_graph": lambda: changed(lambda model: model.graph.ClearField("name")),
}
FORMAT = {
    "truncated": lambda: graphs.plus(1).SerializeToString()[:-20],
    "archive": archive,
    "compressed": lambda: gzip.compress(graphs.plus(1).SerializeToString()),
    "page": lambda: b"<!doctype html><title>Sign in</title>",
    "pickle": lambda: pickle.dumps({"weights": [1.0, 2.0]}),
    "noise": lambda: bytes(range(256)) * 40,
    "no_graph": lambda: onnx.ModelProto(ir_version=10).SerializeToString(),
    "nested_beyond_the_parser": deeper_than_the_parser,
}
FILES: dict[str, Hostile] = {
    **{name: Hostile("external data", "in other files", make) for name, make in EXTERNAL.items()},
    **{name: Hostile("domains", reason, make) for name, (make, reason) in DOMAINS.items()},
    **{name: Hostile("checker", "", make) for name, make in CHECKER.items()},
    "opset_of_the_future": Hostile("package", "ONNX Runtime refuses it: ONNX", lambda: changed(_set_opset(9999))),
    "wrong_types": Hostile("package", "ONNX Runtime refuses it", typed),
}
