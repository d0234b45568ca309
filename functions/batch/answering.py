"""A job from its file to its end, in as many deliveries as that takes."""

from collections.abc import Callable, Set

from functions.batch import endings
from functions.batch.claim import Claim
from functions.batch.claims import make
from functions.batch.committing import commit, fail
from functions.batch.desk import Desk
from functions.batch.errors import FileRefused, JobCancelled, JobDiverged
from functions.batch.ledger import CLAIM, OVER
from functions.batch.names import Drop
from functions.batch.planning import pieces
from functions.batch.register import enter_drop
from functions.batch.working import work
from functions.core.errors import InvalidPackage, ObjectMissing, UnknownModel, UnknownVersion
from functions.core.telemetry import emit

REFUSALS = (FileRefused, JobDiverged, UnknownModel, UnknownVersion, InvalidPackage)
"""Why a job can never be done: to try again changes nothing."""


def answer(drop: Drop, desk: Desk, start: Callable[[str], None], *, distribute: bool) -> None:
    """Answer a file, or begin to; nothing is done twice, whoever did it before.

    Args:
        start: hands a job, by its id, to the machine that spreads large ones.
        distribute: hand it over whatever its size, as there is no time left here.

    Raises:
        StoreUnavailable: the store did not answer; to be tried again.
    """
    known = desk.ledger(drop.job).names()
    if known & OVER:
        return
    try:
        if CLAIM not in known:
            # Before anything that may refuse the file: who dropped it must find out why.
            enter_drop(drop, desk.file(drop.key, drop.version_id).modified, desk.results)
        claim = make(drop, desk, known, distribute=distribute)
        if claim.distributed or (distribute and desk.settings.job_machine):
            start(claim.job)
        else:
            _here(claim, desk, known)
    except JobCancelled:
        emit("job_cancelled", job=drop.job)
    except ObjectMissing:
        # Who dropped it has taken it away, and that was announced to nobody.
        emit("job_without_file", job=drop.job)
    except REFUSALS as fault:
        fail(drop, desk, fault)
        endings.failed(drop.job, fault)


def _here(claim: Claim, desk: Desk, known: Set[str]) -> None:
    found = pieces(claim, desk)
    tallies = [work(claim, piece, desk, known) for piece in found]
    if manifest := commit(claim, desk, found, tallies):
        endings.done(manifest)
