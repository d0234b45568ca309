"""How a job fares, read from what is written of it; nobody keeps a state that could be wrong."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from functions.batch import claim as claims
from functions.batch import cost
from functions.batch.claim import Claim
from functions.batch.ledger import CANCELLED, CLAIM, FAILED, MANIFEST, PLAN, Ledger, numbered, patiently
from functions.batch.register import stamp
from functions.batch.rows import Piece
from functions.core.prices import prices
from functions.core.store import ObjectFacts, ObjectStore

WAITING, RUNNING, DONE = "waiting", "running", "done"
STATES = {MANIFEST: DONE, FAILED: "failed", CANCELLED: "cancelled", CLAIM: RUNNING}
"""What is written says the state; of several, the first."""
SAMPLE = 16
"""Pieces whose times stand for those of all: of 10 GB there are hundreds, and each is an object of its own."""


class Standing(NamedTuple):
    """What is written of a job."""

    ledger: Ledger
    facts: Mapping[str, ObjectFacts]
    """Of its objects, by name."""
    state: str

    @classmethod
    def of(cls, job: str, results: ObjectStore) -> "Standing":
        """Look at a job. Raises StoreUnavailable."""
        facts = patiently(lambda: results.facts(f"{job}/"))
        state = next((state for name, state in STATES.items() if name in facts), WAITING)
        return cls(Ledger(results, job), facts, state)

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in (WAITING, RUNNING)

    def claim(self) -> Claim | None:
        """What the job began with; None before that. Raises StoreUnavailable."""
        return claims.read(self.ledger.find_json(CLAIM)) if CLAIM in self.facts else None

    def document(self, name: str) -> Any:
        """A document of the job, None where there is none. Raises StoreUnavailable."""
        return self.ledger.find_json(name) if name in self.facts else None

    def done(self) -> list[int]:
        """The indices of the pieces that are answered, ascending."""
        tallies = (name for name in self.facts if name.startswith("tally-"))
        return sorted(int(name.removeprefix("tally-").removesuffix(".json")) for name in tallies)

    def counts(self, claim: Claim) -> Sequence[int]:
        """Rows of each piece; none where that is not known yet. Raises StoreUnavailable."""
        if claim.piece_counts:
            return claim.piece_counts
        plan = self.document(PLAN)
        return [Piece(*fields).rows for fields in plan["pieces"]] if plan else []

    def moment(self, *names: str) -> str | None:
        """When the first of these objects was written."""
        return next((stamp(self.facts[name].modified) for name in names if name in self.facts), None)


def progress(standing: Standing, counts: Sequence[int]) -> dict[str, Any]:
    """How far a job is.

    Args:
        counts: rows of each piece; none where that is not known.
    """
    done = standing.done()
    rows = sum(counts[index] for index in done if index < len(counts))
    total = sum(counts)
    return {
        "rows_done": rows,
        "rows": total or None,
        "pieces_done": len(done),
        "pieces": len(counts) or None,
        "fraction": round(rows / total, 4) if total else None,
    }


def price(standing: Standing, claim: Claim, counts: Sequence[int]) -> dict[str, Any] | None:
    """What a job costs, estimated from the pieces that are answered, or from the model's pace before that.

    None where the number of its rows is not known yet.
    """
    rows = sum(counts)
    if not rows:
        return None
    seen = _sample(standing)
    answered = sum(tally["rows"] for tally in seen)
    pace = answered / max(0.001, sum(tally["ms"] for tally in seen) / 1000) if answered else claim.rows_per_second
    seconds = rows / pace
    work = cost.Work(seconds, len(counts), claim.bytes, claim.distributed, claim.memory_mb, claim.architecture)
    return {
        "usd": round(cost.dollars(work), 8),
        "function_seconds": round(seconds, 3),
        "memory_mb": claim.memory_mb,
        "architecture": claim.architecture,
        "measured_pieces": len(seen),
        "priced_on": prices()["priced_on"],
        "region": prices()["region"],
    }


def _sample(standing: Standing) -> list[Any]:
    """The tallies of some pieces, evenly chosen."""
    done = standing.done()
    step = max(1, -(-len(done) // SAMPLE))
    names = [numbered("tally", index, "json") for index in done[::step]]
    with ThreadPoolExecutor(SAMPLE) as readers:
        return list(readers.map(standing.ledger.find_json, names))
