"""An evaluator that knows no package: cosine of answers for the score, and a clock that counts operators."""

from collections.abc import Callable, Sequence

import onnx

from tests.toolchain.compression import networks
from toolchain.compression.calibration import Calibration
from toolchain.compression.graph import Graph
from toolchain.compression.search.contract import Latency, Quality
from toolchain.compression.sensitivity import compare


def by_nodes(model: bytes) -> Latency:
    """A millisecond for each node; nodes in 8 bits count half."""
    nodes = onnx.load_model_from_string(model).graph.node
    ms = sum(0.5 if node.op_type in ("DynamicQuantizeMatMul", "MatMulNBits") else 1.0 for node in nodes)
    return Latency(ms, ms * 32)


class CosineJudge:
    """Drop is one minus the mean cosine with the original's answers; the gate allows so much of it."""

    digest = "cosine"

    def __init__(
        self,
        original: onnx.ModelProto,
        requests: Calibration,
        largest_drop: float,
        clock: Callable[[bytes], Latency] = by_nodes,
    ) -> None:
        self._requests, self._largest_drop, self._clock = requests, largest_drop, clock
        self._right = requests.outputs(Graph(original))
        self.judged: list[bytes] = []
        self.timed: list[bytes] = []

    def evaluate(self, model: bytes) -> Quality:
        """Compare answers."""
        self.judged.append(model)
        cosine, _ = compare(self._requests.outputs(Graph.of(model)), self._right)
        drop = 1 - cosine
        refused = "" if drop <= self._largest_drop else f"a drop of {drop:.4f}, {self._largest_drop} is allowed"
        return Quality(cosine, drop, drop, cosine, refused)

    def latency(self, models: Sequence[bytes]) -> list[Latency]:
        """Count operators."""
        self.timed += models
        return [self._clock(model) for model in models]


SAME = Latency(1.0, 1.0)
"""Of every model, for searches that time has no part in."""


def judge(model: onnx.ModelProto, largest_drop: float) -> CosineJudge:
    """One to whom all models are of the same speed."""
    return CosineJudge(model, networks.requests(model), largest_drop, lambda _: SAME)


def large() -> onnx.ModelProto:
    """Two layers, large enough for weights to outweigh names."""
    weights = {"w1": networks.drawn(64, 128, seed=1), "w2": networks.drawn(128, 16, seed=2)}
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "w1"], ["a"], name="up"),
        onnx.helper.make_node("Relu", ["a"], ["b"], name="relu"),
        onnx.helper.make_node("MatMul", ["b", "w2"], ["y"], name="down"),
    ]
    inputs, outputs = {"x": (networks.FLOAT, ["n", 64])}, {"y": (networks.FLOAT, ["n", 16])}
    return networks.network(nodes, inputs, outputs, weights)
