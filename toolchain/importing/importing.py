"""From a model of another framework to a folder that builds, and answers as the original did."""

import shutil
import tempfile
from importlib import import_module
from pathlib import Path

from functions.core.errors import InvalidPackage
from functions.packaging import source
from toolchain.importing import formats
from toolchain.importing.contract import Imported, Made, Options, Source
from toolchain.importing.errors import NotConvertible
from toolchain.importing.workshop import Workshop
from toolchain.scaffold import FolderTaken, InvalidName

REFUSED = "convert it with other options where it was trained, and: ortless new NAME --from model.onnx"


def import_model(name: str, given: Source, options: Options, models: Path) -> Made:
    """Make `models`/<name> of a model; it is there only when it answers as the original.

    Raises:
        FolderTaken, InvalidName: as a scaffold.
        UnknownFormat, Untrusted, MissingPackage, NotOpened, NotConvertible: the model is none that can be converted.
        InvalidSamples: the samples do not fit.
        Disagreement: the converted graph answers otherwise.
        InvalidPackage: ONNX Runtime refuses the graph.
    """
    if not source.NAME.fullmatch(name):
        raise InvalidName(name)
    target = models / name
    if target.exists():
        raise FolderTaken(target)
    found = formats.recognise(given)
    imported: Imported = import_module(f"toolchain.importing.frameworks.{found.module}").convert(given)
    with tempfile.TemporaryDirectory(prefix="ortless-") as desk:
        try:
            made = Workshop(Path(desk) / name, Path(desk) / "packages", given.path.name, options).make(imported)
        except InvalidPackage as fault:
            reason = str(fault).partition(" cannot be used: ")[2] or fault
            raise NotConvertible(str(given.path), reason, REFUSED) from None
        models.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(desk) / name, target)
    return made._replace(folder=target)
