"""One winner among any number, and nobody in doubt: compare-and-set against a store that lies, loses and is late."""

import random
import threading
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from functions.admin import aliases, transitions
from functions.admin.aliases import Author
from functions.admin.errors import StateConflict
from functions.core import holdings
from functions.core.alias import Alias
from functions.core.errors import StoreUnavailable, WriteConflict
from functions.core.store import ObjectStore

ADA = Author("promote", "ada", "better")


def promotion(version: int) -> Callable[[Alias | None], Alias]:
    return lambda before: transitions.promote(before, version, f"digest-{version}")


class Faulty:
    """A store whose conditional writes fail as told: before they take place, or after."""

    def __init__(self, store: ObjectStore, fault: Exception, *, after: bool) -> None:
        self._store, self._fault, self._after = store, fault, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put_if_match(self, key: str, body: bytes, etag: str) -> None:
        if self._after:
            self._store.put_if_match(key, body, etag)
        raise self._fault


def race(store: ObjectStore, version: int, generation: int) -> tuple[list[Alias], list[StateConflict]]:
    """Fifty promoters who all read the same state: what those who won made of it, and what the others were told."""
    barrier = threading.Barrier(50)
    won: list[Alias] = []
    lost: list[StateConflict] = []

    def rival(who: int) -> None:
        barrier.wait()
        try:
            author = ADA._replace(who=f"rival-{who}")
            won.append(aliases.change("m", promotion(version), author, store, generation).after)
        except StateConflict as conflict:
            lost.append(conflict)

    threads = [threading.Thread(target=rival, args=(who,)) for who in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost


def test_fifty_promoters_at_once_have_one_winner_in_each_of_twenty_rounds(store: ObjectStore) -> None:
    aliases.change("m", promotion(1), ADA, store)
    for number in range(1, 21):
        (winner,), lost = race(store, number + 1, number)
        assert len(lost) == 49
        assert aliases.read("m", store).alias == winner
        assert all(conflict.state and conflict.state.generation == winner.generation for conflict in lost)
    assert [entry["generation"] for entry in holdings.history("m", store)] == list(range(21, 0, -1))


@pytest.mark.parametrize("after", [False, True], ids=["never arrived", "arrived"])
def test_a_time_out_is_resolved_by_looking_again(store: ObjectStore, after: bool) -> None:
    aliases.change("m", promotion(1), ADA, store)
    faulty: Any = Faulty(store, StoreUnavailable("aliases/m.json", "timed out"), after=after)
    if after:
        assert aliases.change("m", promotion(2), ADA, faulty).after.live == 2
    else:
        with pytest.raises(StoreUnavailable):
            aliases.change("m", promotion(2), ADA, faulty)
    alias = aliases.read("m", store).alias
    assert alias is not None
    assert alias.live == (2 if after else 1)


@pytest.mark.parametrize("after", [False, True], ids=["lost", "won, and told otherwise"])
def test_a_conflict_is_believed_only_if_the_state_is_not_ours(store: ObjectStore, after: bool) -> None:
    """S3 answers 409 to a write that another is under way with, and a client that tries again meets its own write."""
    aliases.change("m", promotion(1), ADA, store)
    faulty: Any = Faulty(store, WriteConflict("aliases/m.json"), after=after)
    if after:
        assert aliases.change("m", promotion(2), ADA, faulty).after.live == 2
    else:
        with pytest.raises(StateConflict, match="changed by someone else") as conflict:
            aliases.change("m", promotion(2), ADA, faulty)
        assert conflict.value.state
        assert conflict.value.state.live == 1


def test_a_change_meant_for_another_state_is_refused_with_the_state_as_it_is(store: ObjectStore) -> None:
    aliases.change("m", promotion(1), ADA, store)
    aliases.change("m", promotion(2), ADA, store, generation=1)
    with pytest.raises(StateConflict, match="Expected generation 1 of 'm' - got 2") as conflict:
        aliases.change("m", promotion(3), ADA, store, generation=1)
    assert conflict.value.state
    assert conflict.value.state.live == 2


def test_a_rollback_that_comes_too_late_undoes_nothing_newer(store: ObjectStore) -> None:
    for version in (1, 2, 3):
        aliases.change("m", promotion(version), ADA, store)
    with pytest.raises(StateConflict):
        aliases.change("m", transitions.rollback, ADA._replace(action="rollback"), store, generation=2)
    alias = aliases.read("m", store).alias
    assert alias
    assert alias.live == 3


def test_what_changes_nothing_writes_nothing(store: ObjectStore) -> None:
    first = aliases.change("m", promotion(1), ADA, store).after
    outcome = aliases.change("m", promotion(1), ADA, store)
    assert outcome.before == outcome.after == first
    assert len(holdings.history("m", store)) == 1


def test_a_writer_that_dies_before_its_audit_leaves_it_to_the_next(store: ObjectStore) -> None:
    class Mute(Faulty):
        def put_if_absent(self, key: str, body: bytes) -> None:
            if key.startswith(holdings.AUDIT):
                raise StoreUnavailable(key, "gone")
            self._store.put_if_absent(key, body)

        put_if_match = ObjectStore.put_if_match

    mute: Any = Mute(store, StoreUnavailable("", ""), after=False)
    aliases.change("m", promotion(1), ADA, mute)
    assert holdings.history("m", store) == []
    aliases.change("m", promotion(2), ADA._replace(who="eve", why="later"), store)
    newest, oldest = holdings.history("m", store)
    assert (newest["who"], newest["why"], newest["before"]["live"], newest["after"]["live"]) == ("eve", "later", 1, 2)
    assert (oldest["who"], oldest["before"], oldest["after"]["live"]) == ("ada", None, 1)


def test_the_history_of_random_changes_is_a_chain(store: ObjectStore) -> None:
    chance = random.Random(5)  # noqa: S311 - a test that repeats
    for _ in range(40):
        version = chance.randrange(1, 5)
        actions: list[aliases.Transition] = [
            promotion(version),
            partial(transitions.canary, version=version, digest="d", weight=0.5),
            partial(transitions.shadow, version=version, digest="d"),
            transitions.rollback,
        ]
        try:
            aliases.change("m", chance.choice(actions), ADA, store)
        except StateConflict:
            continue
    changes = holdings.history("m", store)
    assert len(changes) == changes[0]["generation"] > 5
    for newer, older in pairwise(changes):
        assert newer["before"] == older["after"]
