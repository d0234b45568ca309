"""What a checkup found: one line for each thing that was looked at."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How bad it is; only what fails keeps something from working. What is skipped could not be looked at."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


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


def skipped(check: str, why: str, hint: str = "") -> Finding:
    """It could not be looked at."""
    return Finding(check, Status.SKIPPED, why, hint)


def failed(found: Iterable[Finding]) -> bool:
    """Whether something does not work."""
    return any(finding.status is Status.FAIL for finding in found)
