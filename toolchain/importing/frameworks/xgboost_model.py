"""XGBoost: a saved booster -> ONNX, by onnxmltools."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from functions.core.tensors import Array
from toolchain.importing import graphs
from toolchain.importing.contract import FEATURES, Asked, Column, Imported, Source, numbers
from toolchain.importing.errors import NotConvertible, NotOpened
from toolchain.importing.optional import load

GROUP = "boosting"
WITHOUT = "train it with trees over numbers (gbtree), or convert it with your own, and: ortless new"


def convert(source: Source) -> Imported:
    """Open and convert a booster; what comes after the best iteration of an early stop is left out.

    Raises:
        MissingPackage: XGBoost or onnxmltools is not installed.
        NotOpened: the file is damaged.
        NotConvertible: it is no ensemble of trees over numbers.
    """
    xgboost = load("xgboost", GROUP)
    booster = _opened(xgboost, source)
    names, kinds = booster.feature_names, booster.feature_types or ()
    if "c" in kinds:
        raise NotConvertible("XGBoost's booster", "it has splits by category", WITHOUT)
    if (kind := _config(booster)["gradient_booster"]["name"]) != "gbtree":
        raise NotConvertible("XGBoost's booster", f"it is a {kind}", WITHOUT)
    count = booster.num_features()
    booster.feature_names = booster.feature_types = None  # the converter knows columns by number alone
    columns = tuple(Column(name) for name in names or [f"x{number}" for number in range(1, count + 1)])
    classes = _classes(booster)
    model = graphs.keep(_graph(booster, count), ["probabilities" if classes else "variable"])

    def answer(asked: Asked) -> Mapping[str, Array]:
        answers = booster.predict(xgboost.DMatrix(numbers(asked.table)))
        if classes == 2:
            return {"probabilities": np.stack([1 - answers, answers], axis=1)}
        return {"probabilities" if classes else "variable": answers}

    return Imported(
        model,
        answer,
        f"XGBoost {xgboost.__version__}, {booster.num_boosted_rounds()} rounds, {_objective(booster)}",
        columns,
        named=bool(names),
        labels=tuple(str(number) for number in range(classes)),
        output="probabilities" if classes else "variable",
        task="classification" if classes else "regression",
        knows_nan=True,
    )


def _opened(xgboost: Any, source: Source) -> Any:
    try:
        booster = xgboost.Booster(model_file=str(source.path))
    except Exception as fault:  # XGBoostError, whose text has the stack of C++
        raise NotOpened(source.path, "XGBoost", fault) from None
    if _objective(booster) == "multi:softmax":
        booster.set_param({"objective": "multi:softprob"})  # the same trees: probabilities rather than the best
    best = booster.attr("best_iteration")
    return booster[: int(best) + 1] if best is not None else booster


def _graph(booster: Any, count: int) -> Any:
    types = load("onnxmltools.convert.common.data_types", GROUP)
    try:
        return load("onnxmltools", GROUP).convert_xgboost(
            booster, initial_types=[(FEATURES, types.FloatTensorType([None, count]))]
        )
    except Exception as fault:  # a converter fails in whatever way it does
        raise NotConvertible("XGBoost's booster", fault, WITHOUT) from None


def _config(booster: Any) -> dict[str, Any]:
    import json  # of few

    learner: dict[str, Any] = json.loads(booster.save_config())["learner"]
    return learner


def _objective(booster: Any) -> str:
    return str(_config(booster)["objective"]["name"])


def _classes(booster: Any) -> int:
    """How many classes it tells apart; 0 where it does not."""
    objective = _objective(booster)
    if objective == "binary:logistic":
        return 2
    return int(_config(booster)["learner_model_param"]["num_class"]) if objective.startswith("multi:") else 0
