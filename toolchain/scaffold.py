"""A model's folder, drafted from nothing but its ONNX file."""

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import onnx

from functions.core import golden
from functions.core.errors import InvalidPackage, OrtlessError
from functions.packaging import onnx_file, source
from functions.packaging.build import build
from functions.packaging.graph import Signature
from toolchain import draft, pages, rehearsal, sampling
from toolchain.draft import Draft
from toolchain.rehearsal import Rehearsal


class FolderTaken(OrtlessError):
    """There is something already where a scaffold would be written."""

    code = "folder_taken"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} exists already\nhint: choose another name, or remove it")


class InvalidName(OrtlessError):
    """A name that no path or address should have."""

    code = "invalid_name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Expected a name of lower-case letters, digits and single hyphens, at most 63 - got {name!r}\n"
            "hint: it becomes the folder, and part of the address: /v1/models/<name>:predict"
        )


class Scaffold(NamedTuple):
    """What was written where; `unanswered` says why there are no golden requests, if there are none."""

    folder: Path
    draft: Draft
    unanswered: str


def scaffold(name: str, graph: Path, models: Path) -> Scaffold:
    """Draft `models`/<name> from an ONNX file; it is there only when it builds.

    Raises:
        FolderTaken: the folder exists already.
        InvalidName: no model can have that name.
        BrokenGraph, ExternalData: the file is none that could be copied.
        InvalidPackage: ONNX Runtime refuses the graph, or it cannot be served.
    """
    if not source.NAME.fullmatch(name):
        raise InvalidName(name)
    target = models / name
    if target.exists():
        raise FolderTaken(target)
    model = onnx_file.whole(graph)
    with tempfile.TemporaryDirectory(prefix="ortless-") as desk:
        folder = Path(desk) / name
        folder.mkdir()
        shutil.copyfile(graph, folder / source.GRAPH)
        try:
            drafted, unanswered = _fill(folder, model, Path(desk) / "packages")
        except InvalidPackage as fault:  # of the copy, which nobody knows
            raise InvalidPackage(str(graph), str(fault).partition(" cannot be used: ")[2]) from None
        models.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, target)
    return Scaffold(target, drafted, unanswered)


def _fill(folder: Path, model: onnx.ModelProto, packages: Path) -> tuple[Draft, str]:
    _write(folder, model, Draft({}, {}))
    package = build(folder, packages)
    signature = Signature(package.manifest.inputs, package.manifest.outputs)
    drafted = Draft(draft.preprocess(model, signature), {})
    heard = rehearsal.rehearse(package, drafted)
    drafted = drafted._replace(postprocess=draft.postprocess(model, signature, heard.by_output(signature.outputs)))
    _write(folder, model, drafted)
    _write_card(folder, model, signature)
    heard = rehearsal.rehearse(package, drafted) if heard.cases else heard
    if drafted.preprocess.get("kind") == "image":
        height, width = drafted.preprocess["size"]
        (folder / "sample.png").write_bytes(sampling.picture(height, width, drafted.preprocess["mode"], 0))
    return drafted, _confirm(folder, heard, packages)


def _confirm(folder: Path, heard: Rehearsal, packages: Path) -> str:
    """Build the folder with its golden requests, or else without; why without, if so."""
    unanswered = heard.unanswered
    if not unanswered:
        (folder / golden.FILE).write_bytes(heard.document())
        try:
            build(folder, packages)
        except InvalidPackage as fault:
            (folder / golden.FILE).unlink()
            unanswered = str(fault)
    if unanswered:
        build(folder, packages)
    return unanswered


def _write(folder: Path, model: onnx.ModelProto, drafted: Draft) -> None:
    said = onnx_file.metadata(model)
    texts = {
        "description": model.doc_string or model.graph.doc_string or said.get("description", ""),
        "licence": said.get("licence") or said.get("license", ""),
    }
    (folder / source.FILE).write_text(pages.model_toml(folder.name, texts, drafted), "utf-8")


def _write_card(folder: Path, model: onnx.ModelProto, signature: Signature) -> None:
    producer = f"{model.producer_name} {model.producer_version}".strip()
    text = pages.card(folder.name, signature, onnx_file.opset(model), producer)
    (folder / "CARD.md").write_text(text, "utf-8")
