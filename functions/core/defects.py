"""What the log may have of a fault that nobody foresaw: its type and its place. Its words may quote what came."""

from functions.core.errors import OrtlessError

OURS = "functions"
"""Whose places a reader of the log can go to; inside a library the innermost call of ours is named."""


class Defect(Exception):
    """Stands for a fault of ours where others write to the log what they catch."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__(described(fault))


def described(fault: BaseException) -> str:
    """As in `ValueError at functions/batch/rows.py:12`; of our own errors the stable code as well."""
    kind = type(fault).__name__ + (f" ({fault.code})" if isinstance(fault, OrtlessError) else "")
    place, frame = "", fault.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename.replace("\\", "/")
        if f"/{OURS}/" in file:
            place = f" at {OURS}/{file.rpartition(f'/{OURS}/')[2]}:{frame.tb_lineno}"
        frame = frame.tb_next
    return kind + place
