"""What an alias can become, and what it never can."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.admin import transitions
from functions.admin.errors import StateConflict
from functions.core.alias import Alias, Canary

VERSIONS = range(1, 6)


def digest(version: int) -> str:
    return f"digest-{version}"


def live(version: int, **fields: Any) -> Alias:
    named = {version, *(value for value in fields.values() if isinstance(value, int))}
    return Alias(1, "n", version, None, None, None, {str(one): digest(one) for one in named})._replace(**fields)


def test_the_first_promotion_makes_an_alias() -> None:
    assert transitions.promote(None, 3, digest(3)) == Alias(0, "", 3, None, None, None, {"3": digest(3)})


def test_a_promotion_remembers_what_was_live_and_ends_the_trial() -> None:
    after = transitions.promote(live(1, canary=Canary(2, 0.1)), 2, digest(2))
    assert (after.live, after.previous, after.canary) == (2, 1, None)


def test_promoting_what_is_live_changes_nothing_but_ends_a_trial() -> None:
    before = live(1)
    assert transitions.promote(before, 1, digest(1)) is before
    assert transitions.promote(live(1, canary=Canary(2, 0.5)), 1, digest(1)) == live(1)


def test_a_rollback_ends_the_trial_first_and_then_goes_back_once() -> None:
    before = live(2, previous=1, canary=Canary(3, 0.5))
    once = transitions.rollback(before)
    assert (once.live, once.previous, once.canary) == (2, 1, None)
    twice = transitions.rollback(once)
    assert (twice.live, twice.previous) == (1, None)
    with pytest.raises(StateConflict, match="no previous version"):
        transitions.rollback(twice)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: transitions.rollback(None), "No version is live"),
        (lambda: transitions.canary(None, 1, digest(1), 0.1), "No version is live"),
        (lambda: transitions.shadow(None, 1, digest(1)), "No version is live"),
        (lambda: transitions.canary(live(1), 1, digest(1), 0.1), "Version 1 is live"),
        (lambda: transitions.shadow(live(1), 1, digest(1)), "Version 1 answers callers already"),
        (lambda: transitions.shadow(live(1, canary=Canary(2, 0.1)), 2, digest(2)), "Version 2 answers callers"),
    ],
)
def test_what_the_state_does_not_allow_is_refused(change: Callable[[], Alias], reason: str) -> None:
    with pytest.raises(StateConflict, match=reason):
        change()


def test_a_weight_of_nothing_ends_the_trial_and_no_version_ends_the_shadow() -> None:
    assert transitions.canary(live(1, canary=Canary(2, 0.1)), 2, "", 0) == live(1)
    assert transitions.shadow(live(1, shadow=2), None, "").shadow is None


STEPS = st.one_of(
    st.tuples(st.just("promote"), st.sampled_from(VERSIONS)),
    st.tuples(st.just("canary"), st.sampled_from(VERSIONS), st.sampled_from((0, 0.1, 1.0))),
    st.tuples(st.just("shadow"), st.one_of(st.none(), st.sampled_from(VERSIONS))),
    st.tuples(st.just("rollback")),
)


def step(before: Alias | None, chosen: tuple[Any, ...]) -> Alias | None:
    action, *arguments = chosen
    try:
        if action == "promote":
            return transitions.promote(before, arguments[0], digest(arguments[0]))
        if action == "canary":
            return transitions.canary(before, arguments[0], digest(arguments[0]), arguments[1])
        if action == "shadow":
            return transitions.shadow(before, arguments[0], digest(arguments[0] or 0))
        return transitions.rollback(before)
    except StateConflict:
        return before


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_whatever_is_done_the_roles_are_of_different_versions_whose_digests_are_known(steps: list[Any]) -> None:
    alias: Alias | None = None
    for chosen in steps:
        alias = step(alias, chosen)
        if alias is None:
            continue
        trial = alias.canary.version if alias.canary else None
        roles = [version for version in (alias.live, trial, alias.shadow) if version is not None]
        assert len(set(roles)) == len(roles)
        assert alias.previous != alias.live
        assert all(alias.digest(version) == digest(version) for version in alias.versions())
