"""The claim of a job: which file, which model at which version, how it is cut; settled once by whoever comes first."""

from collections.abc import Set
from contextlib import suppress
from itertools import islice

import orjson

from functions.batch import cost
from functions.batch.claim import MAX_ROWS, Claim, read
from functions.batch.desk import Desk
from functions.batch.errors import FileRefused
from functions.batch.ledger import CLAIM, patiently
from functions.batch.names import NOTE, Drop
from functions.batch.options import Options
from functions.batch.rows import Aim
from functions.batch.sources.formats import format_of, source
from functions.core import traces
from functions.core.errors import InvalidPackage, ObjectMissing
from functions.core.telemetry import follow, followed

PIECE_SECONDS = 30
"""How long a piece should take: long enough that what a piece costs beside its rows is nothing, short enough that a
function that dies has little to do again."""
PIECE_BYTES = 16 << 20
"""Bytes of a piece: its results are held until they are written."""
PIECES_AT_ONCE = 2
"""Pieces of a file that is answered where it arrives; larger ones are spread over many functions."""


def make(drop: Drop, desk: Desk, known: Set[str], *, distribute: bool) -> Claim:
    """Claim a job, or read the claim that somebody made before.

    Args:
        known: the names of what was written of the job so far.
        distribute: spread it whatever its size, as there is no time left here.

    Raises:
        FileRefused, UnknownModel, UnknownVersion, InvalidPackage: it can never be answered.
        ObjectMissing: the file is gone.
        StoreUnavailable: the store did not answer.
    """
    ledger = desk.ledger(drop.job)
    if CLAIM in known:
        claim = read(ledger.find_json(CLAIM))
    else:
        claim = read(ledger.settle_json(CLAIM, _claim(drop, desk, distribute=distribute)._asdict()))
    follow(claim.trace or followed())
    return claim


def _claim(drop: Drop, desk: Desk, *, distribute: bool) -> Claim:
    noted = _noted(drop, desk)
    opening = desk.file(drop.key, drop.version_id)
    kind, compression = format_of(drop.key)
    if opening.size > desk.settings.max_job_bytes:
        raise FileRefused(f"Expected a file of at most {desk.settings.max_job_bytes:,} bytes - got {opening.size:,}")
    options, tenant = _wishes(drop, noted, desk)
    model, named = drop.target
    try:
        predictor = desk.catalog.model(model, named or options.version)
    except ObjectMissing as fault:
        raise InvalidPackage(model, str(fault)) from None
    pace = desk.pace(predictor)
    piece_rows = max(pace.rows_at_once, int(pace.rows_per_second * PIECE_SECONDS))
    aim = Aim(PIECE_BYTES, piece_rows, MAX_ROWS)
    decoded = desk.decoded(drop.key, drop.version_id, compression)
    pieces = list(islice(source(kind).plan(decoded, aim), PIECES_AT_ONCE + 1))
    small = len(pieces) <= PIECES_AT_ONCE
    return Claim(
        job=drop.job,
        bucket=drop.bucket,
        key=drop.key,
        version_id=drop.version_id,
        bytes=opening.size,
        model=model,
        version=int(predictor.version),
        digest=predictor.manifest.digest,
        format=kind,
        compression=compression,
        options=options.render(),
        rows_at_once=pace.rows_at_once,
        rows_per_second=pace.rows_per_second,
        memory_mb=desk.settings.memory_mb,
        architecture=cost.architecture(),
        piece_rows=aim.piece_rows,
        piece_bytes=aim.piece_bytes,
        piece_counts=[piece.rows for piece in pieces] if small else [],
        distributed=(distribute or not small) and bool(desk.settings.job_machine),
        tenant=tenant,
        trace=followed(),
    )


def _noted(drop: Drop, desk: Desk) -> str | None:
    """What the file's own metadata says; from here on the log follows the trace of who ordered the job."""
    noted = patiently(lambda: desk.files.metadata(drop.key, drop.version_id or None)).get("ortless")
    if noted is not None and drop.is_of_the_api:
        with suppress(ValueError, TypeError, AttributeError):  # what else it is will be refused
            follow(traces.known(orjson.loads(noted).get("trace")) or followed())
    return noted


def _wishes(drop: Drop, noted: str | None, desk: Desk) -> tuple[Options, str | None]:
    """What is wanted of the results, and for whom: of the file's own metadata, or of the note beside it."""
    if noted is None:
        found = patiently(lambda: desk.files.find(drop.key + NOTE))
        return Options.read(found.body if found else b"{}", f"{drop.key}{NOTE}"), None
    if not drop.is_of_the_api:
        return Options.read(noted.encode(), "x-amz-meta-ortless"), None
    try:
        asked = orjson.loads(noted)
        options, tenant = orjson.dumps(asked["options"]), str(asked["tenant"])
    except (ValueError, TypeError, KeyError):
        raise FileRefused("Expected what the API of jobs writes - got something else - in x-amz-meta-ortless") from None
    return Options.read(options, "x-amz-meta-ortless"), tenant
