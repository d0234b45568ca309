"""How much of raw onnxruntime's speed is left from file to results? One small MLP, one thread, one process.

The raw side runs the same session on tensors in memory, at the best of its batch sizes. Text is
timed on a sample model: windows whose texts have many lengths, in order of arrival and sorted by length.
"""

import io
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper

from benchmarks.table import Row, interleave, show
from functions.batch import scoring
from functions.batch.options import Options
from functions.batch.results.writer import writer
from functions.batch.rows import Aim, Window
from functions.batch.sources.formats import source
from functions.batch.sources.opening import LocalFile
from functions.batch.sources.view import View
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import Array
from functions.packaging.build import MODELS, build

ROWS, ROUNDS, ROWS_AT_ONCE, WINDOW = 65_536, 5, 512, 8192
WIDTHS = (64, 128, 64, 10)
BATCHES = (64, 128, 256, 512, 1024, 2048, 4096)
ANYTHING = Aim(1 << 40, 1 << 40, 1 << 40)
FLOORS = (("npy -> npy", "raw", 0.9), ("parquet -> parquet", "raw", 0.6), ("jsonl -> jsonl", "loop", 5.0))
TEXT_FLOOR = 1.5


def main() -> list[str]:
    """Measure, print, and say what is under its floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        predictor = Predictor(build(_mlp(folder), folder / "packages"), Settings())
        rows = _files(folder, predictor)
        texts = _texts(Predictor(build(Path(MODELS) / "support-answers", folder / "packages"), Settings()))
    show(f"Batch, {ROWS} rows of 64 numbers", "rows/s", rows, against=("raw", "loop"))
    show("Batch, texts", "rows/s", texts, against=("arrival",))
    speeds = {row.name: row.median for row in [*rows, *texts]}
    checks = (*FLOORS, ("sorted", "arrival", TEXT_FLOOR))
    return [
        f"batch: {name} is {speeds[name] / speeds[against]:.2f} x {against}, at least {floor} is wanted"
        for name, against, floor in checks
        if speeds[name] < floor * speeds[against]
    ]


def _files(folder: Path, predictor: Predictor) -> list[Row]:
    numbers = np.random.default_rng(0).random((ROWS, WIDTHS[0]), np.float32)
    np.save(folder / "rows.npy", numbers)
    pq.write_table(pa.table({f"x{at}": numbers[:, at] for at in range(WIDTHS[0])}), folder / "rows.parquet")
    (folder / "rows.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in numbers.tolist()))
    raw = {size: _speed(partial(_raw, predictor, numbers, size)) for size in BATCHES}
    best = max(raw, key=lambda size: raw[size])
    lanes = (("npy", "npy"), ("parquet", "npy"), ("parquet", "parquet"), ("jsonl", "jsonl"))
    sides: dict[str, Callable[[], float]] = {"raw": partial(_speed, partial(_raw, predictor, numbers, best))}
    sides["loop"] = partial(_speed, partial(_loop, predictor, folder / "rows.jsonl"))
    for lane in lanes:
        sides[" -> ".join(lane)] = partial(_speed, partial(_ours, predictor, folder, *lane))
    return interleave(sides, ROUNDS, "batch")


def _speed(run: Callable[[], object], rows: int = ROWS) -> float:
    start = perf_counter()
    run()
    return rows / (perf_counter() - start)


def _raw(predictor: Predictor, numbers: Array, size: int) -> None:
    for start in range(0, len(numbers), size):
        predictor.infer({"x": numbers[start : start + size]}, ["y"])


def _loop(predictor: Predictor, path: Path) -> bytes:
    """What one writes first: a line, a run, a line."""
    import json

    written = io.StringIO()
    with path.open() as lines:
        for number, line in enumerate(lines):
            row = np.array([json.loads(line)], np.float32)
            (answer,) = predictor.infer({"x": row}, ["y"])
            written.write(json.dumps({"row": number, "prediction": answer[0].tolist()}) + "\n")
    return written.getvalue().encode()


def _ours(predictor: Predictor, folder: Path, given: str, wanted: str) -> bytes:
    options = Options(format=wanted)
    made = writer(wanted, options, predictor)
    scorer = scoring.Scorer(predictor, options, ROWS_AT_ONCE, arrays=made.arrays)
    reader, opening = source(given), LocalFile(str(folder / f"rows.{given}"))
    view = View.of(predictor, window=WINDOW)
    for piece in reader.plan(opening, ANYTHING):
        for window in reader.read(opening, piece, view):
            made.add(scorer.answer(window))
    return made.finish()


def _texts(predictor: Predictor) -> list[Row]:
    lengths = np.random.default_rng(0).geometric(0.06, 256)
    texts = [" ".join(["delivery"] * int(length)) for length in lengths]
    window = Window(range(len(texts)), texts)
    work = scoring.Scorer(predictor, Options(), 16)

    def arrival() -> None:
        for start in range(0, len(texts), 16):
            predictor.predict(texts[start : start + 16])

    sides: dict[str, Callable[[], Any]] = {"arrival": arrival, "sorted": partial(work.answer, window)}
    timed = {name: partial(_speed, run, len(texts)) for name, run in sides.items()}
    return interleave(timed, ROUNDS, "texts")


def _mlp(folder: Path) -> Path:
    path = folder / "mlp"
    path.mkdir()
    random, nodes, weights, at = np.random.default_rng(0), [], [], "x"
    for layer, (before, after) in enumerate(pairwise(WIDTHS)):
        values = random.standard_normal((before, after)).astype(np.float32) / 8
        weights.append(numpy_helper.from_array(values, f"w{layer}"))
        last = layer == len(WIDTHS) - 2
        nodes.append(helper.make_node("MatMul", [at, f"w{layer}"], ["y" if last else f"m{layer}"]))
        if not last:
            nodes.append(helper.make_node("Relu", [f"m{layer}"], [f"r{layer}"]))
        at = f"r{layer}"
    sides = (("x", WIDTHS[0]), ("y", WIDTHS[-1]))
    takes, gives = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]) for name, width in sides)
    graph = helper.make_graph(nodes, "mlp", [takes], [gives], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path / "model.onnx")
    (path / "model.toml").write_text('name = "mlp"\ntitle = "A small MLP"\n')
    return path
