"""Attention with several heads, as exporters write it."""

import numpy as np
import onnx
from onnx import helper

from tests.toolchain.compression.networks import FLOAT, Weights, drawn, network
from toolchain.compression.calibration import Calibration


def multihead(form: str = "apart", heads: int = 4, width: int = 6) -> onnx.ModelProto:
    """Attention on (rows, positions, 16), with a mask and a residual.

    Args:
        form: of the projections: "apart"; "together", in one layer whose columns are (3, heads, width); or "split",
            in one layer that a Split takes apart. The first has its shapes' leading values from the graph, the others
            as zeros, which Reshape copies.
        heads: how many; the last one of them does what the first one does.
        width: of a head.
    """
    inner = heads * width
    parts = {part: drawn(16, inner, seed=40 + index, scale=0.3) for index, part in enumerate(("q", "k", "v"))}
    biases = {part: drawn(inner, seed=50 + index, scale=0.3) for index, part in enumerate(parts)}
    for values in (*parts.values(), *biases.values()):
        values[..., -width:] = values[..., :width]
    weights: Weights = {"out_w": drawn(inner, 16, seed=60, scale=0.3), "out_b": drawn(16, seed=61),
                        "root": np.array(width**0.5, np.float32), "apart": np.array([0, 0, heads, width]),
                        "together": np.array([0, 0, 3, heads, width]), "joined": np.array([0, 0, inner]),
                        "sizes": np.array([inner] * 3), "tail": np.array([heads, width]),
                        "zero": np.array(0), "one": np.array(1), "two": np.array(2)}  # fmt: skip
    if form == "apart":
        weights = {**weights, **{f"{part}_w": values for part, values in parts.items()}}
        weights = {**weights, **{f"{part}_b": values for part, values in biases.items()}}
    else:
        weights = {**weights, "qkv_w": np.concatenate([*parts.values()], axis=1)}
        weights = {**weights, "qkv_b": np.concatenate([*biases.values()])}
    nodes = [*_projected(form), *_attended()]
    used = {name for node in nodes for name in node.input}
    kept = {name: values for name, values in weights.items() if name in used}
    inputs = {"x": (FLOAT, ["n", "t", 16]), "mask": (FLOAT, ["n", 1, 1, "t"])}
    return network(nodes, inputs, {"y": (FLOAT, ["n", "t", 16])}, kept)


def _projected(form: str) -> list[onnx.NodeProto]:
    """Queries, keys and values of (rows, heads, positions, width)."""
    if form == "apart":
        nodes = [
            helper.make_node("Shape", ["x"], ["first"], name="shape", end=2),
            helper.make_node("Concat", ["first", "tail"], ["shape"], name="shapes", axis=0),
        ]
        for part in "qkv":
            nodes += _linear(part)
            nodes.append(helper.make_node("Reshape", [f"{part}_sum", "shape"], [f"{part}_view"], name=f"{part}_view"))
    else:
        nodes = _linear("qkv")
        if form == "together":
            nodes.append(helper.make_node("Reshape", ["qkv_sum", "together"], ["view"], name="view"))
            for index, part in zip(("zero", "one", "two"), "qkv", strict=True):
                nodes.append(helper.make_node("Gather", ["view", index], [f"{part}_view"], name=f"{part}_view", axis=2))
        else:
            names = [f"{part}_part" for part in "qkv"]
            nodes.append(helper.make_node("Split", ["qkv_sum", "sizes"], names, name="parts", axis=2))
            for part, name in zip("qkv", names, strict=True):
                nodes.append(helper.make_node("Reshape", [name, "apart"], [f"{part}_view"], name=f"{part}_view"))
    for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        nodes.append(helper.make_node("Transpose", [f"{part}_view"], [part], name=f"{part}_turn", perm=order))
    return nodes


def _linear(part: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("MatMul", ["x", f"{part}_w"], [f"{part}_product"], name=part),
        helper.make_node("Add", [f"{part}_product", f"{part}_b"], [f"{part}_sum"], name=f"{part}_add"),
    ]


def _attended() -> list[onnx.NodeProto]:
    return [
        helper.make_node("MatMul", ["q", "k"], ["raw"], name="scores"),
        helper.make_node("Div", ["raw", "root"], ["scaled"], name="scale"),
        helper.make_node("Add", ["scaled", "mask"], ["masked"], name="masking"),
        helper.make_node("Softmax", ["masked"], ["shares"], name="softmax", axis=-1),
        helper.make_node("MatMul", ["shares", "v"], ["taken"], name="context"),
        helper.make_node("Transpose", ["taken"], ["turned"], name="turn", perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["turned", "joined"], ["all"], name="join"),
        helper.make_node("MatMul", ["all", "out_w"], ["out"], name="out"),
        helper.make_node("Add", ["out", "out_b"], ["out_sum"], name="out_add"),
        helper.make_node("Add", ["x", "out_sum"], ["y"], name="residual"),
    ]


def sentences(count: int = 24) -> Calibration:
    """Requests for `multihead`, of 2 rows of 5, 6 or 7 positions, some of which are masked."""
    random = np.random.default_rng(5)
    feeds = []
    for number in range(count):
        length = 5 + number % 3
        mask = np.where(np.arange(length) < length - number % 2, 0, -1e4).astype(np.float32)
        x = random.normal(size=(2, length, 16)).astype(np.float32)
        feeds.append({"x": x, "mask": np.broadcast_to(mask, (2, 1, 1, length)).copy()})
    return Calibration(feeds)
