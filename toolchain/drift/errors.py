"""What can go wrong with reference statistics and drift, each in a line and a hint."""

from functions.core.errors import OrtlessError


class NoRows(OrtlessError):
    """A model's folder has no data that a reference could be made from."""

    code = "no_reference_data"

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(
            f"There is no reference to be made of {model!r}: {reason}\n"
            "hint: put rows as they come in production into evaluation.jsonl, as docs/guides/drift.md says"
        )


class NoReference(OrtlessError):
    """A model has no reference to be compared with."""

    code = "no_reference"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model!r} has no reference statistics: nothing is watched of it\n"
            f"hint: ortless reference {model}, then publish it"
        )


class NoSketches(OrtlessError):
    """The log has nothing of a model."""

    code = "no_sketches"

    def __init__(self, model: str, since: str) -> None:
        super().__init__(
            f"The log has no sketch of {model!r} of the last {since}\n"
            "hint: an environment writes one once it has answered 200 rows, or 50 in 15 minutes; --since looks further"
        )


class InvalidRows(OrtlessError):
    """A file is not of rows that the model takes."""

    code = "invalid_rows"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
