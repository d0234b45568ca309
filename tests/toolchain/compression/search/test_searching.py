"""The search, on small networks: what it chooses, refuses, keeps and resumes."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.toolchain.compression import networks
from tests.toolchain.compression.search.judges import SAME, CosineJudge, by_nodes, judge, large
from tests.toolchain.compression.trees import forests
from toolchain.compression.recipe import apply, parse
from toolchain.compression.search.contract import Latency, Measured, Quality
from toolchain.compression.search.searching import Limits, search


def reasons(tried: tuple[Measured, ...]) -> dict[str, str]:
    return {found.recipe: found.refused for found in tried}


def test_the_smallest_model_that_passes_is_chosen_and_its_recipe_makes_it_again() -> None:
    model = large()
    content, requests = model.SerializeToString(), networks.requests(model)
    found = search(content, judge(model, 0.02), requests)
    assert found.stopped == ""
    assert found.chosen is not None
    assert found.measured is not None
    sizes = [tried.bytes for tried in found.tried if tried.passes]
    assert found.measured.bytes == min(sizes) == len(found.chosen.model) < len(content) / 4
    assert "mixed-blocks" in found.measured.recipe
    assert apply(parse(found.measured.recipe), content, requests).model == found.chosen.model
    assert str(found.chosen.recipe) == found.measured.recipe


def test_a_narrower_gate_takes_a_larger_model_and_one_that_nothing_passes_none() -> None:
    model = large()
    sizes = []
    for largest_drop in (0.02, 0.0005):
        found = search(model.SerializeToString(), judge(model, largest_drop), networks.requests(model))
        assert found.measured is not None
        assert found.measured.drop <= largest_drop
        sizes.append(found.measured.bytes)
    assert sizes[0] < sizes[1] < len(model.SerializeToString())
    nothing = search(model.SerializeToString(), judge(model, 1e-12), networks.requests(model))
    assert (nothing.chosen, nothing.measured, nothing.front) == (None, None, ())


def test_what_fails_says_by_how_much_and_what_does_not_apply_says_why() -> None:
    model = large()
    found = search(model.SerializeToString(), judge(model, 0.0005), networks.requests(model))
    said = reasons(found.tried)
    assert said["half"].startswith("what ships would be as large as before")
    assert said["merge"] == "no two linear layers share an input"
    assert said["embeddings"] == "no Gather of rows from a constant float table"
    assert said["mixed-blocks(keep=0) | compact"].startswith("a drop of 0.00")


def test_bisection_keeps_as_few_layers_as_pass() -> None:
    model = networks.attention()
    requests = networks.requests(model)
    content = model.SerializeToString()
    errors = {
        keep: CosineJudge(model, requests, 0).evaluate(apply(parse(f"merge | {text}"), content, requests).model).drop
        for keep, text in enumerate(["smooth-int8(keep=0)", "smooth-int8(keep=1)", "smooth-int8(keep=2)"])
    }
    gate = (errors[0] + errors[1]) / 2
    limits = Limits("latency", ("merge", "smooth-int8"))
    found = search(content, judge(model, gate), requests, limits)
    assert found.measured is not None
    assert "smooth-int8(keep=1)" in found.measured.recipe


def test_for_latency_the_fastest_is_chosen_and_within_five_per_cent_the_smallest() -> None:
    model = large()

    def clock(content: bytes) -> Latency:
        kinds = {node.op_type for node in onnx.load_model_from_string(content).graph.node}
        return Latency(0.40, 1.0) if "DynamicQuantizeMatMul" in kinds else Latency(0.9, 1.0)

    limits = Limits("latency")
    found = search(
        model.SerializeToString(), CosineJudge(model, networks.requests(model), 0.02, clock),
        networks.requests(model), limits,
    )  # fmt: skip
    assert found.measured is not None
    assert found.measured.ms_1 == pytest.approx(0.40)
    assert "dynamic-int8" in found.measured.recipe


def test_what_is_slower_than_the_original_is_refused_however_small() -> None:
    model = large()

    def clock(content: bytes) -> Latency:
        kinds = {node.op_type for node in onnx.load_model_from_string(content).graph.node}
        return Latency(1.0, 2.0) if "MatMulNBits" in kinds else Latency(1.0, 1.0)

    requests = networks.requests(model)
    found = search(model.SerializeToString(), CosineJudge(model, requests, 0.02, clock), requests)
    assert found.measured is not None
    assert "mixed-blocks" not in found.measured.recipe
    slow = reasons(found.tried)["mixed-blocks(keep=0) | compact"]
    assert slow == "slower than the original: 2 ms with batches of 32, the original takes 1 ms"


def test_what_takes_longer_than_agreed_is_refused_and_another_agreement_uses_what_was_measured(tmp_path: Path) -> None:
    model = large()
    content, requests = model.SerializeToString(), networks.requests(model)

    def clock(made: bytes) -> Latency:
        return Latency(1.0 - 0.4 * len(made) / len(content) if made != content else 1.0, 1.0)

    judges = [CosineJudge(model, requests, 0.02, clock) for _ in range(3)]
    free = search(content, judges[0], requests, folder=tmp_path)
    assert free.measured is not None
    limit = free.measured.ms_1 - 0.001
    bound, none = (
        search(content, one, requests, Limits(max_ms=max_ms), tmp_path)
        for one, max_ms in zip(judges[1:], (limit, 0.1), strict=True)
    )
    assert bound.measured is not None
    assert bound.measured.ms_1 <= limit
    assert bound.measured.bytes > free.measured.bytes
    slow = f"a run takes {free.measured.ms_1:.3g} ms; {limit:g} ms may be"
    assert reasons(bound.tried)[free.measured.recipe] == slow
    assert free.measured.recipe not in {found.recipe for found in bound.front}
    assert (none.chosen, none.front) == (None, ())
    assert not set(judges[1].judged) & set(judges[0].judged)


def test_a_model_that_answers_nan_is_refused_whatever_its_score() -> None:
    class Blind(CosineJudge):
        def evaluate(self, model: bytes) -> Quality:
            return super().evaluate(model)._replace(score=float("nan"))

    model = networks.matmul()
    requests = networks.requests(model)
    found = search(model.SerializeToString(), Blind(model, requests, 1), requests)
    assert found.chosen is None
    assert "its score is not a number" in reasons(found.tried).values()


def test_a_file_that_is_too_large_says_nothing_about_answers_that_are_further_off() -> None:
    class Small(CosineJudge):
        def evaluate(self, model: bytes) -> Quality:
            quality = super().evaluate(model)
            return quality if len(model) < 10_000 else quality._replace(refused="it is too large", by_size=True)

    model = large()
    requests = networks.requests(model)
    found = search(model.SerializeToString(), Small(model, requests, 0.02, lambda _: SAME), requests)
    assert found.measured is not None
    assert found.measured.bytes < 10_000
    assert "it is too large" in reasons(found.tried).values()


def test_without_calibration_what_needs_it_is_left_out_and_the_search_goes_on() -> None:
    model = large()
    found = search(model.SerializeToString(), judge(model, 0.02))
    said = reasons(found.tried)
    assert said["smooth-int8"] == "it needs sample requests to calibrate with, and there are none"
    assert found.measured is not None
    assert found.measured.recipe == "dynamic-int8 | compact"


def test_only_the_passes_that_are_asked_for_are_taken() -> None:
    model = large()
    limits = Limits(passes=("weight-only", "compact"))
    found = search(model.SerializeToString(), judge(model, 0.02), networks.requests(model), limits)
    taken = {step.name for tried in found.tried if tried.passes for step in parse(tried.recipe).steps}
    assert taken == {"weight-only", "compact"}
    assert reasons(found.tried)["merge"] == "it is not among the passes asked for"


def test_the_original_never_changes_and_the_same_search_finds_the_same() -> None:
    model = large()
    content = model.SerializeToString()
    before = bytes(bytearray(content))
    runs = [search(content, judge(model, 0.001), networks.requests(model)) for _ in range(2)]
    assert content == before
    assert repr(runs[0]) == repr(runs[1])


def test_convolutions_are_computed_in_8_bits_by_the_nearest_of_the_calibrations() -> None:
    model = networks.convolution()
    requests = networks.requests(model)
    found = search(model.SerializeToString(), CosineJudge(model, requests, 0.02, by_nodes), requests, Limits("size"))
    static = [tried for tried in found.tried if tried.recipe.startswith("static-int8(method=")]
    judged = [tried for tried in static if not np.isnan(tried.score)]
    assert len(static) == 6
    assert len(judged) == 1
    assert all(judged[0].recipe in tried.refused for tried in static if tried != judged[0])


def test_nodes_of_one_name_are_told_apart() -> None:
    model = large()
    named = large()
    named.graph.node[0].name = named.graph.node[2].name = "same"
    sizes = [
        found.measured.bytes
        for one in (model, named)
        if (found := search(one.SerializeToString(), judge(one, 0.02), networks.requests(one))).measured is not None
    ]
    assert len(sizes) == 2
    assert sizes[0] == sizes[1]


def test_a_model_whose_number_of_answers_changes_costs_the_candidate_and_not_the_search() -> None:
    weights = {"w": networks.drawn(32, 64), "all": np.array([-1]), "zero": np.array(0, np.float32)}
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "w"], ["p"], name="layer"),
        onnx.helper.make_node("Reshape", ["p", "all"], ["flat"], name="flatten"),
        onnx.helper.make_node("Greater", ["flat", "zero"], ["positive"], name="positive"),
        onnx.helper.make_node("Compress", ["flat", "positive"], ["y"], name="select", axis=0),
    ]
    inputs, outputs = {"x": (networks.FLOAT, ["n", 32])}, {"y": (networks.FLOAT, ["k"])}
    model = networks.network(nodes, inputs, outputs, weights)
    requests = networks.requests(model)
    found = search(model.SerializeToString(), judge(model, 0.02), requests, Limits(passes=("mixed-blocks", "compact")))
    said = reasons(found.tried)
    assert said["mixed-blocks(keep=0) | compact"] == "it answers NaN, infinity or another shape to a sample request"
    assert found.measured is not None
    assert found.measured.recipe == "compact"


def test_a_table_that_is_a_factor_too_is_quantized_in_both_places_once_constants_are_computed() -> None:
    weights = {"table": networks.drawn(200, 32, seed=1)}
    nodes = [
        onnx.helper.make_node("Gather", ["table", "ids"], ["x"], name="embed"),
        onnx.helper.make_node("Transpose", ["table"], ["turned"], name="turn", perm=[1, 0]),
        onnx.helper.make_node("MatMul", ["x", "turned"], ["y"], name="scores"),
    ]
    inputs, outputs = {"ids": (networks.INT64, ["n"])}, {"y": (networks.FLOAT, ["n", 200])}
    model = networks.network(nodes, inputs, outputs, weights)
    found = search(model.SerializeToString(), judge(model, 0.02), networks.requests(model))
    assert found.measured is not None
    assert found.measured.recipe.startswith("fold | ")
    assert "embeddings" in found.measured.recipe
    assert found.measured.bytes < 0.65 * len(model.SerializeToString())


def test_a_student_takes_the_models_place_only_when_asked_for() -> None:
    model = forests.regressor(40, 4)
    requests = forests.requests(60)
    content = model.SerializeToString()
    found = [search(content, CosineJudge(model, requests, 2, lambda _: SAME), requests, Limits(passes=passes))
             for passes in ((), ("distill", "compact"))]  # fmt: skip
    without, asked = ([tried for tried in one.tried if tried.recipe.startswith("distill(")] for one in found)
    assert without == []
    assert any(tried.passes for tried in asked)
    assert reasons(found[0].tried)["distill"].endswith("it is tried when asked for")


def test_storage_in_16_bits_is_tried_by_those_who_ask_for_it() -> None:
    model = large()
    limits = Limits(passes=("half",))
    found = search(model.SerializeToString(), judge(model, 0.02), networks.requests(model), limits)
    assert found.measured is not None
    assert found.measured.recipe == "half"
