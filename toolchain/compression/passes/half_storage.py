"""Weights in 16 bits in the file; a Cast makes them 32 again when the model is loaded, so no operator is slower."""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, helper

from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph

LARGEST = float(np.finfo(np.float16).max)
STORAGE = "ortless.storage"
"""Key in the model's metadata: its Casts are to be computed where it is loaded, not where it is packed."""


@dataclass(frozen=True)
class Options:
    """Constants of fewer values than `smallest` stay as they are."""

    smallest: int = 64


def applies(graph: Graph) -> str | None:
    """Whether there are float weights."""
    found = any(tensor.data_type == TensorProto.FLOAT for tensor in graph.constants.values())
    return None if found else "no float32 constants; weights of ai.onnx.ml operators are attributes, which stay"


def run(graph: Graph, options: Options) -> Graph:
    """The graph with its large float constants as float16, each followed by a Cast."""
    graph = graph.copy()
    large = {name: graph.array(name) for name, tensor in graph.constants.items() if _large(tensor, options)}
    fitting = {name: values for name, values in large.items() if np.abs(values).max() <= LARGEST}
    if not fitting:
        raise NotApplicable(f"no float32 constant has {options.smallest} values within the range of 16 bits")
    for tensor in [tensor for tensor in graph.model.graph.initializer if tensor.name in fitting]:
        graph.model.graph.initializer.remove(tensor)
    casts = []
    for name, values in fitting.items():
        stored = graph.add_initializer(f"{name}_half", values.astype(np.float16))
        casts.append(helper.make_node("Cast", [stored], [name], name=f"{name}_cast", to=TensorProto.FLOAT))
    graph.insert(0, casts)
    helper.set_model_props(graph.model, {entry.key: entry.value for entry in graph.model.metadata_props}
                           | {STORAGE: "float16"})  # fmt: skip
    graph.note(f"{len(fitting)} constants are stored in 16 bits")
    if len(fitting) < len(large):
        graph.note(f"{len(large) - len(fitting)} constants exceed the range of 16 bits and stay")
    return graph


def _large(tensor: TensorProto, options: Options) -> bool:
    return tensor.data_type == TensorProto.FLOAT and int(np.prod(tensor.dims)) >= max(options.smallest, 1)
