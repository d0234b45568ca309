"""Train calibrated boosted trees on simulated credit applications, and write model.onnx and golden.json.

No application here is a real one: `applications` draws them from the assumptions that it and `chance_of_default` state.
"""

import json
import warnings
from pathlib import Path
from unittest.mock import patch

import numpy as np
from onnx import ModelProto, TensorProto
from onnx.helper import make_tensor_value_info
from scipy.special import expit, ndtri
from skl2onnx import convert_sklearn
from skl2onnx.common import tree_ensemble
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

HERE = Path(__file__).parent
LABELS = ("repaid", "defaulted")
FEATURES = {  # with the direction in which each may move the risk: 1 up, -1 down, 0 either
    "annual_income": -1,
    "loan_amount": 1,
    "term": 1,
    "other_debt_payments": 1,
    "employment_length": -1,
    "credit_history_length": -1,
    "missed_payments": 1,
    "credit_utilisation": 1,
    "recent_enquiries": 1,
    "savings": -1,
}
TRAINING, HELD_OUT = 24_000, 12_000
THRESHOLD = 0.1
"""The one that model.toml declares: MARGIN / (LOSS + MARGIN)."""
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
LOSS, MARGIN = 0.45, 0.05
"""Shares of the loan: what a default loses, and what a repaid loan earns. Their ratio sets the threshold."""
TOLERANCE = 1e-5


def applications(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulated applications, rounded as forms are, and whether each defaulted.

    Assumed: two hidden traits, means and prudence, tie the features to each other. Income is log-normal about
    32,000 EUR a year; people ask for about a third of it, over 1 to 7 years; the prudent save more, use less of
    their credit lines, miss fewer payments and ask fewer lenders.
    """
    means, prudence = generator.standard_normal((2, count))

    def mixed(on_means: float, on_prudence: float) -> np.ndarray:
        rest = np.sqrt(1 - on_means**2 - on_prudence**2)
        return on_means * means + on_prudence * prudence + rest * generator.standard_normal(count)

    income = np.exp(np.log(32_000) + 0.5 * mixed(0.9, 0.1)).clip(6_000, 400_000).round(-2)
    amount = (income * np.exp(-1.2 + 0.6 * mixed(-0.1, -0.2))).clip(500, 100_000).round(-2)
    term = generator.choice([12, 24, 36, 48, 60, 72, 84], count, p=[0.12, 0.2, 0.25, 0.15, 0.16, 0.06, 0.06])
    debts = (income / 12 * expit(-1.7 + 0.9 * mixed(0.0, -0.4))).round(-1)
    employment = np.floor(np.exp(1.4 + 0.9 * mixed(0.3, 0.2))).clip(0, 45)
    history = np.floor(employment * 0.6 + generator.gamma(2.0, 3.5, count)).clip(0, 60)
    missed = generator.poisson(np.exp(-1.3 + 0.8 * mixed(-0.2, -0.8))).clip(0, 24)
    used = (100 * expit(-0.7 + 1.2 * mixed(-0.2, -0.6))).round()
    enquiries = generator.poisson(np.exp(-0.2 + 0.5 * mixed(-0.1, -0.5))).clip(0, 30)
    savings = (income * np.exp(-1.8 + 1.3 * mixed(0.2, 0.5))).clip(0, 2_000_000).round(-2)
    columns = (income, amount, term, debts, employment, history, missed, used, enquiries, savings)
    features = np.stack(columns, axis=1).astype(np.float64)
    return features, generator.random(count) < chance_of_default(features, generator)


def chance_of_default(features: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The probability that each application defaults before its loan ends.

    Assumed: it rises with the share of income that all instalments take, steeply beyond two fifths; with missed
    payments, the first ones most; with a high use of credit lines, with enquiries and with the term. Employment,
    history and savings lower it, ever less. What no form asks (illness, divorce, luck) moves its log-odds by 0.8.
    """
    income, amount, term, debts, employment, history, missed, used, enquiries, savings = features.T
    burden = (amount / term * (1 + 0.04 * term / 12) + debts) / (income / 12)
    score = -4.1 + 2.2 * burden + 5.0 * (burden - 0.4).clip(0, 0.6)
    score += 0.75 * np.log1p(missed) * (1 + 0.3 * (history < 3)) + 1.1 * (used / 100) ** 2 + 0.16 * np.sqrt(enquiries)
    score += 0.008 * term - 0.3 * np.log1p(employment) - 0.2 * np.log1p(history)
    score -= 0.35 * np.log1p(12 * savings / income) - 0.9
    return expit(score + 0.8 * ndtri(generator.random(len(score))))


def untrained() -> CalibratedClassifierCV:
    """The classifier: monotonic boosted trees, their score turned into a probability by a sigmoid fitted on folds."""
    trees = HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=150, max_leaf_nodes=12, min_samples_leaf=60, l2_regularization=5.0,
        monotonic_cst=list(FEATURES.values()), early_stopping=False, random_state=0,
    )  # fmt: skip
    return CalibratedClassifierCV(trees, cv=StratifiedKFold(5, shuffle=True, random_state=0), ensemble=False)


