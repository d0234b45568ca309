"""The part of ONNX Runtime's quantizer that ortless uses."""

from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

class CalibrationMethod(Enum):
    MinMax = 0
    Entropy = 1
    Percentile = 2

class QuantType(Enum):
    QInt8 = 0
    QUInt8 = 1

class CalibrationDataReader(Protocol):
    def get_next(self) -> dict[str, NDArray[Any]] | None: ...

def quantize_dynamic(
    model_input: str | Path,
    model_output: str | Path,
    *,
    per_channel: bool = False,
    weight_type: QuantType = ...,
) -> None: ...
def quantize_static(
    model_input: str | Path,
    model_output: str | Path,
    calibration_data_reader: CalibrationDataReader,
    *,
    per_channel: bool = False,
    activation_type: QuantType = ...,
    weight_type: QuantType = ...,
) -> None: ...
