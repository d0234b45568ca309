"""LightGBM: a saved booster -> ONNX, by onnxmltools."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from functions.core.tensors import Array
from toolchain.importing import graphs
from toolchain.importing.contract import FEATURES, Asked, Column, Imported, Source
from toolchain.importing.errors import NotConvertible, NotOpened
from toolchain.importing.optional import load

GROUP = "boosting"
WITHOUT = "convert it with your own, and: ortless new"


def convert(source: Source) -> Imported:
    """Open and convert a booster. Columns that were categories of pandas are words.

    Raises:
        MissingPackage: LightGBM or onnxmltools is not installed.
        NotOpened: the file is damaged.
        NotConvertible: its objective or its splits have no ONNX.
    """
    lightgbm = load("lightgbm", GROUP)
    try:
        booster = lightgbm.Booster(model_file=str(source.path))
        said = booster.dump_model(num_iteration=1)
    except Exception as fault:  # LightGBMError
        raise NotOpened(source.path, "LightGBM", fault) from None
    columns = _columns(booster, said)
    classes = _classes(said)
    output = "probabilities" if classes else "variable"
    model = graphs.keep(_graph(booster, len(columns)), [output])

    def answer(asked: Asked) -> Mapping[str, Array]:
        answers = np.asarray(booster.predict(_codes(asked, columns)))
        if classes == 2:
            return {output: np.stack([1 - answers, answers], axis=1)}
        return {output: answers}

    return Imported(
        model,
        answer,
        f"LightGBM {lightgbm.__version__}, {booster.num_trees()} trees, {said['objective']}",
        columns,
        named=not booster.feature_name()[0].startswith("Column_"),
        labels=tuple(str(number) for number in range(classes)),
        output=output,
        task="classification" if classes else "regression",
        knows_nan=True,
    )


def _columns(booster: Any, said: dict[str, Any]) -> tuple[Column, ...]:
    """The columns, with the ranges of training."""
    names = booster.feature_name()
    given = not names[0].startswith("Column_")
    words = iter(booster.pandas_categorical or ())
    columns = []
    for number, name in enumerate(names, 1):
        info = said["feature_infos"].get(name, {})
        column = Column(
            name if given else f"x{number}", low=info.get("min_value", 0.0), high=info.get("max_value", 0.0)
        )
        if info.get("values"):
            categories = next(words, None)
            if categories is None or not all(isinstance(word, str) for word in categories):
                raise NotConvertible("LightGBM's booster", f"{name!r} has categories that are no texts", WITHOUT)
            column = column._replace(kind="word", categories=tuple(categories))
        columns.append(column)
    return tuple(columns)


def _codes(asked: Asked, columns: tuple[Column, ...]) -> Array:
    """The table as numbers, float64 [rows, columns]; words as their index, NaN where there is none."""
    rows = np.full((len(next(iter(asked.table.values()))), len(columns)), np.nan)
    for at, (column, values) in enumerate(zip(columns, asked.table.values(), strict=True)):
        codes = {word: float(index) for index, word in enumerate(column.categories)}
        rows[:, at] = [codes.get(str(one), np.nan) for one in values] if column.kind == "word" else values
    return rows


def _graph(booster: Any, count: int) -> Any:
    types = load("onnxmltools.convert.common.data_types", GROUP)
    try:
        return load("onnxmltools", GROUP).convert_lightgbm(
            booster, initial_types=[(FEATURES, types.FloatTensorType([None, count]))], zipmap=False
        )
    except Exception as fault:  # a converter fails in whatever way it does
        raise NotConvertible("LightGBM's booster", fault, WITHOUT) from None


def _classes(said: dict[str, Any]) -> int:
    """How many classes it tells apart; 0 where it does not."""
    objective = str(said.get("objective", ""))
    if objective.startswith(("binary", "cross_entropy")):
        return 2
    return int(said["num_class"]) if objective.startswith("multiclass") else 0
