"""The registry in memory behind a real server of HTTP, which lets in whoever signs, and takes files like S3."""

import hashlib
import re
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import BaseModel, ValidationError

from tests.served import served
from tests.toolchain.registry_fake import Answered, Registry

KEY, SECRET, REGION = "AKIAOPERATOR", "a secret", "eu-central-1"
STAGE = "/dev"
NAME = r"/admin/models/([^/:]+)"


class Call(NamedTuple):
    """A request that came."""

    method: str
    path: str
    body: bytes


@dataclass
class Server:
    """What a test sets beforehand and looks at afterwards."""

    registry: Registry = field(default_factory=Registry)
    calls: list[Call] = field(default_factory=list)
    scripted: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    """By method and path: what is answered instead, once each."""
    slow: float = 0.0
    """Seconds before an answer."""
    damages: bool = False
    """Whether files get damaged on their way."""
    bucket: str = ""
    """Where files are to go instead of here."""
    url: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of an operator."""
        return {
            "ORTLESS_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def done(self, method: str = "POST") -> list[str]:
        """Paths under /admin that were called with that method."""
        return [call.path.removeprefix("/admin") for call in self.calls if call.method == method]


class Handler(BaseHTTPRequestHandler):
    """Checks what the gateway checks and hands over."""

    server_state: Server

    def do_GET(self) -> None:
        """Answer a look."""
        self._admin(b"")

    def do_POST(self) -> None:
        """Answer a change."""
        self._admin(self._body())

    def do_PUT(self) -> None:
        """Take a file as S3 does: no other size, no other content."""
        body = self._body()
        _, _, upload, name = self.path.partition("?")[0].split("/")
        expected = self.server_state.registry.uploads[upload].files[unquote(name)]
        digest = hashlib.sha256(body + b"?" * self.server_state.damages).digest()
        if "authorization" in self.headers or len(body) != expected.size:
            self._reply(400, b"<Error><Code>InvalidRequest</Code></Error>")
        elif b64decode(self.headers["x-amz-checksum-sha256"]) != digest or digest.hex() != expected.sha256:
            words = b"<Error><Code>BadDigest</Code><Message>The SHA256 you specified did not match</Message></Error>"
            self._reply(400, words)
        else:
            self.server_state.registry.uploads[upload].came[unquote(name)] = body
            self._reply(200, b"")

    def _admin(self, body: bytes) -> None:
        state, path = self.server_state, unquote(self.path.removeprefix(STAGE))
        state.calls.append(Call(self.command, path, body))
        time.sleep(state.slow)
        if not self._signed(body):
            message = "The request signature we calculated does not match the signature you provided."
            self._reply(403, orjson.dumps({"message": message}))
            return
        if scripted := state.scripted.get(f"{self.command} {path}"):
            status, document = scripted.pop(0)
            self._reply(status, orjson.dumps(document))
            return
        try:
            status, answer = self._answer(path, body)
        except Answered as error:
            status, answer = error.status, error.problem
        except ValidationError as error:
            self._reply(400, orjson.dumps({"error": str(error), "code": "invalid_input"}))
            return
        self._reply(status, answer.model_dump_json().encode())

    def _answer(self, path: str, body: bytes) -> tuple[int, BaseModel]:
        registry = self.server_state.registry
        uploads = self.server_state.bucket or f"http://{self.headers['host']}/bucket"
        routes: list[tuple[str, int, Any]] = [
            ("GET /admin/models", 200, registry.listed),
            (f"GET {NAME}", 200, registry.model),
            (f"GET {NAME}/history", 200, registry.history),
            (f"GET {NAME}/uploads/([0-9a-f]+)", 200, registry.look),
            (f"POST {NAME}/uploads", 201, lambda name: registry.begin(name, body, uploads)),
            (
                f"POST {NAME}/uploads/([0-9a-f]+):finalize",
                202,
                lambda name, upload: registry.finalize(name, upload, body),
            ),
            (rf"POST {NAME}/versions/(\d+):retire", 200, lambda name, at: registry.retire(name, int(at), body)),
            (
                f"POST {NAME}:(promote|canary|shadow|rollback)",
                200,
                lambda name, verb: registry.change(name, verb, body),
            ),
            ("POST /admin/gc", 200, lambda: registry.collect(body)),
        ]
        for pattern, status, answer in routes:
            if found := re.fullmatch(pattern, f"{self.command} {path}"):
                return status, answer(*found.groups())
        raise Answered(404, "not_found", "Not Found")

    def _signed(self, body: bytes) -> bool:
        """Whether the signature is what the operator's secret makes of the request as it came."""
        given = re.fullmatch(
            rf"AWS4-HMAC-SHA256 Credential={KEY}/\d+/{REGION}/execute-api/aws4_request, "
            r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
            self.headers.get("authorization", ""),
        )
        if not given:
            return False
        headers = {name: self.headers[name] for name in given[1].split(";")}
        request = AWSRequest(self.command, f"http://{self.headers['host']}{self.path}", headers=headers, data=body)
        request.context["timestamp"] = self.headers["x-amz-date"]
        signer = SigV4Auth(Credentials(KEY, SECRET), "execute-api", REGION)
        text = signer.string_to_sign(request, signer.canonical_request(request))
        return bool(signer.signature(text, request) == given[2])

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["content-length"]))

    def _reply(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """Such a server, up."""
    state = Server()
    with served(type("AdminHandler", (Handler,), {"server_state": state})) as url:
        state.url = f"{url}{STAGE}"
        yield state
