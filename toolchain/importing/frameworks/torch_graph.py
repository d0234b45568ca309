"""PyTorch: an exported program -> ONNX, by PyTorch's own exporter; and what the original answers."""

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from functions.core.tensors import Array
from toolchain.importing import graphs
from toolchain.importing.contract import Asked, Imported
from toolchain.importing.errors import NotConvertible
from toolchain.importing.optional import load

GROUP = "torch"
OPSET = 20
WITHOUT = "rewrite that operation in forward with operators that ONNX has, or leave it to the caller"
FIXED = (
    "It takes exactly {rows} rows at a time, as it was exported so: "
    "torch.export.export(..., dynamic_shapes=({{0: torch.export.Dim.AUTO}},)) leaves it open."
)


def imported(program: Any, call: Callable[..., Any], origin: str) -> Imported:
    """The graph of an exported program.

    Args:
        program: torch.export.ExportedProgram.
        call: the original, on its inputs in their order.
        origin: what it was.

    Raises:
        MissingPackage: onnxscript is not installed, with which PyTorch exports.
        NotConvertible: an operation has no ONNX.
    """
    torch = load("torch", GROUP)
    model = graph(torch, program)
    inputs = [value.name for value in model.graph.input]
    outputs = [value.name for value in model.graph.output]
    names = _names(program, outputs)

    def answer(asked: Asked) -> Mapping[str, Array]:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = call(*(torch.from_numpy(np.ascontiguousarray(asked.feeds[name])) for name in inputs))
        return dict(zip(names, _arrays(torch, said), strict=True))

    rows = [dimension.dim_value for value in model.graph.input for dimension in value.type.tensor_type.shape.dim[:1]]
    fixed = max(rows, default=0)
    return Imported(
        graphs.rename(model, dict(zip(outputs, names, strict=True))),
        answer,
        f"PyTorch {torch.__version__}, {origin}",
        notes=(FIXED.format(rows=fixed),) if fixed else (),
    )


def graph(torch: Any, program: Any) -> onnx.ModelProto:
    """PyTorch's own conversion. Raises MissingPackage, NotConvertible."""
    load("onnxscript", GROUP)
    try:
        with quiet():
            exported = torch.onnx.export(program, dynamo=True, verbose=False, opset_version=OPSET)
    except Exception as fault:  # the exporter's own kinds; the reason is what it began with
        raise NotConvertible("The PyTorch model", _reason(fault), WITHOUT) from None
    model: onnx.ModelProto = exported.model_proto
    return model


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """PyTorch's exporter prints its progress, and logs what is not installed."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _names(program: Any, outputs: Sequence[str]) -> list[str]:
    """Names of the outputs: keys where the model answers a dictionary, else the graph's, or output."""
    spec = program.call_spec.out_spec
    keys = list(spec.context) if spec is not None and spec.type is dict else []
    flat = spec is not None and all(inner.is_leaf() for inner in spec.children())
    if keys and flat and len(keys) == len(outputs) and all(isinstance(key, str) and key for key in keys):
        return keys
    return ["output"] if len(outputs) == 1 else [f"output_{number}" for number in range(len(outputs))]


def _arrays(torch: Any, said: Any) -> list[Array]:
    leaves = torch.utils._pytree.tree_leaves(said)
    return [leaf.detach().numpy() for leaf in leaves if isinstance(leaf, torch.Tensor)]


def _reason(fault: BaseException) -> str:
    """What an exporter's long report begins with; the operation that has no ONNX, where it names one."""
    seen: BaseException | None = fault
    while seen is not None:
        for line in str(seen).splitlines():
            if "No ONNX function found" in line or "No decompositions registered" in line:
                return line.strip()
        seen = seen.__cause__ or seen.__context__
    return next((line for line in str(fault).splitlines() if line.strip()), type(fault).__name__)
