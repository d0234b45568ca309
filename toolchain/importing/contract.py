"""What every framework takes and gives, so that the rest need not know it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import onnx

from functions.core.tensors import Array, TensorSpec
from toolchain.draft import Draft

Kind = Literal["number", "whole", "word"]
Value = float | str | None
Table = dict[str, list[Value]]
"""Values by column; numbers as float, None where there is none."""
TOLERANCE = 1e-4
FEATURES = "features"
"""The tensor of a model that takes a matrix."""


class Source(NamedTuple):
    """What is imported, and how.

    Attributes:
        path: the file, or the folder of a SavedModel.
        trusted: whether code in it may run.
        double: whether numbers stay 64 bits wide where the converter leaves a choice.
        shape: of a row, for a model that declares none; empty: not given.
    """

    path: Path
    trusted: bool = False
    double: bool = False
    shape: tuple[int, ...] = ()


class Column(NamedTuple):
    """A named value of a row.

    Attributes:
        name: as the model knows it, or x1, x2, ...
        tensor: the input of the graph that it goes to.
        kind: number, whole number or word.
        categories: the words that there are.
        other: the word for one that the model does not know; "" where it refuses them.
        missing: what stands for no value; None where there must be one, NaN where the model knows it.
        low, high: between which made-up values lie; both 0 where nothing is known.
    """

    name: str
    tensor: str = FEATURES
    kind: Kind = "number"
    categories: tuple[str, ...] = ()
    other: str = ""
    missing: float | str | None = None
    low: float = 0.0
    high: float = 0.0


class Asked(NamedTuple):
    """The same rows twice: as a user gives them, and as the graph takes them.

    Attributes:
        table: in the order of the columns; empty for a model of tensors.
        feeds: tensors by input.
    """

    table: Table
    feeds: Mapping[str, Array]


class Imported(NamedTuple):
    """A model, converted, with the original to compare with.

    Attributes:
        model: its outputs are those that are answered.
        answer: the original's own outputs, by the graph's names.
        columns: empty for a model of tensors.
        named: whether the columns' names are the model's own.
        labels: of the classes, by index, where it is a classifier of one of them.
        output: the tensor of the probabilities of these, or of the numbers of a regression; "" where there is none.
        task: classification, regression, or "" where the graph has to tell.
        knows_nan: whether the model may know what to do without a value.
        origin: framework, version and kind of model, for `provenance` and CARD.md.
        notes: what the user should know.
    """

    model: onnx.ModelProto
    answer: Callable[[Asked], Mapping[str, Array]]
    origin: str
    columns: tuple[Column, ...] = ()
    named: bool = False
    labels: tuple[str, ...] = ()
    output: str = ""
    task: str = ""
    knows_nan: bool = False
    notes: tuple[str, ...] = ()


class Samples(NamedTuple):
    """Rows of a file, or made-up ones.

    Attributes:
        instances: in the user's terms: an object by column, or rows of tensors.
        labels: what is right, or None where nobody said.
        places: of each row, for messages.
        columns: of a table, with the names that the file gives those that had none.
        file: its name; "" where the rows are made up.
    """

    instances: list[Any]
    labels: list[Any] | None
    places: Sequence[str]
    columns: tuple[Column, ...]
    file: str = ""

    def at(self, indices: Sequence[int]) -> "Samples":
        """Some of the rows."""
        labels = None if self.labels is None else [self.labels[index] for index in indices]
        picked = [self.instances[index] for index in indices], labels, [self.places[index] for index in indices]
        return self._replace(instances=picked[0], labels=picked[1], places=picked[2])


class Expected(NamedTuple):
    """What a file of samples must fit.

    Attributes:
        columns: of a table; empty for a model of tensors.
        inputs: the graph's tensors.
        labels: columns of the file that hold what is right.
        named: whether the model knows its columns by name.
    """

    columns: tuple[Column, ...]
    inputs: Sequence[TensorSpec]
    labels: tuple[str, ...] = ()
    named: bool = False


class Options(NamedTuple):
    """What the user says beside the model.

    Attributes:
        samples: a file of rows; None: they are made up.
        labels: columns of it that hold what is right.
        classes: names of the classes, by index.
        tolerance: largest difference, relative to max(1, |the original's number|).
    """

    samples: Path | None = None
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tolerance: float = TOLERANCE


class Made(NamedTuple):
    """A folder that was imported.

    Attributes:
        compared: `Compared` of each output.
        notes: what the user should know.
    """

    folder: Path
    origin: str
    compared: list[Any]
    files: list[str]
    notes: list[str]
    draft: Draft


def numbers(table: Mapping[str, list[Any]]) -> Array:
    """A table of numbers as float64 [rows, columns]; NaN where there is none."""
    import numpy as np  # the command line's help does without

    return np.array([[np.nan if value is None else value for value in column] for column in table.values()], float).T


def plain(column: Column) -> Any:
    """An everyday value of a column."""
    if column.kind == "word":
        return column.categories[0] if column.categories else "a"
    middle = (column.low + column.high) / 2
    return round(middle) if column.kind == "whole" else middle
