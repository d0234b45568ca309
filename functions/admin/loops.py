"""Loops that by their constants do not end, or not in time."""

import onnx

from functions.admin.constants import Constants, Values
from functions.admin.errors import Refused
from functions.admin.limits import Limits
from functions.core.errors import brief

NAME = "rules"


def check(node: onnx.NodeProto, constants: Constants, around: float, limits: Limits) -> float:
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
    total = around * max(trips, 1.0)
    if total > limits.trips:
        raise Refused(NAME, f"its Loop {label} runs {total:.4g} times; expected at most {limits.trips}")
    return total


def _ends(node: onnx.NodeProto, body: onnx.GraphProto, constants: Constants) -> bool:
    """Whether the condition may end it: it is false from the beginning or after a trip, or is computed."""
    start = constants.input(node, 1)
    if start is not None and not any(start):
        return True
    inner = constants.within(body)
    makers = {}
    for made in body.node:
        inner.follow(made)
        makers.update(dict.fromkeys(made.output, made))
    name = body.output[0].name
    going = inner.get(name)
    if going is not None:
        return not any(going)
    while (maker := makers.pop(name, None)) is not None and maker.op_type in ("Identity", "Cast") and maker.input:
        name = maker.input[0]
    carried = {value.name for index, value in enumerate(body.input) if index != 1}
    return maker is not None or name in carried


def _number(values: Values | None) -> float | None:
    return values[0] if values is not None and len(values) == 1 else None
