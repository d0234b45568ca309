"""Tables of embeddings in 8 or 4 bits: only the rows that a request names are turned back into floats."""

from dataclasses import dataclass
from typing import Literal

from onnx import TensorProto, helper

from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import MICROSOFT, Graph
from toolchain.compression.layers import Embedding, embeddings
from toolchain.compression.quantization import blockwise, packed, per_row


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        bits: 8 with a scale for each row, 4 with a scale for each block of a row.
        block: how many values share a scale, for 4 bits.
        smallest: tables of fewer values stay as they are: they would save nothing.
    """

    bits: Literal[8, 4] = 8
    block: Literal[16, 32, 64, 128] = 32
    smallest: int = 1024


def applies(graph: Graph) -> str | None:
    """Whether rows are gathered from a table that nothing else needs as floats."""
    tables = embeddings(graph)
    if not tables:
        return "no Gather of rows from a constant float table"
    if not any(_only_gathered(graph, table) for table in tables):
        return "its tables of embeddings are factors of products too, so their floats have to stay"
    return None


def run(graph: Graph, options: Options) -> Graph:
    """The graph with whole numbers for its tables."""
    graph = graph.copy()
    found = [
        table
        for table in embeddings(graph)
        if table.shape[0] * table.shape[1] >= options.smallest and _only_gathered(graph, table)
    ]
    if not found:
        raise NotApplicable(f"no table of embeddings has {options.smallest} values or more")
    made: dict[str, list[str]] = {}
    for table in found:
        (_by_rows if options.bits == 8 else _by_blocks)(graph, table, options, made)
    graph.sweep()
    graph.note(f"{len(made)} tables of embeddings have {options.bits} bits a value")
    return graph


def _only_gathered(graph: Graph, table: Embedding) -> bool:
    takers = {node.name for node in graph.consumers[table.table]}
    gathers = {other.node.name for other in embeddings(graph) if other.table == table.table}
    return takers <= gathers and table.table not in graph.outputs


def _by_rows(graph: Graph, table: Embedding, _options: Options, made: dict[str, list[str]]) -> None:
    if table.table not in made:
        numbers, scales = per_row(graph.array(table.table))
        made[table.table] = [
            graph.add_initializer(f"{table.table}_int8", numbers),
            graph.add_initializer(f"{table.table}_scale", scales),
        ]
    numbers_name, scales_name = made[table.table]
    name = table.node.name
    nodes = [
        helper.make_node("Gather", [numbers_name, table.ids], [f"{name}_whole"], name=name),
        helper.make_node("Cast", [f"{name}_whole"], [f"{name}_float"], name=f"{name}_cast", to=TensorProto.FLOAT),
        helper.make_node("Gather", [scales_name, table.ids], [f"{name}_scales"], name=f"{name}_gather_scales"),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scales"], [table.node.output[0]], name=f"{name}_scaled"),
    ]
    graph.replace(table.node, nodes)


def _by_blocks(graph: Graph, table: Embedding, options: Options, made: dict[str, list[str]]) -> None:
    rows, width = table.shape
    if width % options.block:
        raise NotApplicable(f"rows of {width} values do not come out even in blocks of {options.block}")
    if table.table not in made:
        numbers, scales = blockwise(graph.array(table.table), options.bits, options.block)
        made[table.table] = [
            graph.add_initializer(f"{table.table}_4bit", packed(numbers).reshape(rows, width // 2)),
            graph.add_initializer(f"{table.table}_scale", scales),
        ]
    numbers_name, scales_name = made[table.table]
    node = helper.make_node(
        "GatherBlockQuantized",
        [numbers_name, table.ids, scales_name],
        [table.node.output[0]],
        name=table.node.name,
        domain=MICROSOFT,
        gather_axis=0,
        quantize_axis=1,
        block_size=options.block,
        bits=options.bits,
    )
    graph.replace(table.node, [node])
