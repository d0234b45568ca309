"""`ortless batch` in a process of its own, against the API of jobs in memory: what goes out, and what is told."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from functions.batch.errors import FileRefused
from functions.batch.jobs import documents
from functions.batch.sources.formats import format_of
from tests.conftest import ROOT
from tests.toolchain.jobs.caller import FIRST, ROWS, batch, names, run
from tests.toolchain.jobs.fake import Outcome
from tests.toolchain.jobs.server import Server
from tests.toolchain.operator import NOBODY
from tests.toolchain.test_cli import ortless
from toolchain.jobs import uploading


@pytest.mark.parametrize("verb", ["batch", "jobs", "redrive"])
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    done = ortless(verb, "--help")
    assert done.returncode == 0
    assert f"Example: ortless {verb}" in done.stdout


def test_a_file_goes_out_and_its_answers_lie_beside_it(server: Server, file: Path) -> None:
    server.outcome = Outcome([b"row,label\r\n0,setosa\r\n"], "csv")
    done = batch(server, file)
    results = file.parent / "spring flowers.results.csv"
    assert (done.returncode, done.stdout) == (0, f"{results}\n"), done.stderr
    assert results.read_bytes() == b"row,label\r\n0,setosa\r\n"
    assert names(file.parent) == {file.name, results.name}
    assert server.job.content == ROWS
    assert done.stderr.splitlines() == [
        f"The job is {FIRST}",
        f"{FIRST} running: 3 of 7 rows, 0 of 1 pieces",
        f"{FIRST} done: 7 of 7 rows, 1 of 1 pieces",
        "7 of 7 rows answered by iris-svm, 0 refused; about 0.000125 USD",
    ]


def test_what_is_wanted_of_the_results_is_ordered(server: Server, file: Path) -> None:
    wishes = '{"format": "jsonl", "parameters": {"threshold": 0.5}, "carry": ["other"], "version": "2"}'
    flags = ("--format", "parquet", "--carry", "customer, city", "--ignore", "*", "--id", "number", "--top-k", "3")
    done = batch(server, file, "--options", wishes, *flags, "--explain", "--compression", "zstd", "--no-watch")
    assert (done.returncode, done.stdout) == (0, f"{FIRST}\n"), done.stderr
    assert f"To follow it and get its results: ortless jobs {FIRST} --watch --to {file.parent}\n" == done.stderr
    assert server.job.request == documents.JobRequest(
        file=file.name,
        version="2",
        bytes=len(ROWS),
        options={
            "format": "parquet",
            "parameters": {"threshold": 0.5, "top_k": 3},
            "carry": ["customer", "city"],
            "ignore": "*",
            "id": "number",
            "explain": {},
            "compression": "zstd",
        },
    )
    assert (server.job.state, server.calls) == ("running", ["POST /v1/models/iris-svm/jobs", "POST /bucket"])


def test_options_may_stand_in_a_file_and_a_version_beside_them(server: Server, file: Path) -> None:
    (file.parent / "wishes.json").write_text('{"ignore": ["a", "b"]}')
    wishes = f"@{file.parent / 'wishes.json'}"
    done = batch(server, file, "--options", wishes, "--version", "0", "--no-watch", "--json")
    assert json.loads(done.stdout)["id"] == FIRST
    assert "upload" not in json.loads(done.stdout)
    assert (server.job.request.version, server.job.request.options) == ("0", {"ignore": ["a", "b"]})


def test_a_large_file_is_streamed_both_ways_in_bounded_memory(server: Server, tmp_path: Path) -> None:
    small, large = tmp_path / "small.npy", tmp_path / "large.npy"
    small.write_bytes(b"x")
    with large.open("wb") as sparse:
        sparse.truncate(300 << 20)
    peaks = []
    for path, part in ((small, b"y"), (large, bytes(100 << 20))):
        server.outcome = Outcome([part], "npy")
        arguments = ["ortless", "batch", str(path), "--model", "iris-svm"]
        code = (
            f"import resource, sys; sys.argv = {arguments!r}; from toolchain.cli import app; "
            "app(standalone_mode=False); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        environment = os.environ | NOBODY | server.variables
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout.splitlines()[-1]))
    assert server.jobs[f"{1:032x}"].sha256 == hashlib.sha256(bytes(300 << 20)).hexdigest()
    assert (tmp_path / "large.results.npy").stat().st_size == 100 << 20
    assert peaks[1] - peaks[0] < 30_000  # kilobytes


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nowhere.csv", None, "Expected a file - got"),
        ("rows.xlsx", b"x", "Expected a name that ends in .jsonl, .csv, .parquet, .npy, .zip, or .jsonl, .csv, .npy"),
        ("rows.parquet.gz", b"x", "Expected a name that ends in"),
        (".csv", b"x", "Expected a name that ends in"),
        ("rows.csv", b"", "Expected a file with rows - got"),
    ],
)
def test_what_cannot_be_answered_is_told_before_anything_is_made(
    server: Server, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = batch(server, tmp_path / name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error (unusable_file): {message}")
    assert server.calls == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{", "Expected JSON in --options - got"),
        ("[]", "Expected a JSON object in --options - got list"),
        ("@nowhere.json", "Expected a file of JSON in --options - got 'nowhere.json': No such file or directory"),
    ],
)
def test_options_that_are_none_are_told_before_anything_is_made(
    server: Server, file: Path, options: str, message: str
) -> None:
    done = batch(server, file, "--options", options)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error (unusable_file): {message}")
    assert server.calls == []


@pytest.mark.parametrize(
    "name",
    [f"a.{kind}{more}" for kind in ("jsonl", "csv", "parquet", "npy", "zip", "txt") for more in ("", ".gz", ".ZST")],
)
def test_the_endings_that_are_sent_are_those_that_are_read(name: str) -> None:
    try:
        read: object = format_of(name)
    except FileRefused:
        read = None
    assert (uploading.name_of(name) is None) == (read is None)


def test_a_file_is_never_replaced_unless_somebody_says_so(server: Server, file: Path) -> None:
    server.outcome = Outcome([b"row\r\n0\r\n"], "csv")
    results, errors = (file.parent / f"spring flowers.{name}" for name in ("results.csv", "errors.jsonl"))
    for path in (results, errors):
        path.write_text("mine")
        done = batch(server, file)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error (file_exists): {path} is there already\nhint: give --force")
        assert (path.read_text(), server.calls) == ("mine", [])
        path.unlink()
    results.write_text("mine")
    errors.write_text("of a job before")
    assert batch(server, file, "--force").returncode == 0
    assert results.read_bytes() == b"row\r\n0\r\n"
    assert not errors.exists()


def test_a_file_that_appears_meanwhile_is_not_replaced_either(server: Server, file: Path) -> None:
    server.outcome = Outcome(looks=0, ending="parquet", parts=[b"PAR1"])
    taken = file.parent / "spring flowers.results.parquet"
    taken.write_text("mine")
    done = batch(server, file)
    assert (done.returncode, taken.read_text()) == (1, "mine")
    assert "error (file_exists)" in done.stderr
    assert f"ortless jobs {FIRST} --watch --to {file.parent}" in done.stderr


def test_refused_rows_are_counted_kept_and_told_by_the_exit_code(server: Server, file: Path) -> None:
    refusals = [b'{"row":1,"error":"a"}\n', b'{"row":9,"error":"b"}\n{"row":10,"error":"c"}\n']
    server.outcome = Outcome(refusals=refusals)
    done = batch(server, file, "--format", "jsonl", "--to", file.parent / "new" / "folder")
    errors = file.parent / "new" / "folder" / "spring flowers.errors.jsonl"
    assert done.returncode == 3
    assert errors.read_bytes() == b"".join(refusals)
    assert done.stderr.splitlines()[-2:] == [
        "7 of 10 rows answered by iris-svm, 3 refused; about 0.000125 USD",
        f"Rows that have no answer, and why: {errors}",
    ]


def test_with_json_there_is_one_document_and_no_address_in_it(server: Server, file: Path) -> None:
    server.outcome = Outcome(refusals=[b'{"row":1}\n'])
    done = batch(server, file, "--json", "--format", "jsonl")
    document = json.loads(done.stdout)
    assert done.returncode == 3
    assert document["files"] == {
        "results": [str(file.parent / "spring flowers.results.jsonl")],
        "refusals": str(file.parent / "spring flowers.errors.jsonl"),
    }
    assert (document["state"], document["counts"]) == ("done", {"rows": 8, "answered": 7, "errors": 1})
    assert "http" not in done.stdout


@pytest.mark.parametrize("as_json", [False, True])
def test_a_job_that_failed_says_why(server: Server, file: Path, as_json: bool) -> None:
    server.outcome = Outcome(failed=documents.Failure(code="file_refused", error="The file has no rows"))
    done = batch(server, file, *["--json"] * as_json)
    assert done.returncode == 1
    assert done.stderr.endswith(f"error (job_failed): The job {FIRST} failed: The file has no rows [file_refused]\n")
    assert (json.loads(done.stdout)["error"] if as_json else done.stdout) == (
        {"code": "file_refused", "error": "The file has no rows"} if as_json else ""
    )


def test_what_the_api_refuses_is_told_in_its_own_words(server: Server, file: Path) -> None:
    done = run(server, "batch", file, "--model", "nope")
    words = "There is no model 'nope' - the models are: iris-svm"
    assert (done.returncode, done.stderr) == (1, f"error (api_refused): {words} [404 unknown_model]\n")
    done = run(server, "batch", file, "--model", "iris-svm", "--key", "none")
    assert done.stderr.startswith("error (api_refused): Forbidden [403]\nhint: give the API's key")
