"""The function of the state machine: plans a large job, answers its pieces side by side, commits it.

Each step can be done again: what it writes is written once.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from functions.batch import endings
from functions.batch.answering import REFUSALS
from functions.batch.claim import Claim, read
from functions.batch.committing import commit, fail, missing, tallies
from functions.batch.desk import Desk
from functions.batch.errors import JobCancelled
from functions.batch.ledger import CLAIM
from functions.batch.names import Drop
from functions.batch.planning import plan, todo
from functions.batch.rows import Piece
from functions.batch.working import work
from functions.core import traces
from functions.core.defects import Defect
from functions.core.errors import ObjectMissing, OrtlessError
from functions.core.settings import Settings
from functions.core.telemetry import emit, follow, followed
from functions.rest import logger

logger.install()
OVER = {"done": True}


@cache
def desk() -> Desk:
    """What this environment has at hand."""
    return Desk(Settings.from_environment(os.environ))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do what the state asks for: {"do": "plan" | "piece" | "commit", ...}.

    The trace is the claim's; until that is read, the one that the execution, or the piece, was begun with.

    Raises:
        Defect: to be tried again; it stands for whatever it was, as Lambda writes its words to the log.
    """
    asked = event.get("piece") or event
    told = event.get("execution") or asked
    follow(traces.known(told.get("trace")) or traces.of({}, os.environ))
    try:
        return _stepped(event["do"], {**event, **asked})
    except Exception as fault:
        raise Defect(fault) from None


def _stepped(step: str, event: dict[str, Any]) -> dict[str, Any]:
    claim = read(desk().ledger(event["job"]).find_json(CLAIM))
    follow(claim.trace or followed())
    try:
        return STEPS[step](claim, event)
    except JobCancelled:
        return OVER
    except (*REFUSALS, ObjectMissing) as fault:
        return _refused(claim, fault)


def _refused(claim: Claim, fault: OrtlessError) -> dict[str, Any]:
    fail(Drop(claim.bucket, claim.key, claim.version_id), desk(), fault)
    endings.failed(claim.job, fault, claim.model, str(claim.version))
    return OVER


def _plan(claim: Claim, _event: dict[str, Any]) -> dict[str, Any]:
    pieces = plan(claim, desk())
    return {"done": False, "round": 0, "todo": todo(claim, desk(), missing(claim, desk(), pieces), 0)}


def _piece(claim: Claim, event: dict[str, Any]) -> dict[str, Any]:
    tally = work(claim, Piece(*event["piece"]), desk())
    return {"rows": tally["rows"]}


def _commit(claim: Claim, event: dict[str, Any]) -> dict[str, Any]:
    pieces = plan(claim, desk())
    left = missing(claim, desk(), pieces)
    if not left:
        if manifest := commit(claim, desk(), pieces, tallies(claim, desk(), pieces)):
            endings.done(manifest)
        return OVER
    if desk().ledger(claim.job).is_stopped():
        return OVER
    number = event["round"] + 1
    emit("pieces_missing", job=claim.job, round=number, pieces=len(left))
    return {"done": False, "round": number, "todo": todo(claim, desk(), left, number)}


Step = Callable[[Claim, dict[str, Any]], dict[str, Any]]
STEPS: dict[str, Step] = {"plan": _plan, "piece": _piece, "commit": _commit}
