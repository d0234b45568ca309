"""Small networks, with weights drawn from a seed, that passes are tried on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.core.graphs import model as bare
from toolchain.compression.calibration import Calibration, load

FLOAT = TensorProto.FLOAT
INT64 = TensorProto.INT64
Weights = Mapping[str, NDArray[Any]]


def network(
    nodes: list[onnx.NodeProto], inputs: Mapping[str, Any], outputs: Mapping[str, Any], weights: Weights
) -> onnx.ModelProto:
    """A graph with initializers, valid to onnx.checker."""
    made = bare(nodes, inputs, outputs)
    made.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in weights.items())
    onnx.checker.check_model(made, full_check=True)
    return made


def drawn(*shape: int, seed: int = 0, scale: float = 1.0) -> NDArray[np.float32]:
    """Normal numbers."""
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(np.float32)


def matmul(weight: NDArray[np.float32] | None = None) -> onnx.ModelProto:
    """y = x @ w, with a weight of (32, 8)."""
    w = drawn(32, 8) if weight is None else weight
    node = helper.make_node("MatMul", ["x", "w"], ["y"], name="layer")
    return network([node], {"x": (FLOAT, ["n", w.shape[0]])}, {"y": (FLOAT, ["n", w.shape[1]])}, {"w": w})


def perceptron(transposed: int = 1) -> onnx.ModelProto:
    """Gemm, Relu, Gemm: 32 -> 48 -> 4, weights transposed as PyTorch and scikit-learn's exporters write them."""
    weights = {"w1": drawn(32, 48, seed=1), "b1": drawn(48, seed=2), "w2": drawn(48, 4, seed=3), "b2": drawn(4, seed=4)}
    if transposed:
        weights |= {name: np.ascontiguousarray(weights[name].T) for name in ("w1", "w2")}
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["hidden"], name="first", transB=transposed),
        helper.make_node("Relu", ["hidden"], ["active"], name="relu"),
        helper.make_node("Gemm", ["active", "w2", "b2"], ["y"], name="last", transB=transposed),
    ]
    return network(nodes, {"x": (FLOAT, ["n", 32])}, {"y": (FLOAT, ["n", 4])}, weights)


def attention() -> onnx.ModelProto:
    """Embeddings, then query, key and value of one input - each MatMul and Add - their sum, and a MatMul down."""
    weights: dict[str, NDArray[Any]] = {"table": drawn(100, 32, seed=1)}
    nodes = [helper.make_node("Gather", ["table", "ids"], ["x"], name="embed")]
    for index, part in enumerate(("q", "k", "v")):
        weights |= {f"{part}_w": drawn(32, 16, seed=10 + index), f"{part}_b": drawn(16, seed=20 + index)}
        nodes += [
            helper.make_node("MatMul", ["x", f"{part}_w"], [f"{part}_product"], name=part),
            helper.make_node("Add", [f"{part}_product", f"{part}_b"], [f"{part}_sum"], name=f"{part}_add"),
        ]
    weights["down_w"] = drawn(16, 8, seed=30)
    nodes += [
        helper.make_node("Sum", ["q_sum", "k_sum", "v_sum"], ["all"], name="sum"),
        helper.make_node("MatMul", ["all", "down_w"], ["y"], name="down"),
    ]
    return network(nodes, {"ids": (INT64, ["n", "t"])}, {"y": (FLOAT, ["n", "t", 8])}, weights)


def convolution() -> onnx.ModelProto:
    """Conv, Relu, MaxPool, Conv, mean over the picture, Gemm: pictures of (3, 8, 8) to 4 numbers."""
    weights = {
        "k1": drawn(8, 3, 3, 3, seed=1, scale=0.3),
        "c1": drawn(8, seed=2, scale=0.3),
        "k2": drawn(16, 8, 3, 3, seed=3, scale=0.2),
        "c2": drawn(16, seed=4, scale=0.3),
        "w": drawn(4, 16, seed=5, scale=0.3),
        "b": drawn(4, seed=6),
    }
    nodes = [
        helper.make_node("Conv", ["x", "k1", "c1"], ["a"], name="conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b1"], name="relu"),
        helper.make_node("MaxPool", ["b1"], ["c"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["c", "k2", "c2"], ["d"], name="conv2"),
        helper.make_node("GlobalAveragePool", ["d"], ["e"], name="mean"),
        helper.make_node("Flatten", ["e"], ["f"], name="flat"),
        helper.make_node("Gemm", ["f", "w", "b"], ["y"], name="last", transB=1),
    ]
    return network(nodes, {"x": (FLOAT, ["n", 3, 8, 8])}, {"y": (FLOAT, ["n", 4])}, weights)


def trees() -> onnx.ModelProto:
    """One stump of ai.onnx.ml: 1 where the first feature is at most 0.5, else 2."""
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["x"],
        ["y"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=[0, 0, 0],
        nodes_nodeids=[0, 1, 2],
        nodes_featureids=[0, 0, 0],
        nodes_values=[0.5, 0.0, 0.0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[2, 0, 0],
        target_treeids=[0, 0],
        target_nodeids=[1, 2],
        target_ids=[0, 0],
        target_weights=[1.0, 2.0],
    )
    made = bare([node], {"x": (FLOAT, ["n", 2])}, {"y": (FLOAT, ["n", 1])})
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return made


def requests(model: onnx.ModelProto, count: int = 12) -> Calibration:
    """Requests of three rows that a network of this file answers."""
    random = np.random.default_rng(7)
    value = model.graph.input[0]
    shape = [entry.dim_value or 3 for entry in value.type.tensor_type.shape.dim]
    if value.type.tensor_type.elem_type == INT64:
        return Calibration([{value.name: random.integers(0, 100, shape)} for _ in range(count)])
    return Calibration([{value.name: random.normal(size=shape).astype(np.float32)} for _ in range(count)])


def answers(model: onnx.ModelProto | bytes, calibration: Calibration) -> NDArray[Any]:
    """The first output for every request, joined along rows."""
    parsed = onnx.load_model_from_string(model) if isinstance(model, bytes) else model
    session = load(parsed)
    return np.concatenate([session.run(None, dict(feed))[0] for feed in calibration.feeds])
