"""How a file gets to S3 and a job is followed: over a network that fails, by people who change their mind."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.toolchain.jobs.caller import FIRST, ROWS, batch, run
from tests.toolchain.jobs.fake import Outcome
from tests.toolchain.jobs.server import KEY, Server
from tests.toolchain.operator import NOBODY
from toolchain.client import Address
from toolchain.jobs import uploading
from toolchain.jobs.api import Jobs, Keyed
from toolchain.jobs.errors import FileNotUploaded, JobsUnavailable
from toolchain.jobs.following import follow


@pytest.mark.parametrize(
    ("answer", "words", "hint"),
    [
        (
            b"<Error><Code>EntityTooLarge</Code><Message>Too &quot;large&quot;</Message></Error>",
            'EntityTooLarge: Too "large" [403]',
            "hint: the file is not of the size that it had when the job was made",
        ),
        (
            b"<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>",
            "AccessDenied: Invalid according to Policy: Policy expired. [403]",
            "hint: the address held for an hour",
        ),
        (
            b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            "AccessDenied: Access Denied [403]",
            "hint: begin again",
        ),
        (b"Forbidden", "Forbidden [403]", ""),
    ],
)
def test_what_s3_refuses_is_told_in_words_and_the_job_does_not_wait_for_ever(
    server: Server, file: Path, answer: bytes, words: str, hint: str
) -> None:
    server.scripted["POST /bucket"] = [(403, answer)]
    done = batch(server, file)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error (not_uploaded): {file.name} could not be uploaded: {words}\n{hint}")
    assert (server.job.state, server.job.uploads) == ("cancelled", 0)


def test_a_file_is_sent_again_when_the_network_or_s3_hiccups(server: Server, file: Path) -> None:
    server.scripted["POST /bucket"] = [(0, b""), (503, b"<Error><Code>SlowDown</Code></Error>")]
    done = batch(server, file, "--no-watch")
    assert done.returncode == 0, done.stderr
    told = done.stderr.splitlines()
    assert told[0].startswith(f"{file.name} did not get through: ")
    assert told[1] == f"{file.name} did not get through: SlowDown [503]; it is sent again (2 of 2)"
    assert (server.job.content, server.job.uploads) == (ROWS, 1)


def test_a_file_follows_s3_to_the_buckets_own_region(server: Server, file: Path) -> None:
    server.scripted["POST /bucket"] = [(307, f"{server.url}/bucket".encode())]
    assert batch(server, file, "--no-watch").returncode == 0
    assert server.job.content == ROWS


def test_a_file_that_changes_while_it_is_sent_is_no_job(server: Server, file: Path) -> None:
    said: list[str] = []
    server.scripted["POST /bucket"] = [(0, b"")]
    upload = {"url": f"{server.url}/bucket", "fields": {"key": "a/jobs/b/c"}}

    def cut(_: int) -> None:
        os.truncate(file, 0)

    file.write_bytes(bytes(1 << 20))
    with pytest.raises(FileNotUploaded, match="it changed while it was sent"):
        uploading.send(file, upload, cut, said.append, pauses=())


def test_following_survives_a_network_that_fails_for_a_while_and_says_so(server: Server, file: Path) -> None:
    assert batch(server, file, "--no-watch").returncode == 0
    server.scripted[f"GET /v1/jobs/{FIRST}"] = [(0, b""), (503, b'{"message": "Service Unavailable"}'), (0, b"")]
    jobs, seen, told = Jobs(Keyed(Address(server.url, KEY))), list[str](), list[str]()
    found = follow(jobs, FIRST, lambda job: seen.append(job["state"]), told.append, looks=(0,), retries=(0,) * 3)
    assert (found["state"], seen) == ("done", ["running", "done"])
    assert [line.rpartition("; ")[2] for line in told] == [f"asking again ({at} of 3)" for at in (1, 2, 3)]
    assert told[1].startswith("Service Unavailable [503]")
    server.scripted[f"GET /v1/jobs/{FIRST}"] = [(503, b"{}")] * 4
    with pytest.raises(JobsUnavailable):
        follow(jobs, FIRST, lambda _: None, told.append, looks=(0,), retries=(0,) * 3)


def test_who_stops_watching_leaves_the_job_alone_and_is_told_how_to_go_on(server: Server, file: Path) -> None:
    server.outcome = Outcome(looks=1000)
    command = [sys.executable, "-m", "toolchain", "batch", str(file), "--model", "iris-svm"]
    environment = os.environ | NOBODY | server.variables
    watching = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    ends = time.monotonic() + 60
    while f"GET /v1/jobs/{FIRST}" not in server.calls and time.monotonic() < ends:
        time.sleep(0.05)
    watching.send_signal(signal.SIGINT)
    printed, told = watching.communicate(timeout=60)
    assert (watching.returncode, printed) == (130, "")
    assert f"To follow it and get its results: ortless jobs {FIRST} --watch --to {file.parent}\n" in told
    assert server.job.state == "running"
    server.job.outcome = Outcome()
    done = run(server, "jobs", FIRST, "--watch", "--to", file.parent)
    assert (done.returncode, done.stdout) == (0, f"{file.parent / 'spring flowers.results.jsonl'}\n")


def test_stopping_an_upload_leaves_no_job_behind(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "large.npy"
    path.write_bytes(bytes(1 << 20))
    held, begun = threading.Event(), threading.Event()
    server.scripted["POST /bucket"] = Held(begun, held)
    command = [sys.executable, "-m", "toolchain", "batch", str(path), "--model", "iris-svm"]
    sending = subprocess.Popen(command, cwd=ROOT, env=os.environ | NOBODY | server.variables, stderr=subprocess.PIPE)
    assert begun.wait(60)
    sending.send_signal(signal.SIGINT)
    sending.communicate(timeout=60)
    held.set()
    assert sending.returncode == 130
    assert server.job.state == "cancelled"


class Held(list[tuple[int, bytes]]):
    """A script whose answer comes when somebody lets it."""

    def __init__(self, begun: threading.Event, held: threading.Event) -> None:
        super().__init__([(0, b"")])
        self._begun, self._held = begun, held

    def pop(self, *_: object) -> tuple[int, bytes]:
        self._begun.set()
        self._held.wait(60)
        return super().pop(0)
