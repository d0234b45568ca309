"""Fit y = 0.5 x1 + 0.3 x2 + 0.2 x3 + 0.1 from points of it, and write model.onnx and golden.json."""

import json
from pathlib import Path

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LinearRegression

HERE = Path(__file__).parent
NAMES = ("x1", "x2", "x3")
WEIGHTS, INTERCEPT = np.array([0.5, 0.3, 0.2]), 0.1
CASES = {"by hand": [1.0, 2.0, 3.0], "origin": [0.0, 0.0, 0.0], "negative": [-4.0, 2.5, -0.75]}
TOLERANCE = 1e-5


def points(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random points and their exact answers."""
    features = generator.uniform(-10, 10, (count, len(NAMES)))
    return features, features @ WEIGHTS + INTERCEPT


def golden(model: LinearRegression, held_out: np.ndarray) -> dict[str, object]:
    """Requests with the answers of the fitted model, in double precision."""
    batches = {name: [row] for name, row in CASES.items()} | {"held-out batch": held_out.round(3).tolist()}
    return {
        "tolerance": TOLERANCE,
        "cases": [
            {
                "name": name,
                "request": {"instances": [dict(zip(NAMES, row, strict=True)) for row in rows]},
                "response": {"predictions": [round(float(y), 9) for y in model.predict(rows)]},
            }
            for name, rows in batches.items()
        ],
    }


def main() -> None:
    """Fit, measure, export."""
    generator = np.random.default_rng(0)
    model = LinearRegression().fit(*points(generator, 200))
    held_out, answers = points(generator, 100)
    off = max(np.abs(model.coef_ - WEIGHTS).max(), abs(model.intercept_ - INTERCEPT))
    print(f"largest error of a coefficient: {off:.1e}")
    print(f"largest error on {len(answers)} held-out points: {np.abs(model.predict(held_out) - answers).max():.1e}")

    graph = convert_sklearn(
        model,
        name="linear-regression",
        initial_types=[("features", FloatTensorType([None, len(NAMES)]))],
        final_types=[("y", FloatTensorType([None, 1]))],
    )
    graph.opset_import.sort(key=lambda entry: entry.domain)  # the converter's order changes from run to run
    (HERE / "model.onnx").write_bytes(graph.SerializeToString())
    (HERE / "golden.json").write_text(json.dumps(golden(model, held_out[:3]), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
