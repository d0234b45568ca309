"""The register of jobs: what leads from a file to its job, and from now back to the jobs before."""

from datetime import datetime
from typing import Any

from functions.batch.ledger import Ledger, patiently
from functions.batch.names import Drop
from functions.core.store import ObjectStore

DROPS, RECENT = "drops", "recent"
"""Folders of the output bucket: by the file's key and version, and by time, the newest first."""
LATEST = (1 << 48) - 1


def order(moment: datetime) -> str:
    """12 hexadecimal digits that sort the later moment first, by the millisecond."""
    return f"{LATEST - int(moment.timestamp() * 1000):012x}"


def enter(job: str, written: datetime, about: dict[str, Any], results: ObjectStore) -> None:
    """Enter a job among the recent ones, unless it is there. Raises StoreUnavailable.

    Args:
        written: when its file was, or when it was made before there was a file.
        about: what whoever reads the register wants to know first.
    """
    Ledger(results, RECENT).settle_json(f"{order(written)}-{job}.json", {"job": job, **about})


def enter_drop(drop: Drop, written: datetime, results: ObjectStore) -> None:
    """Enter what leads from a file to its job, unless it is there. Raises StoreUnavailable."""
    name = f"{drop.key}/{drop.version_id or 'latest'}.json"
    Ledger(results, DROPS).settle_json(name, {"job": drop.job})
    if not drop.is_of_the_api:  # those were entered when they were made
        about = {"key": drop.key, "version_id": drop.version_id, "created_at": stamp(written)}
        enter(drop.job, written, about, results)


def recent(results: ObjectStore, after: str, count: int) -> list[Any]:
    """What was entered of jobs, the newest first, beginning after an entry's name. Raises StoreUnavailable."""
    names = patiently(lambda: results.page(f"{RECENT}/", after, count))
    ledger = Ledger(results, RECENT)
    return [{**found, "entry": name} for name in names if (found := ledger.find_json(name)) is not None]


def stamp(moment: datetime) -> str:
    """ISO 8601, in UTC, by the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
