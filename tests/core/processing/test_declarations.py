"""Whatever stands in model.toml, a folder becomes a package that loads, or is refused with the place that is wrong."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto

from functions.core.errors import InvalidPackage
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs
from tests.core.processing.outputs import passing
from tests.core.processing.test_text import counter, tokenizer

Table = dict[str, Any]
Place = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

NUMBER = {
    "name": "a", "type": "number", "tensor": "x", "description": "", "unit": "m", "range": [0.0, 9.0], "typical": 1.0,
    "missing": 2.0, "mean": 3.0, "std": 4.0,
}  # fmt: skip
WORD = {
    "name": "b", "type": "category", "tensor": "x", "description": "", "categories": ["p", "q"], "other": "p",
    "missing": "q", "typical": "p", "encoding": "index",
}  # fmt: skip
PICTURE = {
    "kind": "image", "tensor": "x", "mode": "L", "size": [4, 4], "layout": "nchw", "channels": "rgb", "scale": 0.5,
    "mean": [0.5], "std": [0.5], "resize": "cover", "resample": "nearest", "crop": 0.9, "background": "dark",
    "trim": True, "margin": 0.1,
}  # fmt: skip
CONTAINED = {field: value for field, value in PICTURE.items() if field != "crop"} | {"resize": "contain", "fill": 1.0}
TEXT = {
    "kind": "text", "tokenizer": "tokenizer.json", "pair": False, "max_length": 9, "padding": "longest",
    "truncation": "end", "unknown": "accept", "pad": 0, "ids": "input_ids", "mask": "attention_mask",
    "types": "token_type_ids",
}  # fmt: skip
STEPS = {
    "kind": "sequence", "field": "steps", "tensor": "x", "max_length": 9, "padding": "longest", "side": "right",
    "truncation": "end", "pad": 0.0,
}  # fmt: skip
NEAREST = {"kind": "nearest", "tensor": "y", "answers": "answers.json", "vectors": "vectors.npy", "top_k": 1,
           "threshold": 0.5}  # fmt: skip
LABELS = ["no", "yes"]


def saved(vectors: Any) -> bytes:
    """A file of NumPy's own format."""
    file = io.BytesIO()
    np.save(file, vectors)
    return file.getvalue()


def integers() -> ModelProto:
    """y = x, of tokens."""
    return passing("n", "m", element=TensorProto.INT64)


CASES: dict[str, tuple[ModelProto, Table, Table]] = {
    "rows": (passing("n", 2), {"kind": "rows"}, {"kind": "rows"}),
    "tabular": (passing("n", 2), {"kind": "tabular", "tensor": "x", "features": [NUMBER, WORD]}, {}),
    "image": (passing("n", 1, 4, 4), PICTURE, {}),
    "image of any size": (passing("n", "c", "h", "w"), CONTAINED, {}),
    "text": (counter(), TEXT, {"kind": "regression", "tensor": "y"}),
    "tokens": (integers(), STEPS | {"vocabulary": ["p", "q"], "first": 1}, {}),
    "readings": (passing("n", "m", 1), STEPS | {"features": [NUMBER]}, {}),
    "classification": (
        passing("n", 2), {},
        {"kind": "classification", "tensor": "y", "labels": LABELS, "activation": "softmax", "top_k": 1,
         "threshold": 0.5, "positive": "yes"},
    ),
    "multilabel": (
        passing("n", 2), {},
        {"kind": "multilabel", "tensor": "y", "labels": LABELS, "activation": "sigmoid", "threshold": 0.5},
    ),
    "regression": (passing("n", 1), {}, {"kind": "regression", "tensor": "y", "unit": "m", "range": [0.0, 1.0]}),
    "regressions": (
        passing("n", 1), {},
        {"kind": "regression", "tensor": "y", "values": [{"name": "a", "unit": "m", "range": [0.0, 1.0]}]},
    ),
    "embedding": (passing("n", 2), {}, {"kind": "embedding", "tensor": "y", "normalize": True}),
    "nearest": (passing("n", 2), {}, NEAREST),
    "ranking": (passing("n", 2), {}, {"kind": "ranking", "tensor": "y", "items": LABELS, "top_k": 1}),
}  # fmt: skip
FILES = {
    "answers.json": orjson.dumps([{"answer": "a", "questions": ["q"]}]),
    "vectors.npy": saved(np.ones((1, 2), np.float32)),
    "tokenizer.json": tokenizer().to_str().encode(),
}

