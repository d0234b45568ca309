from collections.abc import Mapping, Sequence
from typing import Any

import onnx
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.calibrate import TensorsData

class ONNXModel:
    model: onnx.ModelProto
    def topological_sort(self) -> None: ...

class QDQQuantizer:
    model: ONNXModel
    def __init__(
        self,
        model: onnx.ModelProto,
        per_channel: bool,
        reduce_range: bool,
        weight_qType: QuantType,  # noqa: N803 - its own name
        activation_qType: QuantType,  # noqa: N803 - its own name
        tensors_range: TensorsData,
        nodes_to_quantize: Sequence[str],
        nodes_to_exclude: Sequence[str],
        op_types_to_quantize: Sequence[str],
        extra_options: Mapping[str, Any] | None = None,
    ) -> None: ...
    def quantize_model(self) -> onnx.ModelProto: ...