def report(probability: np.ndarray, defaulted: np.ndarray, amounts: np.ndarray) -> None:
    """Print how well the probability of default ranks, whether it can be believed, and what thresholds cost."""
    print(f"held out: {len(defaulted)} simulated applications, {defaulted.mean():.4f} of them defaulted")
    print(f"AUC {roc_auc_score(defaulted, probability):.4f}")
    base = np.full(len(defaulted), defaulted.mean())
    for name, measure in {"Brier score": brier_score_loss, "log loss": log_loss}.items():
        print(f"{name} {measure(defaulted, probability):.4f} ({measure(defaulted, base):.4f} without a model)")
    print("| probability of default, fifths | said | happened |")
    for part in np.array_split(probability.argsort(), 5):
        print(f"| {probability[part[0]]:.3f} to {probability[part[-1]]:.3f} | {probability[part].mean():.3f} "
              f"| {defaulted[part].mean():.3f} |")  # fmt: skip
    print(f"threshold that follows from a loss of {LOSS} and a margin of {MARGIN}: {MARGIN / (LOSS + MARGIN):.2f}")
    print("| refuse from | accepted | of them default | of the defaults refused | result per 1000 EUR asked for |")
    for threshold in (*THRESHOLDS, 1.1):
        lent = probability < threshold
        result = np.where(defaulted, -LOSS, MARGIN) * amounts * lent
        print(f"| {threshold} | {lent.mean():.3f} | {defaulted[lent].mean():.3f} | {1 - lent[defaulted].mean():.3f} "
              f"| {1000 * result.sum() / amounts.sum():+.1f} EUR |")  # fmt: skip


def prediction(probabilities: np.ndarray) -> dict[str, object]:
    """An answer in the user's terms."""
    table = {label: round(float(p), 7) for label, p in zip(LABELS, probabilities, strict=True)}
    return {"label": LABELS[int(probabilities[1] >= THRESHOLD)], "probabilities": table}


def golden(model: CalibratedClassifierCV, features: np.ndarray) -> dict[str, object]:
    """Held-out applications with the answers of the scikit-learn model: the extremes, one near the middle, a batch."""
    probability = model.predict_proba(features)[:, 1]
    batches = {
        "the safest": features[[probability.argmin()]],
        "the riskiest": features[[probability.argmax()]],
        "near the threshold": features[[np.abs(probability - THRESHOLD).argmin()]],
        "batch": features[:8],
    }
    return {
        "tolerance": TOLERANCE,
        "cases": [
            {
                "name": name,
                "request": {"instances": [dict(zip(FEATURES, row.tolist(), strict=True)) for row in rows]},
                "response": {"predictions": [prediction(row) for row in model.predict_proba(rows)]},
            }
            for name, rows in batches.items()
        ],
    }


def converted(model: CalibratedClassifierCV) -> ModelProto:
    """The ONNX graph of the classifier, with the probabilities as its only output."""

    def add_node(*values: object, nodes_missing_value_tracks_true: bool = False, **named: object) -> None:
        added(*values, nodes_missing_value_tracks_true=int(nodes_missing_value_tracks_true), **named)

    added = tree_ensemble.add_node  # it is given booleans, and protobuf takes nothing but numbers
    with patch.object(tree_ensemble, "add_node", add_node), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the converter reads attributes that scikit-learn deprecates
        graph = convert_sklearn(
            model, initial_types=[("features", FloatTensorType([None, len(FEATURES)]))], options={"zipmap": False}
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
    """Simulate, train, measure, export."""
    seen, seen_defaulted = applications(np.random.default_rng(0), TRAINING)
    held_out, defaulted = applications(np.random.default_rng(1), HELD_OUT)
    model = untrained().fit(seen, seen_defaulted)
    report(model.predict_proba(held_out)[:, 1], defaulted, held_out[:, list(FEATURES).index("loan_amount")])
    (HERE / "model.onnx").write_bytes(converted(model).SerializeToString())
    (HERE / "golden.json").write_text(json.dumps(golden(model, held_out), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
