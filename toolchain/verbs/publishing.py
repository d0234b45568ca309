"""The verb that makes a model's folder a version of the registry."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from functions.core.errors import OrtlessError
from toolchain import console
from toolchain.admin_errors import PackageRefused
from toolchain.verbs.options import MODELS, AsJson, Models, Url, Why, share

if TYPE_CHECKING:
    from toolchain.admin_client import Admin
    from toolchain.contents import Contents
    from toolchain.upload import Ticket

AT_ONCE = 4
"""Models that are validated at the same time: a function each."""


class Aim(NamedTuple):
    """What is to become of a version that was accepted."""

    verb: str
    """promote, canary, or nothing."""
    fields: dict[str, float]
    why: str
    ungated: str = ""
    """Why there is no report that passes the gate, if so."""


def publish(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all of them when none is named.")] = None,
    *,
    models: Models = MODELS,
    promote: Annotated[
        bool | None, typer.Option("--promote/--no-promote", help="Make the version live, which is the default.")
    ] = None,
    canary: Annotated[
        str | None, typer.Option(metavar="WEIGHT", help="Give it a share of the callers instead: 10% or 0.1.")
    ] = None,
    why: Why = "",
    allow_ungated: Annotated[
        str, typer.Option(metavar="REASON", help="Publish without a passing report; the version keeps the reason.")
    ] = "",
    architecture: Annotated[
        str,
        typer.Option(
            envvar="ORTLESS_ARCHITECTURE",
            help="Of the stage, for which the report has to pass: arm64, which is the default, or x86_64. "
            "On this machine's cloud nothing is gated unless it is given.",
        ),
    ] = "",
    wait: Annotated[float, typer.Option(help="Seconds that a validation may take.")] = 960,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """Send models' folders to the registry, which validates and compiles them, and make the new versions live."""
    from toolchain import contents
    from toolchain.admin_client import connect

    aim = _aim(promote, canary, why)._replace(ungated=allow_ungated.strip())
    folders = _folders(names, models)
    for folder in folders:
        _refer(folder)
    found = [contents.read(folder) for folder in folders]
    _clear(found, architecture, url, aim)
    admin = connect(url)
    rows = []
    for start in range(0, len(found), AT_ONCE):
        rows += _publish(admin, found[start : start + AT_ONCE], aim, wait)
    _show(rows, as_json=json)
    if any("error" in row for row in rows):
        raise typer.Exit(1)


def _publish(admin: "Admin", found: list["Contents"], aim: Aim, wait: float) -> list[dict[str, Any]]:
    known = [_versions(admin.model(each.model)) for each in found]
    rows = []
    for ticket, before in zip(_upload(admin, found, aim), known, strict=True):
        try:
            rows.append(_finish(admin, ticket, before, aim, wait))
        except OrtlessError as fault:  # the others may be in order
            console.error(fault)
            verdict = fault.verdict if isinstance(fault, PackageRefused) else None
            rows.append({"model": ticket.model, "error": str(fault), "code": fault.code, "verdict": verdict})
    return rows


def _aim(promote: bool | None, canary: str | None, why: str) -> Aim:
    if canary is None:
        return Aim("" if promote is False else "promote", {}, why)
    if promote is not None:
        raise typer.BadParameter("give --canary, or --promote or --no-promote, not both", param_hint="--canary")
    if not (weight := share(canary)):
        raise typer.BadParameter("expected a share above 0", param_hint="--canary")
    return Aim("canary", {"weight": weight}, why)


def _folders(names: list[str] | None, models: Path) -> list[Path]:
    from functions.packaging.source import find
    from toolchain.checkup import folder_of

    folders = [folder_of(name, models) for name in dict.fromkeys(names)] if names else find(models)
    if not folders:
        raise typer.BadParameter(f"there is no model in {models}", param_hint="--models")
    return folders


def _refer(folder: Path) -> None:
    """Bring a model's reference statistics up to date, where the rows are here that they are made from."""
    from functions.core.drift.reference import FILE
    from toolchain.drift import making

    if not making.has_data(folder):
        if not (folder / FILE).is_file():
            console.note(f"{folder.name}: no {FILE} and no rows to make it from, so nothing will tell of drift")
        return
    try:
        if making.ensure(folder).is_new:
            console.note(f"{folder.name}: {FILE} was made anew; keep it with the model")
    except OrtlessError as fault:  # a version without it serves all the same
        console.note(f"{folder.name}: {fault}")


def _clear(found: list["Contents"], architecture: str, url: str, aim: Aim) -> None:
    from toolchain import clearance, client

    if architecture not in ("", "arm64", "x86_64"):
        raise typer.BadParameter(f"expected arm64 or x86_64 - got {architecture!r}", param_hint="--architecture")
    if not aim.ungated:
        of_stage = architecture or clearance.architecture_of(client.address(url, "").url)
        for each in found:
            clearance.check(each, of_stage)


def _versions(model: dict[str, Any] | None) -> set[int]:
    return {version["version"] for version in model["versions"]} if model else set()


def _upload(admin: "Admin", found: list["Contents"], aim: Aim) -> list["Ticket"]:
    from toolchain.upload import upload

    with console.progress() as bars:
        tasks = [bars.add_task(each.model, total=each.size) for each in found]
        pairs = zip(found, tasks, strict=True)
        return [upload(admin, each, aim.why, partial(bars.advance, task), aim.ungated) for each, task in pairs]


def _finish(admin: "Admin", ticket: "Ticket", before: set[int], aim: Aim, wait: float) -> dict[str, Any]:
    from toolchain.upload import verdict

    with console.messages.status(f"Validating {ticket.model}"):
        state = verdict(admin, ticket, wait)
    if state["state"] == "refused":
        raise PackageRefused(ticket.model, state["verdict"])
    version = state["version"]
    model = admin.model(ticket.model)
    alias = model["alias"] if model else None
    if aim.verb == "canary" or (aim.verb and not (alias and alias["live"] == version)):
        alias = admin.change(ticket.model, aim.verb, {"version": version, "why": aim.why, **aim.fields})
    return {**state, "new": version not in before, "alias": alias}


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        console.data(rows)
        return
    published = [row for row in rows if "error" not in row]
    for row in published:
        if not row["new"]:
            console.note(f"{row['model']}: version {row['version']} is the same, nothing was added")
    if published:
        console.table([_row(row) for row in published])


def _row(row: dict[str, Any]) -> dict[str, Any]:
    from toolchain import standing

    serves = standing.alias({"model": row["model"], **(row["alias"] or {})})
    shown = {field: serves[field] for field in ("live", "canary")}
    return {"model": row["model"], "version": row["version"], **shown, "digest": row["digest"][:12]}
