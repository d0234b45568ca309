"""Verbs on jobs: a file of rows goes out, a file of answers comes back."""

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from toolchain import console
from toolchain.verbs.options import AsJson, Url

if TYPE_CHECKING:
    from toolchain.jobs.api import Jobs

ID = re.compile(r"[0-9a-f]{32}")
Key = Annotated[str, typer.Option(envvar="ORTLESS_API_KEY", help="Its key; the local cloud's by default.")]
Force = Annotated[bool, typer.Option("--force", help="Replace results that are there.")]


def batch(
    file: Annotated[
        Path, typer.Argument(help=".jsonl, .csv, .npy, also with .gz or .zst; .parquet; .zip of pictures.")
    ],
    *,
    model: Annotated[str, typer.Option("--model", "-m", help="The model's name.")],
    version: Annotated[int | None, typer.Option(min=0, help="Its version; the live one by default.")] = None,
    form: Annotated[
        Literal["jsonl", "csv", "parquet", "npy"] | None,
        typer.Option("--format", help="Of the results; the file's own by default, jsonl for pictures."),
    ] = None,
    carry: Annotated[str | None, typer.Option(metavar="A,B", help="Columns that go along to the results.")] = None,
    ignore: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns to leave unread; * for all that the model lacks.")
    ] = None,
    row_id: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The rows' ids; the column id by default.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="Labels of each answer.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, for each row.")] = False,
    compression: Annotated[Literal["gzip", "zstd"] | None, typer.Option(help="Of the results.")] = None,
    options: Annotated[
        str, typer.Option(metavar="JSON", help="All options as JSON, or @FILE of it; flags override it.")
    ] = "",
    to: Annotated[Path | None, typer.Option(help="Folder for the results; the file's by default.")] = None,
    force: Force = False,
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Follow the job and bring its results, or only begin it.")
    ] = True,
    url: Url = "",
    key: Key = "",
    json: AsJson = False,
) -> None:
    """Have a model answer each row of a file. Exits with 3 where rows were refused, with 1 where no results are."""
    from toolchain.jobs import downloads, uploading, wishes

    uploading.check(file)
    flags: dict[str, Any] = {
        "format": form,
        "carry": wishes.columns(carry),
        "ignore": "*" if ignore == "*" else wishes.columns(ignore),
        "id": row_id,
        "top_k": top_k,
        "explain": {} if explain else None,
        "compression": compression,
    }
    wanted = wishes.wishes(options, flags)
    named = wanted.pop("version", None)
    order = {
        "file": file.name,
        "version": named if version is None else str(version),
        "bytes": file.stat().st_size,
        "options": wanted,
    }
    place = downloads.place(file.name, to or file.parent, force=force)
    if watch and (ending := downloads.expected(file.name, wanted)):
        place.check(place.results(ending), place.refusals)
    _batch(_called(url, key), file, model, order, place if watch else None, url, as_json=json)


def jobs(
    job: Annotated[str, typer.Argument(metavar="ID", help="A job, to see how it fares; all when none is named.")] = "",
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="End the job; there will be no results.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job and bring its results.")] = False,
    to: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
    force: Force = False,
    limit: Annotated[int, typer.Option(min=1, help="Show the newest so many.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="Show all of them.")] = False,
    admin: Annotated[
        bool, typer.Option("--admin", help="Everybody's, dropped files too; signed, for operators.")
    ] = False,
    url: Url = "",
    key: Key = "",
    json: AsJson = False,
) -> None:
    """Show the jobs of a key, the newest first; or show, follow or cancel one."""
    from toolchain.jobs import downloads, tables, watching

    _check(job, cancel=cancel, watch=watch)
    found = _signed(url) if admin else _called(url, key)
    if watch:
        place = downloads.place(found.look(job)["file"], to, force=force)
        watching.watch(found, job, place, _again(job, to, url, admin=admin), as_json=json)
    elif job:
        state = found.cancel(job) if cancel else found.look(job)
        if json:
            console.data(state)
        else:
            console.table(tables.described(state))
    else:
        _list(list(found.each(None if every else limit)), as_json=json)


def redrive(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
    *,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """Bring dead letters back to the queue, and begin again large jobs that were given up; for operators."""
    from toolchain.jobs import tables

    found = _signed(url).redrive(dry_run=dry_run)
    if json:
        console.data(found)
        return
    console.table(tables.redriven(found))
    if found["dry_run"]:
        console.note("Nothing was begun again. Without --dry-run, what is shown is.")


def _batch(api: "Jobs", file: Path, model: str, order: dict[str, Any], place: Any, url: str, *, as_json: bool) -> None:
    from toolchain.jobs import watching

    made = watching.upload(api, file, model, order)
    folder = place.folder if place else file.parent
    again = _again(made["id"], folder, url)
    if place:
        console.note(f"The job is {made['id']}")
        watching.watch(api, made["id"], place, again, as_json=as_json)
        return
    if as_json:
        console.data(made)
    else:
        typer.echo(made["id"])
    console.note(f"To follow it and get its results: {again}")


def _list(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    from rich.console import Console

    from toolchain.jobs import tables

    if as_json:
        console.data(rows)
    elif rows:
        Console().print(tables.grid(tables.listed(rows)))
    else:
        console.note("There are none.")


def _called(url: str, key: str) -> "Jobs":
    from toolchain.client import address
    from toolchain.jobs.api import Jobs, Keyed

    return Jobs(Keyed(address(url, key)))


def _signed(url: str) -> "Jobs":
    from toolchain.admin_client import connect
    from toolchain.jobs.api import Jobs, Signed

    return Jobs(Signed(connect(url)))


def _check(job: str, *, cancel: bool, watch: bool) -> None:
    if job and not ID.fullmatch(job):
        raise typer.BadParameter(f"expected a job's id, 32 hexadecimal digits - got {job!r}", param_hint="ID")
    if (cancel or watch) and not job:
        raise typer.BadParameter("give the id of a job", param_hint="ID")
    if cancel and watch:
        raise typer.BadParameter("give --cancel or --watch, not both", param_hint="--cancel")


def _again(job: str, to: Path, url: str, *, admin: bool = False) -> str:
    """The command that goes on with a job; the key is left to the environment, as terminals keep what they show."""
    words = ["ortless", "jobs", job, "--watch"]
    words += ["--to", str(to)] if to != Path() else []
    words += ["--admin"] if admin else []
    words += ["--url", url] if url and url != os.environ.get("ORTLESS_URL") else []
    return shlex.join(words)
