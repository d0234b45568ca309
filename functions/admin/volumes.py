"""How many elements the tensors of a graph have, where it says so itself."""

from collections.abc import Iterable

import onnx

from functions.admin.constants import Constants
from functions.admin.errors import Refused
from functions.admin.limits import Limits
from functions.core.errors import brief
from functions.packaging.onnx_file import parts

NAME = "rules"
SHAPES = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1, "Reshape": 1, "Upsample": 1, "CenterCropPad": 1, "OneHot": 1}
"""Operators, and which of their inputs is the shape, or a factor of it, of what they give."""
SHAPE_ATTRIBUTES = ("shape", "sample_size", "repeats", "scales", "crop_size")


def check_declared(model: onnx.ModelProto, limits: Limits) -> None:
    """Look at the shapes that are written down, wherever in the model.

    Raises:
        Refused: one of them has too many elements.
    """
    for part in parts(model):
        if isinstance(part, (onnx.TensorProto, onnx.SparseTensorProto)):
            _check(part.dims, "a tensor", limits)
        elif isinstance(part, onnx.TensorShapeProto):
            _check([dim.dim_value for dim in part.dim if dim.dim_value > 0], "a tensor", limits)


def check_made(node: onnx.NodeProto, constants: Constants, limits: Limits) -> None:
    """Look at what a node makes from constants, or by its attributes.

    Raises:
        Refused: it has too many elements.
    """
    what = f"the {node.op_type} {brief(node.output[0])}" if node.output else f"a {node.op_type}"
    for extents in _extents(node, constants):
        _check(extents, what, limits)


def _extents(node: onnx.NodeProto, constants: Constants) -> Iterable[Iterable[float]]:
    operator = node.op_type
    if operator in SHAPES and (shape := constants.input(node, SHAPES[operator])) is not None:
        yield shape
    if operator == "Resize":
        yield from (found for index in (2, 3) if (found := constants.input(node, index)) is not None)
    if operator == "Pad" and (pads := constants.input(node, 1)) is not None:
        yield from ([abs(extent)] for extent in pads)
    if operator == "Range":
        yield from _range(node, constants)
    for attribute in node.attribute:
        if attribute.name in SHAPE_ATTRIBUTES:
            yield (*attribute.ints, *attribute.floats, attribute.i)


def _range(node: onnx.NodeProto, constants: Constants) -> Iterable[Iterable[float]]:
    start, limit, delta = (constants.input(node, index) for index in range(3))
    if start is None or limit is None or delta is None or not (start and limit and delta and delta[0]):
        return
    yield [(limit[0] - start[0]) / delta[0]]


def _check(extents: Iterable[float], what: str, limits: Limits) -> None:
    count = 1.0
    for extent in extents:
        count *= extent if extent > 0 else 1
    if count > limits.elements:
        raise Refused(NAME, f"{what} has {count:.4g} elements; expected at most {limits.elements}")