WORDS = st.sampled_from(("", "a", "x", "y", "nan", "rows", "model.onnx", "CARD.md", "\0", "é" * 300, "../x", "softmax"))
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-3, 5),
    st.sampled_from((2**31, 2**63 - 1, 2**63, 2**64, -(2**63), 10**400)),
    st.floats(),
    st.sampled_from((0.0, -0.0, 5e-324, 1e-300, 3.5e38, 1e300, 1.5)),
    st.text(st.characters(codec="utf-8"), max_size=5) | WORDS,
    st.sampled_from((date(2020, 2, 29), time(23, 59), datetime(1, 1, 1, 0, 0))),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)


def toml(value: Any) -> str:
    """A value as TOML writes it, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml(str(key))} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, (date, time)):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("NaN", "nan").replace("Infinity", "inf")


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where there is something within a value."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, found in inner:
        yield (*at, key)
        yield from places(found, (*at, key))


def changed(value: Any, at: Place, other: Any) -> Any:
    """The value with another one at a place."""
    if not at:
        return other
    if isinstance(value, Mapping):
        return {**value, at[0]: changed(value.get(str(at[0])), at[1:], other)}
    return [changed(inner, at[1:], other) if index == at[0] else inner for index, inner in enumerate(value)]


def load(graph: ModelProto, sections: Table) -> None:
    """Make a package of it, load it and write its documents. Raises InvalidPackage."""
    lines = "".join(f"{section} = {toml(table)}\n" for section, table in sections.items())
    with TemporaryDirectory() as folder:
        source = graphs.source(Path(folder), "any", graph, lines)
        for name, content in FILES.items():
            (source / name).write_bytes(content)
        orjson.dumps(Predictor(build(source, Path(folder, "out")), Settings()).schemas())


def sections_of(case: str) -> Table:
    """What its model.toml declares."""
    _, preprocess, postprocess = CASES[case]
    return {"preprocess": preprocess, "postprocess": postprocess}


@pytest.mark.parametrize("case", CASES)
def test_what_the_cases_begin_with_loads(case: str) -> None:
    load(CASES[case][0], sections_of(case))


@pytest.mark.parametrize("case", CASES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_value_in_any_field_makes_a_package_or_is_refused_as_one(case: str, data: st.DataObject) -> None:
    sections = sections_of(case)
    at = data.draw(st.sampled_from([at for at in places(sections) if len(at) > 1]))
    reason = ""
    try:
        load(CASES[case][0], changed(sections, at, data.draw(VALUES)))
    except InvalidPackage as refused:
        reason = str(refused)
    assert "Error:" not in reason


@pytest.mark.parametrize("section", ["preprocess", "postprocess"])
@pytest.mark.parametrize("kind", [[1], {"a": 1}, 7, True, "exec", [[]]])
def test_a_kind_that_is_none_is_named(section: str, kind: object) -> None:
    with pytest.raises(InvalidPackage) as refused:
        load(passing("n", 2), {section: {"kind": kind}})
    assert f"got {kind!r} - at `{section}.kind`" in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("crop", 5e-324), ("size", [1e300, 4]), ("size", [4, 0]), ("size", [-4, 4]), ("size", [4.5, 4]),
        ("scale", 3.5e38), ("mean", [1e300]), ("std", [-1e300]),
    ],
)  # fmt: skip
def test_what_pictures_cannot_be_made_of_is_named(field: str, value: object) -> None:
    graph, preprocess, _ = CASES["image of any size"]
    section = {"preprocess": preprocess | {"resize": "cover", field: value}}
    del section["preprocess"]["fill"]
    with pytest.raises(InvalidPackage, match=f"at `preprocess.{field}`"):
        load(graph, section)
