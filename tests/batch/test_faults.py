"""With one request in ten to S3 gone wrong, no job has a wrong answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.batch.answering import answer
from functions.batch.desk import Desk
from functions.batch.names import Drop
from functions.core.errors import StoreUnavailable
from functions.core.store import ObjectStore
from tests.batch.conftest import Office, lines
from tests.batch.faulty import BadDay, faulty

DELIVERIES = 5
"""As many as the queue makes before a message is a dead letter."""


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("jobs", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_bad_day_of_the_store_makes_no_wrong_answer(
    office: Office, nobody: Callable[[str], None], moto: str, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr("functions.batch.ledger.PAUSE", 0.01)
    drops = [office.drop(f"plus/{number}.jsonl", lines([number, 0], [0, number], ["x", 0])) for number in range(jobs)]
    day = BadDay(0.1, seed=5)
    with faulty(moto, day) as url, ThreadPoolExecutor(8) as functions:
        desk = office.desk()
        desk.files, desk.results = (_hasty(bucket, url) for bucket in (office.files, office.out))
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        list(functions.map(lambda drop: _delivered(drop, desk, nobody), drops))
    assert sum(day.injected.values()) > jobs
    assert len(day.injected) == 8, day.injected
    for number, drop in enumerate(drops):
        found = [(row["row"], row["prediction"]) for row in office.rows(drop.job)]
        assert found == [(0, [number + 1.0, 1.0]), (1, [1.0, number + 1.0])]
        assert b'"row":2' in office.results(drop.job)["errors-00000.jsonl"]


def _hasty(bucket: str, url: str) -> ObjectStore:
    known = {"region": "us-east-1", "endpoint": url, "access_key_id": "test", "secret_access_key": "test"}
    return ObjectStore(bucket, known, timeout=timedelta(seconds=1))  # type: ignore[arg-type]  # as the client takes it


def _delivered(drop: Drop, desk: Desk, nobody: Callable[[str], None]) -> None:
    for delivery in range(DELIVERIES):
        try:
            answer(drop, desk, nobody, distribute=False)
        except StoreUnavailable:
            assert delivery < DELIVERIES - 1, "it would be a dead letter"
        else:
            return
