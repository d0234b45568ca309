"""Train calibrated gradient-boosted trees on the breast cancer data, and write model.onnx and golden.json."""

import json
import warnings
from math import sqrt
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto
from onnx.helper import make_tensor_value_info
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split

HERE = Path(__file__).parent
LABELS = ("malignant", "benign")
THRESHOLDS = (0.5, 0.2)  # of the probability of malignant, from which a sample counts as malignant
REPEATS, FOLDS = 5, 5
TOLERANCE = 1e-5


def untrained() -> CalibratedClassifierCV:
    """The classifier: 200 small trees, their score turned into a probability by a sigmoid (Platt) fitted on folds."""
    trees = GradientBoostingClassifier(
        n_estimators=200, max_depth=2, learning_rate=0.1, subsample=0.7, max_features=6, random_state=0
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return CalibratedClassifierCV(trees, cv=folds, ensemble=False)


def interval(right: int, count: int) -> str:
    """A share with its 95 % confidence interval (Wilson)."""
    share, z = right / count, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return f"{share:.3f} ({right} of {count}; {middle - half:.3f} to {min(1.0, middle + half):.3f})"


def figures(malignant: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    """Ranking and calibration of the probability of malignant."""
    return {
        "AUC": roc_auc_score(malignant, probability),
        "Brier score": brier_score_loss(malignant, probability),
        "log loss": log_loss(malignant, probability),
    }


def report(model: CalibratedClassifierCV, features: np.ndarray, malignant: np.ndarray) -> None:
    """Print figures on the held-out samples."""
    probability = model.predict_proba(features)[:, 0]
    print(f"held out: {len(malignant)} samples, {malignant.sum()} malignant")
    for name, value in figures(malignant, probability).items():
        print(f"  {name}: {value:.4f}")
    for threshold in THRESHOLDS:
        flagged = probability >= threshold
        print(f"  malignant from {threshold}:")
        print(f"    sensitivity {interval(int(flagged[malignant].sum()), int(malignant.sum()))}")
        print(f"    specificity {interval(int((~flagged[~malignant]).sum()), int((~malignant).sum()))}")


def cross_validate(features: np.ndarray, malignant: np.ndarray) -> None:
    """Print figures of models trained and calibrated anew on folds of all samples: mean and extremes over repeats."""
    runs = []
    for repeat in range(REPEATS):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat)
        found = cross_val_predict(untrained(), features, ~malignant, cv=folds, method="predict_proba", n_jobs=2)[:, 0]
        run = figures(malignant, found)
        for threshold in THRESHOLDS:
            run[f"sensitivity from {threshold}"] = (found >= threshold)[malignant].mean()
            run[f"specificity from {threshold}"] = (found < threshold)[~malignant].mean()
        for low, high in ((0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.01)):
            inside = (found >= low) & (found < high)
            run[f"share malignant where {low} to {min(high, 1)} was said"] = malignant[inside].mean()
            run[f"samples where {low} to {min(high, 1)} was said"] = inside.sum()
        runs.append(run)
    print(f"all {len(malignant)} samples, {REPEATS} x {FOLDS}-fold cross-validation: mean (lowest to highest)")
    for name in runs[0]:
        values = [run[name] for run in runs]
        print(f"  {name}: {np.mean(values):.4f} ({min(values):.4f} to {max(values):.4f})")


def prediction(probabilities: np.ndarray) -> dict[str, object]:
    """An answer in the user's terms."""
    table = {label: round(float(p), 7) for label, p in zip(LABELS, probabilities, strict=True)}
    return {"label": LABELS[probabilities.argmax()], "probabilities": table}


def golden(
    model: CalibratedClassifierCV, names: list[str], features: np.ndarray, malignant: np.ndarray
) -> dict[str, object]:
    """Held-out samples with the answers of the scikit-learn model: one of each kind, the least certain, a batch."""
    unsure = np.abs(model.predict_proba(features)[:, 0] - 0.5).argsort()
    batches = {
        "malignant": features[malignant][:1],
        "benign": features[~malignant][:1],
        "the two least certain": features[unsure[:2]],
        "batch": features[:6],
    }
    return {
        "tolerance": TOLERANCE,
        "cases": [
            {
                "name": name,
                "request": {"instances": [dict(zip(names, row.tolist(), strict=True)) for row in rows]},
                "response": {"predictions": [prediction(row) for row in model.predict_proba(rows)]},
            }
            for name, rows in batches.items()
        ],
    }


def converted(model: CalibratedClassifierCV, width: int) -> ModelProto:
    """The ONNX graph of the classifier, with the probabilities as its only output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the converter reads attributes that scikit-learn deprecates
        graph = convert_sklearn(
            model, initial_types=[("features", FloatTensorType([None, width]))], options={"zipmap": False}
        )
    return pruned(graph)


def pruned(model: ModelProto) -> ModelProto:
    """The same graph without its label output, and without what only that output needed."""
    model = select_model_inputs_outputs(model, "probabilities")
    graph = model.graph
    graph.name = HERE.name
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
    data = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names.tolist()]
    malignant = data.target == LABELS.index("malignant")
    seen, held_out, seen_malignant, answers = train_test_split(
        data.data, malignant, test_size=190, stratify=malignant, random_state=0
    )
    model = untrained().fit(seen, ~seen_malignant)
    report(model, held_out, answers)
    cross_validate(data.data, malignant)
    (HERE / "model.onnx").write_bytes(converted(model, len(names)).SerializeToString())
    document = json.dumps(golden(model, names, held_out, answers), indent=1)
    (HERE / "golden.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
