"""Keras 3: a .keras file -> ONNX, by Keras's own export."""

import importlib.util
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from functions.core.tensors import Array
from toolchain.importing import graphs
from toolchain.importing.contract import Asked, Imported, Source
from toolchain.importing.errors import MissingPackage, NotConvertible, NotOpened, Untrusted
from toolchain.importing.frameworks.torch_graph import quiet
from toolchain.importing.optional import load

GROUP = "keras"
BACKENDS = ("torch", "tensorflow", "jax")
WITHOUT = "replace the layer by one of Keras's own, or export it with your own code, and: ortless new"


def convert(source: Source) -> Imported:
    """Open and convert a model. Its code, in Lambda layers, is opened only where it is trusted.

    Raises:
        MissingPackage: Keras, or a backend of it, is not installed.
        Untrusted: it holds code.
        NotOpened: it is damaged, or has layers of classes that are not there.
        NotConvertible: a layer has no ONNX.
    """
    keras = _keras()
    model = _opened(keras, source)
    inputs = {value.name: value for value in model.inputs}
    graph, outputs = _graph(keras, model)
    order = [value.name for value in graph.graph.output]
    names = dict(zip(order, outputs, strict=True))

    def answer(asked: Asked) -> Mapping[str, Array]:
        said = _call(model, {name: np.asarray(asked.feeds[name]) for name in inputs})
        leaves = [keras.ops.convert_to_numpy(leaf) for leaf in keras.tree.flatten(said)]
        return dict(zip(outputs, leaves, strict=True))

    origin = f"Keras {keras.__version__} on {keras.backend.backend()}, {type(model).__name__}"
    return Imported(graphs.rename(graph, names), answer, origin)


def _keras() -> Any:
    """Keras, on the backend that the user set, or else one that is installed and can export."""
    if "KERAS_BACKEND" not in os.environ:
        found = next((name for name in BACKENDS if importlib.util.find_spec(name)), "")
        if not found:
            raise MissingPackage("torch", GROUP, "Keras computes with it")
        os.environ["KERAS_BACKEND"] = found
    return load("keras", GROUP)


def _opened(keras: Any, source: Source) -> Any:
    try:
        model = keras.saving.load_model(source.path, compile=False, safe_mode=not source.trusted)
    except Exception as fault:  # ValueError, TypeError, or what a layer raises
        if "unsafe" in str(fault) or "safe_mode" in str(fault):
            raise Untrusted(source.path, "has a Lambda layer", "or write a layer of its own") from None
        raise NotOpened(source.path, "Keras", fault) from None
    if not getattr(model, "inputs", None):
        raise NotConvertible(type(model).__name__, "it does not say what it takes", "give it keras.Input layers")
    return model


def _names(model: Any, said: Any) -> list[str]:
    """Names of the outputs, in the order in which Keras flattens them: of a dictionary, its keys, sorted."""
    count = len(model.outputs)
    if isinstance(said, dict) and len(said) == count:
        return sorted(said)
    names = list(getattr(model, "output_names", ()) or ())
    if len(names) == count > 1:
        return names
    return ["output"] if count == 1 else [f"output_{number}" for number in range(count)]


def _graph(keras: Any, model: Any) -> tuple[onnx.ModelProto, list[str]]:
    """The graph, and names for its outputs."""
    ones = {value.name: np.ones([1, *(size or 1 for size in value.shape[1:])], value.dtype) for value in model.inputs}
    try:
        with quiet(), tempfile.TemporaryDirectory(prefix="ortless-") as desk:
            said = _call(model, ones)  # its export asks that it was called once
            path = Path(desk) / "model.onnx"
            model.export(str(path), format="onnx", verbose=False)
            return onnx.load(path), _names(model, said)
    except ImportError as fault:
        raise MissingPackage(fault.name or "onnxscript", GROUP, str(fault)) from None
    except Exception as fault:  # of the backend's exporter
        raise NotConvertible(f"The Keras model on {keras.backend.backend()}", fault, WITHOUT) from None


def _call(model: Any, values: dict[str, Array]) -> Any:
    given = list(values.values())
    return model(given[0] if len(given) == 1 else given, training=False)
