"""How much of raw onnxruntime's speed is left from file to results? One small MLP, one thread, fresh processes.

The raw side runs a session of its own on rows in memory, at the best of its batch sizes. The loop is what one writes
first: a line, `json.loads`, a run of one row, a line. Texts have many lengths and a sample model; they are answered as
the batch function does it, sorted by length inside a window, and in the order in which they came: in batches of the
same size, and in those that are best for it. Time is the processor's, of all threads: what else a machine does is not
counted.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper

from benchmarks.table import Row, interleave, show
from functions.packaging.build import MODELS, build

ROWS, TEXTS, ROUNDS = 65_536, 1024, 5
WIDTHS = (64, 512, 256, 10)
TEXT_MODEL, LENGTH = "chinese-classics", 33
FLOORS = (
    ("npy -> npy", "raw", 0.9),
    ("parquet -> parquet", "raw", 0.6),
    ("jsonl -> jsonl", "loop", 5.0),
    ("sorted", "arrival", 1.5),
)
SIDES = ("arrival", "arrival, best batch", "sorted")
FILES = ("raw", "loop", "npy -> npy", "parquet -> parquet", "parquet -> npy", "csv -> csv", "jsonl -> jsonl")


def main() -> list[str]:
    """Measure, print, and say what is under its floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(_mlp(folder), folder / "packages")
        build(Path(MODELS) / TEXT_MODEL, folder / "packages")
        _write(folder)
        rows = interleave({side: partial(_sample, side, folder) for side in FILES}, ROUNDS, "batch")
        texts = interleave({side: partial(_sample, side, folder) for side in SIDES}, ROUNDS, "texts")
    widths = "-".join(map(str, WIDTHS))
    show(f"Batch: {ROWS} rows of {WIDTHS[0]} numbers, MLP {widths}", "rows/s", rows, against=("raw", "loop"))
    title = f"Batch: {TEXTS} texts of {LENGTH} characters in the mean, {TEXT_MODEL}"
    show(title, "rows/s", texts, against=("arrival",))
    return broken([*rows, *texts])


def broken(rows: list[Row]) -> list[str]:
    """What is under its floor, in words."""
    speeds = {row.name: row.median for row in rows}
    return [
        f"batch: {name} is {speeds[name] / speeds[against]:.2f} x {against}, at least {floor} is wanted"
        for name, against, floor in FLOORS
        if speeds[name] < floor * speeds[against]
    ]


def _sample(contestant: str, folder: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.batch_contestant", contestant, str(folder)]
    variables = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    output = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return float(json.loads(output.stdout)["rows_per_second"])


def _write(folder: Path) -> None:
    """The same rows in each format, and the texts."""
    random = np.random.default_rng(0)
    numbers = random.random((ROWS, WIDTHS[0]), np.float32)
    np.save(folder / "rows.npy", numbers)
    table = pa.table({f"x{at}": numbers[:, at] for at in range(WIDTHS[0])})
    pq.write_table(table, folder / "rows.parquet")
    lists = numbers.tolist()
    (folder / "rows.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in lists))
    header = ",".join(table.column_names)
    (folder / "rows.csv").write_text("\n".join([header, *(",".join(map(str, row)) for row in lists), ""]))
    texts = ["山" * int(length) for length in random.geometric(1 / LENGTH, TEXTS)]
    (folder / "texts.jsonl").write_bytes(b"".join(orjson.dumps(text) + b"\n" for text in texts))


def _mlp(folder: Path) -> Path:
    """A graph of random weights: what it answers means nothing, what it costs is what counts."""
    path = folder / "mlp"
    path.mkdir()
    random, nodes, weights, at = np.random.default_rng(0), [], [], "x"
    for layer, (before, after) in enumerate(pairwise(WIDTHS)):
        values = random.standard_normal((before, after)).astype(np.float32) / np.float32(before**0.5)
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
