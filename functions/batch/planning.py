"""A job's plan: its pieces, found by one pass over the file whose memory does not grow with it."""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.batch.claim import Claim
from functions.batch.desk import Desk
from functions.batch.errors import FileRefused
from functions.batch.ledger import PLAN, numbered
from functions.batch.rows import Piece
from functions.batch.sources.formats import source
from functions.batch.sources.staging import staged

MAX_PIECES = 100_000
"""Pieces of a job: 10 GB are some 700, and so is a day of a slow model's work."""


def pieces(claim: Claim, desk: Desk) -> list[Piece]:
    """The pieces of a job's file.

    Raises:
        FileRefused: the file cannot be cut, as it is none of its format.
        ObjectMissing: it is gone.
        StoreUnavailable: the store did not answer.
    """
    found = list(_bounded(_pieces(claim, desk)))
    if not found:
        raise FileRefused("The file has no rows")
    return found


def plan(claim: Claim, desk: Desk) -> list[Piece]:
    """The same, found once and then read. Raises as `pieces` does."""
    ledger = desk.ledger(claim.job)
    document = ledger.find_json(PLAN)
    if document is None:
        found = [list(piece) for piece in pieces(claim, desk)]
        document = ledger.settle_json(PLAN, {"pieces": found})
    return [Piece(*fields) for fields in document["pieces"]]


def todo(claim: Claim, desk: Desk, left: Iterable[Piece], number: int) -> str:
    """Write what the machine's next round has to do; returns the key.

    The list itself is what the machine reads: a round that is begun again goes by the list that it began with.
    """
    ledger = desk.ledger(claim.job)
    name = f"todo-{number}.json"
    items: list[dict[str, Any]] = [{"job": claim.job, "trace": claim.trace, "piece": list(piece)} for piece in left]
    ledger.settle_json(name, items)
    return ledger.key(name)


def _pieces(claim: Claim, desk: Desk) -> Iterator[Piece]:
    ledger = desk.ledger(claim.job)
    kind = source(claim.format)
    opening = desk.decoded(claim.key, claim.version_id, claim.compression)
    for piece in kind.plan(opening, claim.aim):
        if claim.compression and claim.distributed:
            # Who reads a piece of a compressed file reads all that stands before it: once is enough.
            name = numbered("staged", piece.index, claim.format)
            body, standing = staged(kind, opening, piece, ledger.key(name))
            ledger.settle(name, body)
            yield standing
        else:
            yield piece


def _bounded(found: Iterable[Piece]) -> Iterator[Piece]:
    for piece in found:
        if piece.index >= MAX_PIECES:
            raise FileRefused(f"Expected a file of at most {MAX_PIECES:,} pieces; cut it in several")
        yield piece
