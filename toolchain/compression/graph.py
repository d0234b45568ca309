"""An ONNX graph that passes take apart and put together; what it was made of is never changed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, inliner, numpy_helper

MICROSOFT = "com.microsoft"
STANDARD = ("", "ai.onnx")


class Graph:
    """A working copy of a model.

    Constants are initializers, local functions are inlined, and every node has a name of its own, so that passes
    need not tell these apart.

    Attributes:
        model: the working copy.
        origin: the model that a recipe began with; passes that correct errors compare with it.
        notes: what passes did, in the order in which they did it.
    """

    def __init__(self, model: onnx.ModelProto, origin: onnx.ModelProto | None = None, notes: Iterable[str] = ()):
        """Copy a model.

        Args:
            model: stays as it is.
            origin: the model that `model` came of, when it is not itself the first.
            notes: what was done before.
        """
        self.origin = model if origin is None else origin
        self.notes = list(notes)
        if model.functions:
            self.model = inliner.inline_local_functions(model)
        else:
            self.model = onnx.ModelProto()
            self.model.CopyFrom(model)
        self._fix_constants()
        self._constants_to_initializers()
        self._name_nodes()

    @classmethod
    def of(cls, content: bytes) -> "Graph":
        """The graph of a file's bytes. Raises google.protobuf's DecodeError where they are none."""
        return cls(onnx.load_model_from_string(content))

    def copy(self) -> "Graph":
        """The same graph, to be changed independently."""
        return Graph(self.model, self.origin, self.notes)

    def followed_by(self, model: onnx.ModelProto) -> "Graph":
        """A graph that another tool made of this one."""
        return Graph(model, self.origin, self.notes)

    def note(self, text: str) -> None:
        """Keep what a pass did."""
        self.notes.append(text)

    @property
    def nodes(self) -> list[onnx.NodeProto]:
        """The nodes in their order."""
        return list(self.model.graph.node)

    @property
    def initializers(self) -> dict[str, onnx.TensorProto]:
        """Every initializer by name, also those that a caller may override."""
        return {tensor.name: tensor for tensor in self.model.graph.initializer}

    @property
    def constants(self) -> dict[str, onnx.TensorProto]:
        """The initializers that no caller can override."""
        inputs = set(self.inputs)
        return {name: tensor for name, tensor in self.initializers.items() if name not in inputs}

    @property
    def inputs(self) -> list[str]:
        """What the graph takes."""
        return [value.name for value in self.model.graph.input]

    @property
    def outputs(self) -> list[str]:
        """What the graph gives."""
        return [value.name for value in self.model.graph.output]

    @property
    def producers(self) -> dict[str, onnx.NodeProto]:
        """The node that makes each tensor."""
        return {name: node for node in self.model.graph.node for name in node.output if name}

    @property
    def consumers(self) -> dict[str, list[onnx.NodeProto]]:
        """The nodes that take each tensor, also those that take it within a subgraph."""
        found: dict[str, list[onnx.NodeProto]] = {}
        for node in self.model.graph.node:
            for name in dict.fromkeys(taken_by(node)):
                found.setdefault(name, []).append(node)
        return found

    def array(self, name: str) -> NDArray[Any]:
        """The values of an initializer. Raises KeyError where there is none."""
        return numpy_helper.to_array(self.initializers[name])

    def matmuls(self) -> list[onnx.NodeProto]:
        """MatMul nodes whose second factor is a constant float matrix, in the order of the nodes."""
        constants = self.constants
        return [node for node in self.nodes if node.op_type == "MatMul" and _matrix(constants.get(node.input[1]))]

    def fresh(self, name: str) -> str:
        """A name for a tensor: the wanted one, or with a number behind where that is taken."""
        return _unique(name, set(self.initializers) | set(self.producers) | set(self.inputs))

    def add_initializer(self, name: str, values: NDArray[Any]) -> str:
        """Add a constant; the name it got, which differs where the wanted one is taken."""
        unique = self.fresh(name)
        self.model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), unique))
        return unique

    def set_initializer(self, name: str, values: NDArray[Any]) -> None:
        """Give an initializer other values."""
        self.initializers[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), name))

    def remove(self, nodes: Iterable[onnx.NodeProto]) -> None:
        """Take nodes out."""
        for node in nodes:
            self.model.graph.node.remove(node)

    def insert(self, at: int, nodes: Sequence[onnx.NodeProto]) -> None:
        """Put nodes in front of the one at an index, with a number behind names that are taken.

        com.microsoft is declared where one of them needs it.
        """
        taken = {node.name for node in self.model.graph.node}
        for offset, node in enumerate(nodes):
            node.name = _unique(node.name, taken) if node.name else node.name
            taken.add(node.name)
            self.model.graph.node.insert(at + offset, node)
        if any(node.domain == MICROSOFT for node in nodes):
            self.declare(MICROSOFT, 1)

    def node(self, name: str) -> onnx.NodeProto:
        """The node of a name. Raises KeyError where there is none."""
        found: onnx.NodeProto | None = next((node for node in self.model.graph.node if node.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def index(self, node: onnx.NodeProto) -> int:
        """Where a node stands; names are unique."""
        return next(index for index, other in enumerate(self.model.graph.node) if other.name == node.name)

    def replace(self, node: onnx.NodeProto, nodes: Sequence[onnx.NodeProto]) -> None:
        """Put nodes in the place of one; the last of them has to give what it gave."""
        at = self.index(node)
        self.model.graph.node.remove(node)
        self.insert(at, nodes)

    def domains(self) -> set[str]:
        """The domains of the operators, also of those in subgraphs; "" is ONNX's own."""
        return {"" if node.domain in STANDARD else node.domain for node in _nodes_of(self.model.graph)}

    def keep_domains(self) -> None:
        """Import no other domains than those of the operators, and ONNX's own."""
        used = self.domains() | set(STANDARD)
        kept = [entry for entry in self.model.opset_import if entry.domain in used]
        del self.model.opset_import[:]
        self.model.opset_import.extend(kept)

    def declare(self, domain: str, version: int) -> None:
        """Import a domain of operators unless the model does already."""
        if all(entry.domain != domain for entry in self.model.opset_import):
            self.model.opset_import.append(helper.make_opsetid(domain, version))

    @property
    def opset(self) -> int:
        """The version of ONNX's own operators; 0 when the model names none."""
        return next((entry.version for entry in self.model.opset_import if entry.domain in STANDARD), 0)

    def sweep(self) -> None:
        """Remove initializers, and types of tensors, that nothing refers to any more."""
        used = (
            {name for node in self.model.graph.node for name in taken_by(node)} | set(self.outputs) | set(self.inputs)
        )
        kept = [tensor for tensor in self.model.graph.initializer if tensor.name in used]
        if len(kept) < len(self.model.graph.initializer):
            del self.model.graph.initializer[:]
            self.model.graph.initializer.extend(kept)
        known = used | set(self.producers)
        types = [value for value in self.model.graph.value_info if value.name in known]
        del self.model.graph.value_info[:]
        self.model.graph.value_info.extend(types)

    def bytes(self) -> bytes:
        """The file's content; the same graph gives the same bytes."""
        self.sweep()
        content: bytes = self.model.SerializeToString(deterministic=True)
        return content

    def _fix_constants(self) -> None:
        """Before version 4 of the format constants had to be inputs too; ONNX Runtime lets no caller override them."""
        if 0 < self.model.ir_version < 4:
            known = {tensor.name for tensor in self.model.graph.initializer}
            for value in [value for value in self.model.graph.input if value.name in known]:
                self.model.graph.input.remove(value)
            self.model.ir_version = 4

    def _constants_to_initializers(self) -> None:
        for node in [node for node in self.nodes if node.op_type == "Constant" and node.domain in STANDARD]:
            if len(node.attribute) == 1 and node.attribute[0].name == "value":
                tensor = self.model.graph.initializer.add()
                tensor.CopyFrom(node.attribute[0].t)
                tensor.name = node.output[0]
                self.model.graph.node.remove(node)

    def _name_nodes(self) -> None:
        taken: set[str] = set()
        for node in self.model.graph.node:
            node.name = _unique(node.name or f"{node.op_type}_{next(iter(node.output), '')}", taken)
            taken.add(node.name)


def _unique(name: str, taken: set[str]) -> str:
    unique, number = name, 1
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _matrix(tensor: onnx.TensorProto | None) -> bool:
    return tensor is not None and tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) == 2


def _nodes_of(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for inner in _subgraphs(node):
            yield from _nodes_of(inner)


def _subgraphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        yield from (attribute.g, *attribute.graphs) if attribute.HasField("g") or attribute.graphs else ()


def taken_by(node: onnx.NodeProto) -> Iterator[str]:
    """What a node takes; with what its subgraphs name, whether of their own or from outside."""
    yield from (name for name in node.input if name)
    for inner in _subgraphs(node):
        yield from (value.name for value in inner.output)
        for child in inner.node:
            yield from taken_by(child)
