"""TensorFlow: the serving function of a SavedModel -> ONNX, by tf2onnx."""

import logging
import os
from collections.abc import Mapping
from typing import Any

import onnx

from functions.core.tensors import Array
from toolchain.importing.contract import Asked, Imported, Source
from toolchain.importing.errors import NotConvertible, NotOpened
from toolchain.importing.optional import load

GROUP = "tensorflow"
OPSET = 18
SERVING = "serving_default"
WITHOUT = "save the model with operations that ONNX has; tf2onnx lists them"


def convert(source: Source) -> Imported:
    """Open and convert a SavedModel.

    It is converted before it is asked anything: an operation that touches files or runs Python has no ONNX.

    Raises:
        MissingPackage: TensorFlow or tf2onnx is not installed.
        NotOpened: it is damaged, or has no serving function.
        NotConvertible: an operation has no ONNX.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tensorflow, tf2onnx = load("tensorflow", GROUP), load("tf2onnx", GROUP)
    try:
        loaded = tensorflow.saved_model.load(str(source.path))
    except Exception as fault:  # of the protocol buffers, or the variables
        raise NotOpened(source.path, "TensorFlow", fault) from None
    function = loaded.signatures.get(SERVING)
    if function is None:
        known = ", ".join(loaded.signatures) or "none"
        raise NotOpened(source.path, "TensorFlow", f"it has no function {SERVING}; those that it has: {known}")
    takes = function.structured_input_signature[1]
    model = _graph(tensorflow, tf2onnx, function, takes)

    def answer(asked: Asked) -> Mapping[str, Array]:
        said = function(**{name: tensorflow.constant(asked.feeds[name]) for name in takes})
        return {name: value.numpy() for name, value in said.items()}

    return Imported(model, answer, f"TensorFlow {tensorflow.__version__}, a SavedModel")


def _graph(tensorflow: Any, tf2onnx: Any, function: Any, takes: Mapping[str, Any]) -> onnx.ModelProto:
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    specs = [tensorflow.TensorSpec(spec.shape, spec.dtype, name=name) for name, spec in takes.items()]

    def call(*values: Any) -> Any:
        return function(**dict(zip(takes, values, strict=True)))

    try:
        model: onnx.ModelProto
        model, _ = tf2onnx.convert.from_function(tensorflow.function(call), input_signature=specs, opset=OPSET)
    except Exception as fault:  # a converter fails in whatever way it does
        raise NotConvertible("The SavedModel", fault, WITHOUT) from None
    return model
