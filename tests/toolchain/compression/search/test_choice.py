"""Which of the measured models is taken, for any figures."""

from math import nan
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from toolchain.compression.search.choice import choose, cost, front, slower
from toolchain.compression.search.contract import Measured, Target


def measured(recipe: str, size: int, ms: float, drop: float, refused: str = "") -> Measured:
    return Measured(recipe, size, 1 - drop, drop, drop, 1.0, ms, ms * 32, refused)


FIGURES = st.builds(
    measured,
    st.text(max_size=3),
    st.integers(1, 5),
    st.sampled_from([0.5, 1.0, 2.0, nan]),
    st.sampled_from([-0.01, 0.0, 0.01]),
    st.sampled_from(["", "", "refused"]),
)


@given(st.lists(FIGURES, max_size=8))
def test_nothing_on_the_front_is_beaten_and_the_choice_for_size_is_its_smallest(found: list[Measured]) -> None:
    best = front(found)
    able = [one for one in found if one.passes]
    for one in best:
        assert not any(other.bytes < one.bytes and other.ms_1 < one.ms_1 and other.drop < one.drop for other in able)
    taken = choose(found, "size")
    assert (taken is None) == (not able)
    if taken is not None:
        assert taken.bytes == min(one.bytes for one in able) == best[0].bytes


@given(st.lists(FIGURES, min_size=1, max_size=8, unique_by=lambda one: one.recipe), st.sampled_from(get_args(Target)))
def test_the_choice_does_not_depend_on_the_order(found: list[Measured], target: Target) -> None:
    assert repr(choose(found, target)) == repr(choose(found[::-1], target))


def test_times_within_five_per_cent_are_the_same_and_size_decides() -> None:
    small, fast = measured("small", 10, 1.04, 0.0), measured("fast", 20, 1.0, 0.0)
    slow = measured("slow", 5, 1.2, 0.0)
    assert choose([fast, small, slow], "latency") == small
    assert choose([fast, small, slow], "size") == slow


def test_cost_weighs_memory_and_time() -> None:
    large, quick = measured("large", 400_000_000, 1.0, 0.0), measured("quick", 10_000_000, 2.0, 0.0)
    assert cost(large) == 1200
    assert cost(quick) == 450
    assert choose([large, quick], "cost") == quick


def test_a_model_as_fast_as_the_original_is_not_slower_but_one_of_a_tenth_more_is() -> None:
    original = measured("", 10, 1.0, 0.0)
    assert slower(measured("a", 1, 1.04, 0.0), original) == ""
    reason = "slower than the original: 1.1 ms with batches of 1, the original takes 1 ms"
    assert slower(measured("b", 1, 1.1, 0.0), original) == reason
    tiny = measured("", 10, 0.01, 0.0)
    assert slower(measured("c", 1, 0.0105, 0.0), tiny) == ""
