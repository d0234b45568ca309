"""How much one request may make of its instances."""

from functions.core.errors import InvalidInput

TENSOR_BYTES = 1 << 26
"""Of one input tensor: a body of a few megabytes can name far more, by many small instances that each become large."""


def check_rows(rows: int, row_bytes: int, path: str) -> None:
    """Refuse instances before they become tensors.

    Args:
        rows: how many there are.
        row_bytes: what each becomes.

    Raises:
        InvalidInput: together they would exceed TENSOR_BYTES.
    """
    at_most = max(1, TENSOR_BYTES // max(1, row_bytes))
    if rows > at_most:
        raise InvalidInput(path, f"at most {at_most} instances, as each becomes {row_bytes} bytes", f"{rows}")
