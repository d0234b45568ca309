"""Which recipes are proposed."""

import pytest

from tests.toolchain.compression import networks
from toolchain.compression.graph import Graph
from toolchain.compression.passes.table import PASSES
from toolchain.compression.recipe import parse
from toolchain.compression.search.families import ladders, neighbours, steps


def texts(network: str, *, calibrated: bool = True) -> dict[str, list[str]]:
    graph = Graph(getattr(networks, network)())
    found = ladders(graph, list(PASSES), calibrated=calibrated)
    return {ladder.name: [str(rung[0]) for rung in ladder.rungs] for ladder in found}


@pytest.mark.parametrize(("count", "expected"), [(0, [0]), (1, [0, 1]), (2, [0, 1, 2]), (7, [0, 1, 2, 3, 4, 6, 7])])
def test_steps_grow_and_end_at_all(count: int, expected: list[int]) -> None:
    assert steps(count) == expected


def test_a_ladder_begins_with_what_compresses_most_and_keeps_more_layers_from_rung_to_rung() -> None:
    assert texts("attention")["smoothed, 8 bits"] == [
        "merge | smooth-int8(keep=0) | embeddings",
        "merge | smooth-int8(keep=1) | embeddings",
        "merge | smooth-int8(keep=2) | embeddings",
        "merge | smooth-int8(block=32, keep=1) | embeddings",
        "merge | smooth-int8(block=32, keep=2) | embeddings",
        "merge | smooth-int8(block=32, keep=2)",
    ]


def test_convolutions_are_proposed_to_be_computed_in_8_bits_first() -> None:
    assert list(texts("convolution"))[:2] == ["computed in 8 bits", "convolutions computed in 8 bits"]


def test_students_that_read_pictures_are_proposed_in_8_bits_too() -> None:
    found = texts("convolution")
    assert found["students in 8 bits"] == [f"{text} | static-int8(method=minmax)" for text in found["students"]]


def test_without_sample_requests_only_what_needs_none_is_proposed() -> None:
    found = texts("attention", calibrated=False)
    assert "smoothed, 8 bits" not in found
    assert found["8 bits"][0] == "merge | dynamic-int8 | embeddings"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("compact", []),
        ("dynamic-int8 | compact", [
            "dynamic-int8 | correct-bias",
            "prune-neurons(share=0.125) | dynamic-int8",
            "prune-heads(share=0.25) | dynamic-int8",
        ]),
        ("dynamic-int8 | embeddings | correct-bias", [
            "dynamic-int8 | embeddings(bits=4) | correct-bias",
            "prune-neurons(share=0.125) | dynamic-int8 | embeddings | correct-bias",
            "prune-heads(share=0.25) | dynamic-int8 | embeddings | correct-bias",
        ]),
        ("prune-neurons | smooth-int8(keep=2) | correct-bias", [
            "prune-neurons | smooth-int8(block=128, keep=2) | correct-bias",
            "prune-neurons | smooth-int8(bits=4, block=32, keep=2) | correct-bias",
            "prune-heads(share=0.25) | prune-neurons | smooth-int8(keep=2) | correct-bias",
        ]),
        ("prune-trees(share=0.3) | compact", ["prune-trees(share=0.35)"]),
    ],
)  # fmt: skip
def test_a_good_recipe_is_changed_in_one_place(text: str, expected: list[str]) -> None:
    assert [str(row[0]) for row in neighbours(parse(text), list(PASSES)).values()] == expected


def test_changes_that_need_a_pass_that_may_not_be_taken_are_left_out() -> None:
    assert neighbours(parse("dynamic-int8"), ["dynamic-int8"]) == {}
