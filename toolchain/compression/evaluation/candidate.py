"""A model's folder with other bytes in the place of its graph, compiled as it would ship."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from functions.core import golden
from functions.core.errors import InvalidPackage
from functions.core.package import Package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging import build, compressed, source
from functions.packaging.source import Source
from toolchain.compression.errors import NotApplicable

SETTINGS = Settings(deadline_seconds=120.0)
"""One thread, as at the default memory; a run may take long on the machine of whoever measures."""
LEFT_OUT = (golden.FILE, compressed.FILE, compressed.GOLDEN, compressed.REPORT, compressed.GRAPH)
"""Neither asked nor shipped while models are tried."""


@contextmanager
def compiled(model: Source, content: bytes) -> Iterator[Package]:
    """The package with that graph, for as long as the context lasts.

    Raises:
        NotApplicable: ONNX Runtime refuses the graph.
    """
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        folder, draft = Path(scratch, "source", model.name), Path(scratch, "package")
        folder.mkdir(parents=True)
        draft.mkdir()
        for path in model.folder.iterdir():
            if path.is_file() and path.name not in LEFT_OUT:
                (folder / path.name).symlink_to(path.absolute())
        (folder / source.GRAPH).write_bytes(content)
        files = tuple(name for name in model.files if name not in LEFT_OUT)
        try:
            yield build.assemble(model._replace(folder=folder, files=files), draft)
        except InvalidPackage as fault:
            raise NotApplicable(str(fault).partition(" cannot be used: ")[2]) from None


class Shelf:
    """Compiled packages of one folder: the original's, and the last other one, as each is looked at several times."""

    def __init__(self, model: Source, original: bytes) -> None:
        """Compile the original. Raises NotApplicable where ONNX Runtime refuses it."""
        self._model, self._original = model, original
        self._kept, self._last = ExitStack(), ExitStack()
        self._content: bytes | None = None
        self._first = self._kept.enter_context(compiled(model, original))
        self._package = self._first

    def package(self, content: bytes) -> Package:
        """A model's package, there until another one is asked for. Raises NotApplicable as `compiled`."""
        if content == self._original:
            return self._first
        if content != self._content:
            self._last.close()
            self._content = None
            self._package = self._last.enter_context(compiled(self._model, content))
            self._content = content
        return self._package

    def packages(self, contents: Sequence[bytes], stack: ExitStack) -> list[Package]:
        """Packages of several models, there as long as the stack is open. Raises NotApplicable as `compiled`."""
        known = (self._original, self._content)
        return [
            self.package(content) if content in known else stack.enter_context(compiled(self._model, content))
            for content in contents
        ]

    def close(self) -> None:
        """Remove them."""
        self._last.close()
        self._kept.close()


def size_of(package: Package) -> int:
    """Bytes of the compiled graph, which is what ships."""
    files = package.manifest.files
    return sum(files[name].size for name in (source.GRAPH, source.WEIGHTS) if name in files)


def predictor(package: Package) -> Predictor:
    """What answers for a package. Raises NotApplicable where it cannot."""
    try:
        return Predictor(package, SETTINGS)
    except InvalidPackage as fault:
        raise NotApplicable(str(fault).partition(" cannot be used: ")[2]) from None
