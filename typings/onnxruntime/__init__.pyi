"""The part of ONNX Runtime that ortless uses; the package ships no types of its own."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from numpy.typing import NDArray

__version__: str

class GraphOptimizationLevel(Enum):
    ORT_DISABLE_ALL = 0
    ORT_ENABLE_BASIC = 1
    ORT_ENABLE_EXTENDED = 2
    ORT_ENABLE_ALL = 99

class SessionOptions:
    intra_op_num_threads: int
    inter_op_num_threads: int
    log_severity_level: int
    graph_optimization_level: GraphOptimizationLevel
    optimized_model_filepath: str
    def add_session_config_entry(self, key: str, value: str) -> None: ...

class RunOptions:
    terminate: bool

class NodeArg:
    name: str
    type: str
    shape: list[int | str | None]

class InferenceSession:
    def __init__(
        self,
        path_or_bytes: str | bytes,
        sess_options: SessionOptions | None = None,
        providers: Sequence[str] | None = None,
    ) -> None: ...
    def run(
        self,
        output_names: Sequence[str] | None,
        input_feed: Mapping[str, Any],
        run_options: RunOptions | None = None,
    ) -> list[Any]: ...
    def get_inputs(self) -> list[NodeArg]: ...
    def get_outputs(self) -> list[NodeArg]: ...
    def get_overridable_initializers(self) -> list[NodeArg]: ...
    def run_with_ort_values(
        self,
        output_names: Sequence[str] | None,
        input_dict_ort_values: Mapping[str, OrtValue],
        run_options: RunOptions | None = None,
    ) -> list[OrtValue]: ...

class OrtValue:
    @staticmethod
    def ortvalue_from_numpy(numpy_obj: NDArray[Any]) -> OrtValue: ...
    @staticmethod
    def ortvalue_from_shape_and_type(shape: Sequence[int], element_type: int) -> OrtValue: ...
    def data_type(self) -> str: ...
    def shape(self) -> list[int]: ...
    def data_ptr(self) -> int: ...
    def tensor_size_in_bytes(self) -> int: ...
    def numpy(self) -> NDArray[Any]: ...
