"""Graphs that are made to do harm, each with the check that must refuse it and a word of why."""

from collections.abc import Callable
from typing import Any, NamedTuple

import onnx
from onnx import TensorProto, helper

from tests.core import graphs

ROWS: tuple[int, list[str | int | None]] = (TensorProto.FLOAT, ["n", 2])
ONE = (TensorProto.FLOAT, [1])
HUGE = 10**12
OPSETS = [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)]


class Hostile(NamedTuple):
    """A model, and what must come of it."""

    check: str
    reason: str
    make: Callable[[], onnx.ModelProto]


def plus(*nodes: onnx.NodeProto, initializers: tuple[TensorProto, ...] = ()) -> onnx.ModelProto:
    """y = x + 1, and nodes that make something beside it."""
    model = graphs.plus(1)
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    model.graph.initializer.extend(initializers)
    return model


def integers(name: str, *values: int) -> TensorProto:
    """A constant vector."""
    return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)


def number(name: str, value: int) -> TensorProto:
    """A constant scalar."""
    return helper.make_tensor(name, TensorProto.INT64, [], [value])


def added(operator: str, *constants: TensorProto, output: str = "z", **attributes: Any) -> onnx.ModelProto:
    """y = x + 1 and an operator on constants."""
    node = helper.make_node(operator, [tensor.name for tensor in constants], [output], **attributes)
    return plus(node, initializers=constants)


def functions(*bodies: tuple[str, list[str]], first: str = "f0") -> onnx.ModelProto:
    """A model that calls `first`; each function, by name, calls those of the list one after the other."""
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node(first, ["x"], ["y"], domain="own")], "g",
            [helper.make_tensor_value_info("x", *ROWS)], [helper.make_tensor_value_info("y", *ROWS)],
        ), opset_imports=OPSETS, ir_version=10,
    )  # fmt: skip
    for name, called in bodies:
        names = ["a", *(f"t{index}" for index in range(len(called) - 1)), "b"]
        nodes = [
            helper.make_node(other, [names[index]], [names[index + 1]], domain="" if other[0].isupper() else "own")
            for index, other in enumerate(called)
        ]
        model.functions.append(helper.make_function("own", name, ["a"], ["b"], nodes, OPSETS))
    return model


def chain(length: int) -> onnx.ModelProto:
    """Functions that call each other so deep."""
    bodies = [(f"f{index}", [f"f{index + 1}"]) for index in range(length - 1)]
    return functions(*bodies, (f"f{length - 1}", ["Relu"]))


def doubling(length: int) -> onnx.ModelProto:
    """Functions of which each calls the next twice: 2^length nodes."""
    bodies = [(f"f{index}", [f"f{index + 1}"] * 2) for index in range(length - 1)]
    return functions(*bodies, (f"f{length - 1}", ["Relu"]))


def body(*nodes: onnx.NodeProto, going: str = "going", initializers: tuple[TensorProto, ...] = ()) -> onnx.GraphProto:
    """What a loop does: doubles its value, and goes on as the tensor `going` says."""
    named = [helper.make_node("Identity", [going], ["still"]), helper.make_node("Add", ["v", "v"], ["next"])]
    inputs = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("going", TensorProto.BOOL, []),
        helper.make_tensor_value_info("v", *ONE),
    ]
    outputs = [
        helper.make_tensor_value_info("still", TensorProto.BOOL, []),
        helper.make_tensor_value_info("next", *ONE),
    ]
    return helper.make_graph([*nodes, *named], "body", inputs, outputs, initializer=list(initializers))


def loop(trips: str, start: str, inside: onnx.GraphProto, *before: onnx.NodeProto) -> onnx.ModelProto:
    """A loop over x; the tensors `many`, `some`, `yes`, `no` and `unknown` are there to say how long."""
    nodes = [
        helper.make_node("Greater", ["x", "zero"], ["positive"]),
        helper.make_node("Squeeze", ["positive"], ["unknown"]),
        *before,
        helper.make_node("Loop", [trips, start, "x"], ["y"], body=inside),
    ]
    model = graphs.model(nodes, {"x": ONE}, {"y": ONE})
    model.graph.initializer.extend((
        number("many", 2**62), number("some", 5000), helper.make_tensor("zero", *ONE, [0.0]),
        helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
        helper.make_tensor("no", TensorProto.BOOL, [], [False]),
    ))  # fmt: skip
    return model


def nested_loops() -> onnx.ModelProto:
    """5,000 times 5,000 iterations."""
    inner = body()
    inner.name = "inner"
    node = helper.make_node("Loop", ["some", "going", "v"], ["w"], body=inner)
    return loop("some", "yes", body(node))


def branch(node: onnx.NodeProto, initializers: tuple[TensorProto, ...] = ()) -> onnx.NodeProto:
    """An If of which one branch holds a node that gives `z`."""
    gives = [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)]
    graph = helper.make_graph([node], "branch", [], gives, initializer=list(initializers))
    other = helper.make_graph([helper.make_node("Constant", [], ["z"], value_float=1.0)], "other", [], gives)
    return helper.make_node("If", ["condition"], ["chosen"], then_branch=graph, else_branch=other)


