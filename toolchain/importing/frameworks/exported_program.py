"""PyTorch: a .pt2 file, as torch.export.save writes it."""

import warnings
from typing import Any

from toolchain.importing.contract import Imported, Source
from toolchain.importing.errors import NotOpened
from toolchain.importing.frameworks import torch_archive, torch_graph
from toolchain.importing.optional import load

OLDER = "export it anew with the installed version of PyTorch"


def convert(source: Source) -> Imported:
    """Open and convert an exported program.

    Raises:
        MissingPackage: PyTorch or onnxscript is not installed.
        Untrusted: something in the archive could run code, and nobody said that it may.
        NotOpened: it is damaged, or of another version.
        NotConvertible: an operation has no ONNX.
    """
    torch = load("torch", torch_graph.GROUP)
    if not source.trusted:
        torch_archive.check(source.path, torch)
    program = _opened(torch, source)
    module = program.module()
    keywords = list((program.example_inputs or ((), {}))[1])

    def call(*values: Any) -> Any:
        split = len(values) - len(keywords)
        return module(*values[:split], **dict(zip(keywords, values[split:], strict=True)))

    return torch_graph.imported(program, call, "an exported program")


def _opened(torch: Any, source: Source) -> Any:
    try:
        with torch_graph.quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.export.load(str(source.path))
    except Exception as fault:  # of the archive, its schema, or what it names
        raise NotOpened(source.path, "PyTorch", fault, OLDER) from None
