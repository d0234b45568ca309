"""Watches a job for a person: how far it is, on stderr; its results, on this machine; what came of it, as an exit code.

0: every row is answered. 3: some rows were refused. 1: there are no results. 130: somebody stopped watching.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from functions.core.errors import OrtlessError
from toolchain import console
from toolchain.jobs import tables
from toolchain.jobs.api import Jobs
from toolchain.jobs.downloads import Download, Kept, Place
from toolchain.jobs.errors import FileInTheWay, JobCancelled, JobFailed, JobsUnavailable, NotDownloaded
from toolchain.jobs.following import follow

REFUSED, STOPPED = 3, 130
WITH_ADDRESSES = ("results", "refusals", "next_part", "expires_at")
"""Of a job's document: whoever has these addresses has the results."""


class View:
    """A bar where somebody looks, else a line for each change and each tenth of the way."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID = bars.add_task("waiting", total=None, rows="")
        self._said: tuple[str, int] = ("", 0)

    def show(self, job: dict[str, Any]) -> None:
        """Show how a job fares."""
        progress, state = job["progress"], job["state"]
        rows = tables.progress(progress) or ""
        self._bars.update(
            self._task, description=state, total=progress["rows"], completed=progress["rows_done"], rows=rows
        )
        now = (state, int(10 * (progress["fraction"] or 0)))
        if now != self._said and self._bars.disable:
            console.note(f"{job['id']} {state}" + (f": {rows}" if rows else ""))
        self._said = now


def watch(jobs: Jobs, job: str, place: Place, again: str, *, as_json: bool) -> None:
    """Follow a job to its end and bring its results.

    Args:
        again: the command that does the same later.

    Raises:
        JobFailed, JobCancelled: there are no results.
        Exit: with the code of what came of it, where that is not 0.
    """
    try:
        found = _follow(jobs, job)
        kept = _bring(jobs, job, place) if found["state"] == "done" else Kept([], None)
    except KeyboardInterrupt:
        console.note(f"The job {job} is none the worse for it. To follow it and get its results: {again}")
        raise typer.Exit(STOPPED) from None
    except (JobsUnavailable, NotDownloaded, FileInTheWay) as fault:
        console.error(fault)
        console.note(f"The job {job} is none the worse for it. To follow it and get its results: {again}")
        raise typer.Exit(1) from None
    _tell(found, kept, as_json=as_json)


def document(job: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """A job and where its results are, for a program."""
    known = {name: value for name, value in job.items() if name not in WITH_ADDRESSES}
    refusals = str(kept.refusals) if kept.refusals else None
    return {**known, "files": {"results": [str(path) for path in kept.results], "refusals": refusals}}


def _follow(jobs: Jobs, job: str) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
    terminal = console.messages.is_terminal
    with Progress(*columns, console=console.messages, transient=True, disable=not terminal) as bars:
        return follow(jobs, job, View(bars).show, console.note)


def _bring(jobs: Jobs, job: str, place: Place) -> Kept:
    with console.progress() as bars:
        task = bars.add_task("Results", total=None)

        def came(done: int, of: int) -> None:
            bars.update(task, completed=done, total=of)

        return Download(jobs, job, came, console.note).keep(place)


def _tell(job: dict[str, Any], kept: Kept, *, as_json: bool) -> None:
    if as_json:
        console.data(document(job, kept))
    if job["state"] == "failed":
        error = job["error"] or {"code": "failed", "error": "no reason was given"}
        raise JobFailed(job["id"], error["code"], error["error"])
    if job["state"] == "cancelled":
        raise JobCancelled(job["id"])
    if not as_json:
        for path in kept.results:
            typer.echo(path)
    console.note(tables.ended(job))
    if len(kept.results) > 1:
        console.note(f"The results are {len(kept.results)} files, which cannot simply be put one behind the other")
    if job["counts"]["errors"]:
        console.note(f"Rows that have no answer, and why: {kept.refusals}")
        raise typer.Exit(REFUSED)


def upload(jobs: Jobs, file: Path, model: str, order: dict[str, Any]) -> dict[str, Any]:
    """Make a job and send its file; returns the job.

    A job whose file does not get there is cancelled, as far as that can be done: it would wait for ever.

    Raises:
        FileNotUploaded: the file did not get there.
        As the API does.
    """
    from toolchain.jobs.uploading import send

    made = jobs.create(model, order)
    size = file.stat().st_size
    try:
        with console.progress() as bars:
            task = bars.add_task(file.name, total=size)
            send(file, made["upload"], lambda done: bars.update(task, completed=done), console.note)
    except (OrtlessError, KeyboardInterrupt):
        with suppress(OrtlessError):
            jobs.cancel(made["id"])
        raise
    return {name: value for name, value in made.items() if name != "upload"}
