"""What flows through a graph on sample requests: activations, streamed, and the ranges to quantize them to."""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, cast

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

from functions.core.session import FAULTS, session_options
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph

Result = TypeVar("Result")
Method = Literal["minmax", "entropy", "percentile"]
BINS = 2048
LEVELS = 128
"""Levels that entropy calibration maps a histogram of magnitudes to, as the int8 scheme that it was made for."""


class Range(NamedTuple):
    """The smallest and largest value to tell apart; zero lies within."""

    low: float
    high: float


class Calibration:
    """Sample requests as tensors, and what a graph makes of them. Memory holds one request's tensors at a time."""

    def __init__(self, feeds: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        """Keep the requests.

        Args:
            feeds: the graph's inputs by name, an entry for each run; rows of one entry are one batch.

        Raises:
            ValueError: there are none, or one holds a float that is not finite.
        """
        if not feeds:
            raise ValueError("calibration needs at least one request")
        for number, feed in enumerate(feeds):
            for name, value in feed.items():
                if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
                    raise ValueError(f"calibration request {number} holds NaN or infinity in {name!r}")
        self.feeds = tuple(feeds)
        self._known: dict[str, Any] = {}

    def once(self, key: tuple[Any, ...], compute: Callable[[], Result]) -> Result:
        """What a computation on these requests gives, computed once for a key of texts, numbers and bytes.

        Recipes of one search share the costly part of their passes by it.
        """
        digest = hashlib.sha256()
        for part in key:
            digest.update(part if isinstance(part, bytes) else repr(part).encode())
        name = digest.hexdigest()
        if name not in self._known:
            self._known[name] = compute()
        return cast("Result", self._known[name])

    @property
    def digest(self) -> str:
        """SHA-256 of the requests."""
        digest = hashlib.sha256()
        for feed in self.feeds:
            for name, value in sorted(feed.items()):
                digest.update(f"{name} {value.dtype} {value.shape}\n".encode() + value.tobytes())
        return digest.hexdigest()

    def first(self, count: int) -> "Calibration":
        """The same with the first requests only."""
        return Calibration(self.feeds[:count])

    def activations(self, graph: Graph, names: Sequence[str]) -> Iterator[dict[str, NDArray[Any]]]:
        """The named tensors for each request in turn.

        Raises:
            NotApplicable: ONNX Runtime cannot run the graph on a request.
        """
        session = load(exposing(graph, names))
        inputs = {node.name for node in session.get_inputs()}
        wanted = list(dict.fromkeys(names))
        for feed in self.feeds:
            taken = {name: value for name, value in feed.items() if name in inputs}
            try:
                yield dict(zip(wanted, session.run(wanted, taken), strict=True))
            except FAULTS as fault:
                raise NotApplicable(f"a calibration request does not run: {fault}") from None

    def outputs(self, graph: Graph) -> list[NDArray[np.float32]]:
        """Every float output, flattened to (rows, values) and joined along values, for each request.

        Raises:
            NotApplicable: no output is a float tensor, or a request does not run.
        """
        return [_joined(values) for values in self.activations(graph, graph.outputs)]

    def ranges(
        self, graph: Graph, names: Sequence[str], method: Method = "minmax", percentile: float = 99.99
    ) -> dict[str, Range]:
        """The range of each named float tensor.

        Args:
            graph: makes the tensors.
            names: which of them; those that are not float are left out.
            method: "minmax"; "percentile", the magnitude that so many per cent stay under; or "entropy", the magnitude
                whose clipped histogram loses the least information in 128 levels (Migacz, 8-bit Inference with
                TensorRT, 2017). The last two look at the requests twice.
            percentile: for the method of that name.

        Raises:
            NotApplicable: as `activations`, or a tensor holds NaN or infinity.
        """
        extremes: dict[str, Range] = {}
        for values in self.activations(graph, names):
            for name, value in values.items():
                if _is_float(value) and value.size:
                    if not np.isfinite(value).all():
                        raise NotApplicable(f"{name!r} holds NaN or infinity on a sample request: it has no range")
                    old = extremes.get(name, Range(0.0, 0.0))
                    extremes[name] = Range(min(old.low, float(value.min())), max(old.high, float(value.max())))
        if method == "minmax":
            return extremes
        counts = {name: np.zeros(BINS, np.int64) for name in extremes}
        for values in self.activations(graph, list(extremes)):
            for name, value in values.items():
                limit = _magnitude(extremes[name])
                counts[name] += np.histogram(np.abs(value), BINS, (0.0, limit or 1.0))[0]
        return {name: _clipped(found, counts[name], method, percentile) for name, found in extremes.items()}


def exposing(graph: Graph, names: Sequence[str]) -> onnx.ModelProto:
    """The model with further tensors among its outputs."""
    model = onnx.ModelProto()
    model.CopyFrom(graph.model)
    known = set(graph.outputs)
    for name in dict.fromkeys(names):
        if name not in known:
            model.graph.output.append(helper.make_empty_tensor_value_info(name))
    return model


def load(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """A session with one thread, as functions have it. Raises NotApplicable where ONNX Runtime refuses the model."""
    options = session_options(1, optimized=False)
    # What is fused at this level runs on every CPU: figures do not depend on the machine's layout.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except FAULTS as fault:
        raise NotApplicable(f"ONNX Runtime refuses the graph: {str(fault).strip().splitlines()[0][:300]}") from None


def _joined(values: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    floats = [value for value in values.values() if _is_float(value) and value.ndim]
    if not floats:
        raise NotApplicable("none of the graph's outputs is a float tensor, so errors cannot be measured")
    rows = floats[0].shape[0]
    floats = [value for value in floats if value.shape[0] == rows]
    return np.concatenate(
        [value.reshape(rows, math.prod(value.shape[1:])).astype(np.float32) for value in floats], axis=1
    )


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype in (np.float32, np.float16, np.float64)


def _magnitude(found: Range) -> float:
    return max(-found.low, found.high)


def _clipped(found: Range, counts: NDArray[np.int64], method: Method, percentile: float) -> Range:
    width = _magnitude(found) / BINS
    if method == "percentile":
        edge = int(np.searchsorted(np.cumsum(counts), counts.sum() * percentile / 100)) + 1
    else:
        edge = least_divergent(counts)
    limit = edge * width
    return Range(max(found.low, -limit), min(found.high, limit))


def least_divergent(counts: NDArray[np.int64]) -> int:
    """How many bins of a histogram of magnitudes to keep, so that 128 levels of them tell the most.

    What lies beyond is counted at the last bin kept; the divergence is Kullback and Leibler's. The first bin counts as
    much as the second: it holds the exact zeros of padding and rectifiers, which any range renders.
    """
    total, best = counts.astype(np.float64), (np.inf, len(counts))
    total[0] = total[1]
    for edge in range(LEVELS, len(counts) + 1, 8):
        reference = total[:edge].copy()
        reference[-1] += total[edge:].sum()
        best = min(best, (_divergence(reference, total[:edge]), edge))
    return best[1]


def _divergence(reference: NDArray[np.float64], kept: NDArray[np.float64]) -> float:
    starts = np.linspace(0, len(kept), LEVELS, endpoint=False).astype(np.int64)
    filled = (kept > 0).astype(np.float64)
    sums, cells = np.add.reduceat(kept, starts), np.add.reduceat(filled, starts)
    means = np.divide(sums, cells, out=np.zeros_like(sums), where=cells > 0)
    levels = np.repeat(means, np.diff(np.append(starts, len(kept)))) * filled
    if not levels.sum():
        return float(np.inf)
    p, q = reference / reference.sum(), levels / levels.sum()
    some = p > 0
    return float(np.sum(p[some] * np.log(p[some] / np.maximum(q[some], 1e-12))))
