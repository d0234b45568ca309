"""The API of jobs as its callers meet it."""

import base64
import hashlib
from typing import Any

import boto3
import httpx
import orjson
import pytest

from functions.batch.answering import answer
from functions.batch.claim import read
from functions.batch.planning import plan
from functions.batch.working import work
from tests.batch.conftest import lines
from tests.batch.jobs.conftest import Caller, Counter

ROWS = lines([1, 0], [2, 0], ["bad", 0], [4, 0])


def finished(counter: Counter, caller: Caller, body: bytes = ROWS, **fields: Any) -> Any:
    """A job from its order to its end."""
    ticket = caller.make(**fields)
    assert counter.upload(ticket, body).status_code == 204
    counter.work(ticket)
    return caller("GET", f"/v1/jobs/{ticket['id']}").body


def test_a_job_goes_from_its_order_to_results_that_can_be_downloaded(counter: Counter, caller: Caller) -> None:
    ticket = caller.make(options={"format": "csv"})
    assert ticket["state"] == "waiting"
    waiting = caller("GET", f"/v1/jobs/{ticket['id']}").body
    assert (waiting["state"], waiting["results"], waiting["cost"]) == ("waiting", [], None)
    assert waiting["progress"] == {
        "rows_done": 0,
        "rows": None,
        "pieces_done": 0,
        "pieces": None,
        "fraction": None,
    }
    assert counter.upload(ticket, ROWS).status_code == 204
    counter.work(ticket)
    done = caller("GET", f"/v1/jobs/{ticket['id']}").body
    assert (done["state"], done["model"], done["version"], done["file"]) == ("done", "plus", "0", "rows.jsonl")
    assert done["counts"] == {"rows": 4, "answered": 3, "errors": 1}
    assert done["progress"] == {"rows_done": 4, "rows": 4, "pieces_done": 1, "pieces": 1, "fraction": 1.0}
    assert done["created_at"] <= done["started_at"] <= done["ended_at"] < done["expires_at"]
    (part,), (refusal,) = done["results"], done["refusals"]
    assert (part["name"], part["row"], part["rows"]) == ("part-00000.csv", 0, 3)
    content = httpx.get(part["url"]).content
    assert (len(content), hashlib.sha256(content).hexdigest()) == (part["bytes"], part["sha256"])
    assert content.splitlines()[1].startswith(b"0,")
    (refused,) = map(orjson.loads, httpx.get(refusal["url"]).content.splitlines())
    assert (refused["row"], refused["line"]) == (2, 3)


def test_the_cost_of_a_job_is_estimated_from_what_its_pieces_took(counter: Counter, caller: Caller) -> None:
    cost = finished(counter, caller)["cost"]
    assert 1e-5 < cost["usd"] < 1e-3
    assert (cost["measured_pieces"], cost["is_final"], cost["memory_mb"]) == (1, True, counter.settings.memory_mb)
    assert cost["architecture"] in ("arm64", "x86_64")
    assert cost["function_seconds"] > 0


def test_a_tenant_sees_its_own_jobs_only(counter: Counter, caller: Caller) -> None:
    mine, stranger = caller.make(), counter.caller("key-2")
    theirs = stranger.make()
    for method in ("GET", "DELETE"):
        unknown = stranger(method, f"/v1/jobs/{mine['id']}")
        assert (unknown.status, unknown.body["code"]) == (404, "unknown_job")
    assert [job["id"] for job in caller("GET", "/v1/jobs").body["jobs"]] == [mine["id"]]
    assert [job["id"] for job in stranger("GET", "/v1/jobs").body["jobs"]] == [theirs["id"]]
    assert caller("GET", f"/v1/jobs/{mine['id']}").status == 200
    written = counter.office.s3.list_objects_v2(Bucket=counter.office.out)["Contents"]
    assert not any("key-1" in stored["Key"] for stored in written)


def test_a_dropped_file_is_no_tenants_job_and_operators_see_all(counter: Counter, caller: Caller) -> None:
    ordered = caller.make()
    drop = counter.office.drop("plus@0/folder/dropped.jsonl", ROWS)
    answer(drop, counter.office.desk(), counter.start, distribute=False)
    assert caller("GET", f"/v1/jobs/{drop.job}").status == 404
    operator = counter.caller(None)
    listed = operator("GET", "/admin/jobs").body
    found = {job["id"]: (job["model"], job["version"], job["file"], job["state"]) for job in listed["jobs"]}
    assert found == {
        ordered["id"]: ("plus", None, "rows.jsonl", "waiting"),
        drop.job: ("plus", "0", "dropped.jsonl", "done"),
    }
    shown = operator("GET", f"/admin/jobs/{drop.job}").body
    assert (shown["state"], shown["key"], shown["counts"]["errors"]) == ("done", drop.key, 1)
    assert operator("GET", f"/admin/jobs/{ordered['id']}").body["state"] == "waiting"
    assert operator("GET", f"/admin/jobs/{'0' * 32}").body["code"] == "unknown_job"


