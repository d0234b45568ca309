from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationMethod

class TensorsData:
    def __init__(
        self, calibration_method: CalibrationMethod, data: Mapping[str, tuple[NDArray[Any], NDArray[Any]]]
    ) -> None: ...
