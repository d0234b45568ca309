"""The options that several verbs share, and what they mean."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from local.state import VARIABLE, State

StateOption = Annotated[
    Path | None,
    typer.Option("--state", envvar=VARIABLE, help="Directory of this cloud's files.", show_default=".local"),
]
PortOption = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="Port to listen on.", show_default="4566, or a free one"),
]
RegionOption = Annotated[str, typer.Option("--region", help="Region of the account.")]
ContextOption = Annotated[
    list[str] | None,
    typer.Option(
        "--context", "-c", metavar="KEY=JSON", help="Merge into the context of cdk.json; may be given several times."
    ),
]
AssemblyOption = Annotated[
    Path | None,
    typer.Option(
        "--assembly",
        exists=True,
        file_okay=False,
        resolve_path=True,
        help="Deploy this cloud assembly; nothing is built or published.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def state_of(directory: Path | None) -> State:
    """The state directory that was named, or the default one."""
    return State(directory.absolute()) if directory else State.default()


def context_of(pairs: list[str] | None) -> dict[str, Any]:
    """The context that was given on the command line; a value that is not JSON is a string."""
    context: dict[str, Any] = {}
    for pair in pairs or ():
        key, separator, value = pair.partition("=")
        if not separator:
            raise typer.BadParameter(f"Expected KEY=JSON - got {pair!r}", param_hint="--context")
        try:
            context[key] = json.loads(value)
        except ValueError:
            context[key] = value
    return context
