"""scikit-learn: a pickled estimator or pipeline -> ONNX, by skl2onnx."""

import copy
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx

from functions.core.tensors import Array
from toolchain.importing import graphs, tables
from toolchain.importing.contract import FEATURES, Asked, Column, Imported, Source, numbers, plain
from toolchain.importing.errors import NotConvertible, NotOpened
from toolchain.importing.frameworks import pipelines
from toolchain.importing.frameworks.boosted import register
from toolchain.importing.optional import load

GROUP = "sklearn"
OPSETS = {"": 18, "ai.onnx.ml": 3}
MODULES = "run the command where the modules can be imported that it was pickled with (PYTHONPATH)"
Answer = Callable[[Any], Array]


class Roles(NamedTuple):
    """What an estimator answers: its methods by the names of skl2onnx's outputs, and which one tells the classes."""

    methods: dict[str, Answer]
    labels: tuple[str, ...] = ()
    output: str = ""
    task: str = ""
    notes: tuple[str, ...] = ()


def convert(source: Source) -> Imported:
    """Open and convert an estimator.

    Raises:
        MissingPackage: scikit-learn or skl2onnx is not installed.
        NotOpened: the pickle does not open, or holds no fitted estimator.
        NotConvertible: a step has no converter.
    """
    sklearn, _ = load("sklearn", GROUP), load("skl2onnx", GROUP)
    estimator, notes = opened(source)
    facts = pipelines.examine(estimator, source.shape)
    roles = _roles(estimator)
    model = _graph(estimator, facts, source, roles)
    taken = {value.name for value in model.graph.input}
    columns = tuple(column for column in facts.columns if column.tensor in taken)
    if unused := [column.name for column in facts.columns if column not in columns]:
        notes += [f"The model does not use the columns {', '.join(unused)}: they are no features."]

    def answer(asked: Asked) -> Mapping[str, Array]:
        rows = _rows(asked, facts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that a matrix lacks, and words that an encoder does not know
            return {name: method(rows) for name, method in roles.methods.items()}

    return Imported(
        graphs.shaped(model, _widths(answer, columns)),
        answer,
        f"scikit-learn {sklearn.__version__}, {pipelines.described(estimator)}",
        columns,
        named=facts.named,
        labels=roles.labels,
        output=roles.output,
        task=roles.task,
        knows_nan=True,
        notes=(*notes, *roles.notes),
    )


def opened(source: Source) -> tuple[Any, list[str]]:
    """The estimator in a pickle, and what scikit-learn says of it. Raises NotOpened."""
    joblib, validation = load("joblib", GROUP), load("sklearn.utils.validation", GROUP)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            estimator = joblib.load(source.path)
        except (ModuleNotFoundError, AttributeError) as fault:
            raise NotOpened(source.path, "Python's pickle", fault, MODULES) from None
        except Exception as fault:  # a pickle fails in whatever way its code does
            raise NotOpened(source.path, "Python's pickle", fault) from None
    if not isinstance(estimator, load("sklearn.base", GROUP).BaseEstimator):
        kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
        raise NotOpened(source.path, "scikit-learn", f"it holds a {kind}, no estimator")
    try:
        validation.check_is_fitted(estimator)
    except Exception as fault:  # NotFittedError, whose module is loaded lazily
        raise NotOpened(source.path, "scikit-learn", fault, "fit it before it is saved") from None
    return estimator, [str(one.message).partition(". ")[0] for one in said if "version" in str(one.message)]


def _graph(estimator: Any, facts: pipelines.Facts, source: Source, roles: Roles) -> onnx.ModelProto:
    types = load("skl2onnx.common.data_types", GROUP)
    kinds = {
        "number": types.DoubleTensorType if source.double else types.FloatTensorType,
        "whole": types.Int64TensorType,
        "word": types.StringTensorType,
    }
    if facts.columns[0].tensor == FEATURES:
        initial = [(FEATURES, kinds["number"]([None, len(facts.columns)]))]
    else:
        initial = [(column.tensor, kinds[column.kind]([None, 1])) for column in facts.columns]
    register()
    options = {"zipmap": False} if roles.task == "classification" else None
    try:
        with _plain_numbers(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the converter reads attributes that scikit-learn deprecates
            model: onnx.ModelProto = load("skl2onnx", GROUP).convert_sklearn(
                pipelines.prepared(copy.deepcopy(estimator), _cast() if source.double else None),
                initial_types=initial,
                options=options,
                target_opset=OPSETS,
            )
    except Exception as fault:  # a converter fails in whatever way it does
        raise NotConvertible(*pipelines.blame(estimator, fault)) from None
    return graphs.without_unused(graphs.narrow(graphs.keep(model, list(roles.methods))))


def _cast() -> Any:
    return load("skl2onnx.sklapi", GROUP).CastTransformer


def _roles(estimator: Any) -> Roles:
    base = load("sklearn.base", GROUP)
    if base.is_classifier(estimator):
        return _classifier(estimator)
    if base.is_regressor(estimator):
        return Roles({"variable": lambda rows: _matrix(estimator.predict(rows))}, output="variable", task="regression")
    if hasattr(estimator, "predict"):  # clusters and outliers
        scores = next((name for name in ("decision_function", "transform") if hasattr(estimator, name)), "")
        second = {"scores": lambda rows: _matrix(getattr(estimator, scores)(rows))} if scores else {}
        return Roles({"label": estimator.predict, **second})
    if hasattr(estimator, "transform"):
        return Roles({"variable": lambda rows: _matrix(estimator.transform(rows))})
    raise NotConvertible(type(estimator).__name__, "it neither predicts nor transforms", "import the fitted estimator")


def _classifier(estimator: Any) -> Roles:
    several = isinstance(estimator.classes_, list)
    probable = hasattr(estimator, "predict_proba") and not several
    if not probable:
        note = "It answers labels alone"
        note += ", of several targets." if several else ": CalibratedClassifierCV around it would add probabilities."
        return Roles({"label": estimator.predict}, task="classification", notes=(note,))
    labels = tuple(str(name) for name in estimator.classes_.tolist())
    shape = estimator.classes_.shape
    if len(shape) != 1:
        raise NotConvertible(type(estimator).__name__, f"its classes are of shape {list(shape)}", "fit it on labels")
    return Roles({"probabilities": estimator.predict_proba}, labels, "probabilities", "classification")


def _rows(asked: Asked, facts: pipelines.Facts) -> Any:
    """The rows as the estimator was fitted on them: a data frame where it knows names, else a matrix."""
    count = len(next(iter(asked.table.values())))
    if not facts.named:
        return numbers(asked.table) if not facts.has_words else _objects(asked.table)
    gaps = [math.nan] * count
    frame = {}
    for column in facts.columns:
        values = asked.table.get(column.name, gaps)
        is_word = column.kind == "word"
        frame[column.name] = np.array([math.nan if one is None else one for one in values], object if is_word else None)
    return load("pandas", GROUP).DataFrame(frame)


def _objects(table: Mapping[str, Sequence[Any]]) -> Array:
    rows = np.empty((len(next(iter(table.values()))), len(table)), object)
    for at, values in enumerate(table.values()):
        rows[:, at] = [math.nan if one is None else one for one in values]
    return rows


def _widths(answer: Callable[[Asked], Mapping[str, Array]], columns: Sequence[Column]) -> dict[str, int]:
    """How many columns each output has, from one row; the converter does not always know. Empty where none answers."""
    row = {column.name: plain(column) for column in columns}
    try:
        answers = answer(Asked(tables.table([row], columns), {}))
    except Exception:
        return {}
    return {name: values.shape[1] for name, values in answers.items() if values.ndim == 2}


def _matrix(values: Any) -> Array:
    """[rows, columns] of what may be sparse, or one number a row."""
    dense = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    return dense.reshape(-1, 1) if dense.ndim == 1 else dense


class _plain_numbers:  # noqa: N801 - a context, used like a function
    """While it lasts, the converter of trees gets Python's integers: it is given booleans, which protobuf refuses."""

    def __enter__(self) -> None:
        self._module = load("skl2onnx.common.tree_ensemble", GROUP)
        self._added = self._module.add_node
        self._module.add_node = self._add

    def __exit__(self, *_: object) -> None:
        self._module.add_node = self._added

    def _add(self, *values: Any, **named: Any) -> None:
        self._added(*map(_plain, values), **{name: _plain(value) for name, value in named.items()})


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, (bool, np.bool_, np.integer)) else value
