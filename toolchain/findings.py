"""What a checkup found: one line for each thing that was looked at."""

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How bad it is; only what fails keeps a model from being served."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(NamedTuple):
    """One thing that was looked at, what was seen, and what to do about it."""

    check: str
    status: Status
    detail: str
    hint: str = ""


def ok(check: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Status.OK, detail)


def warn(check: str, detail: str, hint: str) -> Finding:
    """It works, and should be better."""
    return Finding(check, Status.WARN, detail, hint)


def fail(check: str, detail: str, hint: str) -> Finding:
    """It does not work."""
    return Finding(check, Status.FAIL, detail, hint)
