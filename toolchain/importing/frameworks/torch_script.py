"""PyTorch: TorchScript, as torch.jit.save writes it; converted by PyTorch's older exporter, which alone takes it."""

import io
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from functions.core.tensors import Array
from toolchain.importing.contract import Asked, Imported, Source
from toolchain.importing.errors import NotConvertible, NotOpened
from toolchain.importing.frameworks import torch_graph
from toolchain.importing.frameworks.torch_module import ROWS, SHAPED
from toolchain.importing.optional import load

OPSET = 18
INPUT, OUTPUT = "input", "output"


def convert(source: Source) -> Imported:
    """Open and convert a script of one input and one output.

    Raises:
        MissingPackage: PyTorch is not installed.
        NotOpened: it does not open.
        NotConvertible: nobody said what a row is like, it has several outputs, or an operation has no ONNX.
    """
    torch = load("torch", torch_graph.GROUP)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            script = torch.jit.load(str(source.path), map_location="cpu").eval()
    except Exception as fault:  # RuntimeError, with the stack of C++
        raise NotOpened(source.path, "PyTorch", fault) from None
    if not source.shape:
        raise NotConvertible("The script", "it does not say what a row is like", SHAPED)
    model = _graph(torch, script, source.shape)
    if len(model.graph.output) != 1:
        raise NotConvertible("The script", f"it has {len(model.graph.output)} outputs", SHAPED)

    def answer(asked: Asked) -> Mapping[str, Array]:
        with torch.no_grad():
            said = script(torch.from_numpy(np.ascontiguousarray(asked.feeds[INPUT])))
        return {OUTPUT: said.detach().numpy()}

    return Imported(model, answer, f"PyTorch {torch.__version__}, TorchScript")


def _graph(torch: Any, script: Any, shape: tuple[int, ...]) -> onnx.ModelProto:
    file = io.BytesIO()
    try:
        with torch_graph.quiet():
            torch.onnx.export(
                script,
                (torch.rand(ROWS, *shape),),
                file,
                dynamo=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes={INPUT: {0: "rows"}, OUTPUT: {0: "rows"}},
            )
    except Exception as fault:  # of the script on that shape, or of the exporter
        raise NotConvertible("The script", fault, SHAPED) from None
    return onnx.load_model_from_string(file.getvalue())
