"""The pass: a student takes and gives what its teacher does, answers nearly the same, and is the same each time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.toolchain.compression import networks
from tests.toolchain.compression.distillation import teachers
from tests.toolchain.compression.trees import forests
from toolchain.compression.calibration import Calibration, load
from toolchain.compression.distillation import augmentation, heads
from toolchain.compression.errors import InvalidRecipe, NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.recipe import Outcome, apply, parse

SHORT = "hidden=16, epochs=10, made=8000"


def distilled(model: onnx.ModelProto, requests: Calibration, options: str = SHORT) -> Outcome:
    outcome = apply(parse(f"distill({options})"), model.SerializeToString(), requests)
    onnx.checker.check_model(outcome.model, full_check=True)
    return outcome


def answers(model: onnx.ModelProto | bytes, feed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    session = load(onnx.load_model_from_string(model) if isinstance(model, bytes) else model)
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def declared(model: onnx.ModelProto | bytes) -> tuple[list[str], list[str]]:
    graph = (onnx.load_model_from_string(model) if isinstance(model, bytes) else model).graph
    return [str(value) for value in graph.input], [str(value) for value in graph.output]


def unseen(count: int = 200, width: int = forests.FEATURES) -> NDArray[np.float32]:
    return np.random.default_rng(77).normal(size=(count, width)).astype(np.float32)


@pytest.mark.parametrize("labels", [("no", "maybe", "yes"), (30, 10, 20)], ids=["texts", "numbers"])
def test_labels_and_probabilities_are_given_as_the_teacher_gives_them(labels: tuple[Any, ...]) -> None:
    teacher = teachers.boosted(labels)
    made = distilled(teacher, teachers.requests())
    assert declared(made.model) == declared(teacher)
    feed = {"x": unseen()}
    got, right = answers(made.model, feed), answers(teacher, feed)
    assert {name: (value.shape, value.dtype) for name, value in got.items()} == {
        name: (value.shape, value.dtype) for name, value in right.items()
    }
    assert (got["label"] == np.array(labels)[got["probabilities"].argmax(axis=1)]).all()
    assert (got["label"] == right["label"]).mean() > 0.75
    assert np.abs(got["probabilities"] - right["probabilities"]).mean() < 0.15
    assert made.notes[0].startswith(
        "distill: a student of 403 weights learnt from 120 rows and 8000 made of them; loss "
    )


def test_inputs_and_outputs_of_any_float_and_any_shape_are_kept() -> None:
    teacher = teachers.columns()
    random = np.random.default_rng(1)
    rows = random.normal(size=(150, 1, 3))
    requests = Calibration([{"a": row[:, :1] - 3, "b": row[:, 1:].astype(np.float32)} for row in rows])
    made = distilled(teacher, requests, "hidden=32, epochs=30, made=8000")
    assert declared(made.model) == declared(teacher)
    feed: dict[str, NDArray[Any]] = {"a": rows[:40, 0, :1] - 3, "b": rows[:40, 0, 1:].astype(np.float32)}
    got, right = answers(made.model, feed), answers(teacher, feed)
    for name, value in right.items():
        assert (got[name].shape, got[name].dtype) == (value.shape, value.dtype)
        assert np.abs(got[name] - value).mean() < 0.1 * np.abs(value - value.mean(axis=0)).mean() + 0.01
    assert 0 <= got["chance"].min() < 0.3 < 0.5 < got["chance"].max() <= 1


def test_probabilities_of_16_bits_and_a_column_of_labels_are_kept() -> None:
    teacher = teachers.halved()
    made = distilled(teacher, teachers.requests())
    assert declared(made.model) == declared(teacher)
    got, right = answers(made.model, {"x": unseen()}), answers(teacher, {"x": unseen()})
    assert got["label"].shape == (200, 1)
    assert got["probabilities"].dtype == np.float16
    assert (got["label"] == right["label"]).mean() > 0.9
    assert np.abs(got["probabilities"] - right["probabilities"]).mean() < 0.05


@pytest.mark.parametrize("last", [False, True], ids=["channels first", "channels last"])
def test_pictures_are_learnt_by_a_small_convolutional_network(last: bool) -> None:
    teacher = teachers.convolution(last)
    made = distilled(
        teacher, teachers.pictures(shape=(8, 8, 1) if last else (1, 8, 8)), "channels=4, epochs=12, made=1000"
    )
    assert declared(made.model) == declared(teacher)
    assert "Conv" in {node.op_type for node in onnx.load_model_from_string(made.model).graph.node}
    feeds = [feed["x"] for feed in teachers.pictures(shape=(1, 8, 8)).feeds]
    x = np.concatenate(feeds)[:, :, ::-1]  # upside down: the same kind of picture, though none of those
    feed = {"x": np.ascontiguousarray(x.transpose(0, 2, 3, 1) if last else x)}
    got, right = answers(made.model, feed)["y"], answers(teacher, feed)["y"]
    assert (got.argmax(axis=1) == right.argmax(axis=1)).mean() > 0.95


def test_large_pictures_are_cut_into_squares_first() -> None:
    nodes = [helper.make_node("GlobalAveragePool", ["x"], ["p"]), helper.make_node("Flatten", ["p"], ["y"])]
    teacher = networks.network(nodes, {"x": (networks.FLOAT, ["n", 3, 66, 64])}, {"y": (networks.FLOAT, ["n", 3])}, {})
    colours = np.random.default_rng(0).random((60, 1, 3, 1, 1)).astype(np.float32)
    requests = Calibration([{"x": np.tile(colour, (1, 1, 66, 64))} for colour in colours])
    made = distilled(teacher, requests, "channels=2, layers=1, epochs=1, made=1")
    graph = onnx.load_model_from_string(made.model).graph
    kernels = [list(entry.dims) for entry in graph.initializer if len(entry.dims) == 4]
    assert kernels == [[2, 3, 2, 2]]
    assert [node.op_type for node in graph.node].count("MaxPool") == 3


def test_a_batch_of_one_size_is_asked_and_answered_in_that_size() -> None:
    teacher = teachers.boosted((0, 1, 2), batch=7)
    rows = unseen(70).reshape(10, 7, -1)
    made = distilled(teacher, Calibration([{"x": batch} for batch in rows]))
    assert declared(made.model) == declared(teacher)
    assert answers(made.model, {"x": rows[0]})["probabilities"].shape == (7, 3)


def test_where_the_teacher_knows_missing_values_the_student_does_too() -> None:
    feed = {"x": unseen()}
    feed["x"][::2, 1] = np.nan
    trees = teachers.boosted((0, 1, 2))
    made = distilled(trees, teachers.requests())
    got, right = answers(made.model, feed)["probabilities"], answers(trees, feed)["probabilities"]
    assert np.abs(got - right).mean() < 0.2
    layers = networks.perceptron()
    made = distilled(layers, networks.requests(layers, 60), "hidden=8, epochs=1, made=100")
    assert "IsNaN" not in {node.op_type for node in onnx.load_model_from_string(made.model).graph.node}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    teacher = teachers.boosted((0, 1, 2))
    first, again, other = (
        distilled(teacher, teachers.requests(), f"hidden=8, epochs=1, made=100, seed={seed}").model
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_one_search_asks_the_teacher_and_teaches_each_student_once() -> None:
    teacher, requests = teachers.boosted((0, 1, 2)), teachers.requests()
    one = distilled(teacher, requests, "hidden=4, epochs=1, made=100")
    requests.feeds = requests.feeds[:1]  # were it asked once more, it would say that rows are too few
    assert distilled(teacher, requests, "hidden=4, epochs=1, made=100") == one
    assert len(distilled(teacher, requests, "hidden=5, epochs=1, made=100").model) > len(one.model)


def test_a_student_can_be_compressed_further() -> None:
    teacher = teachers.boosted((0, 1, 2))
    recipe = parse("distill(hidden=32, epochs=1, made=100) | weight-only(bits=8) | compact")
    outcome = apply(recipe, teacher.SerializeToString(), teachers.requests())
    assert declared(outcome.model) == declared(teacher)


def test_forty_nine_rows_are_too_few_and_none_as_well() -> None:
    content = teachers.boosted((0, 1, 2)).SerializeToString()
    with pytest.raises(NotApplicable, match="50 rows of sample requests are the fewest to learn from, there are 49"):
        apply(parse("distill"), content, teachers.requests(49))
    with pytest.raises(NotApplicable, match="it needs sample requests to calibrate with, and there are none"):
        apply(parse("distill"), content)


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"x": (TensorProto.INT64, ["n", 4])}, "x is no tensor of floats"),
        ({"x": (TensorProto.FLOAT, ["n", "t", 4])}, "x has a dimension, beside the batch, that is not fixed"),
        ({"x": (TensorProto.FLOAT, ["n", 5, 4])}, "it takes neither rows of values"),
        ({"x": (TensorProto.FLOAT, ["n", 1, 3, 8])}, "of at least 4 x 4"),
        ({"x": (TensorProto.FLOAT, [])}, "x has a dimension, beside the batch, that is not fixed"),
        (
            {"x": (TensorProto.FLOAT, [2, 4]), "z": (TensorProto.FLOAT, [3, 4])},
            "its inputs have batches of different sizes",
        ),
    ],
)
def test_what_no_student_can_take_is_refused_with_the_reason(inputs: Mapping[str, Any], reason: str) -> None:
    nodes = [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)]
    model = networks.network(nodes, inputs, {"y": (TensorProto.FLOAT, inputs["x"][1])}, {})
    with pytest.raises(NotApplicable, match=reason):
        apply(parse("distill"), model.SerializeToString(), teachers.requests())


def given(operator: str, element: int, shape: list[Any], **attributes: Any) -> onnx.ModelProto:
    """A row's features, and something made of them by one operator."""
    nodes = [helper.make_node(operator, ["x"], ["made"], **attributes), helper.make_node("Identity", ["x"], ["y"])]
    outputs = {"made": (element, shape), "y": (networks.FLOAT, ["n", 4])}
    return networks.network(nodes, {"x": (networks.FLOAT, ["n", 4])}, outputs, {})


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (given("Sqrt", networks.FLOAT, ["n", 4]), "it answers NaN or infinity in made"),
        (given("ArgMin", TensorProto.INT64, ["n"], axis=1, keepdims=0), "labels of made do not follow from the great"),
        (given("ArgMin", TensorProto.INT64, [1, 4], axis=0), "made has not one answer for each row"),
        (given("IsNaN", TensorProto.BOOL, ["n", 4]), "made gives neither floats nor one label a row"),
    ],
)
def test_answers_that_no_student_can_give_are_refused_with_the_reason(model: onnx.ModelProto, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        apply(parse("distill"), model.SerializeToString(), teachers.requests())


@pytest.mark.parametrize("labels", [("no", "maybe", "yes"), (30, 10, 20)], ids=["texts", "numbers"])
def test_the_label_of_a_class_that_no_row_has_is_looked_up_in_the_graph(labels: tuple[Any, ...]) -> None:
    graph = Graph(teachers.boosted(labels))
    kind = np.object_ if isinstance(labels[0], str) else np.int64
    soft = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]], np.float32)
    found = heads.read(graph, {"label": np.array([labels[0], labels[2]], kind), "probabilities": soft})
    assert found.labels[0].table.tolist() == list(labels)
    assert (found.heads[0].kind, found.heads[0].shape, found.width) == ("probabilities", (3,), 3)


