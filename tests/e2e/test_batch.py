"""Batch on the embedded cloud, from a dropped file to downloaded results; IAM enforced, the operator's rights only."""

import gzip
import io
import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local.aws import Account
from local.endpoint import Endpoint
from tests.e2e.batch_desk import Desk, eventually
from tests.e2e.conftest import Api
from tests.served import served

FLOWERS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
ATTEMPTS = 5
"""As often as the queue hands out a message before it is a dead letter."""
BOUND = 1769 * 2**20
"""Bytes of memory that a function of the stage has; here nothing else stops one that takes more."""
LABELLED = "iris-svm"


@pytest.fixture(scope="module")
def desk(service: Endpoint) -> Desk:
    return Desk(service)


@pytest.fixture(scope="module")
def root(service: Endpoint) -> Account:
    return Account(service.endpoint_url, service.region)


@pytest.fixture(scope="module", autouse=True)
def poison(root: Account, service: Endpoint) -> None:
    """A message that is none of S3's, sent before anything else: its end takes half a minute."""
    queues = root.session.client("sqs", **root.options)
    queues.send_message(QueueUrl=service.outputs["JobQueueUrl"], MessageBody="poison")


def flowers(count: int, seed: int = 0) -> list[dict[str, float]]:
    """Rows that the iris model takes."""
    chance = random.Random(seed)  # noqa: S311 - the same rows every time
    bounds = ((4.3, 7.9), (2.0, 4.4), (1.0, 6.9), (0.1, 2.5))
    return [
        {name: round(chance.uniform(*bound), 1) for name, bound in zip(FLOWERS, bounds, strict=True)}
        for _ in range(count)
    ]


def lines(rows: list[Any]) -> bytes:
    """Rows as lines of JSON."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def table(rows: list[dict[str, float]]) -> bytes:
    """Rows as CSV."""
    return "\n".join([",".join(FLOWERS), *(",".join(str(row[name]) for name in FLOWERS) for row in rows), ""]).encode()


def parquet(rows: list[dict[str, float]]) -> bytes:
    """Rows as Parquet, in several row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, row_group_size=100)
    return sink.getvalue()


def labels(api: Api, rows: list[Any], model: str = LABELLED) -> list[str]:
    """What the real-time API says to the same rows."""
    found: list[str] = []
    for start in range(0, len(rows), 500):
        answered = api.predict(model, *rows[start : start + 500])
        assert answered.status_code == 200, answered.text
        found += [prediction["label"] for prediction in answered.json()["predictions"]]
    return found


def test_a_file_that_is_copied_into_the_bucket_is_answered_row_by_row_as_real_time_answers(
    desk: Desk, api: Api, tmp_path: Path
) -> None:
    rows = flowers(1200)
    path = tmp_path / "spring.jsonl"
    path.write_bytes(lines(rows))
    manifest = desk.end(desk.copy(path, f"{LABELLED}/spring.jsonl"))
    assert (manifest["model"], manifest["version"]) == (LABELLED, 1)
    assert (manifest["rows"], manifest["answered"], manifest["errors"], manifest["refusals"]) == (1200, 1200, 0, [])
    answered = list(desk.answered(manifest))
    assert [row["row"] for row in answered] == list(range(1200))
    assert [row["prediction"]["label"] for row in answered] == labels(api, rows)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.csv", table),
        ("table.csv.gz", lambda rows: gzip.compress(table(rows))),
        ("lines.jsonl.gz", lambda rows: gzip.compress(lines(rows))),
        ("columns.parquet", parquet),
    ],
)
def test_every_format_has_the_same_answers(desk: Desk, api: Api, name: str, content: Any) -> None:
    rows = flowers(300, seed=len(name))
    job = desk.drop(f"{LABELLED}/{name}", content(rows), ortless=json.dumps({"format": "jsonl"}))
    manifest = desk.end(job)
    assert (manifest["rows"], manifest["answered"]) == (300, 300), manifest
    assert [row["prediction"]["label"] for row in desk.answered(manifest)] == labels(api, rows)


