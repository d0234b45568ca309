"""[preprocess] and [postprocess] of an imported model: what the original knows, and what its samples show."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from functions.core.tensors import TENSOR, Array
from functions.packaging.graph import Signature
from toolchain import draft
from toolchain.draft import Table
from toolchain.importing.contract import Column, Imported
from toolchain.importing.errors import InvalidSamples

WIDEST = 64
"""Numbers of a regression that get a name each."""


def columns(imported: Imported, signature: Signature) -> tuple[Column, ...]:
    """The columns of a table; empty where the model takes tensors of another shape."""
    if imported.columns or len(signature.inputs) != 1 or signature.inputs[0].kind != TENSOR:
        return imported.columns
    spec = signature.inputs[0]
    if spec.datatype not in draft.FLOATS or len(spec.shape) != 2 or not 1 <= spec.shape[1] <= draft.FEATURES:
        return ()
    return tuple(Column(f"x{number}", spec.name, low=-3.0, high=3.0) for number in range(1, spec.shape[1] + 1))


def preprocess(columns: Sequence[Column], instances: Sequence[Mapping[str, Any]], knows_nan: bool) -> Table:
    """Named features of a table.

    Args:
        instances: samples, which tell ranges and everyday values; empty: nothing does.
        knows_nan: whether a number that samples lack may be missing; verification tells what the model makes of it.
    """
    features = [_feature(column, [row[column.name] for row in instances], knows_nan) for column in columns]
    tensors = {column.tensor for column in columns}
    shared = {"tensor": tensors.pop()} if len(tensors) == 1 and len(columns) > 1 else {}
    for feature, column in zip(features, columns, strict=True):
        if not shared and column.tensor != column.name:
            feature["tensor"] = column.tensor
    return {"kind": "tabular", **shared, "features": features}


def postprocess(
    imported: Imported, model: onnx.ModelProto, signature: Signature, answers: Mapping[str, Array], names: Sequence[str]
) -> Table:
    """What the answers are.

    Args:
        answers: of the original, by output.
        names: of the numbers of a regression, where samples tell; else they are y1, y2, ...
    """
    output = imported.output
    if imported.labels and output:
        table = {"kind": "classification", "tensor": output, "labels": list(imported.labels)}
        return table | _activation(answers[output])
    if imported.task == "regression" and output:
        values = answers[output]
        width = values.shape[1] if values.ndim == 2 else 1
        if width == 1 or values.ndim > 2 or width > WIDEST:
            return {"kind": "regression", "tensor": output} if width == 1 else {}
        given = names if len(names) == width else [f"y{number}" for number in range(1, width + 1)]
        return {"kind": "regression", "tensor": output, "values": [{"name": name} for name in given]}
    if imported.task:
        return {}
    return draft.postprocess(model, signature, {name: values.tolist() for name, values in answers.items()})


def labelled(imported: Imported, signature: Signature, labels: Sequence[str]) -> Imported:
    """The same with labels that the user gives, for the one output that has as many columns, or one for two.

    Raises:
        InvalidSamples: there is none, or the model tells another number of classes apart.
    """
    if not labels:
        return imported
    if imported.labels and len(imported.labels) != len(labels):
        raise InvalidSamples("--classes", f"{len(imported.labels)} names", str(len(labels)))
    if imported.labels:
        return imported._replace(labels=tuple(labels))
    widths = {spec.name: spec.shape[1] for spec in signature.outputs if len(spec.shape) == 2}
    fitting = [name for name, width in widths.items() if width == len(labels) or (width == 1 and len(labels) == 2)]
    if len(fitting) != 1 or imported.task == "regression":
        shown = ", ".join(f"{spec.name} {list(spec.shape)}" for spec in signature.outputs)
        raise InvalidSamples("--classes", f"names for the columns of one output of {shown}", f"{len(labels)} names")
    return imported._replace(labels=tuple(labels), output=fitting[0], task="classification")


def span(values: Sequence[float]) -> tuple[float, float]:
    """A range for values like these: theirs, widened by its own width at each side, rounded outward to two digits.

    It catches mistaken units, not unusual values. Of values that are never negative it begins at 0.
    """
    low, high = min(values), max(values)
    width = high - low or abs(high) or 1.0
    lowest = 0.0 if low >= 0 else _outward(low - width, math.floor)
    highest = 0.0 if high <= 0 and low < 0 else _outward(high + width, math.ceil)
    return lowest, highest


def _outward(value: float, way: Any) -> float:
    if not value:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return float(f"{way(value / step) * step:.6g}")


def _feature(column: Column, values: Sequence[Any], knows_nan: bool) -> Table:
    present = [value for value in values if value is not None]
    feature: Table = {"name": column.name}
    if column.kind == "word":
        words = column.categories or tuple(dict.fromkeys(sorted(present))) or ("a",)
        feature |= {"type": "category", "categories": [*words, *([column.other] if column.other else [])]}
        if column.other:
            feature["other"] = column.other
        if present and column.categories:
            known = [value for value in present if value in column.categories]
            feature |= {"typical": max(sorted(set(known)), key=known.count)} if known else {}
    elif present:
        low, high = span(present)
        middle = float(np.median(present))
        whole = column.kind == "whole"
        feature["range"] = [int(low), int(high)] if whole else [low, high]
        feature["typical"] = round(middle) if whole else float(f"{middle:.4g}")
    missing = column.missing
    if missing is None and knows_nan and column.kind == "number" and len(present) < len(values):
        missing = math.nan
    return feature if missing is None else feature | {"missing": missing}


def _activation(values: Array) -> Table:
    """What turns scores into probabilities, where they are none."""
    columns = values.shape[1] if values.ndim == 2 else 1
    probable = bool(np.nanmin(values) >= 0 and np.nanmax(values) <= 1 + 1e-6)
    if columns > 1:
        probable = probable and bool(np.allclose(np.nansum(values, axis=1), 1, atol=1e-3))
        return {} if probable else {"activation": "softmax"}
    return {} if probable else {"activation": "sigmoid"}
