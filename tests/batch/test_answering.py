"""A file is answered row by row, once, whatever is delivered, and however often."""

import gzip
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.admin import aliases, transitions
from functions.admin.publication import publish
from functions.batch.answering import answer
from functions.batch.names import drops
from functions.core.store import ObjectStore
from functions.packaging.build import build
from tests.batch.conftest import Office, announced, lines
from tests.core import graphs

Nobody = Callable[[str], None]


def test_each_row_has_its_answer_and_the_manifest_says_where(office: Office, nobody: Nobody) -> None:
    drop = office.drop("plus/a.jsonl", lines([1, 2], [3, 4]))
    answer(drop, office.desk(), nobody, distribute=False)
    assert office.rows(drop.job) == [{"row": 0, "prediction": [2.0, 3.0]}, {"row": 1, "prediction": [4.0, 5.0]}]
    found = office.results(drop.job)
    manifest = orjson.loads(found["manifest.json"])
    assert manifest["source"] == {
        "bucket": office.files,
        "key": "plus/a.jsonl",
        "version_id": drop.version_id,
        "bytes": 12,
    }
    assert (manifest["model"], manifest["version"]) == ("plus", 0)
    assert (manifest["rows"], manifest["answered"], manifest["errors"], manifest["refusals"]) == (2, 2, 0, [])
    assert set(found) == {"claim.json", "part-00000.jsonl", "tally-00000.json", "manifest.json"}
    assert orjson.loads(office.results("drops")[f"plus/a.jsonl/{drop.version_id}.json"]) == {"job": drop.job}


def test_a_bad_row_is_told_apart_with_its_line_and_id(office: Office, nobody: Nobody) -> None:
    body = lines({"instance": [1, 2], "id": "a"}, {"instance": [1, "x"], "id": "b"}) + b"nonsense\n"
    drop = office.drop("plus/bad.jsonl", body)
    answer(drop, office.desk(), nobody, distribute=False)
    found = office.results(drop.job)
    refused = [orjson.loads(line) for line in found["errors-00000.jsonl"].splitlines()]
    assert [(row["row"], row["line"], row["id"]) for row in refused] == [(1, 2, "b"), (2, 3, None)]
    assert all(row["error"] for row in refused)
    manifest = orjson.loads(found["manifest.json"])
    assert (manifest["rows"], manifest["answered"], manifest["errors"]) == (3, 1, 2)
    assert office.rows(drop.job) == [{"row": 0, "id": "a", "prediction": [2.0, 3.0]}]


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("plus/a.docx", b"x", "ends in .jsonl"),
        ("a.jsonl", b"[1, 2]\n", "begins with a model's name"),
        ("none/a.jsonl", b"[1, 2]\n", "There is no model 'none' - the models are: plus"),
        ("plus@7/a.jsonl", b"[1, 2]\n", "no version '7'"),
        ("plus/a.parquet", b"PAR1 not really", "Parquet"),
        ("plus/a.npy", b"\x93NUMPY", "array"),
        ("plus/a.jsonl", b"", "no rows"),
        ("plus/a.jsonl.gz", b"no gzip", "gzip"),
        ("plus/a.jsonl.gz", gzip.compress(b"[1, 2]\n" * (5 << 20)), "times"),
    ],
)
def test_a_file_that_can_never_be_answered_fails_once_with_the_reason(
    office: Office, nobody: Nobody, key: str, body: bytes, reason: str
) -> None:
    drop = office.drop(key, body)
    for _ in range(2):
        answer(drop, office.desk(), nobody, distribute=False)
    found = office.results(drop.job)
    failed = orjson.loads(found["failed.json"])
    assert reason in failed["error"], failed
    assert "manifest.json" not in found
    assert failed["source"] == {"bucket": office.files, "key": key, "version_id": drop.version_id}


def test_a_file_above_the_ceiling_is_refused_unread(office: Office, nobody: Nobody) -> None:
    drop = office.drop("plus/a.jsonl", lines([1, 2]))
    answer(drop, office.desk(max_job_bytes=5), nobody, distribute=False)
    failed = orjson.loads(office.results(drop.job)["failed.json"])
    assert failed["error"] == "Expected a file of at most 5 bytes - got 6"


def test_a_file_that_was_taken_away_is_no_job(office: Office, nobody: Nobody) -> None:
    drop = office.drop("plus/a.jsonl", lines([1, 2]))
    office.s3.delete_object(Bucket=office.files, Key=drop.key, VersionId=drop.version_id)
    answer(drop, office.desk(), nobody, distribute=False)
    assert office.results(drop.job) == {}


