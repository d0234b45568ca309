"""An ONNX graph: its signature, and its optimised form for a fast start."""

from pathlib import Path
from typing import NamedTuple

import onnxruntime

from functions.core.errors import InvalidPackage
from functions.core.session import FAULTS, session_options
from functions.core.tensors import BY_ONNX, TensorSpec

EXTERNAL_WEIGHTS_FROM = 8 * 1024 * 1024
"""Bytes of graph from which the weights get a file of their own, which the runtime maps instead of copying."""
WEIGHTS = "weights.bin"


class Signature(NamedTuple):
    """The tensors that a graph takes and gives."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def optimize(graph: Path, target: Path) -> tuple[Signature, list[str]]:
    """Optimise a graph once, here, so that no function does it at each start.

    The level is EXTENDED: what it fuses runs on every CPU, the next one lays tensors out for the CPU at hand.

    Args:
        graph: the ONNX file.
        target: where the optimised file is written; large weights go into a file beside it.

    Returns:
        The signature, and the names of the files written.

    Raises:
        InvalidPackage: ONNX Runtime refuses the graph, or a tensor is of a type that cannot be served.
    """
    options = session_options(1, optimized=False)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    files = [target.name]
    if graph.stat().st_size >= EXTERNAL_WEIGHTS_FROM:
        options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
        options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
        files.append(WEIGHTS)
    try:
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except FAULTS as fault:
        raise InvalidPackage(str(graph), f"ONNX Runtime refuses it: {fault}") from None
    signature = Signature(
        tuple(_tensor(graph, node) for node in session.get_inputs()),
        tuple(_tensor(graph, node) for node in session.get_outputs()),
    )
    return signature, files


def _tensor(graph: Path, node: onnxruntime.NodeArg) -> TensorSpec:
    if node.type not in BY_ONNX:
        served = ", ".join(sorted(BY_ONNX))
        raise InvalidPackage(str(graph), f"its tensor {node.name!r} is a {node.type}; what can be served: {served}")
    shape = tuple(extent if isinstance(extent, int) and extent >= 0 else -1 for extent in node.shape)
    return TensorSpec(node.name, BY_ONNX[node.type].name, shape)
