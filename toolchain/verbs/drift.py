"""Verbs on reference statistics, and on what came since as compared with them."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolchain import console
from toolchain.verbs.options import MODELS, AsJson, Models, Stage

if TYPE_CHECKING:
    from toolchain.drift.comparison import Comparison

SINCE = re.compile(r"(\d{1,5})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
FAILED = 1


def reference(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all of them when none is named.")] = None,
    *,
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Make reference.json of models: how their inputs and outputs are distributed in the data of their evaluation."""
    from functions.packaging.source import find
    from toolchain.checkup import folder_of
    from toolchain.drift import making

    folders = [folder_of(name, models) for name in dict.fromkeys(names)] if names else find(models)
    rows = []
    for folder in folders:
        with console.messages.status(f"Asking {folder.name}"):
            made = making.ensure(folder)
        found = made.reference
        state = "made" if made.is_new else "as it was"
        rows.append({"model": folder.name, "rows": found.rows, "features": len(found.features),
                     "unwatched": len(found.unwatched), "reference.json": state})  # fmt: skip
    console.show(rows, json)


def drift(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="The model's name; none: every one there is.")] = "",
    *,
    since: Annotated[str, typer.Option(help="How far to look back in the log, as 90m, 24h or 7d.")] = "24h",
    version: Annotated[str, typer.Option(help="A version; the one that answered last by default.")] = "",
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare these rows, JSON Lines or CSV, and ask no cloud.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with histograms.")] = None,
    threshold: Annotated[float, typer.Option(min=0, help="PSI from which on a feature has drifted.")] = 0.2,
    fail_over: Annotated[
        float | None, typer.Option(metavar="PSI", min=0, help="End with 1 if any feature's PSI is above this.")
    ] = None,
    models: Models = MODELS,
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """Compare what a model was asked and what it answered with the data that it was evaluated on."""
    if (data or html) and not model:
        raise typer.BadParameter("name the model that --data or --html is about", param_hint="MODEL")
    found = (
        _local(model, data, models, threshold) if data else _observed(model, version, since, threshold, stage, models)
    )
    if json:
        console.data([each.document() for each in found] if not model else found[0].document())
    else:
        for each in found:
            _show(each)
    if html:
        from toolchain.drift import page

        html.write_text(page.render(found[0], " ".join(["ortless", *sys.argv[1:]])), encoding="utf-8")
        console.note(f"Wrote {html}")
    if fail_over is not None and any(each.worst > fail_over for each in found):
        raise typer.Exit(FAILED)


def _local(model: str, data: Path, models: Path, threshold: float) -> "list[Comparison]":
    from toolchain.checkup import folder_of
    from toolchain.drift import local_file

    return [local_file.compared(folder_of(model, models), data, threshold)]


def _observed(model: str, version: str, since: str, threshold: float, stage: str, models: Path) -> "list[Comparison]":
    from toolchain.deployment import find
    from toolchain.drift import logs

    deployment, span = find(stage), _span(since)
    names = [model] if model else logs.asked(deployment, span)
    if not names:
        console.note("The log has no sketch of any model.")
    return [logs.observed(deployment, name, version, span, threshold, models) for name in names]


def _span(text: str) -> timedelta:
    found = SINCE.fullmatch(text)
    if not found:
        raise typer.BadParameter(f"expected a time such as 90m, 24h or 7d - got {text!r}", param_hint="--since")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _show(found: "Comparison") -> None:
    from toolchain.drift import table

    console.note(f"{found.model}, version {found.version}: {found.rows} rows, {found.span}")
    console.table(table.rows(found), table.STYLES)
    if found.unwatched:
        console.note(f"Not watched: {', '.join(found.unwatched)}")
