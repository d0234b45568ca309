"""A key says which model a file is for; a message says which files there are."""

import json
import random

import pytest

from functions.batch.errors import FileRefused
from functions.batch.names import Drop, drops
from tests.batch.conftest import Office, announced, lines

ODD = " +%&=?#;:@$,~!*'()[]{}é春😀\u00a0\u0301abcXYZ012-_."


@pytest.mark.parametrize(
    ("key", "target"),
    [
        ("iris-svm/flowers.csv", ("iris-svm", None)),
        ("iris-svm@3/2026/11/flowers of spring.csv.gz", ("iris-svm", "3")),
        ("iris-svm@0/jobs/" + "a" * 32 + "/f.csv", ("iris-svm", "0")),
    ],
)
def test_the_first_folder_names_the_model(key: str, target: tuple[str, str | None]) -> None:
    assert Drop("files", key, "v").target == target


@pytest.mark.parametrize(
    "key", ["flowers.csv", "/flowers.csv", "Iris/f.csv", "iris@/f.csv", "iris@x/f.csv", "a--b/f.csv"]
)
def test_a_key_that_names_no_model_is_refused_with_an_example(key: str) -> None:
    with pytest.raises(FileRefused, match="begins with a model's name"):
        _ = Drop("files", key, "v").target


def test_a_job_is_a_version_of_a_file() -> None:
    first, again, other = (Drop("files", "iris/f.csv", version).job for version in ("1", "1", "2"))
    assert first == again != other
    assert len(first) == 32


def test_a_job_of_the_api_has_the_id_that_it_was_given() -> None:
    drop = Drop("files", f"iris/jobs/{'0f' * 16}/f.csv", "1")
    assert (drop.job, drop.is_of_the_api) == ("0f" * 16, True)


@pytest.mark.parametrize(
    "message",
    [
        '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"files"}',
        '{"Records": []}',
        '{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": {"key": "iris/f.csv"}}}]}',
        announced(Drop("files", "iris/f.csv.job.json", "1")),
        announced(Drop("files", "iris/folder/", "1")),
    ],
)
def test_what_is_no_file_to_answer_is_passed_over(message: str) -> None:
    assert list(drops(message)) == []


@pytest.mark.parametrize(
    "message", ["", "x", "[]", "{}", '{"Records": [1]}', '{"Records": [{"eventName": 1}]}', "null"]
)
def test_a_message_that_is_not_s3s_is_an_error(message: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(drops(message))


def test_a_thousand_odd_keys_are_found(office: Office) -> None:
    chosen = random.Random(7)  # noqa: S311 - the same keys every time
    keys = {f"plus/{''.join(chosen.choices(ODD, k=chosen.randint(1, 40)))}.jsonl" for _ in range(1100)}
    keys = {key for key in keys if ".job.json" not in key and "/." not in key}
    assert len(keys) >= 1000
    found, desk = 0, office.desk()
    for key in sorted(keys):
        dropped = office.drop(key, lines([1, 2]))
        # MiniStack's and AWS's own encoding of keys is tried end to end; here it is Python's form encoding.
        (announcement,) = drops(announced(dropped))
        assert announcement == dropped
        found += desk.file(announcement.key, announcement.version_id).size == len(lines([1, 2]))
    assert found == len(keys)


def test_a_message_may_announce_several_files() -> None:
    several = [Drop("files", f"iris/{number}.csv", str(number)) for number in range(3)]
    assert list(drops(announced(*several))) == several
    assert json.loads(announced(*several))["Records"][0]["s3"]["object"]["key"] == "iris/0.csv"
