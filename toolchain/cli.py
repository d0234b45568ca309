"""The `ortless` command line. Data goes to stdout, progress and errors to stderr."""

import platform
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Table

from functions.core.errors import OrtlessError

app = typer.Typer(
    help="Machine-learning models in production without servers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
messages = Console(stderr=True)

Models = Annotated[Path, typer.Option(help="Folder with one folder per model.")]
Packages = Annotated[Path, typer.Option(help="Folder for the compiled packages.")]
Bucket = Annotated[str, typer.Option(envvar="ORTLESS_MODEL_BUCKET", help="Bucket of the model registry.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog="Example: ortless build")
def build(
    models: Models = Path("model_artifacts"), packages: Packages = Path("build/packages"), json: AsJson = False
) -> None:
    """Compile every model's folder into the package that functions read."""
    from toolchain.build import build_all

    rows = [
        {
            "model": package.manifest.name,
            "task": package.manifest.task,
            "kB": round(sum(record.size for record in package.manifest.files.values()) / 1000, 1),
            "digest": package.manifest.digest[:12],
        }
        for package in build_all(models, packages)
    ]
    _show(rows, json)


@app.command(epilog="Example: ortless publish iris-svm --bucket my-models")
def publish(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all of them when none is named.")] = None,
    *,
    bucket: Bucket,
    packages: Packages = Path("build/packages"),
    promote: Annotated[bool, typer.Option(help="Make the version live.")] = True,
    json: AsJson = False,
) -> None:
    """Write compiled packages into the registry as new versions, and make them live."""
    from functions.core.package import open_package
    from functions.core.registry import BAKED
    from functions.core.store import ObjectStore
    from toolchain import promotion, publication

    store = ObjectStore(bucket)
    chosen = names or sorted(path.name for path in packages.iterdir() if path.is_dir())
    rows = []
    for name in chosen:
        package = open_package(str(packages / name), BAKED)
        with _progress() as bar:
            task = bar.add_task(name, total=sum(record.size for record in package.manifest.files.values()))
            version = publication.publish(package, store, partial(_advance, bar, task))
        live = promotion.promote(name, version, store).live if promote else None
        rows.append({"model": name, "version": version, "live": live, "digest": package.manifest.digest[:12]})
    _show(rows, json)


@app.command(epilog="Example: ortless promote iris-svm 2 --bucket my-models")
def promote(name: str, version: int, *, bucket: Bucket, json: AsJson = False) -> None:
    """Make a version of a model live: functions follow within ORTLESS_REFRESH_SECONDS."""
    from functions.core.store import ObjectStore
    from toolchain import promotion

    alias = promotion.promote(name, version, ObjectStore(bucket))
    _show([{"model": name, "live": alias.live, "previous": alias.previous, "generation": alias.generation}], json)


@app.command(epilog="Example: ortless image --architecture arm64")
def image(
    tag: Annotated[str, typer.Option(help="Name of the image.")] = "ortless-predict",
    architecture: Annotated[str, typer.Option(help="arm64 or x86_64; this machine's, when none is given.")] = "",
) -> None:
    """Build the predict image with docker, podman or buildah."""
    from toolchain.image import MACHINES, build_image

    build_image(tag, architecture or MACHINES[platform.machine().lower()])


def main() -> None:
    """Run the command line; an error of ours is one line, without a traceback."""
    try:
        app()
    except OrtlessError as error:
        messages.print(f"[bold red]error[/] ({error.code}): ", end="", highlight=False)
        messages.print(str(error), markup=False, highlight=False)
        sys.exit(1)


def _advance(bar: Progress, task: TaskID, _file: str, size: int) -> None:
    bar.advance(task, size)


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=messages, transient=True)


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return
    table = Table(*(rows[0] if rows else ()))
    for row in rows:
        table.add_row(*("-" if value is None else str(value) for value in row.values()))
    Console().print(table)
