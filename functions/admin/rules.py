"""What a graph must not be, as can be read off it without running it.

It finds what is hostile by its declarations; what hides behind computed values is left to the limits of the process
that runs it, and in production to the deadline of each run.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

import onnx

from functions.admin import loops, volumes
from functions.admin.constants import Constants
from functions.admin.errors import Refused
from functions.admin.limits import Limits
from functions.core.errors import brief

NAME = "rules"
Function = tuple[str, str, str]
"""Domain, name and overload."""
MAIN: Function = ("", "", "")


def check(model: onnx.ModelProto, limits: Limits) -> None:
    """Look at a model that the checker of ONNX accepts.

    Raises:
        Refused: functions call themselves or each other too deeply, graphs are nested too deeply, there are too many
            nodes, a loop does not end, or a tensor is too large.
    """
    bodies = [(MAIN, model.graph.node), *((_key(function), function.node) for function in model.functions)]
    calls: dict[Function, Counter[Function]] = {}
    for key, nodes in bodies:
        used = Counter(_called(node) for node in _every(nodes, 1, limits))
        calls[key] = calls.get(key, Counter()) + used
    _check_calls(calls, limits)
    volumes.check_declared(model, limits)
    _walk(model.graph, Constants(), 1, limits)
    for function in model.functions:
        _walk_nodes(function.node, Constants(), 1, limits)


def _key(function: onnx.FunctionProto) -> Function:
    return _domain(function.domain), function.name, function.overload


def _called(node: onnx.NodeProto) -> Function:
    return _domain(node.domain), node.op_type, node.overload


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name


def _every(nodes: Sequence[onnx.NodeProto], depth: int, limits: Limits) -> Iterator[onnx.NodeProto]:
    """The nodes of a graph and of the graphs within it."""
    if depth > limits.nesting:
        raise Refused(NAME, f"its graphs are nested deeper than {limits.nesting}")
    for node in nodes:
        yield node
        for graph in subgraphs(node):
            yield from _every(graph.node, depth + 1, limits)


def subgraphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    """The graphs that a node runs."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _check_calls(calls: dict[Function, Counter[Function]], limits: Limits) -> None:
    """Follow calls from the functions that call none upwards: a chain may be longer than Python's stack."""
    own = {caller: {called for called in used if called in calls} for caller, used in calls.items()}
    try:
        order = list(TopologicalSorter(own).static_order())
    except CycleError as cycle:
        names = " -> ".join(brief(name) for _, name, _ in reversed(cycle.args[1][:5]))
        raise Refused(NAME, f"its functions call themselves: {names}") from None
    depths: dict[Function, int] = {}
    nodes: dict[Function, int] = {}
    for caller in order:
        depths[caller] = max((depths[called] + 1 for called in own[caller]), default=0)
        nodes[caller] = sum(times * nodes.get(called, 1) for called, times in calls[caller].items())
    if (depth := max(depths.values())) > limits.function_depth:
        raise Refused(NAME, f"its functions call each other {depth} deep; at most {limits.function_depth} are followed")
    # A function that nobody calls counts too: it is parsed all the same.
    if max(nodes.values()) > limits.nodes:
        raise Refused(NAME, f"with those of its functions it has more nodes than {limits.nodes}")


def _walk(graph: onnx.GraphProto, outer: Constants, trips: float, limits: Limits) -> None:
    constants = outer.within(graph)
    _walk_nodes(graph.node, constants, trips, limits)


def _walk_nodes(nodes: Sequence[onnx.NodeProto], constants: Constants, trips: float, limits: Limits) -> None:
    for node in nodes:
        inner = trips
        if node.op_type == "Loop":
            inner = loops.check(node, constants, trips, limits)
        volumes.check_made(node, constants, limits)
        for graph in subgraphs(node):
            _walk(graph, constants, inner, limits)
        constants.follow(node)