def test_an_array_becomes_an_array(desk: Desk) -> None:
    sent = np.arange(600, dtype=np.float32).reshape(200, 3)
    sink = io.BytesIO()
    np.save(sink, sent)
    manifest = desk.end(desk.drop("linear-regression@1/rows.npy", sink.getvalue()))
    assert (manifest["rows"], manifest["answered"]) == (200, 200), manifest
    parts = [np.load(io.BytesIO(desk.checked(part)), allow_pickle=False) for part in manifest["parts"]]
    assert sum(len(part) for part in parts) == 200


def test_a_note_beside_the_file_says_what_is_carried_along(desk: Desk) -> None:
    rows = [{**row, "id": f"flower-{number}", "field": number % 3} for number, row in enumerate(flowers(50))]
    desk.drop(f"{LABELLED}/carried.jsonl.job.json", json.dumps({"carry": ["field"]}).encode())
    manifest = desk.end(desk.drop(f"{LABELLED}/carried.jsonl", lines(rows)))
    assert [(row["id"], row["field"]) for row in desk.answered(manifest)] == [(row["id"], row["field"]) for row in rows]


def test_bad_rows_are_refused_with_line_and_reason_and_none_is_lost(desk: Desk) -> None:
    rows: list[Any] = flowers(100)
    rows[7], rows[50] = {"sepal_length": "long"}, {**rows[50], "petal_width": None}
    broken = lines(rows) + b"{nonsense\n"
    manifest = desk.end(desk.drop(f"{LABELLED}/broken.jsonl", broken))
    refused = desk.refused(manifest)
    assert (manifest["rows"], manifest["answered"], manifest["errors"]) == (101, 101 - len(refused), len(refused))
    assert {(7, 8), (100, 101)} <= {(row["row"], row["line"]) for row in refused}
    assert all(row["error"] and row["code"] for row in refused)
    both = [row["row"] for row in desk.answered(manifest)] + [row["row"] for row in refused]
    assert sorted(both) == list(range(101))


@pytest.mark.parametrize(
    ("key", "content"),
    [
        (f"{LABELLED}/not.parquet", b"PAR0 this is none"),
        (f"{LABELLED}/empty.jsonl", b""),
        (f"{LABELLED}/header.csv", ",".join(FLOWERS).encode() + b"\n"),
        (f"{LABELLED}/bomb.jsonl.gz", gzip.compress(bytes(64 * 2**20))),
        (f"{LABELLED}/letter.docx", b"Dear Sir"),
        ("no-such-model/rows.jsonl", b"[1]\n"),
        (f"{LABELLED}@99/rows.jsonl", b"[1]\n"),
    ],
)
def test_a_file_that_cannot_be_answered_fails_with_the_reason_and_is_not_tried_again(
    desk: Desk, root: Account, service: Endpoint, key: str, content: bytes
) -> None:
    job = desk.drop(key, content)
    failed = desk.end(job)
    assert failed.keys() >= {"job", "code", "error"}, failed
    assert failed["job"] == job
    assert failed["error"]
    # The poison of this module is all that is ever tried again.
    eventually(lambda: True if waiting(root, service.outputs["JobQueueUrl"]) <= 1 else None)


@pytest.mark.parametrize(
    "name", ["a b.jsonl", "a+b.jsonl", "100%.jsonl", "%2B.jsonl", "Übung/日本 é.jsonl", "a&b=c?.jsonl"]
)
def test_a_file_is_found_whatever_it_is_called(desk: Desk, name: str) -> None:
    manifest = desk.end(desk.drop(f"linear-regression/{name}", b"[1, 2, 3]\n"))
    assert manifest["source"]["key"] == f"linear-regression/{name}"
    assert [row["prediction"] for row in desk.answered(manifest)] == pytest.approx([1.8], abs=1e-6)


def test_the_end_of_a_job_is_told_to_who_asked_for_it(desk: Desk, root: Account, service: Endpoint) -> None:
    topics = root.session.client("sns", **root.options)
    topic = service.outputs["JobTopicArn"]
    with hook() as (address, heard):
        topics.subscribe(TopicArn=topic, Protocol="http", Endpoint=address)
        asked = eventually(lambda: heard.pop() if heard else None)
        topics.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        job = desk.drop("linear-regression/told.jsonl", b"[1, 2, 3]\n")
        desk.end(job)
        told = eventually(lambda: next((it for it in heard if f"{job}/manifest.json" in it["Message"]), None))
    assert told["TopicArn"] == topic


