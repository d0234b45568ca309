"""Equal constants are kept once."""

from toolchain.compression.graph import Graph
from toolchain.compression.passes.options import NoOptions


def applies(graph: Graph) -> str | None:
    """Whether there are two equal constants."""
    return None if _twins(graph) else "no two constants are equal"


def run(graph: Graph, _options: NoOptions) -> Graph:
    """The graph with each of its constants once; answers stay the same to the bit."""
    graph = graph.copy()
    twins = _twins(graph)
    saved = sum(graph.array(name).nbytes for name in twins)
    for node in graph.model.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = twins.get(name, name)
    graph.sweep()
    graph.note(f"{len(twins)} constants, {saved} bytes, were there already")
    return graph


def _twins(graph: Graph) -> dict[str, str]:
    """Each constant that is there already, with the one that stands for it; those that subgraphs use stay."""
    kept: dict[tuple[object, ...], str] = {}
    twins: dict[str, str] = {}
    plain = {name for node in graph.nodes for name in node.input}
    within = _used_within(graph) | set(graph.outputs)
    for name, tensor in graph.constants.items():
        if tensor.data_type == tensor.STRING:
            continue
        values = graph.array(name)
        key = (tensor.data_type, values.shape, values.tobytes())
        first = kept.setdefault(key, name)
        if first != name and name in plain and name not in within:
            twins[name] = first
    return twins


def _used_within(graph: Graph) -> set[str]:
    """What nodes take that is not among their own inputs: the names that subgraphs refer to."""
    return {name for name, nodes in graph.consumers.items() if any(name not in node.input for node in nodes)}
