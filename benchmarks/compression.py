"""How small and how fast does MiniLM get, and what is left of its answers? Side by side with other tools.

`python -m benchmarks.compression`: exports the model through PyTorch in the environment that `make train` makes,
quantizes it with ONNX Runtime's own tools, with Olive (in an environment of its own) and with our recipes, all on the
same 128 calibration sentences, and, with `--search`, takes what `ortless compress` finds by itself. It compares size,
time in fresh processes (one thread, the graph optimised to the level that packages are built at) and the vectors of
200 other sentences. The sentences are Debian's fortunes.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic, quantize_static
from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.minilm import package
from benchmarks.minilm.olive import Unavailable, quantize_with_olive
from benchmarks.minilm.sentences import Encoding, sentences
from benchmarks.table import Row, interleave
from benchmarks.train_environment import TRAIN, python_in
from toolchain.compression.calibration import Calibration, load
from toolchain.compression.recipe import apply, parse
from toolchain.compression.sensitivity import compare

FOLDER = Path("build/benchmarks/minilm")
ROUNDS = 7
EVALUATED, CALIBRATED = 200, 128
BATCHES = (1, 32)
RECIPES = {
    "ortless, smallest": "merge | smooth-int8 | embeddings | compact",
    "ortless, 5 layers kept": "merge | smooth-int8(keep=5) | embeddings | compact",
    "ortless, faithful": "merge | smooth-int8(keep=12) | embeddings | compact",
}
SEARCHED = "ortless compress"


class Quality(NamedTuple):
    """Of 200 vectors against the original's: cosines, and how often the nearest neighbour is the same."""

    mean: float
    least: float
    top1: float


def export(folder: Path, train: Path) -> None:
    """Write model.onnx and tokenizer.json into a folder, unless they are there."""
    if (folder / "tokenizer.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([python_in(train), str(Path(__file__).parent / "minilm" / "export.py"), str(folder)], check=True)


class _Reader:
    """Calibration requests one by one, as ONNX Runtime's tools ask for them."""

    def __init__(self, feeds: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        return dict(found) if (found := next(self._feeds, None)) is not None else None


def contestants(folder: Path, calibration: Calibration) -> dict[str, Path]:
    """Write every contestant's file; those that could not be made are said and left out."""
    original = folder / "model.onnx"
    made = {"fp32": original}

    def make(name: str, write: Callable[[Path], None]) -> None:
        target = folder / f"{name.replace(',', '').replace(' ', '-')}.onnx"
        try:
            write(target)
            made[name] = target
        except Unavailable as fault:
            Console(stderr=True).print(f"{name} is left out: {fault}", highlight=False)

    make("quantize_dynamic", lambda target: quantize_dynamic(original, target))
    make("quantize_dynamic, per channel", lambda target: quantize_dynamic(original, target, per_channel=True))
    make("quantize_static, per channel", lambda target: _static(original, target, calibration))
    for name, channels in (("Olive", False), ("Olive, per channel", True)):
        make(name, partial(quantize_with_olive, original, per_channel=channels))
    content = original.read_bytes()
    for name, text in RECIPES.items():
        make(name, partial(_ours, text, content, calibration))
    return made


def searched(folder: Path, asked: Sequence[str], calibrating: Sequence[str]) -> Path:
    """What the one command finds with a gate of 0.3 % cosine and 95 % of nearest neighbours; it takes minutes."""
    target = folder.parent / package.NAME
    package.write(folder, target, asked, calibrating)
    return package.compress(target, folder.parent / "compress-cache", "size")


def _ours(text: str, content: bytes, calibration: Calibration, target: Path) -> None:
    target.write_bytes(apply(parse(text), content, calibration).model)


def _static(original: Path, target: Path, calibration: Calibration) -> None:
    quantize_static(
        original,
        target,
        _Reader(calibration.feeds),
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def vectors(model: Path, feeds: Sequence[Mapping[str, NDArray[Any]]]) -> NDArray[np.float32]:
    """The vectors of sentences that are asked for one by one, (sentences, 384)."""
    session = load(onnx.load(model))
    return np.concatenate([session.run(None, feed)[0] for feed in feeds])


def quality(got: NDArray[np.float32], right: NDArray[np.float32]) -> Quality:
    """How near vectors are to the original's."""
    cosines = [compare([a[None]], [b[None]])[0] for a, b in zip(got, right, strict=True)]
    return Quality(float(np.mean(cosines)), min(cosines), float((_nearest(got) == _nearest(right)).mean()))


def _nearest(found: NDArray[np.float32]) -> NDArray[np.int64]:
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -np.inf)
    return np.asarray(likeness.argmax(axis=1), np.int64)


def times(files: Mapping[str, Path], folder: Path, batch: int, rounds: int) -> list[Row]:
    """Milliseconds of a run with so many sentences, one sample for each fresh process, taken in turn."""

    def sample(file: Path) -> float:
        command = [sys.executable, "-m", "benchmarks.compression_contestant", str(file), str(folder), str(batch)]
        variables = os.environ | {"OMP_NUM_THREADS": "1"}
        return float(subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout)

    return interleave({name: partial(sample, file) for name, file in files.items()}, rounds, f"batch {batch}")


def main(arguments: Sequence[str] = ()) -> list[str]:
    """Make, measure and print; no limits are set here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compression", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fresh processes for each contestant and batch")
    parser.add_argument("--train", type=Path, default=TRAIN, help="environment with PyTorch and the weights")
    parser.add_argument("--search", action="store_true", help="let `ortless compress` find a recipe too")
    chosen = parser.parse_args(arguments)
    export(FOLDER, chosen.train)
    encoding, texts = Encoding(FOLDER / "tokenizer.json"), sentences(EVALUATED + CALIBRATED)
    asked = [encoding.feeds([text]) for text in texts[:EVALUATED]]
    files = contestants(FOLDER, Calibration([encoding.feeds([text]) for text in texts[EVALUATED:]]))
    if chosen.search:
        files[SEARCHED] = searched(FOLDER, texts[:EVALUATED], texts[EVALUATED:])
    right = vectors(files["fp32"], asked)
    found = {name: quality(vectors(file, asked), right) for name, file in files.items()}
    taken = [times(files, FOLDER, batch, chosen.rounds) for batch in BATCHES]
    _show(files, found, taken)
    return []


def _show(files: Mapping[str, Path], found: Mapping[str, Quality], taken: Sequence[Sequence[Row]]) -> None:
    heads = [head for batch in BATCHES for head in (f"ms, batch {batch}", "x faster")]
    table = Table("", "MB", "x smaller", *heads, "cosine", "least", "top-1", title="MiniLM-L6, one thread, medians")
    whole = files["fp32"].stat().st_size
    for index, (name, file) in enumerate(files.items()):
        size = file.stat().st_size
        cells = [f"{size / 1e6:.1f}", f"{whole / size:.2f}"]
        for rows in taken:
            cells += [f"{rows[index].median:.2f}", f"{rows[0].median / rows[index].median:.2f}"]
        table.add_row(name, *cells, *(f"{value:.4f}" for value in found[name]))
    console = Console(width=130)
    console.print(machine.describe(), highlight=False)
    console.print(table)
    for name, text in RECIPES.items():
        console.print(f"{name}: {text}", highlight=False, markup=False)


if __name__ == "__main__":
    main(sys.argv[1:])
