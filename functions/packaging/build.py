"""Compiles a model's folder into the package that functions read: graph optimised, digests taken, answers checked.

Runs with nothing but the functions' own dependencies, since the container image is built with it:
`python -m functions.packaging.build MODELS PACKAGES`.
"""

import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.core import golden, manifest
from functions.core.drift import reading
from functions.core.errors import InvalidPackage, OrtlessError
from functions.core.manifest import Graph, Manifest
from functions.core.package import Package, digest_of, open_package, write_manifest
from functions.core.predictor import Predictor
from functions.core.registry import BAKED
from functions.core.settings import Settings
from functions.packaging import graph, source

MODELS = Path("model_artifacts")
PACKAGES = Path("build/packages")


def build(folder: Path, packages: Path) -> Package:
    """Compile one model's folder to `packages`/<name>, replacing what is there only when all went well.

    Raises:
        InvalidPackage: a file or field is wrong, or the model does not answer its golden requests.
    """
    model = source.read(folder)
    packages.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=packages, prefix=".building-") as scratch:
        draft = Path(scratch) / model.name
        draft.mkdir()
        package = assemble(model, draft)
        predictor = Predictor(package, Settings())
        if fault := golden.fault(predictor):
            raise InvalidPackage(str(folder), fault)
        reading.check(predictor)
        target = packages / model.name
        if _contents(target) != _contents(draft):
            shutil.rmtree(target, ignore_errors=True)
            draft.rename(target)
    return package._replace(directory=str(target))


def build_all(models: Path, packages: Path) -> list[Package]:
    """Compile every model's folder under `models`; packages of models that are gone are removed. Raises as `build`."""
    folders = source.find(models)
    with _alone(packages):
        if packages.is_dir():
            for stale in {path.name for path in packages.iterdir()} - {folder.name for folder in folders}:
                shutil.rmtree(packages / stale)
        return [build(folder, packages) for folder in folders]


def _contents(folder: Path) -> dict[str, bytes]:
    """What is in a package: one that would be replaced by the same stays, for a function may be reading it."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


@contextmanager
def _alone(packages: Path) -> Iterator[None]:
    """Wait until no other process builds into that folder: each would take the other's drafts for leftovers."""
    packages.parent.mkdir(parents=True, exist_ok=True)
    with (packages.parent / f".{packages.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def assemble(model: source.Source, draft: Path) -> Package:
    """Compile a model's folder into an empty directory, without asking it anything yet.

    Raises:
        InvalidPackage: ONNX Runtime refuses the graph, a file bears a name that the package needs itself, or the
            compressed model is not of this original.
    """
    if taken := [name for name in model.files if name in source.RESERVED]:
        raise InvalidPackage(str(model.folder), f"no file that ships with a model can be called {taken[0]!r}")
    instead = model.stand_ins()
    original = model.folder / instead.get(source.GRAPH, source.GRAPH)
    signature, files = graph.optimize(original, draft / source.GRAPH)
    optimized = graph.keeps(signature, draft / source.GRAPH)
    if not optimized:
        files = [source.GRAPH]
        shutil.copyfile(original, draft / source.GRAPH)
        (draft / source.WEIGHTS).unlink(missing_ok=True)
    for name in model.files:
        shutil.copyfile(model.folder / instead.get(name, name), draft / name)
    content = Manifest(
        **model.texts,
        graph=Graph(source.GRAPH, optimized=optimized),
        inputs=signature.inputs,
        outputs=signature.outputs,
        preprocess=model.preprocess,
        postprocess=model.postprocess,
        files={name: digest_of(str(draft / name)) for name in (*files, *model.files)},
        digest="",
        optional=signature.optional,
        cache=model.cache,
    )
    write_manifest(str(draft), manifest.render(content))
    return open_package(str(draft), BAKED)


def main(arguments: list[str]) -> int:
    """Compile every model; 0 when all went well."""
    models, packages = (Path(argument) for argument in arguments)
    try:
        for package in build_all(models, packages):
            sys.stdout.write(f"{package.manifest.name} {package.manifest.digest}\n")
    except OrtlessError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
