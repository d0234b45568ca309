"""A job from its file to its end, in as many deliveries as that takes."""

from collections.abc import Callable, Set

from functions.batch.claims import Claim, make
from functions.batch.committing import commit, fail
from functions.batch.desk import Desk
from functions.batch.errors import FileRefused, JobCancelled, JobDiverged
from functions.batch.ledger import OVER
from functions.batch.names import Drop
from functions.batch.planning import pieces
from functions.batch.working import work
from functions.core.errors import InvalidPackage, ObjectMissing, UnknownModel, UnknownVersion
from functions.core.telemetry import emit

REFUSALS = (FileRefused, JobDiverged, UnknownModel, UnknownVersion, InvalidPackage)
"""Why a job can never be done: to try again changes nothing."""
POINTERS = "drops"
"""Folder of what leads from a file to its job."""


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
        claim = make(drop, desk, known, distribute=distribute)
        desk.point(POINTERS, drop)
        if claim.distributed or (distribute and desk.settings.job_machine):
            start(claim.job)
        else:
            _here(claim, desk, known)
    except JobCancelled:
        emit("job_cancelled", job=drop.job)
    except ObjectMissing as fault:
        # Who dropped it has taken it away, and that was announced to nobody.
        emit("job_without_file", job=drop.job, key=drop.key, error=str(fault))
    except REFUSALS as fault:
        fail(drop, desk, fault)
        emit("job_failed", job=drop.job, key=drop.key, code=fault.code, error=str(fault))


def _here(claim: Claim, desk: Desk, known: Set[str]) -> None:
    found = pieces(claim, desk)
    tallies = [work(claim, piece, desk, known) for piece in found]
    told(claim, commit(claim, desk, found, tallies))


def told(claim: Claim, manifest: object) -> None:
    """Say in the log that a job is done."""
    if isinstance(manifest, dict):
        counts = {name: manifest[name] for name in ("rows", "answered", "errors")}
        emit("job_done", job=claim.job, model=claim.model, version=claim.version, **counts)
