"""Train a calibrated support-vector machine on the iris data, and write model.onnx and golden.json."""

import json
import warnings
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto
from onnx.helper import make_tensor_value_info
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

HERE = Path(__file__).parent
NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
LABELS = ("setosa", "versicolor", "virginica")
TOLERANCE = 1e-5


def untrained() -> Pipeline:
    """The classifier: measurements scaled, an SVM with a Gaussian kernel, its scores turned into probabilities."""
    return make_pipeline(StandardScaler(), CalibratedClassifierCV(SVC(), ensemble=False))


def prediction(probabilities: np.ndarray) -> dict[str, object]:
    """An answer in the user's terms."""
    table = {label: round(float(p), 7) for label, p in zip(LABELS, probabilities, strict=True)}
    return {"label": LABELS[probabilities.argmax()], "probabilities": table}


def golden(model: Pipeline, features: np.ndarray, species: np.ndarray) -> dict[str, object]:
    """Held-out flowers with the answers of the scikit-learn model: one of each species, and a batch."""
    batches = {label: features[species == number][:1] for number, label in enumerate(LABELS)} | {"batch": features[:8]}
    return {
        "tolerance": TOLERANCE,
        "cases": [
            {
                "name": name,
                "request": {"instances": [dict(zip(NAMES, row.tolist(), strict=True)) for row in rows]},
                "response": {"predictions": [prediction(row) for row in model.predict_proba(rows)]},
            }
            for name, rows in batches.items()
        ],
    }


def converted(model: Pipeline) -> ModelProto:
    """The ONNX graph of the classifier, with the probabilities as its only output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the converter reads attributes that scikit-learn deprecates
        graph = convert_sklearn(
            model,
            initial_types=[("features", FloatTensorType([None, len(NAMES)]))],
            options={"zipmap": False},
        )
    return pruned(graph)


def pruned(model: ModelProto) -> ModelProto:
    """The same graph without its label output, and without what only that output needed."""
    model = select_model_inputs_outputs(model, "probabilities")
    graph = model.graph
    graph.name = "iris-svm"
    typed = make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, len(LABELS)])
    graph.output[0].CopyFrom(typed)  # selected without its type, which onnx's checker refuses
    used = {name for node in graph.node for name in node.input}
    constants = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:]
    graph.initializer.extend(constants)
    model.opset_import.sort(key=lambda entry: entry.domain)  # the converter's order changes from run to run
    return model


def main() -> None:
    """Train, measure, export."""
    features, species = load_iris(return_X_y=True)
    seen, held_out, seen_species, answers = train_test_split(
        features, species, test_size=45, stratify=species, random_state=0
    )
    model = untrained().fit(seen, seen_species)
    probabilities = model.predict_proba(held_out)
    print(f"held-out accuracy ({len(answers)} flowers): {accuracy_score(answers, probabilities.argmax(1)):.4f}")
    print(f"held-out log loss: {log_loss(answers, probabilities):.4f}")
    folds = cross_val_score(untrained(), features, species, cv=RepeatedStratifiedKFold(n_splits=10, random_state=0))
    print(f"accuracy over 10 x 10-fold cross-validation: {folds.mean():.4f}")
    (HERE / "model.onnx").write_bytes(converted(model).SerializeToString())
    (HERE / "golden.json").write_text(json.dumps(golden(model, held_out, answers), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