def test_a_file_that_was_replaced_is_answered_as_it_was(office: Office, nobody: Nobody) -> None:
    first, second = (office.drop("plus/a.jsonl", lines([number, 0])) for number in (1, 2))
    for drop in (second, first):
        answer(drop, office.desk(), nobody, distribute=False)
    assert [office.rows(drop.job)[0]["prediction"][0] for drop in (first, second)] == [2.0, 3.0]


def test_what_is_wanted_stands_in_the_note_beside_it_or_in_its_metadata(office: Office, nobody: Nobody) -> None:
    wish = {"format": "csv", "carry": ["name"]}
    office.s3.put_object(Bucket=office.files, Key="plus/a.jsonl.job.json", Body=orjson.dumps(wish))
    body = lines({"instance": [1, 2], "name": "ada"})
    noted = office.drop("plus/a.jsonl", body)
    told = office.drop("plus/b.jsonl", body, ortless=orjson.dumps(wish).decode())
    for drop in (noted, told):
        answer(drop, office.desk(), nobody, distribute=False)
        assert b"ada" in office.results(drop.job)["part-00000.csv"]


@pytest.mark.parametrize("wish", ['{"colour": 1}', "x", '{"format": "xml"}', '{"explain": 1}'])
def test_a_wish_that_cannot_be_is_told(office: Office, nobody: Nobody, wish: str) -> None:
    drop = office.drop("plus/a.jsonl", lines([1, 2]), ortless=wish)
    answer(drop, office.desk(), nobody, distribute=False)
    assert "x-amz-meta-ortless" in orjson.loads(office.results(drop.job)["failed.json"])["error"]


@pytest.mark.parametrize("noted", ["{}", '{"options": {}}', "[]", "x", '{"options": {"colour": 1}, "tenant": "t"}'])
def test_a_file_that_only_looks_like_one_of_the_api_fails_with_the_reason(
    office: Office, nobody: Nobody, noted: str
) -> None:
    drop = office.drop(f"plus/jobs/{'0' * 32}/a.jsonl", lines([1, 2]), ortless=noted)
    answer(drop, office.desk(), nobody, distribute=False)
    assert "x-amz-meta-ortless" in orjson.loads(office.results("0" * 32)["failed.json"])["error"]


def test_a_model_that_was_published_a_second_ago_is_found(office: Office, nobody: Nobody, tmp_path: Path) -> None:
    models = f"models-{office.out}"
    office.s3.create_bucket(Bucket=models)
    desk = office.desk(model_bucket=models)
    early = office.drop("late/a.jsonl", lines([1, 2]))
    answer(early, desk, nobody, distribute=False)
    assert orjson.loads(office.results(early.job)["failed.json"])["code"] == "unknown_model"
    package = build(graphs.source(tmp_path, "late", graphs.plus(1)), tmp_path / "packages")
    store = ObjectStore(models)
    digest, version = package.manifest.digest, publish(package, store)
    promotion = partial(transitions.promote, version=version, digest=digest)
    aliases.change("late", promotion, aliases.Author("promote", "tests", ""), store)
    late = office.drop("late/a.jsonl", lines([1, 2]))
    answer(late, desk, nobody, distribute=False)
    assert [row["prediction"] for row in office.rows(late.job)] == [[2, 3]]


def test_five_hundred_files_announced_in_any_order_and_number_are_five_hundred_jobs(
    office: Office, nobody: Nobody
) -> None:
    chance = random.Random(11)  # noqa: S311 - the same order every time
    sizes = [chance.randint(1, 40) for _ in range(500)]
    dropped = [
        office.drop(f"plus/{n}.jsonl", lines(*([n, row] for row in range(size)))) for n, size in enumerate(sizes)
    ]
    deliveries = [drop for drop in dropped for _ in range(chance.randint(1, 5))]
    chance.shuffle(deliveries)
    desk = office.desk()
    for delivery in deliveries:
        for drop in drops(announced(delivery)):
            answer(drop, desk, nobody, distribute=False)
    assert len({drop.job for drop in dropped}) == 500
    for number, (drop, size) in enumerate(zip(dropped, sizes, strict=True)):
        expected = [{"row": row, "prediction": [number + 1.0, row + 1.0]} for row in range(size)]
        assert office.rows(drop.job) == expected


def test_many_pieces_are_one_result_in_the_files_order(
    office: Office, nobody: Nobody, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small_pieces(monkeypatch)
    drop = office.drop("plus/a.jsonl", lines(*([row, 0] for row in range(1000))))
    answer(drop, office.desk(), nobody, distribute=False)
    manifest = orjson.loads(office.results(drop.job)["manifest.json"])
    assert len(manifest["parts"]) > 3
    assert [row["prediction"][0] for row in office.rows(drop.job)] == [row + 1.0 for row in range(1000)]


def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("functions.batch.claims.PIECE_BYTES", 1 << 10)
