"""Recipes: their text, and what comes of carrying them out."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toolchain.compression import networks
from toolchain.compression.errors import InvalidRecipe, NotApplicable
from toolchain.compression.passes.options import Value
from toolchain.compression.passes.table import PASSES
from toolchain.compression.recipe import Outcome, Recipe, Step, apply, parse


def test_a_recipe_reads_as_it_is_written() -> None:
    text = 'merge | smooth-int8(block=64, keep=3) | weight-only(bits=4, exclude=["a/b", "c|d"])'
    recipe = parse(text)
    assert recipe == Recipe(
        (
            Step("merge"),
            Step("smooth-int8", {"keep": 3, "block": 64}),
            Step("weight-only", {"bits": 4, "exclude": ("a/b", "c|d")}),
        )
    )
    assert str(recipe) == text


@given(st.lists(st.text(max_size=10), max_size=4), st.booleans(), st.sampled_from(["MatMul", "Gemm", "Conv"]))
def test_any_names_of_nodes_survive_text(names: list[str], reduced: bool, operator: str) -> None:
    options: dict[str, Value] = {"exclude": tuple(names), "reduced": reduced, "operators": (operator,)}
    recipe = Recipe((Step("merge"), Step("dynamic-int8", options)))
    assert parse(str(recipe)) == recipe
    assert parse(str(recipe)).digest == recipe.digest


def test_spaces_and_the_order_of_options_change_nothing() -> None:
    assert (
        parse(" merge|smooth-int8( keep = 3,block=64 ) ").digest
        == parse("merge | smooth-int8(block=64, keep=3)").digest
    )


def test_another_option_is_another_digest() -> None:
    texts = ["", "merge", "smooth-int8", "smooth-int8(keep=1)", "smooth-int8(keep=2)", "smooth-int8 | merge"]
    assert len({parse(text).digest for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("shrink", "there is no pass 'shrink'; there are fold, "),
        ("merge(a=1)", "merge has no option 'a'; it has none"),
        ("smooth-int8(keep=x)", "smooth-int8's keep expected a whole number, got 'x'"),
        ("smooth-int8(keep=-1)", "smooth-int8: keep is 0 or more, samples 1 or more"),
        ("smooth-int8(keep=true)", "smooth-int8's keep expected a whole number, got True"),
        ("weight-only(bits=3)", "weight-only's bits expected one of 8, 4, got 3"),
        ('dynamic-int8(operators=["LSTM"])', "dynamic-int8: operators are of MatMul, Gemm, Conv, got LSTM"),
        ("static-int8(percentile=5)", "static-int8: percentile is above 50 and at most 100, got 5"),
        ("correct-bias(samples=0)", "correct-bias: samples is 1 or more, got 0"),
        ("smooth(samples=0)", "smooth: samples is 1 or more, got 0"),
        ("prune-heads(share=1.0)", "prune-heads: share is above 0 and below 1, got 1.0"),
        ("merge |", "after merge expected '|' and another pass, got '|'"),
        ("merge smooth", "after merge expected '|' and another pass, got 'smooth'"),
        ("smooth-int8(keep=3", "after smooth-int8's keep expected ',' or ')', got ''"),
        ("smooth-int8(keep=)", "smooth-int8's keep expected a word or JSON, got ')'"),
        ("smooth-int8(keep=1, keep=2)", "smooth-int8 is given keep twice"),
        ("smooth-int8(3)", "smooth-int8 expected option=value, got '3)'"),
        ("| merge", "expected the name of a pass, got '| merge'"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InvalidRecipe) as caught:
        parse(text)
    assert str(caught.value).startswith(reason)


def test_an_empty_recipe_leaves_the_bytes_as_they_are() -> None:
    content = networks.matmul().SerializeToString()
    assert apply(parse(""), content) == Outcome(content, ())


def test_notes_name_the_pass_and_what_it_did() -> None:
    outcome = apply(parse("merge | dynamic-int8"), networks.attention().SerializeToString())
    assert outcome.notes == (
        "merge: 3 linear layers became 1",
        "dynamic-int8: 2 linear layers and 0 convolutions multiply in 8 bits",
    )


def test_the_same_recipe_gives_the_same_bytes() -> None:
    model = networks.attention()
    recipe = parse("merge | smooth-int8(keep=1) | embeddings | compact")
    first, second = (apply(recipe, model.SerializeToString(), networks.requests(model)).model for _ in range(2))
    assert first == second


def test_a_pass_that_needs_requests_says_so_when_there_are_none() -> None:
    with pytest.raises(NotApplicable, match="smooth: it needs sample requests to calibrate with, and there are none"):
        apply(parse("smooth"), networks.matmul().SerializeToString())


def test_what_a_recipe_needs_is_what_its_passes_need() -> None:
    assert [parse(text).needs_calibration for text in ("", "merge | half", "merge | smooth")] == [False, False, True]
    assert not parse("merge | smooth").needs_labels


@pytest.mark.parametrize(
    "name", [name for name in PASSES if name not in ("fold", "compact", "compact-trees", "prune-trees")]
)
def test_every_pass_leaves_trees_alone_with_a_reason(name: str) -> None:
    model = networks.trees()
    with pytest.raises(NotApplicable) as caught:
        apply(parse(name), model.SerializeToString(), networks.requests(model))
    assert caught.value.step == name
    assert caught.value.reason


@pytest.mark.parametrize("name", ["fold", "fold(level=extended)", "compact"])
def test_trees_answer_the_same_folded_and_compact(name: str) -> None:
    model = networks.trees()
    calibration = networks.requests(model)
    got = apply(parse(name), model.SerializeToString(), calibration).model
    np.testing.assert_array_equal(networks.answers(got, calibration), networks.answers(model, calibration))


def test_a_pass_that_is_left_out_changes_nothing_of_the_original() -> None:
    content = networks.perceptron().SerializeToString()
    with pytest.raises(NotApplicable):
        apply(parse("dynamic-int8 | embeddings"), content)
    assert content == networks.perceptron().SerializeToString()
    assert onnx.load_model_from_string(content).graph.node[0].op_type == "Gemm"
