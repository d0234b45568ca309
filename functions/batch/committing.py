"""The end of a job: the manifest, written once every piece is there; or the reason why there are no results."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.batch.claim import Claim
from functions.batch.desk import Desk
from functions.batch.errors import JobDiverged
from functions.batch.ledger import FAILED, MANIFEST, numbered
from functions.batch.names import Drop
from functions.batch.rows import Piece
from functions.core.errors import OrtlessError
from functions.core.telemetry import followed

READERS = 16
"""Tallies that are read at once: each is small and far away."""


def missing(claim: Claim, desk: Desk, pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces that nobody has answered yet."""
    done = desk.ledger(claim.job).tallied()
    return [piece for piece in pieces if piece.index not in done]


def tallies(claim: Claim, desk: Desk, pieces: Iterable[Piece]) -> list[Any]:
    """The tallies of pieces that are answered. Raises StoreUnavailable."""
    names = [numbered("tally", piece.index, "json") for piece in pieces]
    with ThreadPoolExecutor(READERS) as readers:
        return list(readers.map(desk.ledger(claim.job).find_json, names))


def commit(claim: Claim, desk: Desk, pieces: list[Piece], counted: list[Any]) -> Any:
    """Write the manifest of a job, unless it is cancelled; returns what stands, None where that is nothing.

    Args:
        counted: the tally of each piece.

    Raises:
        JobDiverged: the tallies leave a row out, or count one twice.
        StoreUnavailable: the store did not answer.
    """
    ledger = desk.ledger(claim.job)
    if ledger.is_stopped():
        return None
    _check(claim.job, pieces, counted)
    return ledger.settle_json(MANIFEST, _manifest(claim, counted))


def fail(drop: Drop, desk: Desk, fault: OrtlessError) -> None:
    """Write why a job has no results. Raises StoreUnavailable."""
    source = {"bucket": drop.bucket, "key": drop.key, "version_id": drop.version_id}
    document = {"job": drop.job, "trace": followed(), "code": fault.code, "error": str(fault), "source": source}
    desk.ledger(drop.job).settle_json(FAILED, document)


def _check(job: str, pieces: list[Piece], counted: list[Any]) -> None:
    """Refuse tallies that do not add up to the plan: rows in are rows out and errors."""
    row = 0
    for piece, tally in zip(pieces, counted, strict=True):
        if piece.row != row:
            raise JobDiverged(job, f"piece {piece.index} begins with row {piece.row}, the one before it ends at {row}")
        if tally["answered"] + tally["errors"] != tally["rows"]:
            raise JobDiverged(job, f"piece {piece.index} has {tally['rows']} rows, and other sums")
        row += tally["rows"]


def _manifest(claim: Claim, counted: list[Any]) -> dict[str, Any]:
    return {
        "job": claim.job,
        "trace": claim.trace,
        "model": claim.model,
        "version": claim.version,
        "digest": claim.digest,
        "source": {
            "bucket": claim.bucket,
            "key": claim.key,
            "version_id": claim.version_id,
            "bytes": claim.bytes,
        },
        "options": dict(claim.options),
        "rows": sum(tally["rows"] for tally in counted),
        "answered": sum(tally["answered"] for tally in counted),
        "errors": sum(tally["errors"] for tally in counted),
        "parts": [{"row": tally["row"], "rows": tally["answered"], **tally["part"]} for tally in counted],
        "refusals": [{"rows": tally["errors"], **tally["refusals"]} for tally in counted if tally["refusals"]],
    }
