"""What a job is, as whoever came first has settled it; read without anything that answers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from functions.batch.rows import Aim

MAX_ROWS = 100_000_000
"""Rows of a file beyond which it is refused: more than ten thousand pieces are more than a plan can hold."""


class Claim(NamedTuple):
    """What a job is; every function that works on it goes by this."""

    job: str
    bucket: str
    key: str
    version_id: str
    bytes: int
    model: str
    version: int
    digest: str
    """SHA-256 of the package's manifest: answers of two packages are never mixed."""
    format: str
    compression: str | None
    options: Mapping[str, Any]
    rows_at_once: int
    """Rows of a run of the model."""
    rows_per_second: float
    """As measured when the job began."""
    memory_mb: int
    architecture: str
    """Of the function that measured it."""
    piece_rows: int
    piece_bytes: int
    piece_counts: Sequence[int]
    """Rows of each piece of a small file; empty for a large one, whose plan says it."""
    distributed: bool
    """Whether a state machine spreads the pieces."""
    tenant: str | None
    trace: str | None = None
    """Of the request that ordered the job, or of what announced its file."""

    @property
    def aim(self) -> Aim:
        """How the file is cut."""
        return Aim(self.piece_bytes, self.piece_rows, MAX_ROWS)


def read(document: Mapping[str, Any]) -> Claim:
    """A claim as it was written, by this version or one beside it: fields that are not known here are left out."""
    return Claim(**{name: value for name, value in document.items() if name in Claim._fields})
