"""TensorFlow: the serving function of a SavedModel -> ONNX, by tf2onnx."""

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import onnx

from functions.core.tensors import Array
from toolchain.importing.contract import Asked, Imported, Source
from toolchain.importing.errors import NotConvertible, NotOpened, Untrusted
from toolchain.importing.optional import load

GROUP = "tensorflow"
OPSET = 18
SERVING = "serving_default"
REACHING = frozenset(
    (
        *("WriteFile", "ReadFile", "MatchingFiles", "PyFunc", "PyFuncStateless", "EagerPyFunc", "TextLineReader"),
        *("WholeFileReader", "FixedLengthRecordReader", "TFRecordReader", "IdentityReader", "LMDBReader", "PrintV2"),
        *("TextLineDataset", "TFRecordDataset", "FixedLengthRecordDataset", "FileSystemSetConfiguration", "RpcCall"),
    )
)
"""Operations that read or write files, call Python or print."""
SAVING = frozenset(("Save", "SaveSlices", "SaveV2", "MergeV2Checkpoints"))
"""Operations that write files as well. They are in every SavedModel: beside its functions, none of which calls them."""
WITHOUT = "save the model with operations that ONNX has; tf2onnx lists them"


def convert(source: Source) -> Imported:
    """Open and convert a SavedModel, which is a program: what in it would do more than compute is looked for first.

    Raises:
        MissingPackage: TensorFlow or tf2onnx is not installed.
        Untrusted: it has operations that reach files or Python, and nobody said that it may.
        NotOpened: it is damaged, or has no serving function.
        NotConvertible: an operation has no ONNX.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tensorflow, tf2onnx = load("tensorflow", GROUP), load("tf2onnx", GROUP)
    if not source.trusted:
        _check(source.path)
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


def _check(path: Path) -> None:
    """Refuse a model that would reach files or Python when it is opened or asked. Raises Untrusted, NotOpened."""
    parsed = load("tensorflow.core.protobuf.saved_model_pb2", GROUP).SavedModel()
    try:
        parsed.ParseFromString((path / "saved_model.pb").read_bytes())
    except Exception as fault:  # DecodeError, of a package without types
        raise NotOpened(path, "TensorFlow", fault) from None
    for meta in parsed.meta_graphs:
        if not meta.HasField("object_graph_def"):
            what = "is of TensorFlow 1, whose graph is run when it is opened"
            raise Untrusted(path, what, "or save it anew with TensorFlow 2", "may do more than compute")
        functions = {function.signature.name: function.node_def for function in meta.graph_def.library.function}
        nodes = [*meta.graph_def.node, *(node for body in functions.values() for node in body)]
        found = {node.op for node in nodes} & REACHING
        for name in _called(functions, meta.object_graph_def.concrete_functions):
            found |= {node.op for node in functions[name]} & SAVING
        if found:
            raise Untrusted(path, f"has the operation {min(found)}", "or save it without", "does more than compute")


def _called(functions: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    """Names of the functions that these call, and of these themselves."""
    found: set[str] = set()
    open_names = [*names]
    while open_names:
        name = open_names.pop()
        if name in found or name not in functions:
            continue
        found.add(name)
        for node in functions[name]:
            inner = [value.func.name for value in node.attr.values()]
            listed = [function.name for value in node.attr.values() for function in value.list.func]
            open_names += [node.op, *inner, *listed]
    return found


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
