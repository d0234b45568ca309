"""The verb that makes a folder of a model from another framework."""

from pathlib import Path
from typing import Annotated

import typer

from toolchain import console
from toolchain.verbs.options import MODELS, AsJson, Models

TRUST = (
    "Open what can run code: a pickle, TorchScript, a Lambda layer, a graph that reaches files. A pickle is a program: "
    "opening it runs whatever its author, or anyone who could write to the file, put into it, with all your rights. "
    "Only for files of people whom you trust."
)
NEXT = """{folder} answers as {origin} does. Next:
  edit {folder}/model.toml: title, description, licence, ranges and units
  edit {folder}/CARD.md
  ortless check {name}
  ortless compress {name}"""


def import_model(
    source: Annotated[Path, typer.Argument(help="A model's file, or the folder of a SavedModel.")],
    *,
    name: Annotated[str, typer.Option(help="The model's name here, and its folder's.")],
    samples: Annotated[
        Path | None,
        typer.Option(help="Rows that were not trained on: .csv, .npy, .npz or .jsonl. Made up, when none are given."),
    ] = None,
    label: Annotated[str, typer.Option(help="Column of the samples that holds what is right; several: a,b.")] = "",
    classes: Annotated[str, typer.Option(help="Names of the classes, by index: setosa,versicolor,virginica.")] = "",
    tolerance: Annotated[
        float, typer.Option(min=0, help="Largest difference, relative to the original's number, or to 1 if larger.")
    ] = 1e-4,
    trust_pickle: Annotated[bool, typer.Option("--trust-pickle", help=TRUST)] = False,
    double: Annotated[bool, typer.Option("--double", help="Keep scikit-learn's numbers 64 bits wide.")] = False,
    shape: Annotated[str, typer.Option(help="Of a row, for a model that declares none: 3x224x224.")] = "",
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Make a model's folder of one from another framework, once its ONNX answers as the original does."""
    from toolchain.importing import verification
    from toolchain.importing.contract import Options, Source
    from toolchain.importing.importing import import_model as imported

    given = Source(source, trust_pickle, double, _shape(shape))
    made = imported(name, given, Options(samples, _names(label), _names(classes), tolerance), models)
    if json:
        compared = [one._asdict() for one in made.compared]
        console.data({"folder": str(made.folder), "origin": made.origin, "compared": compared, "files": made.files})
    else:
        console.table(verification.rows(made.compared))
    for note in made.notes:
        console.note(note)
    option = "" if models == MODELS else f" --models {models}"
    console.note(NEXT.format(folder=made.folder, origin=made.origin, name=f"{name}{option}"))


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _shape(text: str) -> tuple[int, ...]:
    parts = text.replace("x", ",").split(",") if text else []
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"expected a shape like 3x224x224 - got {text!r}", param_hint="--shape")
    return tuple(int(part) for part in parts)
