"""An ONNX graph: its signature, and its optimised form for a fast start."""

import re
from pathlib import Path
from typing import NamedTuple

import onnxruntime

from functions.core.errors import InvalidPackage
from functions.core.session import FAULTS, session_options
from functions.core.tensors import BY_ONNX, DATATYPES, MAP, SEQUENCE, TENSOR, TensorSpec
from functions.packaging.source import WEIGHTS

EXTERNAL_WEIGHTS_FROM = 8 * 1024 * 1024
"""Bytes of graph from which the weights get a file of their own, which the runtime maps instead of copying."""

OPTIONAL = re.compile(r"optional\((.+)\)")
TENSORS = re.compile(r"seq\((tensor\(\w+\))\)")
MAPS = re.compile(r"(seq\()?map\((int64|string),(tensor\(\w+\))\)(?(1)\))")
KEYS = {"int64": "INT64", "string": "BYTES"}


class Signature(NamedTuple):
    """The tensors that a graph takes and gives, and those that it also takes."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    optional: tuple[TensorSpec, ...] = ()


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
    if graph.stat().st_size >= EXTERNAL_WEIGHTS_FROM:
        options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
        options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
    try:
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except FAULTS as fault:
        raise InvalidPackage(str(graph), f"ONNX Runtime refuses it: {fault}") from None
    # No weights are left of a graph that does not use them, or whose results are computed already.
    files = [name for name in (target.name, WEIGHTS) if target.with_name(name).exists()]
    return _signature(graph, session), files


def keeps(signature: Signature, optimized: Path) -> bool:
    """Whether an optimised file loads, and takes what its graph did.

    Where initialisers are inputs too, as they had to be once, those that were computed away stay behind as inputs.
    """
    try:
        session = onnxruntime.InferenceSession(
            str(optimized), session_options(1, optimized=True), providers=["CPUExecutionProvider"]
        )
    except FAULTS:
        return False
    declared = {spec.name for spec in signature.inputs + signature.optional}
    return declared == {node.name for node in (*session.get_inputs(), *session.get_overridable_initializers())}


def _signature(graph: Path, session: onnxruntime.InferenceSession) -> Signature:
    inputs = [_spec(graph, node) for node in session.get_inputs()]
    _check_maps(graph, inputs)
    defaults = [_spec(graph, node)._replace(optional=True) for node in session.get_overridable_initializers()]
    signature = Signature(
        tuple(spec for spec in inputs if not spec.optional),
        tuple(_spec(graph, node) for node in session.get_outputs()),
        (*(spec for spec in inputs if spec.optional), *defaults),
    )
    _check_exotic(graph, signature)
    return signature


def _check_maps(graph: Path, inputs: list[TensorSpec]) -> None:
    """ONNX Runtime gives maps of any kind, but takes only some."""
    for spec in inputs:
        if spec.kind == MAP and (spec.shape or spec.datatype != "FP32"):
            what = f"{'a sequence of maps' if spec.shape else 'a map'} of {spec.datatype} values"
            reason = (
                f"its input {spec.name!r} is {what}; as an input ONNX Runtime takes only single maps of FP32 values"
            )
            raise InvalidPackage(str(graph), reason)


def _check_exotic(graph: Path, signature: Signature) -> None:
    """An output of a type that numpy lacks leaves ONNX Runtime by a way that not everything can go."""
    exotic = next((spec for spec in signature.outputs if DATATYPES[spec.datatype].element), None)
    if exotic is None:
        return
    takes = (*signature.inputs, *signature.optional)
    blocked = [("input", spec) for spec in takes if spec.kind != TENSOR or spec.datatype == "BYTES"]
    blocked += [("output", spec) for spec in signature.outputs if spec.kind != TENSOR or spec.optional]
    for side, spec in blocked:
        what = f"its {side} {spec.name!r} cannot stand beside the output {exotic.name!r} of {exotic.datatype}"
        raise InvalidPackage(str(graph), f"{what}, which ONNX Runtime gives only from and with tensors of numbers")


def _spec(graph: Path, node: onnxruntime.NodeArg) -> TensorSpec:
    inner = OPTIONAL.fullmatch(node.type)
    found = inner[1] if inner else node.type
    spec = _container(node.name, found) or _tensor(node, found)
    if spec is None:
        served = ", ".join(sorted(BY_ONNX))
        reason = f"its tensor {node.name!r} is a {node.type}; what can be served: {served}, sequences and maps of them"
        raise InvalidPackage(str(graph), reason)
    return spec._replace(optional=bool(inner))


def _container(name: str, found: str) -> TensorSpec | None:
    if (sequence := TENSORS.fullmatch(found)) and sequence[1] in BY_ONNX:
        return TensorSpec(name, BY_ONNX[sequence[1]].name, (-1,), SEQUENCE)
    if (maps := MAPS.fullmatch(found)) and maps[3] in BY_ONNX:
        return TensorSpec(name, BY_ONNX[maps[3]].name, (-1,) if maps[1] else (), MAP, KEYS[maps[2]])
    return None


def _tensor(node: onnxruntime.NodeArg, found: str) -> TensorSpec | None:
    if found not in BY_ONNX:
        return None
    shape = tuple(extent if isinstance(extent, int) and extent >= 0 else -1 for extent in node.shape)
    return TensorSpec(node.name, BY_ONNX[found].name, shape)
