"""The API of jobs behind a real server of HTTP, with a bucket that takes forms and gives parts as S3 does."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from io import BufferedIOBase
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
from pydantic import BaseModel, ValidationError

from functions.batch.jobs import documents
from tests.served import served
from tests.toolchain import admin_server
from tests.toolchain.admin_server import REGION, STAGE
from tests.toolchain.jobs.fake import Job, Outcome

KEY, OTHER_KEY = "a key", "another key"
BLOCK = 1 << 20
SMALL = 1 << 16
"""Bytes of a file that is kept; of a larger one only the digest is."""
REDIRECT = 307


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
    """Whether each was dry."""
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

    def do_GET(self) -> None:  # noqa: N802 - the server's own name for it
        """Answer a look, or a download."""
        self._handle()

    def do_DELETE(self) -> None:  # noqa: N802
        """Answer a cancellation."""
        self._handle()

    def do_POST(self) -> None:  # noqa: N802
        """Answer an order, a redrive, or an upload."""
        self._handle()

    def _handle(self) -> None:
        place = urlsplit(self.path)
        path = unquote(place.path.removeprefix(STAGE))
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        self.state.calls.append(f"{self.command} {path}")
        if scripted := self.state.scripted.get(f"{self.command} {path}"):
            self._drain()
            self._script(*scripted.pop(0))
        elif path == "/bucket":
            self._take()
        elif path.startswith("/results/"):
            self._give(path, query)
        else:
            self._api(path, query)

    def _script(self, status: int, content: bytes) -> None:
        if status == REDIRECT:
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
            status, answer = self._answered(re.sub(r"^/(v1|admin)", "", path), query, body, owner)
        except Refused as refused:
            self._reply(refused.status, orjson.dumps(refused.document))
        except ValidationError as fault:
            self._reply(400, orjson.dumps({"error": str(fault), "code": "invalid_input"}))
        else:
            self._reply(status, answer.model_dump_json().encode())

    def _answered(self, path: str, query: dict[str, str], body: bytes, owner: str) -> tuple[int, BaseModel]:
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
        address = f"http://{self.headers['host']}/results/{{}}?until={self.state.generation}"
        return 200, job.described(address, int(query.get("first_part", 0)), self.state.page, is_admin=not owner)

    def _place(self, model: str, request: documents.JobRequest, owner: str) -> documents.Ticket:
        if model == "nope":
            raise Refused(404, "unknown_model", "There is no model 'nope' - the models are: iris-svm")
        job = Job(f"{len(self.state.jobs):032x}", owner, model, request, self.state.outcome)
        self.state.jobs[job.id] = job
        return job.ticket(self.headers["host"])

    def _listed(self, owner: str, after: str, limit: int) -> documents.Jobs:
        newest = [job for job in reversed(self.state.jobs.values()) if owner in ("", job.owner)]
        start = next((at + 1 for at, job in enumerate(newest) if job.id == after), 0)
        page = newest[start : start + limit]
        more = page[-1].id if len(newest) > start + limit else None
        return documents.Jobs(jobs=[job.brief(is_admin=not owner) for job in page], next=more)

    def _give(self, path: str, query: dict[str, str]) -> None:
        if self.state.lapses_after == 0:
            self.state.generation += 1
        self.state.lapses_after -= 1
        if query["until"] != str(self.state.generation):
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
        boundary = self.headers["content-type"].removeprefix("multipart/form-data; boundary=").encode()
        fields, left = _fields(self.rfile, int(length), b"--" + boundary)
        end = b"\r\n--" + boundary + b"--\r\n"
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
            self._reply(400, b"<Error><Code>EntityTooLarge</Code><Message>Too large</Message></Error>")
        else:
            job.content, job.sha256, job.uploads = kept, digest.hexdigest(), job.uploads + 1
            self._reply(204, b"")

    def _drain(self) -> None:
        left = int(self.headers["content-length"] or 0)
        while block := self.rfile.read(min(BLOCK, left)):  # nothing, too, where the client is gone
            left -= len(block)


def _fields(stream: BufferedIOBase, left: int, boundary: bytes) -> tuple[dict[str, str], int]:
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


@contextmanager
def serving() -> Iterator[Server]:
    """Such a server, up."""
    state = Server()
    with served(type("JobsHandler", (Handler,), {"state": state})) as url:
        state.url = f"{url}{STAGE}"
        yield state
