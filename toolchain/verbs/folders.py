"""Verbs on a model's folder: draft it, check it, compile it."""

from pathlib import Path
from typing import Annotated

import typer

from toolchain import console
from toolchain.verbs.findings import show_findings
from toolchain.verbs.options import MODELS, PACKAGES, AsJson, Models, Packages

NEXT = """{folder} is ready to build. Next:
  edit {folder}/model.toml: title, licence, provenance{words}
  edit {folder}/CARD.md
  ortless check {name}
  ortless build{models}"""


def new(
    name: Annotated[str, typer.Argument(help="The model's name, and its folder's.")],
    *,
    source: Annotated[Path, typer.Option("--from", help="The ONNX file.")],
    models: Models = MODELS,
) -> None:
    """Draft a model's folder from its ONNX file: model.toml, golden.json and CARD.md."""
    from toolchain.scaffold import scaffold

    made = scaffold(name, source, models)
    if made.unanswered:
        console.note(f"There is no golden.json, as no request could be made up: {made.unanswered}")
        console.note("Publishing needs one: write requests, and the answers that you know to be right.")
    words = {"tabular": ", features", "image": ", scale, mean and std"}.get(made.draft.preprocess.get("kind", ""), "")
    words += ", labels" if "labels" in made.draft.postprocess else ""
    option = "" if models == MODELS else f" --models {models}"
    run = "" if option else "\n  make run"
    console.note(NEXT.format(folder=made.folder, name=f"{name}{option}", words=words, models=option) + run)


def check(
    model: Annotated[str, typer.Argument(help="A model's name, or the path of its folder.")],
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Say what is missing or wrong in a model's folder; 1 when it cannot be published."""
    from toolchain import checkup

    found = checkup.check(checkup.folder_of(model, models))
    show_findings(found, as_json=json)


def build(models: Models = MODELS, packages: Packages = PACKAGES, json: AsJson = False) -> None:
    """Compile every model's folder into the package that functions read."""
    from functions.packaging.build import build_all

    rows = [
        {
            "model": package.manifest.name,
            "task": package.manifest.task,
            "kB": round(sum(record.size for record in package.manifest.files.values()) / 1000, 1),
            "digest": package.manifest.digest[:12],
        }
        for package in build_all(models, packages)
    ]
    console.show(rows, json)
