"""ONNX Runtime's own optimisation, done once, at the levels whose result runs on every CPU."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import onnx
import onnxruntime

from functions.core.session import FAULTS, session_options
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph

LEVELS = {
    "basic": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
}


@dataclass(frozen=True)
class Options:
    """`basic` keeps to ONNX's own operators, which later passes know; `extended` fuses into com.microsoft's too."""

    level: Literal["basic", "extended"] = "basic"


def applies(graph: Graph) -> str | None:
    """Every graph can be folded."""
    return None if graph.nodes else "the graph has no nodes"


def run(graph: Graph, options: Options) -> Graph:
    """The graph as ONNX Runtime writes it after that level. Raises NotApplicable where it refuses the graph."""
    settings = session_options(1, optimized=False)
    settings.graph_optimization_level = LEVELS[options.level]
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        target = Path(scratch) / "folded.onnx"
        settings.optimized_model_filepath = str(target)
        try:
            onnxruntime.InferenceSession(graph.bytes(), settings, providers=["CPUExecutionProvider"])
        except FAULTS as fault:
            raise NotApplicable(f"ONNX Runtime refuses the graph: {fault}") from None
        model = onnx.load(target)
    if [value.name for value in model.graph.input] != graph.inputs:
        raise NotApplicable("folding leaves other inputs: constants of this old graph are inputs too")
    folded = graph.followed_by(model)
    folded.keep_domains()
    folded.note(f"{len(graph.nodes)} nodes became {len(folded.nodes)}")
    return folded
