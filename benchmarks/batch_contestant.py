"""One contestant of `benchmarks.batch`, in its own process: prints its rows per second as JSON."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import onnxruntime

from benchmarks.batch import TEXT_MODEL
from functions.batch.claims import PIECE_BYTES, PIECE_SECONDS
from functions.batch.options import Options
from functions.batch.pace import Pace, measure
from functions.batch.rows import Aim
from functions.batch.sources.formats import source
from functions.batch.sources.opening import LocalFile
from functions.batch.working import score
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings

REPEATS = 3
BATCHES = (64, 128, 256, 512, 1024, 2048, 4096)
TEXT_BATCHES = (1, 4, 16)
LOOPED = 8192
"""Rows of the loop: it takes the same for each, and too long for all."""
Run = Callable[[], int]


def main(contestant: str, folder: Path) -> None:
    """Time the contestant, after a run that is not counted, and print its speed."""
    sys.stdout.write(json.dumps({"rows_per_second": max(map(_speed, _runs(contestant, folder)))}))


def _runs(contestant: str, folder: Path) -> list[Run]:
    """The ways that the contestant may choose the best of; each says how many rows it has answered."""
    if contestant == "raw":
        numbers = np.load(folder / "rows.npy")
        return [partial(_raw, _session(folder), numbers, size) for size in BATCHES]
    if contestant == "loop":
        return [partial(_loop, _session(folder), folder / "rows.jsonl")]
    if contestant == "sorted":
        return [_measured(_predictor(folder, TEXT_MODEL), folder / "texts.jsonl", "jsonl")]
    if contestant.startswith("arrival"):
        predictor = _predictor(folder, TEXT_MODEL)
        texts = [json.loads(line) for line in (folder / "texts.jsonl").read_text().splitlines()]
        sizes = TEXT_BATCHES if contestant != "arrival" else (measure(predictor, Settings().memory_mb).rows_at_once,)
        return [partial(_arrival, predictor, texts, size) for size in sizes]
    given, _, wanted = contestant.partition(" -> ")
    return [_measured(_predictor(folder, "mlp"), folder / f"rows.{given}", wanted)]


def _measured(predictor: Predictor, path: Path, wanted: str) -> Run:
    """Ours, at the pace that it finds itself."""
    return partial(_ours, predictor, measure(predictor, Settings().memory_mb), path, wanted)


def _speed(run: Run) -> float:
    run()
    speeds = []
    for _ in range(REPEATS):
        start = process_time()
        rows = run()
        speeds.append(rows / (process_time() - start))
    return median(speeds)


def _session(folder: Path) -> onnxruntime.InferenceSession:
    """As one makes it, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = folder / "mlp" / "model.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _raw(session: onnxruntime.InferenceSession, numbers: Any, size: int) -> int:
    for start in range(0, len(numbers), size):
        session.run(None, {"x": numbers[start : start + size]})
    return len(numbers)


def _loop(session: onnxruntime.InferenceSession, path: Path) -> int:
    written = []
    with path.open() as lines:
        for number, line in enumerate(lines):
            if number == LOOPED:
                break
            row = np.array([json.loads(line)], np.float32)
            (answer,) = session.run(None, {"x": row})
            written.append(json.dumps({"row": number, "prediction": answer[0].tolist()}) + "\n")
    assert len("".join(written).splitlines()) == LOOPED  # noqa: S101 - a loop that stops early must not be timed
    return LOOPED


def _ours(predictor: Predictor, pace: Pace, path: Path, wanted: str) -> int:
    """From file to results as the batch function goes, piece by piece."""
    options, opening, kind = Options(format=wanted), LocalFile(str(path)), path.suffix[1:]
    aim = Aim(PIECE_BYTES, max(pace.rows_at_once, int(pace.rows_per_second * PIECE_SECONDS)), 1 << 40)
    pieces = source(kind).plan(opening, aim)
    return sum(score(opening, piece, kind, options, predictor, pace.rows_at_once).answered for piece in pieces)


def _arrival(predictor: Predictor, texts: list[str], size: int) -> int:
    for start in range(0, len(texts), size):
        predictor.predict(texts[start : start + size])
    return len(texts)


def _predictor(folder: Path, name: str) -> Predictor:
    return Predictor(open_package(str(folder / "packages" / name), 0), Settings())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
