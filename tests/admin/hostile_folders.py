"""Folders whose graph is sound, but not what is written beside it or what it answers; by check and reason."""

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper

from functions.admin.limits import MIB
from tests.admin.hostile_graphs import ONE, ROWS, body, integers, loop
from tests.admin.submissions import Files, golden, graph, toml
from tests.core import graphs


class Folder(NamedTuple):
    """Files in place of those of a model that has nothing wrong, and what must come of them."""

    check: str
    reason: str
    make: Callable[[], Files]


def said(text: str, **files: bytes) -> Files:
    """A model.toml with that text, and files by name, with `_` for the dot."""
    return {"model.toml": toml(text), **{name.replace("_", "."): content for name, content in files.items()}}


def asked(answers: bytes) -> Files:
    """A golden.json of those bytes."""
    return {"golden.json": answers}


def asked_of(model: onnx.ModelProto, instances: object, predictions: object) -> Files:
    """A graph, and what it says that it answers."""
    return graph(model) | {"golden.json": golden((instances, predictions))}


def loose(tolerance: object) -> bytes:
    """A golden.json that is compared in its own way."""
    return golden(([[1, 2]], [[2, 3]]), tolerance=tolerance)


def objects() -> bytes:
    """An array of NumPy that only pickle could read."""
    content = io.BytesIO()
    np.save(content, np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    return content.getvalue()


def endless() -> onnx.ModelProto:
    """A loop whose condition is computed, and never false."""
    inner = body(helper.make_node("Or", ["going", "yes"], ["or"]), going="or")
    return loop("many", "yes", inner)


def not_a_number() -> onnx.ModelProto:
    """The logarithm of minus one."""
    return graphs.model([helper.make_node("Log", ["x"], ["y"])], {"x": ROWS}, {"y": ROWS})


def swelling() -> onnx.ModelProto:
    """As many elements as the input says."""
    nodes = [
        helper.make_node("Cast", ["x"], ["shape"], to=TensorProto.INT64),
        helper.make_node("ConstantOfShape", ["shape"], ["filled"]),
        helper.make_node("ReduceSum", ["filled"], ["y"], keepdims=1),
    ]
    return graphs.model(nodes, {"x": ONE}, {"y": ONE})


def computed_bomb() -> onnx.ModelProto:
    """A size that only the runtime computes: 10^5 times 10^5."""
    nodes = [
        helper.make_node("ReduceProd", ["parts"], ["size"], keepdims=1),
        helper.make_node("ConstantOfShape", ["size"], ["filled"]),
        helper.make_node("ReduceSum", ["filled"], ["sum"], keepdims=1),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    model = graphs.model(nodes, {"x": ROWS}, {"y": ROWS})
    model.graph.initializer.append(integers("parts", 10**5, 10**5))
    return model


def unserved() -> onnx.ModelProto:
    """An input of complex numbers."""
    return graphs.identity(TensorProto.COMPLEX64)


PREPARED = '[preprocess]\nkind = "text"\ntokenizer = "tokenizer.json"\nids = "x"\nmax_length = 8\n'
NEAREST = '[postprocess]\nkind = "nearest"\ntensor = "y"\nvectors = "answers.npy"\nanswers = "answers.json"\n'
ANSWERS = b'[{"answer": "a", "questions": ["one"]}, {"answer": "b", "questions": ["two"]}]'

FOLDERS: dict[str, Folder] = {
    "graph_empty": Folder("sizes", "model.onnx to have 1", lambda: {"model.onnx": b""}),
    "toml_of_10_mb": Folder("sizes", "model.toml", lambda: said("# " + "x" * 10 * MIB)),
    "toml_broken": Folder("package", "is not TOML", lambda: {"model.toml": b"name = "}),
    "toml_binary": Folder("package", "is not TOML", lambda: {"model.toml": b"\xff\xfe\x00"}),
    "toml_nested": Folder("package", "nested too deeply", lambda: said(f"assets = {'[' * 9000}{']' * 9000}")),
    "toml_of_another": Folder("package", "the folder's name", lambda: {"model.toml": toml(name="another")}),
    "toml_name_up": Folder("package", "the folder's name", lambda: {"model.toml": toml(name="../plus")}),
    "toml_unknown_field": Folder("package", "at `hook`", lambda: said('hook = "import os"')),
    "toml_task_number": Folder("package", "at `task`", lambda: said("task = 7")),
    "toml_section_text": Folder("package", "at `preprocess`", lambda: said('preprocess = "text"')),
    "toml_unknown_kind": Folder("package", "kind", lambda: said('[preprocess]\nkind = "exec"')),
    "toml_kind_a_list": Folder("package", "got [1] - at `preprocess.kind`", lambda: said("[preprocess]\nkind = [1]")),
    "toml_answers_kind_a_table": Folder(
        "package", "got {'a': 1} - at `postprocess.kind`", lambda: said("[postprocess]\nkind = { a = 1 }")
    ),
    "toml_cache_huge": Folder("package", "cache.max_bytes", lambda: said("[cache]\nmax_bytes = 10000000000000")),
    "assets_text": Folder("package", "at `assets`", lambda: said('assets = "CARD.md"')),
    "asset_above": Folder("package", "at `assets[0]`", lambda: said('assets = ["../../../etc/passwd"]')),
    "asset_absolute": Folder("package", "at `assets[0]`", lambda: said('assets = ["/proc/self/environ"]')),
    "asset_not_uploaded": Folder("package", "at `assets[0]`", lambda: said('assets = ["verdict.json"]')),
    "asset_model": Folder("package", "can be called 'model.onnx'", lambda: said('assets = ["model.onnx"]')),
    "labels_above": Folder(
        "package", "postprocess.labels", lambda: said('[postprocess]\ntensor = "y"\nlabels = "../../etc/passwd"')
    ),
    "tokenizer_none": Folder("package", "tokenizer", lambda: said(PREPARED, tokenizer_json=b'{"model": {"type": 7}}')),
    "tokenizer_binary": Folder("package", "tokenizer", lambda: said(PREPARED, tokenizer_json=b"\x80\x04.")),
    "answers_pickled": Folder(
        "package", "without objects", lambda: said(NEAREST, answers_npy=objects(), answers_json=ANSWERS)
    ),
    "type_unserved": Folder("package", "complex64", lambda: graph(unserved())),
    "bomb_computed": Folder("golden", "memory", lambda: asked_of(computed_bomb(), [[1, 2]], [[1, 2]])),
    "golden_wrong": Folder("golden", "expected 9 - got 3.0", lambda: asked(golden(([[1, 2]], [[2, 9]])))),
    "golden_of_other_shape": Folder(
        "golden", "FP32 of shape [2] - got shape [3]", lambda: asked(golden(([[1, 2, 3]], [[2, 3, 4]])))
    ),
    "golden_unanswered": Folder("golden", "golden case '0'", lambda: asked(golden(("text", [])))),
    "golden_not_a_number": Folder("golden", "got", lambda: asked_of(not_a_number(), [[-1, -1]], [[0, 0]])),
    "golden_slow": Folder("golden", "did not answer within", lambda: asked_of(endless(), [1], [1])),
    "golden_swelling": Folder("golden", "memory", lambda: asked_of(swelling(), [1e11], [0])),
    "golden_damaged": Folder("golden", "damaged", lambda: asked(b'{"tolerance": 1e-6, "cases": [')),
    "golden_infinite": Folder("golden", "damaged", lambda: asked(b'{"tolerance": Infinity, "cases": []}')),
    "golden_tolerance_text": Folder("golden", "a tolerance", lambda: asked(loose("inf"))),
    "golden_tolerance_negative": Folder("golden", "a tolerance", lambda: asked(loose(-1))),
    "golden_without_cases": Folder("golden", "1 to 1000 cases", lambda: asked(golden())),
    "golden_a_list": Folder("golden", "damaged", lambda: asked(b"[1]")),
    "golden_of_other_kinds": Folder("golden", "damaged", lambda: asked(b'{"tolerance": 0, "cases": ["one"]}')),
    "golden_nested": Folder("golden", "damaged", lambda: asked(b'{"tolerance": 0, "cases": ' + b"[" * 5000)),
}  # fmt: skip