def in_branch(node: onnx.NodeProto, *initializers: TensorProto) -> onnx.ModelProto:
    """y = x + 1, and a node within an If."""
    condition = helper.make_tensor("condition", TensorProto.BOOL, [], [True])
    return plus(branch(node, initializers), initializers=(condition,))


def nested(depth: int) -> onnx.ModelProto:
    """Graphs within graphs."""
    node = helper.make_node("Identity", ["x"], ["z"])
    for _ in range(depth):
        node = branch(node)
        node.output[0] = "z"
    return plus(node, initializers=(helper.make_tensor("condition", TensorProto.BOOL, [], [True]),))


def declared(*shape: int) -> onnx.ModelProto:
    """An intermediate tensor that is said to be of a shape."""
    model = plus()
    model.graph.value_info.append(helper.make_tensor_value_info("amount", TensorProto.FLOAT, shape))
    return model


def concatenated() -> onnx.ModelProto:
    """A shape that is put together of harmless parts."""
    parts = (integers("a", 10**6), integers("b", 10**6))
    join = helper.make_node("Concat", ["a", "b"], ["shape"], axis=0)
    return plus(join, helper.make_node("ConstantOfShape", ["shape"], ["z"]), initializers=parts)


def multiplied() -> onnx.ModelProto:
    """A shape whose product overflows 64 bits, so that it would look harmless."""
    parts = (integers("a", 2**33), integers("b", 2**33))
    product = helper.make_node("Mul", ["a", "b"], ["shape"])
    return plus(product, helper.make_node("ConstantOfShape", ["shape"], ["z"]), initializers=parts)


def raised() -> onnx.ModelProto:
    """A shape that is the power of a small number."""
    parts = (integers("ten", 10), number("twelve", 12))
    power = helper.make_node("Pow", ["ten", "twelve"], ["shape"])
    return plus(power, helper.make_node("ConstantOfShape", ["shape"], ["z"]), initializers=parts)


def _wide_input() -> onnx.ModelProto:
    return graphs.model([helper.make_node("Relu", ["x"], ["y"])],
                        {"x": (TensorProto.FLOAT, ["n", HUGE])}, {"y": (TensorProto.FLOAT, ["n", HUGE])})  # fmt: skip


RULES = {
    "functions_doubling": Hostile("rules", "more nodes than 200000", lambda: doubling(40)),
    "loop_of_2_62": Hostile("rules", "runs 4.612e+18 times", lambda: loop("many", "yes", body())),
    "loop_of_2_62_by_input": Hostile("rules", "runs 4.612e+18 times", lambda: loop("many", "unknown", body())),
    "loop_always_true": Hostile("rules", "runs 4.612e+18 times", lambda: loop("many", "", body(going="yes"))),
    "loop_without_count": Hostile("rules", "never ends", lambda: loop("", "yes", body())),
    "loop_disguised": Hostile(
        "rules", "runs 4.612e+18", lambda: loop("m", "", body(), helper.make_node("Identity", ["many"], ["m"]))
    ),
    "loops_in_loops": Hostile("rules", "runs 2.5e+07 times", nested_loops),
    "constant_of_shape": Hostile("rules", "1e+12 elements", lambda: added("ConstantOfShape", integers("s", HUGE))),
    "constant_of_product": Hostile("rules", "elements", concatenated),
    "constant_of_overflow": Hostile("rules", "elements", multiplied),
    "constant_of_power": Hostile("rules", "elements", raised),
    "constant_in_branch": Hostile(
        "rules", "elements",
        lambda: in_branch(helper.make_node("ConstantOfShape", ["s"], ["z"]), integers("s", HUGE)),
    ),
    "expand": Hostile(
        "rules", "the Expand 'z' has", lambda: added("Expand", number("one", 1), integers("s", 10**6, 10**6))
    ),
    "tile": Hostile("rules", "the Tile 'z' has", lambda: added("Tile", integers("one", 1), integers("s", HUGE))),
    "range": Hostile(
        "rules", "the Range 'z' has", lambda: added("Range", number("a", 0), number("b", HUGE), number("c", 1))
    ),
    "one_hot": Hostile(
        "rules", "the OneHot 'z' has",
        lambda: added("OneHot", integers("i", 1), number("depth", HUGE), integers("v", 0, 1)),
    ),
    "pad": Hostile("rules", "the Pad 'z' has", lambda: added("Pad", integers("one", 1), integers("pads", 0, HUGE))),
    "random_shape": Hostile(
        "rules", "the RandomUniform 'z' has", lambda: added("RandomUniform", shape=[10**6, 10**6])
    ),
    "huge_value_info": Hostile("rules", "1e+12 elements", lambda: declared(10**6, 10**6)),
    "huge_input": Hostile("rules", "1e+12 elements", _wide_input),
    "overflowing_dims": Hostile("rules", "elements", lambda: declared(*[2**62] * 40)),
    "nested_graphs": Hostile("rules", "nested deeper than 20", lambda: nested(25)),
}  # fmt: skip
"""What the checker of ONNX accepts."""
