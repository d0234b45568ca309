"""What can go wrong between a question about cost and its answer, each in a line and a hint."""

from functions.core.errors import OrtlessError


class UnusableTrace(OrtlessError):
    """A file of traffic cannot be read as one."""

    code = "unusable_trace"

    def __init__(self, place: str, expected: str, got: str) -> None:
        super().__init__(f"Expected {expected} - got {got} - at {place}\nhint: see docs/guides/cost.md")


class NotMeasured(OrtlessError):
    """A package could not be timed."""

    code = "not_measured"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} could not be measured: {reason}")


class Unplannable(OrtlessError):
    """What was asked for cannot be served at all."""

    code = "unplannable"

    def __init__(self, expected: str, got: str, hint: str) -> None:
        super().__init__(f"Expected {expected} - got {got}\nhint: {hint}")
