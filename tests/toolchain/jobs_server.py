"""The API of jobs in memory behind a real server of HTTP, with a bucket that takes forms and gives parts as S3 does.

Its documents are the real API's own. What a model would answer is scripted: a test says what becomes of each file.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import ThreadingHTTPServer
from typing import IO, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import orjson
from pydantic import BaseModel, ValidationError

from functions.batch.jobs import documents
from tests.toolchain import admin_server
from tests.toolchain.admin_server import REGION, STAGE

KEY, OTHER_KEY = "a key", "another key"
AT, LATER = "2026-05-04T03:02:01Z", "2026-05-04T04:02:01Z"
FORMATS = [".jsonl", ".csv", ".parquet", ".npy", ".zip"]
BLOCK = 1 << 20
SMALL = 1 << 16
"""Bytes of a file that is kept; of larger ones the digest is."""


@dataclass
class Outcome:
    """What becomes of a file."""

    parts: list[bytes] = field(default_factory=lambda: [b'{"row":0,"prediction":1.5}\n'])
    ending: str = "jsonl"
    refusals: list[bytes] = field(default_factory=list)
    failed: documents.Failure | None = None
    looks: int = 2
    """Looks at the job that find it running."""


@dataclass
class Job:
    """A job, and the file that came for it."""

    id: str
    owner: str
    model: str
    request: documents.JobRequest
    outcome: Outcome
    fields: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    sha256: str = ""
    uploads: int = 0
    looked: int = 0
    is_cancelled: bool = False

    @property
    def state(self) -> str:
        """As the API calls it."""
        if self.is_cancelled:
            return "cancelled"
        if not self.uploads:
            return "waiting"
        if self.looked <= self.outcome.looks:
            return "running"
        return "failed" if self.outcome.failed else "done"


@dataclass
class Server:
    """What a test sets beforehand and looks at afterwards."""

    outcome: Outcome = field(default_factory=Outcome)
    """Of the files that come next."""
    jobs: dict[str, Job] = field(default_factory=dict)
    """The oldest first."""
    calls: list[str] = field(default_factory=list)
    """Methods and paths, in their order."""
    scripted: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    """By method and path: what is answered instead, once each; status 0 ends the connection without an answer."""
    page: int = 500
    """Parts of an answer."""
    generation: int = 0
    """Of addresses; those of another are not good any more."""
    lapses_after: int = -1
    """Downloads after which addresses become no good, once."""
    damaged: int = 0
    """Downloads that are damaged on their way."""
    redrives: list[bool] = field(default_factory=list)
    url: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of someone who has a key and is an operator, too."""
        return {
            "ORTLESS_URL": self.url,
            "ORTLESS_API_KEY": KEY,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": admin_server.KEY,
            "AWS_SECRET_ACCESS_KEY": admin_server.SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def job(self) -> Job:
        """The only one."""
        (found,) = self.jobs.values()
        return found


class Refused(Exception):
    """An error as the API answers it."""

    def __init__(self, status: int, code: str, error: str) -> None:
        super().__init__(error)
        self.status, self.document = status, {"error": error, "code": code}


class Handler(admin_server.Handler):
    """The gateway, the function behind it, and S3."""

    state: Server

    def do_GET(self) -> None:
        """Answer a look, or a download."""
        self._handle()

    def do_DELETE(self) -> None:
        """Answer a cancellation."""
        self._handle()

    def do_POST(self) -> None:
        """Answer an order, a redrive, or an upload."""
        self._handle()

    def _handle(self) -> None:
        place = urlsplit(self.path)
        path = unquote(place.path.removeprefix(STAGE))
        self.state.calls.append(f"{self.command} {path}")
        if scripted := self.state.scripted.get(f"{self.command} {path}"):
            self._drain()
            self._script(*scripted.pop(0))
        elif path == "/bucket":
            self._take()
        elif path.startswith("/results/"):
            self._give(path, parse_qs(place.query))
        else:
            self._api(path, {name: values[0] for name, values in parse_qs(place.query).items()})

    def _script(self, status: int, content: bytes) -> None:
        if status == 307:
            self.send_response(status)
            self.send_header("location", content.decode())
            self.send_header("content-length", "0")
            self.end_headers()
        elif status:
            self._reply(status, content)

    def _api(self, path: str, query: dict[str, str]) -> None:
        body = self._body() if self.command == "POST" else b""
        is_admin = path.startswith("/admin/")
        owner = "" if is_admin else self.headers.get("x-api-key", "")
        if is_admin and not self._signed(body):
            self._reply(403, b'{"message": "The request signature we calculated does not match."}')
            return
        if not is_admin and owner not in (KEY, OTHER_KEY):
            self._reply(403, b'{"message": "Forbidden"}')
            return
        try:
            status, answer = self._answer(re.sub(r"^/(v1|admin)", "", path), query, body, owner)
        except Refused as refused:
            self._reply(refused.status, orjson.dumps(refused.document))
        except ValidationError as fault:
            self._reply(400, orjson.dumps({"error": str(fault), "code": "invalid_input"}))
        else:
            self._reply(status, answer.model_dump_json().encode())

    def _answer(self, path: str, query: dict[str, str], body: bytes, owner: str) -> tuple[int, BaseModel]:
        if found := re.fullmatch(r"/models/([^/]+)/jobs", path):
            return 201, self._place(found[1], documents.JobRequest.model_validate_json(body), owner)
        if path == "/jobs:redrive":
            self.state.redrives.append(documents.RedriveRequest.model_validate_json(body).dry_run)
            return 200, documents.Redriven(messages=3, restarted=["b" * 32], dry_run=self.state.redrives[-1])
        if path == "/jobs":
            return 200, self._listed(owner, query.get("after", ""), int(query["limit"]))
        job = self.state.jobs.get(path.removeprefix("/jobs/"))
        if job is None or owner not in ("", job.owner):
            raise Refused(404, "unknown_job", f"There is no job {path.removeprefix('/jobs/')!r}")
        if self.command == "DELETE":
            if job.state not in ("waiting", "running"):
                raise Refused(409, "conflict", f"The job {job.id} is {job.state}")
            job.is_cancelled = True
        elif job.uploads:
            job.looked += 1
        return 200, self._described(job, int(query.get("first_part", 0)), is_admin=not owner)

    def _place(self, model: str, request: documents.JobRequest, owner: str) -> documents.Ticket:
        if model == "nope":
            raise Refused(404, "unknown_model", "There is no model 'nope' - the models are: iris-svm")
        job = Job(f"{len(self.state.jobs):032x}", owner, model, request, self.state.outcome)
        job.fields = {"key": f"{model}/jobs/{job.id}/{request.file}", "policy": "eyJ9", "x-amz-meta-ortless": "{}"}
        self.state.jobs[job.id] = job
        address = {"url": f"http://{self.headers['host']}/bucket", "fields": job.fields, "expires_at": LATER}
        limits = {"bytes": 10**9, "formats": FORMATS}
        return documents.Ticket.model_validate(_brief(job, is_admin=False) | {"upload": address, "limits": limits})

    def _listed(self, owner: str, after: str, limit: int) -> documents.Jobs:
        newest = [job for job in reversed(self.state.jobs.values()) if owner in ("", job.owner)]
        start = next((at + 1 for at, job in enumerate(newest) if job.id == after), 0)
        page = newest[start : start + limit]
        more = page[-1].id if len(newest) > start + limit else None
        return documents.Jobs(jobs=[documents.JobBrief(**_brief(job, is_admin=not owner)) for job in page], next=more)

    def _described(self, job: Job, first: int, *, is_admin: bool) -> documents.Job:
        parts, refusals = job.outcome.parts, job.outcome.refusals
        is_done = job.state == "done"
        errors = sum(refusal.count(b"\n") for refusal in refusals)
        counts = {"rows": 7 + errors, "answered": 7, "errors": errors} if is_done else None
        last = first + self.state.page
        half = min(1.0, job.looked / (job.outcome.looks + 1)) if job.uploads else 0.0
        cost = {
            "usd": 0.000125, "function_seconds": 1.5, "memory_mb": 1769, "architecture": "arm64",
            "measured_pieces": 1, "priced_on": "2026-11-01", "region": "us-east-1", "is_final": is_done,
        }  # fmt: skip
        document = _brief(job, is_admin=is_admin) | {
            "started_at": AT if job.looked else None,
            "ended_at": LATER if is_done else None,
            "progress": {
                "rows_done": int(half * 7), "rows": 7 if job.looked else None, "pieces_done": int(half * len(parts)),
                "pieces": len(parts) if job.looked else None, "fraction": half if job.looked else None,
            },
            "counts": counts,
            "results": [
                self._link(job, f"part-{at:05d}.{job.outcome.ending}", parts[at]) | {"row": at}
                for at in range(len(parts))[first:last][::-1]  # whoever joins them goes by the rows
            ] if is_done else [],
            "refusals": [
                self._link(job, f"errors-{at:05d}.jsonl", refusals[at]) for at in range(len(refusals))[first:last]
            ] if is_done else [],
            "next_part": last if is_done and last < max(len(parts), len(refusals)) else None,
            "expires_at": LATER if is_done else None,
            "error": job.outcome.failed if job.state == "failed" else None,
            "cost": cost if job.looked else None,
        }  # fmt: skip
        return documents.Job.model_validate(document)

    def _link(self, job: Job, name: str, content: bytes) -> dict[str, Any]:
        url = f"http://{self.headers['host']}/results/{job.id}/{quote(name)}?until={self.state.generation}"
        return {"name": name, "url": url, "rows": 1, "bytes": len(content), "sha256": _digest(content)}

    def _give(self, path: str, query: dict[str, list[str]]) -> None:
        if self.state.lapses_after == 0:
            self.state.generation += 1
        self.state.lapses_after -= 1
        if query["until"] != [str(self.state.generation)]:
            self._reply(403, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
            return
        _, _, job, name = path.split("/")
        outcome = self.state.jobs[job].outcome
        kind, at = name.partition(".")[0].split("-")
        content = (outcome.parts if kind == "part" else outcome.refusals)[int(at)]
        if self.state.damaged:
            self.state.damaged -= 1
            content = content[:-1] + b"?"
        self._reply(200, content)

    def _take(self) -> None:
        """Take a form as S3 does: with its length, its fields as they were signed, and the file behind them."""
        length = self.headers["content-length"]
        if length is None:
            self._reply(411, b"<Error><Code>MissingContentLength</Code></Error>")
            return
        boundary = re.fullmatch(r"multipart/form-data; boundary=(.+)", self.headers["content-type"] or "")
        assert boundary
        fields, left = _fields(self.rfile, int(length), b"--" + boundary[1].encode())
        end = b"\r\n--" + boundary[1].encode() + b"--\r\n"
        job = self.state.jobs[fields["key"].split("/")[2]]
        size = left - len(end)
        digest, kept = hashlib.sha256(), b""
        for start in range(0, size, BLOCK):
            block = self.rfile.read(min(BLOCK, size - start))
            digest.update(block)
            kept = (kept + block)[:SMALL]
        assert self.rfile.read(len(end)) == end
        if fields != job.fields:
            self._reply(403, b"<Error><Code>AccessDenied</Code><Message>Invalid according to Policy</Message></Error>")
        elif size != job.request.bytes:
            message = b"Your proposed upload exceeds the maximum allowed size &amp; more"
            self._reply(400, b"<Error><Code>EntityTooLarge</Code><Message>" + message + b"</Message></Error>")
        else:
            job.content, job.sha256, job.uploads = kept, digest.hexdigest(), job.uploads + 1
            self._reply(204, b"")

    def _drain(self) -> None:
        left = int(self.headers["content-length"] or 0)
        while left:
            left -= len(self.rfile.read(min(BLOCK, left)))


def _brief(job: Job, *, is_admin: bool) -> dict[str, Any]:
    key = job.fields["key"] if is_admin else None
    version, file = job.request.version, job.request.file
    return {
        "id": job.id, "model": job.model, "version": version, "file": file, "key": key,
        "state": job.state, "created_at": AT,
    }  # fmt: skip


def _fields(stream: IO[bytes], left: int, boundary: bytes) -> tuple[dict[str, str], int]:
    """The fields of a form up to its file, and how many bytes follow."""

    def line() -> bytes:
        nonlocal left
        found = stream.readline()
        left -= len(found)
        return found

    fields: dict[str, str] = {}
    assert line() == boundary + b"\r\n"
    while True:
        head = b""
        while (text := line()) != b"\r\n":
            head += text
        name = BytesParser().parsebytes(head).get_param("name", header="content-disposition")
        if name == "file":
            return fields, left
        value = b""
        while (text := line()) != boundary + b"\r\n":
            value += text
        fields[str(name)] = value.removesuffix(b"\r\n").decode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def serving() -> Iterator[Server]:
    """Such a server, up."""
    state = Server()
    handler = type("JobsHandler", (Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}{STAGE}"
        yield state
        server.shutdown()
        thread.join()
