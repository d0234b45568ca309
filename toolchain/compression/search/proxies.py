"""How far a model's answers are from the original's on a few requests: cheap, and enough to order candidates by."""

from math import isnan, nan
from typing import NamedTuple

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.sensitivity import compare

REQUESTS = 16


class Proxy(NamedTuple):
    """What is known of a candidate before its answers are judged.

    Attributes:
        recipe: its text, with the passes that tidied up.
        bytes: the file's size; 0 where none came of it.
        cosine: of the outputs, mean over rows; NaN where there is nothing to measure by.
        error: of the outputs, relative; NaN as well.
        refused: why it goes no further, or empty.
    """

    recipe: str
    bytes: int
    cosine: float
    error: float
    refused: str = ""


class Proxies:
    """Compares models with one original on the first requests of a calibration."""

    def __init__(self, original: bytes, calibration: Calibration | None) -> None:
        self._requests = calibration.first(REQUESTS) if calibration is not None else None
        if self._requests is not None:
            try:
                self._right = self._requests.outputs(Graph.of(original))
            except NotApplicable:
                self._requests = None  # no float output: sizes have to do

    def of(self, recipe: str, model: bytes) -> Proxy:
        """Compare a model. Raises NotApplicable where it does not run."""
        if self._requests is None:
            return Proxy(recipe, len(model), nan, nan)
        cosine, error = compare(self._requests.outputs(Graph.of(model)), self._right)
        refused = "it answers NaN, infinity or another shape to a sample request" if isnan(error) else ""
        return Proxy(recipe, len(model), cosine, error, refused)
