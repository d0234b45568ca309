"""What keeps a model from being evaluated, other than the model."""

from functions.core.errors import OrtlessError


class InvalidData(OrtlessError):
    """A file of rows cannot be used: says where, what was expected and what came."""

    code = "invalid_data"

    def __init__(self, place: str, expected: str, got: str) -> None:
        super().__init__(f"Expected {expected} - got {got} - at {place}")


class Unmeasurable(OrtlessError):
    """The package cannot be evaluated as it is agreed: the original fails, or the metric is not of its kind."""

    code = "unmeasurable"
