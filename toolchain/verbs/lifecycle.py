"""Verbs that change which versions of a model serve."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolchain import console
from toolchain.verbs.options import AsJson, Generation, Name, Url, Version, Why, Yes, share

if TYPE_CHECKING:
    from toolchain.admin_client import Admin


def promote(
    name: Name, version: Version, *, why: Why = "", generation: Generation = None, url: Url = "", json: AsJson = False
) -> None:
    """Make a version of a model live; a canary ends with it. Functions follow within ORTLESS_REFRESH_SECONDS."""
    _change(_admin(url), name, "promote", {"version": version}, why, generation, as_json=json)


def canary(
    name: Name,
    version: Version,
    weight: Annotated[str, typer.Argument(help="Share of the callers: 10% or 0.1; 0 ends the trial.")],
    *,
    why: Why = "",
    generation: Generation = None,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """Give a version a share of the callers; alarms of it roll it back."""
    fields = {"version": version, "weight": share(weight)}
    _change(_admin(url), name, "canary", fields, why, generation, as_json=json)


def shadow(
    name: Name,
    version: Annotated[str, typer.Argument(help="A version of the model; none ends it.")],
    *,
    why: Why = "",
    generation: Generation = None,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """Ask a version unheard what the live one is asked."""
    if version != "none" and not (version.isdecimal() and int(version)):
        raise typer.BadParameter(f"expected a version or none - got {version!r}", param_hint="VERSION")
    fields = {"version": None if version == "none" else int(version)}
    _change(_admin(url), name, "shadow", fields, why, generation, as_json=json)


def rollback(
    name: Name,
    *,
    why: Why = "",
    generation: Generation = None,
    yes: Yes = False,
    url: Url = "",
    json: AsJson = False,
) -> None:
    """End the canary where one runs, or go back to the previous version."""
    admin = _admin(url)
    if _asks(yes) and (model := admin.model(name)) and (state := model["alias"]):
        from toolchain import standing

        typer.confirm(f"{name}: {standing.undoing(state)}?", abort=True, err=True)
        generation = state["generation"] if generation is None else generation  # what was agreed to, nothing else
    _change(admin, name, "rollback", {}, why, generation, as_json=json)


def rm(name: Name, version: Version, *, why: Why = "", yes: Yes = False, url: Url = "", json: AsJson = False) -> None:
    """Retire a version, which nobody can promote then; its files stay until `ortless gc` removes them."""
    from toolchain import standing
    from toolchain.admin_client import model_path

    admin = _admin(url)
    if _asks(yes):
        typer.confirm(f"{name}: retire version {version} for good?", abort=True, err=True)
    state = admin.post(f"{model_path(name)}/versions/{version}:retire", {"why": why})
    if json:
        console.data(state)
    else:
        console.table(standing.versions(state))


def _admin(url: str) -> "Admin":
    from toolchain.admin_client import connect

    return connect(url)


def _asks(yes: bool) -> bool:
    return not yes and sys.stdin.isatty()


def _change(
    admin: "Admin", name: str, verb: str, fields: dict[str, Any], why: str, generation: int | None, *, as_json: bool
) -> None:
    from toolchain import standing

    state = admin.change(name, verb, {**fields, "why": why, "generation": generation})
    if as_json:
        console.data(state)
    else:
        console.table([standing.alias(state)])
