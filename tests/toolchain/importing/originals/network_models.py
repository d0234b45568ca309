"""Writes what the tests of PyTorch and Keras import, and the samples beside it; untrained, as nothing depends on it."""

import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import torch
from own_networks import Attended, Eigen, Pair
from torch import nn

ROWS = {0: torch.export.Dim("rows")}


def save(path: Path, network: nn.Module, *example: torch.Tensor, shapes: object = None) -> None:
    """Export a network, any number of rows."""
    shapes = shapes if shapes is not None else (ROWS,) * len(example)
    program = torch.export.export(network.eval(), example, dynamic_shapes=shapes or None)
    torch.export.save(program, path)


def tampered(source: Path, target: Path, expression: str) -> None:
    """The same program with another expression in a shape."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("models/model.json"):
                content = content.replace(b'"expr_str": "', b'"expr_str": "' + expression.encode() + b" + ", 1)
            new.writestr(entry, content)


def programs(folder: Path) -> None:
    classifier = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(1))
    pictures = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10), nn.Softmax(1))
    both = {0: torch.export.Dim("rows"), 1: torch.export.Dim("tokens")}
    save(folder / "classifier.pt2", classifier, torch.rand(2, 4))
    save(folder / "pictures.pt2", pictures, torch.rand(2, 1, 8, 8))
    save(folder / "pair.pt2", Pair(), torch.rand(2, 4))
    save(folder / "fixed.pt2", classifier, torch.rand(1, 4), shapes=())
    save(folder / "eigen.pt2", Eigen(), torch.rand(2, 3, 3))
    tokens = (torch.ones(2, 5, dtype=torch.long), torch.ones(2, 5))
    save(folder / "attended.pt2", Attended(), *tokens, shapes=(both, both))
    tampered(folder / "classifier.pt2", folder / "tampered.pt2", "exec(chr(112))")
    torch.save(classifier.eval(), folder / "module.pt")
    torch.save(classifier.state_dict(), folder / "weights.pt")
    torch.jit.save(torch.jit.trace(classifier.eval(), torch.rand(2, 4)), folder / "script.pt")
    draws = np.random.default_rng(0)
    np.save(folder / "pictures.npy", draws.random((40, 1, 8, 8), np.float32))
    np.savez(folder / "tokens.npz", ids=draws.integers(0, 50, (20, 6)), mask=np.ones((20, 6), np.float32))
    rows = draws.normal(size=(50, 4)).round(3)
    lines = [",".join(map(str, row)) + f",{'abc'[index % 3]}" for index, row in enumerate(rows.tolist())]
    (folder / "rows.csv").write_text("\n".join(["width,height,depth,weight,kind", *lines]) + "\n")
    rows[7, 2] = np.nan
    np.save(folder / "gaps.npy", rows)


def keras_models(folder: Path) -> None:
    layers = keras.layers
    dense = keras.Sequential(
        [keras.Input((8,)), layers.Dense(16, "relu"), layers.BatchNormalization(), layers.Dense(3, "softmax")]
    )
    dense.save(folder / "dense.keras")
    pictures = keras.Sequential(
        [keras.Input((12, 12, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(5, "softmax")]
    )
    pictures.save(folder / "pictures.keras")
    ids, extra = keras.Input((6,), dtype="int32", name="ids"), keras.Input((2,), name="extra")
    joined = layers.Concatenate()([layers.LSTM(5)(layers.Embedding(20, 4)(ids)), extra])
    outputs = {"price": layers.Dense(1)(joined), "kind": layers.Dense(3, "softmax")(joined)}
    keras.Model([ids, extra], outputs).save(folder / "several.keras")
    lambdas = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * 2)])
    lambdas.save(folder / "lambda.keras")
    (folder / "damaged.keras").write_bytes((folder / "dense.keras").read_bytes()[:-200])


def main() -> None:
    folder = Path(sys.argv[1])
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    programs(folder)
    keras_models(folder)


if __name__ == "__main__":
    main()
