# mypy: ignore-errors
# It runs in the environment that `make train` installs, which has scikit-learn; the type checker's has not.
"""Writes rows to distil samples on: `python rows.py MODELS FOLDER`, with scikit-learn and skl2onnx installed.

For each teacher FOLDER gets a file of .npz: `asked`, what its owner has of requests, without answers; `held_out`, which
nobody trained on, and `right`, the index of each one's class. Two teachers are samples' own model.onnx, on the rows
that their train.py splits off; forest.onnx is a random forest, trained here on 6,000 of credit-risk's applications.
"""

import runpy
import sys
from pathlib import Path

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

ASKED = 1000


def write(folder, name, asked, held_out, right):
    """One file; float32 rows, whole numbers for classes."""
    rows = {"asked": np.float32(asked), "held_out": np.float32(held_out), "right": np.int64(right)}
    np.savez(folder / f"{name}.npz", **rows)


def breast_cancer():
    """The rows of train.py's split; class 1 is benign in scikit-learn's data and in the sample."""
    data = load_breast_cancer()
    malignant = data.target == 0
    rows = train_test_split(data.data, data.target, test_size=190, stratify=malignant, random_state=0)
    return rows[0], rows[1], rows[3]


def digits():
    """The images of train.py's split, (rows, 1, 8, 8), as the sample's preprocessing scales them."""
    data = load_digits()
    images = np.rint(data.images * 255 / 16)[:, None] / 255
    rows = train_test_split(images, data.target, test_size=360, stratify=data.target, random_state=0)
    return rows[0], rows[1], rows[3]


def forest(rows, defaulted):
    """300 trees, each leaf of at least 5 applications; labels and probabilities, as skl2onnx exports them."""
    model = RandomForestClassifier(300, min_samples_leaf=5, random_state=0, n_jobs=1).fit(rows, np.int64(defaulted))
    kind = [("features", FloatTensorType([None, rows.shape[1]]))]
    return convert_sklearn(model, initial_types=kind, options={"zipmap": False}).SerializeToString()


def main(models, folder):
    """Write everything."""
    folder.mkdir(parents=True, exist_ok=True)
    applications = runpy.run_path(str(models / "credit-risk" / "train.py"))["applications"]
    held_out, right = applications(np.random.default_rng(1), 12_000)  # seeds 0 and 1 are train.py's
    asked, _ = applications(np.random.default_rng(2), ASKED)
    write(folder, "credit-risk", asked, held_out, right)
    write(folder, "forest", asked, held_out, right)
    (folder / "forest.onnx").write_bytes(forest(*applications(np.random.default_rng(3), 6_000)))
    write(folder, "breast-cancer", *breast_cancer())
    write(folder, "digits-cnn", *digits())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
