"""Verbs on what ships: what images are made of, and which of them were published."""

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from toolchain import console
from toolchain.image import TARGETS
from toolchain.verbs.options import AsJson, Stage


def sbom(
    target: Annotated[str, typer.Argument(help="predict, admin, batch or console; all of them with --to.")] = "",
    *,
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write <target>.cdx.json there.")] = None,
    base: Annotated[str, typer.Option(help="The base image with its digest, where the build was given one.")] = "",
) -> None:
    """Write what an image is made of, as CycloneDX: its base, its locked libraries, the models that ship with it."""
    from toolchain.inventory.cyclonedx import document

    if target not in (*TARGETS, "") or not (target or to):
        raise typer.BadParameter(f"give one of {', '.join(TARGETS)}, or --to", param_hint="TARGET")
    root = Path(__file__).parents[2]
    bills = {name: document(name, root, base) for name in ([target] if target else TARGETS)}
    if to is None:
        console.data(bills[target])
        return
    to.mkdir(parents=True, exist_ok=True)
    for name, bill in bills.items():
        (to / f"{name}.cdx.json").write_text(dumps(bill, indent=2) + "\n")
        console.note(f"{to / f'{name}.cdx.json'}: {len(bill['components'])} components")


def images(
    assembly: Annotated[Path, typer.Argument(help="What cdk deploy left.")] = Path("cdk.out"),
    *,
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """Show which images a deployment published, by digest: what is signed, and what a bill is attached to."""
    from toolchain.deployment import find
    from toolchain.inventory.published import published

    found = published(assembly, find(stage))
    console.show([{"target": image.target, "image": image.reference} for image in found], json)
