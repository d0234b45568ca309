"""An ONNX file as its author wrote it: refused where it is broken or incomplete, and what it says of itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import onnx

from functions.core.errors import OrtlessError

SERVED_DOMAINS = frozenset(("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "ai.onnx.preview.training"))
"""Domains of operators that the functions' ONNX Runtime brings."""
SINGLE_FILE = "python -c \"import onnx; onnx.save(onnx.load('{path}'), 'single.onnx')\""


class BrokenGraph(OrtlessError):
    """A file is not there, or is no ONNX model."""

    code = "broken_graph"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is no ONNX file that can be used: {reason}")


class ExternalData(OrtlessError):
    """A graph keeps tensors in other files, which a copy of the one file would leave behind."""

    code = "external_data"

    def __init__(self, path: Path, tensors: list[str]) -> None:
        shown = ", ".join(tensors[:3]) + (f" and {len(tensors) - 3} more" if len(tensors) > 3 else "")
        hint = SINGLE_FILE.format(path=path)
        super().__init__(f"{path} keeps tensors in other files: {shown}\nhint: write one file of it: {hint}")


def load(path: Path) -> onnx.ModelProto:
    """Parse a file, without what it keeps elsewhere.

    Raises:
        BrokenGraph: it cannot be read, or is no ONNX model.
        MemoryError: it is larger than what memory there is.
    """
    try:
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except OSError as fault:
        raise BrokenGraph(path, fault.strerror or str(fault)) from None
    except MemoryError:
        raise
    except Exception as fault:  # protobuf's DecodeError, whose package comes without types
        if "alloc failed" in str(fault):
            raise MemoryError from None
        raise BrokenGraph(path, "it is damaged, or of another format") from None
    if not model.ir_version or not (model.graph.node or model.graph.output):
        raise BrokenGraph(path, "it holds no graph")
    return model


def whole(path: Path) -> onnx.ModelProto:
    """Parse a file that must hold everything.

    Raises:
        BrokenGraph: as `load`.
        ExternalData: a tensor is kept in another file.
    """
    model = load(path)
    if outside := external_tensors(model):
        raise ExternalData(path, outside)
    return model


def external_tensors(model: onnx.ModelProto) -> list[str]:
    """Tensors kept in other files - initializers, attributes, in subgraphs and functions - with those files' names."""
    found = []
    for part in parts(model):
        if isinstance(part, onnx.TensorProto) and (part.data_location == part.EXTERNAL or part.external_data):
            files = [entry.value for entry in part.external_data if entry.key == "location"]
            found.append(f"{part.name or 'a constant'!r} in {files[0] if files else 'a file without a name'!r}")
    return found


def foreign_operators(model: onnx.ModelProto) -> list[str]:
    """Operators, by domain and name, that neither ONNX Runtime nor the model itself defines."""
    own = {(function.domain, function.name) for function in model.functions}
    used = {(part.domain, part.op_type) for part in parts(model) if isinstance(part, onnx.NodeProto)}
    return sorted(f"{domain}.{name}" for domain, name in used - own if domain not in SERVED_DOMAINS)


def opset(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a model uses; 0 when it names none."""
    return next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)


def metadata(model: onnx.ModelProto) -> Mapping[str, str]:
    """What the author wrote into the file, by lower-case key."""
    return {entry.key.lower(): entry.value for entry in model.metadata_props}


def comes_from(model: onnx.ModelProto, output: str, operator: str) -> bool:
    """Whether an output of the graph is what such an operator gives, but for its type or name."""
    makers = {name: node for node in model.graph.node for name in node.output}
    while (node := makers.pop(output, None)) is not None and node.op_type in ("Identity", "Cast") and node.input:
        output = node.input[0]
    return node is not None and node.op_type == operator


def parts(message: Any) -> Iterator[Any]:
    """Every message within one, at any depth; tensors are not looked into, as they are large and hold none of use."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for part in (value,) if hasattr(value, "ListFields") else value:
            yield part
            if not isinstance(part, onnx.TensorProto):
                yield from parts(part)
