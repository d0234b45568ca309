"""What a smoke test says of services that are broken in one way each: real HTTP, with the predict handler behind it."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.predict.calls import event
from tests.served import served
from toolchain.client import Address
from toolchain.smoke.smoke import smoke

KEY = "the key of this service"
Answer = tuple[int, str, bytes]
Break = Callable[[str, str, Answer], Answer]
FORBIDDEN = (403, "application/json", b'{"error": "Expected a valid API key", "code": "forbidden"}')


def well(_method: str, _path: str, answer: Answer) -> Answer:
    """Breaks nothing."""
    return answer


@pytest.fixture
def service(settings: Settings) -> Callable[[Break], Iterator[str]]:
    """Serves a few models with a key, and breaks answers on their way out."""
    entry = Entry(settings._replace(models=("iris-svm", "linear-regression")))

    def broken(how: Break) -> Iterator[str]:
        class Gateway(BaseHTTPRequestHandler):
            """As API Gateway does."""

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, kind, content = how(self.command, self.path, self._served(body))
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def _served(self, body: bytes) -> Answer:
                is_open = re.match("/v2/health|/docs|/openapi", self.path)
                if not is_open and self.headers.get("x-api-key") != KEY:
                    return FORBIDDEN
                loop = asyncio.new_event_loop()  # each request has a thread of its own here
                asyncio.set_event_loop(loop)
                try:
                    found = entry(event(self.command, self.path, body, dict(self.headers)), None)
                finally:
                    loop.close()
                kind = {name.lower(): value for name, value in found["headers"].items()}["content-type"]
                return found["statusCode"], kind, found["body"].encode()

            def do_GET(self) -> None:
                """Answer a call."""
                self._answer()

            def do_POST(self) -> None:
                """Answer a call."""
                self._answer()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        with served(Gateway) as url:
            yield url

    return broken


def findings(url: str, key: str = KEY, only: str = "") -> dict[str, tuple[str, str]]:
    """Status and detail of what a smoke test finds, by check."""
    return {each.check: (str(each.status), each.detail) for each in smoke(Address(url, key), only=only)}


def wrong(url: str) -> dict[str, str]:
    """The details of what fails."""
    return {check: detail for check, (status, detail) in findings(url).items() if status == "fail"}


def test_a_service_that_works_has_nothing_to_mend(service: Callable[[Break], Iterator[str]]) -> None:
    for url in service(well):
        found = findings(url)
        assert {status for status, _ in found.values()} <= {"ok", "skipped"}, found
        assert list(found) == [
            *("live", "ready", "predictions are guarded", "lifecycle is guarded", "metadata"),
            *("openapi", "docs", "console", "iris-svm", "linear-regression", "bad request", "unknown model"),
        ]
        assert re.fullmatch(r".*: \d+ golden requests, \d+ ms at most", found["iris-svm"][1])
        assert "linear-regression" not in findings(url, only="iris-svm")


def test_without_a_key_only_what_is_open_is_asked(service: Callable[[Break], Iterator[str]]) -> None:
    for url in service(well):
        found = findings(url, key="")
        assert found["predictions"] == ("skipped", "there is no key to show, and nothing to sign with")
        assert "iris-svm" not in found


def test_a_wrong_answer_fails_with_its_place(service: Callable[[Break], Iterator[str]]) -> None:
    def wrong_number(_method: str, path: str, answer: Answer) -> Answer:
        if path.endswith("linear-regression:predict") and answer[0] == 200:
            shifted = [value + 1 for value in json.loads(answer[2])["predictions"]]
            return (200, answer[1], json.dumps({"predictions": shifted}).encode())
        return answer

    for url in service(wrong_number):
        found = wrong(url)
        assert list(found) == ["linear-regression"]
        assert re.search(
            r"golden request '.*': expected .* - got .* - at `answer.predictions\[0\]`", found["linear-regression"]
        )


def test_a_service_that_lets_strangers_in_fails(service: Callable[[Break], Iterator[str]]) -> None:
    def open_to_all(_method: str, path: str, answer: Answer) -> Answer:
        return (200, "application/json", b'{"models": []}') if answer == FORBIDDEN and path == "/v1/models" else answer

    for url in service(open_to_all):
        assert wrong(url) == {"predictions are guarded": "anyone may call /v1/models"}


def test_errors_in_another_shape_fail(service: Callable[[Break], Iterator[str]]) -> None:
    def other_words(_method: str, _path: str, answer: Answer) -> Answer:
        return (answer[0], answer[1], b'{"message": "Forbidden"}') if answer[0] >= 400 else answer

    for url in service(other_words):
        shaped = {"predictions are guarded", "lifecycle is guarded", "bad request", "unknown model"}
        assert set(wrong(url)) == shaped


def test_a_service_that_is_down_or_not_there_fails(service: Callable[[Break], Iterator[str]]) -> None:
    def stopped(_method: str, _path: str, _answer: Answer) -> Answer:
        return (503, "application/json", b'{"error": "The service could not be reached", "code": "unavailable"}')

    for url in service(stopped):
        assert wrong(url)["live"] == "503 The service could not be reached"
    assert list(wrong(url)) == ["reachable"]  # nothing listens there any more


def test_a_key_is_not_sent_in_the_clear() -> None:
    found = findings("http://api.example.com/prod")
    assert found == {"TLS": ("fail", "a key would be sent in the clear")}
