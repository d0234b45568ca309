"""PyTorch: a pickled module, as torch.save writes it, and TorchScript."""

import warnings
from typing import Any

from toolchain.importing.contract import Imported, Source
from toolchain.importing.errors import NotConvertible, NotOpened
from toolchain.importing.frameworks import torch_graph
from toolchain.importing.optional import load

MODULES = "run the command where the classes can be imported that it was pickled with (PYTHONPATH)"
SHAPED = "--shape 3x224x224 says what a row is like; or save it as a program: torch.export.save(...)"
ROWS = 3
"""Of the example that it is traced with: some, as one would count as fixed."""


def convert(source: Source) -> Imported:
    """Open and convert a module of one input; `source.shape` says what a row is like.

    Raises:
        MissingPackage: PyTorch or onnxscript is not installed.
        NotOpened: it does not open, or holds no module.
        NotConvertible: nobody said what a row is like, or an operation has no ONNX.
    """
    torch = load("torch", torch_graph.GROUP)
    module = _opened(torch, source)
    example = (torch.rand(ROWS, *_shape(module, source)),)
    rows = {0: torch.export.Dim.AUTO}
    try:
        with torch_graph.quiet():
            program = torch.export.export(module, example, dynamic_shapes=(rows,))
    except Exception as fault:  # of the module on that shape, or of the exporter
        raise NotConvertible(type(module).__name__, fault, SHAPED) from None
    return torch_graph.imported(program, module, type(module).__name__)


def _opened(torch: Any, source: Source) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = torch.load(source.path, map_location="cpu", weights_only=False)
    except (ModuleNotFoundError, AttributeError) as fault:
        raise NotOpened(source.path, "PyTorch", fault, MODULES) from None
    except Exception as fault:  # a pickle fails in whatever way its code does
        raise NotOpened(source.path, "PyTorch", fault) from None
    if not isinstance(module, torch.nn.Module):
        raise NotOpened(source.path, "PyTorch", f"it holds a {type(module).__name__}, no module")
    return module.eval()


def _shape(module: Any, source: Source) -> tuple[int, ...]:
    if not source.shape:
        raise NotConvertible(type(module).__name__, "it does not say what a row is like", SHAPED)
    return source.shape
