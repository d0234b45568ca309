"""Options that several verbs have."""

from pathlib import Path
from typing import Annotated

import typer

Models = Annotated[Path, typer.Option(help="Folder with one folder per model.")]
Packages = Annotated[Path, typer.Option(help="Folder for the compiled packages.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Url = Annotated[str, typer.Option(envvar="ORTLESS_URL", help="The API; the local cloud's by default.")]
Stage = Annotated[str, typer.Option(envvar="ORTLESS_STAGE", help="A stage of cdk.json; the local cloud's by default.")]
Name = Annotated[str, typer.Argument(help="The model's name.")]
Version = Annotated[int, typer.Argument(min=1, help="A version of the model.")]
Why = Annotated[str, typer.Option(help="For the history.")]
Generation = Annotated[
    int | None, typer.Option(min=0, help="Only if the model's state still is this one: `ortless models` says which.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

MODELS = Path("model_artifacts")
PACKAGES = Path("build/packages")


def share(text: str) -> float:
    """A share of the callers, 0 to 1, from 10% or 0.1. Raises BadParameter."""
    number, percent = (text[:-1], 100) if text.endswith("%") else (text, 1)
    try:
        weight = float(number) / percent
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 1:
        raise typer.BadParameter(f"expected a share like 10% or 0.1 - got {text!r}", param_hint="WEIGHT")
    return weight
