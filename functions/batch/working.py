"""The work on one piece: its rows are read and answered, and what became of them is written once."""

import gc
from collections.abc import Iterator, Set
from contextlib import contextmanager
from hashlib import sha256
from time import perf_counter
from typing import Any, NamedTuple

import orjson

from functions.batch.claim import Claim
from functions.batch.desk import Desk
from functions.batch.errors import JobCancelled
from functions.batch.ledger import Ledger, numbered
from functions.batch.options import Options
from functions.batch.results.writer import extension, refusals, result_format, writer
from functions.batch.rows import Piece, Refusal
from functions.batch.scoring import Scorer
from functions.batch.sources.formats import source
from functions.batch.sources.opening import Opening
from functions.batch.sources.view import View
from functions.core.predictor import Predictor

YOUNG = 200_000
"""New objects after which Python looks for cycles among them, otherwise 700 or 2,000: a window has ten thousands."""


class Worked(NamedTuple):
    """What became of a piece's rows."""

    part: bytes
    ending: str
    refusals: bytes
    """As JSON Lines; empty where every row was answered."""
    answered: int
    refused: int


def work(claim: Claim, piece: Piece, desk: Desk, known: Set[str] | None = None) -> Any:
    """Answer a piece, unless somebody did; returns its tally.

    Args:
        known: the names of what was written of the job so far; None where nobody has asked.

    What a function that died has left behind stands: the tally counts what can be read, not what was computed last.

    Raises:
        FileRefused: the piece shows that the file is none of its format, or does not fit the model.
        JobCancelled: somebody cancelled the job, or it has failed elsewhere.
        JobDiverged: the model that the job began with is not to be had any more.
        ObjectMissing: the file is gone.
        StoreUnavailable: the store did not answer.
    """
    ledger = desk.ledger(claim.job)
    name = numbered("tally", piece.index, "json")
    if (known is None or name in known) and (found := ledger.find_json(name)) is not None:
        return found
    if known is None and ledger.is_stopped():
        raise JobCancelled(claim.job)
    begun = perf_counter()
    predictor = desk.predictor(claim.job, claim.model, claim.version, claim.digest)
    options = Options.read(orjson.dumps(claim.options), f"{claim.job}/claim.json")
    opening = _opening(claim, piece, desk)
    worked = score(opening, piece, claim.format, options, predictor, claim.rows_at_once)
    part = _settled(ledger, numbered("part", piece.index, worked.ending), worked.part)
    refusals = _settled(ledger, numbered("errors", piece.index, "jsonl"), worked.refusals) if worked.refused else None
    tally = {
        "index": piece.index,
        "row": piece.row,
        "rows": worked.answered + worked.refused,
        "answered": worked.answered,
        "errors": worked.refused,
        "part": part,
        "refusals": refusals,
        "ms": round(1000 * (perf_counter() - begun)),
    }
    return ledger.settle_json(name, tally)


def _opening(claim: Claim, piece: Piece, desk: Desk) -> Opening:
    if piece.source:
        return desk.staged(piece.source)
    return desk.decoded(claim.key, claim.version_id, claim.compression)


def score(
    opening: Opening, piece: Piece, kind: str, options: Options, predictor: Predictor, rows_at_once: int
) -> Worked:
    """Read, answer and write a piece's rows, window by window.

    Args:
        opening: the file that the piece is of, decoded.
        kind: its format.
        rows_at_once: rows of a run of the model, at most.

    Raises:
        FileRefused: the piece shows that the file is none of its format, or does not fit the model.
    """
    form = result_format(kind, options)
    results = writer(form, options, predictor)
    scorer = Scorer(predictor, options, rows_at_once, arrays=results.arrays)
    view = View.of(
        predictor,
        carry=options.carry,
        row_id=options.id,
        ignore=options.ignore,
        instances=options.explain is not None,
    )
    answered, refused = 0, list[Refusal]()
    with _few_collections():
        for window in source(kind).read(opening, piece, view):
            answers = scorer.answer(window)
            results.add(answers)
            answered += len(answers.numbers)
            refused += answers.refused
    return Worked(results.finish(), extension(form, options), refusals(refused), answered, len(refused))


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for cycles rarely: rows are trees, freed as they go, and to look through them all is a tenth of the work."""
    young, *older = gc.get_threshold()
    gc.set_threshold(YOUNG, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)


def _settled(ledger: Ledger, name: str, body: bytes) -> dict[str, Any]:
    stands = ledger.settle(name, body)
    return {"key": ledger.key(name), "bytes": len(stands), "sha256": sha256(stands).hexdigest()}
