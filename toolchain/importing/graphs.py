"""A converter's graph, made fit for a package: only what is answered, under its own names, nothing of this machine."""

from collections.abc import Mapping, Sequence

import onnx

SCORING = ("TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier")


def keep(model: onnx.ModelProto, outputs: Sequence[str]) -> onnx.ModelProto:
    """The graph with these outputs only, without the nodes and constants that nothing needs any more."""
    graph = model.graph
    _replace(graph.output, [value for name in outputs for value in graph.output if value.name == name])
    needed, kept = set(outputs), []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(_taken(node))
    _replace(graph.node, kept[::-1])
    _replace(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in needed])
    return model


def without_unused(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph without the inputs that no node takes."""
    taken = {name for node in model.graph.node for name in _taken(node)}
    _replace(model.graph.input, [value for value in model.graph.input if value.name in taken])
    return model


def rename(model: onnx.ModelProto, names: Mapping[str, str]) -> onnx.ModelProto:
    """The graph with other names of its outputs; where one is taken within, an Identity leads to it."""
    graph = model.graph
    wanted = {old: new for old, new in names.items() if old != new}
    for value in graph.output:
        if value.name in wanted:
            graph.node.append(onnx.helper.make_node("Identity", [value.name], [wanted[value.name]]))
            value.name = wanted[value.name]
    return model


def clean(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """Without traces of the source, which name paths of this machine; sorted, as converters' order may change."""
    graph = model.graph
    graph.name = name
    for part in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    del model.metadata_props[:]
    model.doc_string = ""
    model.opset_import.sort(key=lambda entry: entry.domain)
    return model


def shaped(model: onnx.ModelProto, widths: Mapping[str, int]) -> onnx.ModelProto:
    """With outputs [rows, width] declared as such, where the converter said something else."""
    for value in model.graph.output:
        if value.name in widths:
            kind = value.type.tensor_type.elem_type
            shape = [None, widths[value.name]] if widths[value.name] else [None]
            value.CopyFrom(onnx.helper.make_tensor_value_info(value.name, kind, shape))
    return model


def narrow(model: onnx.ModelProto) -> onnx.ModelProto:
    """With scores of classes declared as numbers of 32 bits, as these operators give no others."""
    graph = model.graph
    scores = {node.output[1] for node in graph.node if node.op_type in SCORING and len(node.output) > 1}
    for value in (*graph.output, *graph.value_info):
        if value.name in scores:
            value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    return model


def _taken(node: onnx.NodeProto) -> set[str]:
    """What a node takes, also within its subgraphs."""
    found = set(node.input)
    for attribute in node.attribute:
        for graph in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
            for inner in graph.node:
                found |= _taken(inner)
            found |= {value.name for value in graph.output}
    return found


def _replace(field: object, values: Sequence[object]) -> None:
    copies = list(values)
    del field[:]  # type: ignore[attr-defined]
    field.extend(copies)  # type: ignore[attr-defined]
