"""Looks at model.onnx: is it whole, is it valid, and does ONNX Runtime know what is in it?"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import onnx

from functions.core.errors import InvalidPackage
from functions.packaging import graph, onnx_file
from toolchain.findings import Finding, fail, ok, warn

OLDEST_OPSET = 7
"""ONNX Runtime promises nothing of what is older."""
CONVERT = "convert it with onnx.version_converter, or export it anew"


def check_graph(path: Path) -> Iterator[Finding]:
    """Findings on an ONNX file, in the order in which they are worth mending."""
    try:
        model = onnx_file.load(path)
    except onnx_file.BrokenGraph as fault:
        yield fail("graph", str(fault), "export the model anew")
        return
    yield _external_data(path, model)
    yield _runtime(path)
    yield _validity(path)
    yield _operators(model)
    yield _versions(model)


def _external_data(path: Path, model: onnx.ModelProto) -> Finding:
    outside = onnx_file.external_tensors(model)
    if outside:
        shown = ", ".join(outside[:3]) + (" ..." if len(outside) > 3 else "")
        hint = f"write one file of it: {onnx_file.SINGLE_FILE.format(path=path)}"
        return fail("external data", f"tensors in other files: {shown}", hint)
    return ok("external data", "everything is in one file")


def _runtime(path: Path) -> Finding:
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        try:
            signature, _ = graph.optimize(path, Path(scratch) / path.name)
        except InvalidPackage as fault:
            reason = str(fault).removeprefix(f"The package {path} cannot be used: ")
            return fail("graph", reason, "export it with operators and types that ONNX Runtime serves")
    sides = (signature.inputs, signature.outputs)
    shown = (", ".join(f"{spec.name} {spec.datatype}{list(spec.shape)}" for spec in side) for side in sides)
    return ok("graph", " -> ".join(shown))


def _validity(path: Path) -> Finding:
    try:
        onnx.checker.check_model(str(path))
    except (onnx.checker.ValidationError, ValueError, RuntimeError) as fault:
        reason = next(iter(str(fault).strip().splitlines()), type(fault).__name__)
        return fail("onnx.checker", reason[:300], "export the model anew, with a current exporter")
    return ok("onnx.checker", "valid")


def _operators(model: onnx.ModelProto) -> Finding:
    foreign = onnx_file.foreign_operators(model)
    if foreign:
        detail = f"not in the functions' ONNX Runtime: {', '.join(foreign[:5])}"
        return fail("operators", detail, "export the model with ONNX's own operators")
    return ok("operators", "all in ONNX Runtime")


def _versions(model: onnx.ModelProto) -> Finding:
    opset = onnx_file.opset(model)
    detail = f"opset {opset or 'none'}, IR {model.ir_version}"
    if opset and opset < OLDEST_OPSET:
        return warn("versions", f"{detail}; ONNX Runtime promises opset {OLDEST_OPSET} and newer", CONVERT)
    if opset > onnx.defs.onnx_opset_version() or model.ir_version > onnx.IR_VERSION:
        newest = f"opset {onnx.defs.onnx_opset_version()}, IR {onnx.IR_VERSION}"
        return warn("versions", f"{detail}; newer than what is known here ({newest})", CONVERT)
    return ok("versions", detail)
