"""Verbs on what serves: build its image, ask it."""

import platform
from pathlib import Path
from typing import Annotated

import typer

from toolchain import console
from toolchain.verbs.options import AsJson

Instance = Annotated[str | None, typer.Argument(help="One instance in JSON, or the path of a picture.")]
Instances = Annotated[str | None, typer.Option(help="A list of instances in JSON.")]
File = Annotated[Path | None, typer.Option(help="File of such a list, or of a whole request; - is standard input.")]


def predict(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    instance: Instance = None,
    *,
    instances: Instances = None,
    file: File = None,
    url: Annotated[str, typer.Option(envvar="ORTLESS_URL", help="The API; the local cloud's by default.")] = "",
    key: Annotated[str, typer.Option(envvar="ORTLESS_API_KEY", help="Its key; the local cloud's by default.")] = "",
    json: AsJson = False,
) -> None:
    """Ask a model of a deployed API."""
    from toolchain import client, presentation
    from toolchain.instances import from_argument, from_file, from_list

    if sum(given is not None for given in (instance, instances, file)) != 1:
        raise typer.BadParameter("give one instance, or --instances, or --file", param_hint="INSTANCE")
    if instance is not None:
        body = from_argument(instance)
    else:
        body = from_list(instances) if instances is not None else from_file(file or Path())
    answer = client.predict(client.address(url, key), name, body)
    if json:
        console.data(answer.body)
    else:
        console.note(answer.model)
        console.table(presentation.rows(answer.body["predictions"]))


def image(
    target: Annotated[str, typer.Option(help="predict, admin (lifecycle of models), batch or console.")] = "predict",
    tag: Annotated[str, typer.Option(help="Name of the image; ortless-<target>, when none is given.")] = "",
    architecture: Annotated[str, typer.Option(help="arm64 or x86_64; this machine's, when none is given.")] = "",
) -> None:
    """Build an image with docker, podman or buildah."""
    from toolchain.image import MACHINES, build_image

    build_image(tag or f"ortless-{target}", architecture or MACHINES[platform.machine().lower()], target=target)
