"""Options that several verbs have."""

from pathlib import Path
from typing import Annotated

import typer

Models = Annotated[Path, typer.Option(help="Folder with one folder per model.")]
Packages = Annotated[Path, typer.Option(help="Folder for the compiled packages.")]
Bucket = Annotated[str, typer.Option(envvar="ORTLESS_MODEL_BUCKET", help="Bucket of the model registry.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

MODELS = Path("model_artifacts")
PACKAGES = Path("build/packages")