def test_a_large_file_is_spread_over_many_pieces_and_committed_once_in_its_order(desk: Desk, api: Api) -> None:
    few = flowers(500)
    rows = [{**few[number % 500], "junk": os.urandom(2500).hex()} for number in range(20_000)]
    note = json.dumps({"ignore": ["junk"]})
    job = desk.drop(f"{LABELLED}/wide.jsonl", lines(rows), ortless=note)
    manifest = desk.end(job, seconds=180)
    claim = json.loads(desk.read(f"{job}/claim.json"))
    assert claim["distributed"] is True
    assert len(manifest["parts"]) >= 6
    assert (manifest["rows"], manifest["answered"], manifest["errors"]) == (20_000, 20_000, 0)
    answered = list(desk.answered(manifest))
    assert [row["row"] for row in answered] == list(range(20_000))
    assert [row["prediction"]["label"] for row in answered] == labels(api, few) * 40


def test_a_poison_message_is_tried_five_times_and_then_dead(root: Account, service: Endpoint) -> None:
    queues = root.session.client("sqs", **root.options)
    dead = service.outputs["DeadLettersUrl"]
    eventually(lambda: True if waiting(root, dead) else None)
    (letter,) = queues.receive_message(QueueUrl=dead, AttributeNames=["All"])["Messages"]
    queues.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
    # This look at it is a delivery as well.
    assert (letter["Body"], letter["Attributes"]["ApproximateReceiveCount"]) == ("poison", str(ATTEMPTS + 1))
    assert waiting(root, service.outputs["JobQueueUrl"]) == 0


def waiting(account: Account, queue: str) -> int:
    """Messages in a queue, those included that somebody works on."""
    client = account.session.client("sqs", **account.options)
    counts = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])


@contextmanager
def hook() -> Iterator[tuple[str, list[Any]]]:
    """An address of this machine, and what SNS posts to it."""
    heard: list[Any] = []

    class Listener(BaseHTTPRequestHandler):
        """Notes each message."""

        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with served(Listener) as url:
        yield f"{url}/", heard


def peaks(service: Endpoint) -> dict[int, int]:
    """The most memory that each process of batch's functions on this cloud ever had, in bytes."""
    ours = f"ORTLESS_ENDPOINT_URL={service.endpoint_url}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"functions.batch" in (folder / "cmdline").read_bytes() and ours in (folder / "environ").read_bytes():
                status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
                found[int(folder.name)] = int(status["VmHWM"].split()[0]) * 1024
        except (OSError, KeyError):
            continue
    return found


def write_lines(path: Path, size: int) -> int:
    """A file of lines of JSON that has at least this many bytes; answers how many rows that are."""
    block = lines(flowers(5000))
    with path.open("wb") as file:
        blocks = size // len(block) + 1
        for _ in range(blocks):
            file.write(block)
    return blocks * 5000


@pytest.mark.parametrize(
    "megabytes",
    [
        pytest.param(100, id="100 MB"),
        pytest.param(2048, id="2 GB", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_a_large_file_is_answered_within_a_bounded_memory(
    desk: Desk, service: Endpoint, tmp_path: Path, megabytes: int
) -> None:
    path = tmp_path / "large.jsonl"
    rows = write_lines(path, megabytes * 10**6)
    job = desk.copy(path, f"{LABELLED}/large-{megabytes}.jsonl")
    manifest = desk.end(job, seconds=240 * max(1, megabytes // 150))
    assert (manifest["rows"], manifest["answered"], manifest["errors"]) == (rows, rows, 0)
    counted = [(part["row"], part["rows"]) for part in manifest["parts"]]
    assert counted[0][0] == 0
    assert all(start + count == after for (start, count), (after, _) in pairwise(counted))
    used = peaks(service)
    assert used
    assert max(used.values()) < BOUND, used
    print(f"{megabytes} MB, {rows} rows, {len(counted)} parts: {max(used.values()) >> 20} MiB at most", os.getpid())  # noqa: T201
