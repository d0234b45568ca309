"""Loops that by their constants do not end, or not in time."""

import onnx

from functions.admin.constants import Array, Constants
from functions.admin.errors import Refused
from functions.admin.limits import Limits
from functions.core.errors import brief

NAME = "rules"


def check(node: onnx.NodeProto, constants: Constants, around: int, limits: Limits) -> int:
    """Look at a Loop; one whose condition is computed ends when its values say so, whatever its trip count.

    Args:
        around: iterations of the loops around it.

    Returns:
        Iterations of this one and those around it, as far as they are constant.

    Raises:
        Refused: nothing ends it, or only a trip count beyond the limit.
    """
    body = next((attribute.g for attribute in node.attribute if attribute.name == "body"), None)
    if body is None or not body.output or _ends(node, body, constants):
        return around
    label = brief(node.name or (node.output[0] if node.output else ""))
    if not node.input or not node.input[0]:
        raise Refused(NAME, f"its Loop {label} never ends: it has no trip count, and its condition does not change")
    trips = _number(constants.input(node, 0))
    if trips is None:
        return around
    total = around * max(trips, 1)
    if total > limits.trips:
        raise Refused(NAME, f"its Loop {label} runs {total} times; expected at most {limits.trips}")
    return total


def _ends(node: onnx.NodeProto, body: onnx.GraphProto, constants: Constants) -> bool:
    """Whether the condition may end it: it is false from the beginning or after a trip, or is computed."""
    start = constants.input(node, 1)
    if start is not None and not start.any():
        return True
    inner = constants.within(body)
    makers = {}
    for made in body.node:
        inner.follow(made)
        makers.update(dict.fromkeys(made.output, made))
    name = body.output[0].name
    going = inner.get(name)
    if going is not None:
        return not going.any()
    while (maker := makers.pop(name, None)) is not None and maker.op_type in ("Identity", "Cast") and maker.input:
        name = maker.input[0]
    return maker is not None or len(body.input) < 2 or name != body.input[1].name


def _number(values: Array | None) -> int | None:
    return int(values[0]) if values is not None and values.size == 1 else None
