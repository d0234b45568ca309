"""Credentials of a restored snapshot, from an address as Lambda gives it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from functions.core import credentials


class Address(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Authorization"] == "secret token" else 403)
        self.end_headers()
        answer = {"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T", "Expiration": "2026-11-21T12:00:00Z"}
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass


def test_a_snapshot_gets_its_credentials_from_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    server = HTTPServer(("127.0.0.1", 0), Address)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setenv(credentials.ADDRESS, f"http://127.0.0.1:{server.server_port}/2024/credentials")
    monkeypatch.setenv(credentials.TOKEN, "secret token")
    provider = credentials.credential_provider()
    assert provider is not None
    found = provider()
    server.shutdown()
    server.server_close()
    assert (found["access_key_id"], found["secret_access_key"], found["token"]) == ("A", "S", "T")
    expires = found["expires_at"]
    assert expires is not None
    assert expires.isoformat() == "2026-11-21T12:00:00+00:00"


def test_usual_variables_need_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv(credentials.ADDRESS, "http://127.0.0.1:9/")
    assert credentials.credential_provider() is None
