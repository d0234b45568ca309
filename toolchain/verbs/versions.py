"""Verbs on the model registry: publish a version, make it live."""

from functools import partial
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from toolchain import console
from toolchain.verbs.options import PACKAGES, AsJson, Bucket, Packages


def publish(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all of them when none is named.")] = None,
    *,
    bucket: Bucket,
    packages: Packages = PACKAGES,
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
        with console.progress() as bar:
            task = bar.add_task(name, total=sum(record.size for record in package.manifest.files.values()))
            version = publication.publish(package, store, partial(_advance, bar, task))
        live = promotion.promote(name, version, store).live if promote else None
        rows.append({"model": name, "version": version, "live": live, "digest": package.manifest.digest[:12]})
    console.show(rows, json)


def promote(name: str, version: int, *, bucket: Bucket, json: AsJson = False) -> None:
    """Make a version of a model live: functions follow within ORTLESS_REFRESH_SECONDS."""
    from functions.core.store import ObjectStore
    from toolchain import promotion

    alias = promotion.promote(name, version, ObjectStore(bucket))
    row = {"model": name, "live": alias.live, "previous": alias.previous, "generation": alias.generation}
    console.show([row], json)


def _advance(bar: Progress, task: TaskID, _file: str, size: int) -> None:
    bar.advance(task, size)
