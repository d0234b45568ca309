"""Jobs as a person reads them: rows of tables, and lines."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table as Grid
from rich.text import Text

Table = Mapping[str, Any]


def listed(jobs: Iterable[Table]) -> list[dict[str, Any]]:
    """A row for each job."""
    return [
        {
            "job": job["id"],
            "model": _model(job),
            "file": job.get("key") or job["file"],
            "state": job["state"],
            "made (UTC)": _moment(job["created_at"]),
        }
        for job in jobs
    ]


def grid(rows: Iterable[Table]) -> Grid:
    """A table of such rows whose ids are never broken, however narrow the terminal: they are there to be copied."""
    shown = Grid()
    for row in rows:
        if not shown.columns:
            for name in row:
                shown.add_column(name, no_wrap=name == "job", overflow="fold")
        shown.add_row(*(Text("-" if value is None else str(value)) for value in row.values()))
    return shown


def described(job: Table) -> list[dict[str, Any]]:
    """A row for each thing that is known of a job."""
    counts, error = job["counts"], job["error"]
    known: dict[str, Any] = {
        "job": job["id"],
        "model": _model(job),
        "file": job.get("key") or job["file"],
        "state": job["state"],
        "made (UTC)": _moment(job["created_at"]),
        "began (UTC)": _moment(job["started_at"]),
        "ended (UTC)": _moment(job["ended_at"]),
        "progress": progress(job["progress"]),
        "answered": counts and f"{counts['answered']:,} of {counts['rows']:,} rows",
        "refused": counts and f"{counts['errors']:,} rows",
        "reason": error and f"{error['error']} [{error['code']}]",
        "cost": cost(job["cost"]),
    }
    return [{"what": name, "is": value} for name, value in known.items() if value is not None]


def progress(found: Table) -> str | None:
    """How far a job is; None where nothing is known."""
    if found["rows"]:
        return f"{found['rows_done']:,} of {found['rows']:,} rows, {found['pieces_done']} of {found['pieces']} pieces"
    return f"{found['pieces_done']} pieces" if found["pieces_done"] else None


def cost(found: Table | None) -> str | None:
    """What a job costs; None where that is not known yet."""
    return f"{found['usd']:.6f} USD{'' if found['is_final'] else ', at a guess'}" if found else None


def ended(job: Table) -> str:
    """A line about a job that is done."""
    counts, dollars = job["counts"], cost(job["cost"])
    rows = f"{counts['answered']:,} of {counts['rows']:,} rows answered by {_model(job)}"
    return f"{rows}, {counts['errors']:,} refused" + (f"; about {dollars}" if dollars else "")


def redriven(found: Table) -> list[dict[str, Any]]:
    """A row for the dead letters, and one for each large job."""
    letters = {"what": "announcements of files", "how many": found["messages"]}
    jobs = [{"what": f"large job {job}", "how many": 1} for job in found["restarted"]]
    return [letters, *jobs]


def _model(job: Table) -> str:
    return f"{job['model']}@{job['version']}" if job["version"] else str(job["model"])


def _moment(at: str | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return at[:19].replace("T", " ") if at else None
