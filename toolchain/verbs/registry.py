"""Verbs on the model registry: what it holds, how that came, and what it need not keep."""

from typing import Annotated

import typer

from toolchain import console
from toolchain.verbs.options import AsJson, Name, Url


def models(
    name: Annotated[str, typer.Argument(help="A model, to see its versions; all models when none is named.")] = "",
    *,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """Show the models of the registry, or the versions of one, and what serves of them."""
    from toolchain import standing
    from toolchain.admin_client import connect, model_path

    found = connect(url).get(model_path(name) if name else "/models")
    if json:
        console.data(found)
    elif not name:
        console.table(standing.models(found["models"]))
    else:
        if found["alias"]:
            console.table([standing.alias(found["alias"])])
        console.table(standing.versions(found))


def history(name: Name, *, url: Url = "", json: AsJson = False) -> None:
    """Show who changed what serves of a model, when and why, the latest first."""
    from toolchain import standing
    from toolchain.admin_client import connect, model_path

    found = connect(url).get(f"{model_path(name)}/history")
    if json:
        console.data(found)
    else:
        console.table(standing.changes(found["changes"]))


def gc(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all of them when none is named.")] = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Remove them; without it, only say which.")] = False,
    keep: Annotated[int, typer.Option(min=0, max=1000, help="The newest so many of each model stay.")] = 3,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """Remove versions that no alias names, neither now nor in what the registry keeps of the past."""
    from functions.packaging.source import NAME
    from toolchain import standing
    from toolchain.admin_client import connect

    for name in names or ():
        if not NAME.fullmatch(name):
            raise typer.BadParameter(f"expected a model's name - got {name!r}", param_hint="NAMES")
    collection = connect(url).post("/gc", {"dry_run": not apply, "models": names or [], "keep": keep})
    if json:
        console.data(collection)
        return
    console.table(standing.removals(collection))
    if collection["dry_run"]:
        console.note("Nothing was removed. With --apply, what is shown is.")
