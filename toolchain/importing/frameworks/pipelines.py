"""What a fitted scikit-learn pipeline says of its columns: names, categories, gaps and ranges."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from toolchain.importing.contract import Column
from toolchain.importing.errors import NotConvertible

NARROW = ("XGB", "RandomForest", "ExtraTree", "DecisionTree", "GradientBoosting")
"""How the classes of trees begin that compare numbers of 32 bits, whatever they are given."""
NONE, OTHER = "(none)", "(other)"
"""Words for no value, and for one that the encoder does not know."""
WITHOUT = "replace that step by one with a converter (sklearn-onnx lists them), or convert the model with your own"


class Facts(NamedTuple):
    """The columns of an estimator; `named` where it was fitted on names."""

    columns: tuple[Column, ...]
    named: bool

    @property
    def has_words(self) -> bool:
        """Whether a column holds words."""
        return any(column.kind == "word" for column in self.columns)


def examine(estimator: Any, shape: Sequence[int] = ()) -> Facts:
    """The columns that an estimator takes.

    They have a tensor each where there is a ColumnTransformer, or words; else all are the columns of one.

    Args:
        shape: of a row, for one that does not say.

    Raises:
        NotConvertible: it does not say how many columns it takes, or an encoder mixes texts and numbers.
    """
    named = hasattr(estimator, "feature_names_in_")
    count = getattr(estimator, "n_features_in_", None) or (shape[0] if len(shape) == 1 else 0)
    if not count:
        first = _steps(estimator)[0] if _steps(estimator) else estimator
        hint = "it must take columns of numbers or words; texts as such are not imported. --shape 5 says there are five"
        raise NotConvertible(type(first).__name__, "it does not say how many columns it takes", hint)
    names = [str(name) for name in estimator.feature_names_in_] if named else [f"x{n}" for n in range(1, count + 1)]
    found = [Column(name) for name in names]
    _walk(estimator, list(range(count)), found)
    if not _is_disjoint(estimator):  # what one branch fills in another one may take as it is
        found = [column._replace(missing=None) if type(column.missing) is float else column for column in found]
    if _has_transformer(estimator) or any(column.kind == "word" for column in found):
        return Facts(tuple(column._replace(tensor=column.name) for column in found), named)
    return Facts(tuple(column._replace(kind="number") for column in found), named)


def prepared(estimator: Any, cast: Any = None) -> Any:
    """A copy of an estimator, changed in place for the converter: what `examine` says is missing is filled in already.

    Imputers are taken out, as the package fills gaps itself, and a missing word is a word.

    Args:
        cast: makes a step that narrows numbers to 32 bits, for trees that do so; None where they are so narrow anyway.
    """
    return _prepared(estimator, cast, numbers=_is_disjoint(estimator))


def _prepared(estimator: Any, cast: Any, *, numbers: bool) -> Any:
    if hasattr(estimator, "steps"):
        kept = [step for step in estimator.steps if not (_fills(step[1]) if numbers else _imputes_words(step[1]))]
        estimator.steps = kept or estimator.steps
        if cast and type(estimator.steps[-1][1]).__name__.startswith(NARROW):
            estimator.steps.insert(-1, ("narrow", cast()))
    for step in _steps(estimator):
        _prepared(step, cast, numbers=numbers)
    if _is_encoder(estimator):
        estimator.categories_ = [_filled(words) for words in estimator.categories_]
    return estimator


def described(estimator: Any) -> str:
    """An estimator as its card says it: its class, and those of its steps."""
    name = type(estimator).__name__
    steps = ", ".join(type(step).__name__ for step in _steps(estimator) if not isinstance(step, str))
    return f"{name} ({steps})" if steps else name


def blame(estimator: Any, fault: Exception) -> tuple[str, object, str]:
    """Which step a converter failed on, why, and what to do: the arguments of NotConvertible."""
    text = str(fault)
    named = [step for step in _all(estimator) if type(step).__name__ in text]
    unknown = "shape calculator" in text or "converter for" in text
    reason = "sklearn-onnx has no converter for it" if unknown else text
    return _path(estimator, named[-1] if named else estimator), reason, WITHOUT


def _walk(step: Any, at: list[int], found: list[Column]) -> list[int] | None:
    """Note what a step says of the columns at these places; the places that it leaves where they are, if it does."""
    if hasattr(step, "steps"):
        places: list[int] | None = at
        for _, inner in step.steps:
            places = _walk(inner, places, found) if places is not None else None
        return places
    for inner, places in _branches(step, at):
        _walk(inner, places, found)
    if _is_encoder(step) and len(step.categories_) == len(at):
        for place, words in zip(at, step.categories_, strict=True):
            found[place] = _encoded(step, words, found[place])
        return None
    return at if _imputed(step, at, found) or _scaled(step, at, found) else None


def _branches(step: Any, at: list[int]) -> list[tuple[Any, list[int]]]:
    """What works on some of the columns side by side, and on which."""
    if hasattr(step, "transformers_"):
        places = step._transformer_to_input_indices
        return [(inner, [at[index] for index in places.get(name, [])]) for name, inner, _ in step.transformers_]
    return [(inner, at) for _, inner in getattr(step, "transformer_list", ())]


def _imputed(step: Any, at: list[int], found: list[Column]) -> bool:
    """Note the words that an imputer fills in; whether it is one that leaves columns where they are."""
    if not hasattr(step, "statistics_") or len(step.statistics_) != len(at):
        return False
    for place, fill in zip(at, step.statistics_.tolist(), strict=True):
        if isinstance(fill, str) or _fills(step):
            found[place] = found[place]._replace(missing=fill if isinstance(fill, str) else float(fill))
    return not getattr(step, "add_indicator", False)


def _scaled(step: Any, at: list[int], found: list[Column]) -> bool:
    """Note the ranges that a scaler was fitted on; whether it is one."""
    if hasattr(step, "data_min_"):
        lows, highs = step.data_min_, step.data_max_
    elif getattr(step, "mean_", None) is not None and getattr(step, "scale_", None) is not None:
        lows, highs = step.mean_ - 3 * step.scale_, step.mean_ + 3 * step.scale_
    else:
        return False
    if len(lows) != len(at):
        return False
    for place, low, high in zip(at, lows.tolist(), highs.tolist(), strict=True):
        found[place] = found[place]._replace(low=low, high=high)
    return True


def _encoded(step: Any, words: Any, column: Column) -> Column:
    """A column of categories: words, or numbers that are some of a few."""
    values = words.tolist()
    texts = tuple(value for value in values if isinstance(value, str))
    gaps = [value for value in values if value is None or (isinstance(value, float) and math.isnan(value))]
    if not texts:
        known = [value for value in values if value not in gaps]
        whole = not gaps and all(isinstance(value, int) for value in known)
        return column._replace(kind="whole" if whole else "number", low=min(known), high=max(known))
    if len(texts) + len(gaps) != len(values):
        raise NotConvertible(type(step).__name__, f"{column.name!r} is encoded as texts and as numbers", WITHOUT)
    other = OTHER if getattr(step, "handle_unknown", "error") != "error" else ""
    missing = NONE if gaps else column.missing if column.missing in texts else None
    if missing is None and other:
        missing = other  # to the encoder a gap is one more word that it does not know
    return column._replace(kind="word", categories=(*texts, *([NONE] if gaps else [])), other=other, missing=missing)


def _filled(words: Any) -> Any:
    if not any(isinstance(value, str) for value in words.tolist()):
        return words
    return np.array([value if isinstance(value, str) else NONE for value in words.tolist()], object)


def _imputes_words(step: Any) -> bool:
    return hasattr(step, "statistics_") and any(isinstance(value, str) for value in step.statistics_.tolist())


def _fills(step: Any) -> bool:
    """Whether a step does nothing but fill in gaps, each column its own value."""
    if not hasattr(step, "statistics_") or getattr(step, "add_indicator", False):
        return False
    gap = step.missing_values
    values = step.statistics_.tolist()
    whole = not any(isinstance(value, float) and math.isnan(value) for value in values)
    return whole and (gap is None or (isinstance(gap, float) and math.isnan(gap)))


def _is_disjoint(step: Any) -> bool:
    """Whether each column goes one way only."""
    if hasattr(step, "transformer_list"):
        return False
    if hasattr(step, "transformers_"):
        places = step._transformer_to_input_indices
        taken = [index for name, inner, _ in step.transformers_ if inner != "drop" for index in places.get(name, ())]
        if len(taken) != len(set(taken)):
            return False
    return all(_is_disjoint(inner) for inner in _steps(step) if not isinstance(inner, str))


def _is_encoder(step: Any) -> bool:
    return hasattr(step, "categories_") and isinstance(step.categories_, list) and hasattr(step, "handle_unknown")


def _has_transformer(step: Any) -> bool:
    return hasattr(step, "transformers_") or any(_has_transformer(inner) for inner in _steps(step))


def _steps(step: Any) -> list[Any]:
    """The steps directly within one."""
    if hasattr(step, "transformers_"):
        return [inner for _, inner, _ in step.transformers_ if inner != "drop"]
    for field in ("steps", "transformer_list"):
        if hasattr(step, field):
            return [inner for _, inner in getattr(step, field)]
    return []


def _all(step: Any) -> list[Any]:
    return [step, *(inner for one in _steps(step) for inner in _all(one))]


def _path(estimator: Any, wanted: Any) -> str:
    """Where a step is: Pipeline > ColumnTransformer > MyEncoder."""
    if estimator is wanted:
        return type(estimator).__name__
    for inner in _steps(estimator):
        if any(one is wanted for one in _all(inner)):
            return f"{type(estimator).__name__} > {_path(inner, wanted)}"
    return type(wanted).__name__
