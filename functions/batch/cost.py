"""What a job costs on AWS, estimated from what its pieces took; prices are in one dated file."""

import platform
from typing import NamedTuple

from functions.batch.sources.limits import PART
from functions.core.prices import prices

PUTS_OF_A_JOB, PUTS_OF_A_PIECE = 5, 3
"""Pointer, register, claim, plan or order, manifest; part, errors, tally."""
GETS_OF_A_JOB, GETS_OF_A_PIECE = 8, 8
QUEUE_REQUESTS = 3
"""Send, receive, delete."""
TRANSITIONS_OF_A_JOB, TRANSITIONS_OF_A_PIECE = 8, 3
"""Of the machine; a piece is an execution of its own."""
START_SECONDS = 2.0
"""Of a function whose environment is new."""


class Work(NamedTuple):
    """What was, or will be, done for a job."""

    seconds: float
    """Of functions, all pieces together."""
    pieces: int
    bytes: int
    """Of the file, which the plan reads once more."""
    distributed: bool
    memory_mb: int
    architecture: str


def architecture() -> str:
    """Of this processor, as Lambda calls it; the functions of one deployment have the same."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def dollars(work: Work) -> float:
    """US dollars for a job, without storage, transfer and any free tier.

    Functions are paid by memory x time and by invocation, S3 and SQS by request, Step Functions by transition.
    """
    table = prices()
    environments = work.pieces if work.distributed else 1
    gb_seconds = (work.seconds + START_SECONDS * environments) * work.memory_mb / 1024
    total: float = gb_seconds * table["gb_second"][work.architecture]
    total += (environments + 1) * table["invocation"]
    total += (PUTS_OF_A_JOB + PUTS_OF_A_PIECE * work.pieces) * table["s3_put"]
    total += (GETS_OF_A_JOB + GETS_OF_A_PIECE * work.pieces + work.bytes / PART) * table["s3_get"]
    total += QUEUE_REQUESTS * table["sqs_request"]
    if work.distributed:
        total += (TRANSITIONS_OF_A_JOB + TRANSITIONS_OF_A_PIECE * work.pieces) * table["state_transition"]
    return total