def test_jobs_are_listed_the_newest_first_page_by_page(counter: Counter, caller: Caller) -> None:
    made = [caller.make(f"{number}.csv")["id"] for number in range(7)]
    found, after = [], ""
    while True:
        page = caller("GET", "/v1/jobs", after=after, limit="3").body
        found += [job["id"] for job in page["jobs"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == made[::-1] or sorted(found) == sorted(made)  # some may be of the same millisecond
    entries, after = [], ""
    while True:
        page = counter.caller(None)("GET", "/admin/jobs", after=after, limit="2").body
        entries += [job["id"] for job in page["jobs"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert sorted(entries) == sorted(made)


def test_jobs_of_one_model_are_found_among_others(caller: Caller) -> None:
    made = caller.make()
    assert [job["id"] for job in caller("GET", "/v1/models/plus/jobs").body["jobs"]] == [made["id"]]
    assert caller("GET", "/v1/models/minus/jobs").body == {"jobs": [], "next": None}


def test_a_job_that_waits_is_cancelled_and_its_file_is_not_answered(counter: Counter, caller: Caller) -> None:
    ticket = caller.make()
    assert caller("DELETE", f"/v1/jobs/{ticket['id']}").body["state"] == "cancelled"
    assert caller("DELETE", f"/v1/jobs/{ticket['id']}").status == 200
    counter.upload(ticket, ROWS)
    counter.work(ticket)
    assert caller("GET", f"/v1/jobs/{ticket['id']}").body["state"] == "cancelled"
    assert sorted(counter.office.results(ticket["id"])) == ["cancelled.json"]


def test_a_large_job_shows_its_progress_and_stops_when_it_is_cancelled(
    counter: Counter, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.batch.claims.PIECE_BYTES", 1 << 6)
    ticket = caller.make()
    counter.upload(ticket, lines(*([row, 0] for row in range(60))))
    counter.work(ticket, distribute=True)
    path = f"/v1/jobs/{ticket['id']}"
    assert caller("GET", path).body["progress"]["rows"] is None
    office = counter.office
    claim = read(office.desk().ledger(ticket["id"]).find_json("claim.json"))
    pieces = plan(claim, office.desk())
    assert len(pieces) > 3
    work(claim, pieces[1], office.desk())
    job = caller("GET", path).body
    assert (job["state"], job["progress"]["rows"], job["progress"]["rows_done"]) == ("running", 60, pieces[1].rows)
    assert (job["progress"]["pieces_done"], job["progress"]["pieces"]) == (1, len(pieces))
    assert job["cost"]["is_final"] is False
    states: Any = boto3.client("stepfunctions")
    assert [run["status"] for run in runs(states, counter)] == ["RUNNING"]
    assert caller("DELETE", path).body["state"] == "cancelled"
    assert [run["status"] for run in runs(states, counter)] == ["ABORTED"]


def runs(states: Any, counter: Counter) -> Any:
    """The machine's executions."""
    return states.list_executions(stateMachineArn=counter.machine)["executions"]


def test_what_is_over_cannot_be_cancelled(counter: Counter, caller: Caller) -> None:
    done = finished(counter, caller)
    refused = caller("DELETE", f"/v1/jobs/{done['id']}")
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert "is done" in refused.body["error"]


def test_a_file_that_cannot_be_answered_says_why(counter: Counter, caller: Caller) -> None:
    failed = finished(counter, caller, b"[1, 2]\n", file="none.parquet")
    assert (failed["state"], failed["results"], failed["error"]["code"]) == ("failed", [], "file_refused")
    assert failed["error"]["error"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "file"),
        ({"file": ""}, "file"),
        ({"file": "a/b.csv"}, "file"),
        ({"file": "letter.docx"}, "file"),
        ({"file": "x" * 300 + ".csv"}, "file"),
        ({"file": "a.csv", "bytes": 0}, "bytes"),
        ({"file": "a.csv", "bytes": 1 << 40}, "bytes"),
        ({"file": "a.csv", "version": "live"}, "version"),
        ({"file": "a.csv", "speed": "fast"}, "speed"),
        ({"file": "a.csv", "options": {"colour": 1}}, "options"),
        ({"file": "a.csv", "options": {"carry": ["c" * 3000]}}, "options"),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_the_place(caller: Caller, body: Any, place: str) -> None:
    refused = caller("POST", "/v1/models/plus/jobs", body)
    assert (refused.status, refused.body.keys()) == (400, {"error", "code"}), refused.body
    assert place in refused.body["error"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/models/minus/jobs", {"file": "a.csv"}, "unknown_model"),
        ("/v1/models/plus/jobs", {"file": "a.csv", "version": "9"}, "unknown_version"),
    ],
)
def test_a_model_that_there_is_not_is_refused_before_anything_is_uploaded(
    caller: Caller, path: str, body: Any, code: str
) -> None:
    refused = caller("POST", path, body)
    assert (refused.status, refused.body["code"]) == (404, code)


def test_an_address_is_for_one_key_and_one_size(counter: Counter, caller: Caller) -> None:
    ticket = caller.make(bytes=len(ROWS), version="0", options={"carry": ["id"]})
    policy = orjson.loads(base64.b64decode(ticket["upload"]["fields"]["policy"]))
    key = f"plus@0/jobs/{ticket['id']}/rows.jsonl"
    asked = {
        condition[0] if isinstance(condition, list) else next(iter(condition)): condition
        for condition in policy["conditions"]
    }
    assert asked["content-length-range"] == ["content-length-range", len(ROWS), len(ROWS)]
    assert (asked["bucket"], asked["key"]) == ({"bucket": counter.office.files}, {"key": key})
    noted = orjson.loads(asked["x-amz-meta-ortless"]["x-amz-meta-ortless"])
    assert noted["options"] == {"carry": ["id"]}
    policy = orjson.loads(base64.b64decode(caller.make()["upload"]["fields"]["policy"]))
    assert ["content-length-range", 1, 1 << 30] in policy["conditions"]


def test_dead_letters_come_back_and_jobs_that_were_given_up_begin_again(counter: Counter) -> None:
    queues: Any = boto3.client("sqs")
    for number in range(25):
        queues.send_message(QueueUrl=counter.dead, MessageBody=f"letter {number}")
    states: Any = boto3.client("stepfunctions")
    stuck, over = "a" * 32, "b" * 32
    for job in (stuck, over):
        counter.start(job)
        arn = f"{counter.machine.replace('stateMachine', 'execution')}:{job}"
        states.stop_execution(executionArn=arn)
    counter.office.desk().ledger(over).settle_json("manifest.json", {})
    operator = counter.caller(None)
    dry = operator("POST", "/admin/jobs:redrive", {"dry_run": True}).body
    assert dry == {"messages": 25, "restarted": [stuck], "dry_run": True}
    assert operator("POST", "/admin/jobs:redrive", {}).body == {"messages": 25, "restarted": [stuck], "dry_run": False}
    back = set()
    while found := queues.receive_message(QueueUrl=counter.queue, MaxNumberOfMessages=10).get("Messages"):
        back |= {letter["Body"] for letter in found}
    assert back == {f"letter {number}" for number in range(25)}
    names = sorted(run["name"] for run in runs(states, counter) if run["status"] == "RUNNING")
    assert names == [f"{stuck}-1"]
    again = operator("POST", "/admin/jobs:redrive", {}).body
    assert again == {"messages": 0, "restarted": [], "dry_run": False}


def test_its_document_describes_every_path(caller: Caller) -> None:
    document = caller("GET", "/v1/jobs/openapi.json").body
    assert set(document["paths"]) == {
        "/v1/models/{name}/jobs",
        "/v1/jobs",
        "/v1/jobs/{job}",
        "/admin/jobs",
        "/admin/jobs/{job}",
        "/admin/jobs:redrive",
    }
    answers = document["paths"]["/v1/jobs/{job}"]["delete"]["responses"]
    assert {"200", "400", "404", "409", "503"} <= answers.keys()


def test_a_path_or_method_that_there_is_not_is_said_in_the_same_shape(caller: Caller) -> None:
    for method, path, status, code in (
        ("GET", "/v1/jobs/nonsense", 400, "invalid_input"),
        ("PUT", "/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/v1/job", 404, "not_found"),
        ("GET", "/v1/jobs?", 200, None),
    ):
        found = caller(method, path.rstrip("?"))
        assert (found.status, found.body.get("code")) == (status, code), found.body
    refused = caller("GET", "/v1/jobs", limit="1000")
    assert (refused.status, refused.body["code"]) == (400, "invalid_input")
    assert "`limit`" in refused.body["error"]


def test_pages_of_other_origins_read_answers_and_refusals_only_where_the_stage_lets_them(counter: Counter) -> None:
    page = "https://a.example"
    for origins, allowed in (((), None), ((page,), page)):
        caller = counter.caller(cors_origins=origins)
        for path in ("/v1/jobs", f"/v1/jobs/{'0' * 32}", "/v1/jobs/nonsense"):
            answered = caller("GET", path, origin=page)
            assert answered.headers.get("access-control-allow-origin") == allowed, path
