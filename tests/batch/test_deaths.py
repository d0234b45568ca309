"""A function that dies at any point of its work leaves nothing that its successor does not put right."""

import random
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from functions.batch import distributed
from functions.batch.answering import answer
from functions.batch.desk import Desk
from functions.batch.names import Drop
from functions.core.store import ObjectStore
from tests.batch.conftest import Office, lines

SEEDS = range(20)
WRITES = 13
"""Of a job: pointer, register, claim, four pieces of part and tally, one of them with errors, and the manifest."""


class Death(BaseException):
    """What no code survives."""


class Mortal(ObjectStore):
    """A store whose user dies before or after its n-th write."""

    def __init__(self, bucket: str, dies_at: int, *, after: bool) -> None:
        super().__init__(bucket)
        self._left, self._after = dies_at, after
        self.writes = 0

    def put_if_absent(self, key: str, body: bytes) -> None:
        self.writes += 1
        if self.writes == self._left and not self._after:
            raise Death
        super().put_if_absent(key, body)
        if self.writes == self._left:
            raise Death


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small file is several."""
    monkeypatch.setattr("functions.batch.claims.PIECE_BYTES", 1 << 8)
    monkeypatch.setattr("functions.batch.claims.PIECES_AT_ONCE", 100)


def rows(seed: int) -> bytes:
    """A file of some rows, one of which is bad."""
    chance = random.Random(seed)  # noqa: S311 - the same rows each time
    found: list[Any] = [[round(chance.uniform(-9, 9), 2), row] for row in range(80)]
    found[chance.randrange(80)] = ["bad", 0]
    return lines(*found)


def mortal(office: Office, dies_at: int, *, after: bool) -> Desk:
    """A function's start, with its death ahead."""
    desk = office.desk()
    desk.results = Mortal(office.out, dies_at, after=after)
    return desk


def outcome(office: Office, drop: Drop) -> dict[str, bytes]:
    """All that was written of a job but for what depends on the file's name and the speed of the machine."""
    found = office.results(drop.job)
    del found["claim.json"]
    timeless = {name: re.sub(rb'"ms":\d+', b"", body) for name, body in found.items()}
    return {name: body.replace(drop.job.encode(), b"JOB") for name, body in timeless.items()}


DEATHS = tuple((dies_at, after) for dies_at in range(1, WRITES + 1) for after in (False, True))


@pytest.mark.parametrize("deaths", [3, pytest.param(len(DEATHS), marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_a_death_before_or_after_any_write_changes_no_byte_of_the_outcome(
    office: Office, nobody: Callable[[str], None], deaths: int
) -> None:
    for seed in SEEDS:
        body = rows(seed)
        whole = office.drop(f"plus/{seed}/whole.jsonl", body)
        answer(whole, mortal(office, 0, after=False), nobody, distribute=False)
        expected = outcome(office, whole)
        assert "errors-00000.jsonl" in expected or any(name.startswith("errors") for name in expected)
        # With a few for each of them, too, the files together die every death at least twice.
        for dies_at, after in (DEATHS[(seed * deaths + number) % len(DEATHS)] for number in range(deaths)):
            drop = office.drop(f"plus/{seed}/{dies_at}-{after}.jsonl", body)
            with pytest.raises(Death):
                answer(drop, mortal(office, dies_at, after=after), nobody, distribute=False)
            answer(drop, office.desk(), nobody, distribute=False)
            found = outcome(office, drop)
            named = (orjson.loads(each.pop("manifest.json")) for each in (found, dict(expected)))
            first, second = ({**manifest, "source": None} for manifest in named)
            assert first == second
            assert found == {name: content for name, content in expected.items() if name != "manifest.json"}


def test_every_write_of_a_job_is_a_point_at_which_it_was_killed(office: Office, nobody: Callable[[str], None]) -> None:
    drop = office.drop("plus/counted.jsonl", rows(0))
    desk = mortal(office, 0, after=False)
    answer(drop, desk, nobody, distribute=False)
    assert isinstance(desk.results, Mortal)
    assert desk.results.writes >= WRITES


def test_a_distributed_job_survives_deaths_of_every_step(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    monkeypatch.setattr("functions.batch.claims.PIECES_AT_ONCE", 1)
    body = rows(3)
    drop = office.drop("plus/large.jsonl", body)
    answer(drop, office.desk(job_machine="machine"), handed.append, distribute=False)
    assert handed == [drop.job]
    for dies_at, after in DEATHS:
        monkeypatch.setattr(distributed, "desk", lambda: mortal(office, dies_at, after=after))  # noqa: B023 - at once
        try:
            run(drop.job)
        except Death:
            continue
    monkeypatch.setattr(distributed, "desk", office.desk)
    run(drop.job)
    whole = office.drop("plus/whole.jsonl", body)
    monkeypatch.setattr("functions.batch.claims.PIECES_AT_ONCE", 100)
    answer(whole, office.desk(), handed.append, distribute=False)
    assert office.rows(drop.job) == office.rows(whole.job)
    assert len(office.rows(drop.job)) == 79


def run(job: str) -> None:
    """What the state machine does."""
    told = distributed.handler({"do": "plan", "job": job}, None)
    for _ in range(3):
        if told["done"]:
            return
        work = distributed.desk().results.get(told["todo"]).body
        for item in orjson.loads(work):
            distributed.handler({"do": "piece", "piece": item}, None)
        told = distributed.handler({"do": "commit", "job": job, "round": told["round"]}, None)
    assert told["done"]