def test_labels_alone_teach_nothing_soft() -> None:
    node = helper.make_node("ArgMax", ["x"], ["y"], axis=1, keepdims=0)
    model = networks.network([node], {"x": (networks.FLOAT, ["n", 4])}, {"y": (TensorProto.INT64, ["n"])}, {})
    with pytest.raises(NotApplicable, match="it gives no floats, so nothing soft to learn from"):
        apply(parse("distill"), model.SerializeToString(), teachers.requests())


@pytest.mark.parametrize("options", ["hidden=0", "layers=0", "temperature=0", "epochs=0", "made=-1"])
def test_options_out_of_range_are_refused(options: str) -> None:
    with pytest.raises(InvalidRecipe):
        parse(f"distill({options})")


def test_rows_that_are_made_up_stay_within_what_is_real() -> None:
    random = np.random.default_rng(0)
    real = np.stack([random.normal(size=60), random.integers(0, 4, 60), np.full(60, 7)], axis=1).astype(np.float32)
    made = augmentation.rows(real, 500, random)
    assert made.shape == (500, 3)
    assert (made.min(axis=0) >= real.min(axis=0)).all()
    assert (made.max(axis=0) <= real.max(axis=0)).all()
    assert (made[:, 1] == np.rint(made[:, 1])).all()
    assert len(np.unique(made[:, 0])) > 300


def test_pictures_that_are_made_up_are_near_to_real_ones() -> None:
    real = np.concatenate([feed["x"] for feed in teachers.pictures().feeds]).transpose(0, 2, 3, 1)
    made = augmentation.pictures(real, 40, np.random.default_rng(0))
    assert made.shape == (40, 8, 8, 1)
    assert made.min() >= real.min() - 1e-6
    assert made.max() <= real.max() + 1e-6
    assert made.std() > 0.5 * real.std()
