"""The console over a registry on moto, called as the gateway calls it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.console import aws
from functions.console.app import create
from functions.console.assets import Assets
from functions.console.policy import headers
from functions.console.service import Service
from functions.core import alias as aliases
from functions.core.alias import Alias, Canary, Change
from functions.core.holdings import AUDIT, VERDICT, key, retired_key
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.rest.gateway import behind_gateway
from tests.conftest import BUCKET, ROOT
from tests.predict.calls import Answer, answer, event

SETTINGS = Settings(
    model_bucket=BUCKET,
    stage="prod",
    auth="key",
    architecture="arm64",
    predict_memory_mb=1769,
    own_memory_mb=("iris-svm=3538",),
    refresh_seconds=0,
)
REPORTED = "digits-cnn"
"""A sample whose folder has a report."""
PAGE = """<!doctype html><html lang="en"><head><base href="{{base}}" /><title>a page</title>
<link rel="stylesheet" href="{{assets}}/style/page.css" />
<script type="application/json" id="settings">{{settings}}</script></head><body>{{unknown}}</body></html>
"""
FILES = {
    "index.html": PAGE.encode(),
    "main.js": b"export const answer = 42;\n" * 50,
    "style/page.css": b"body { margin: 0 }\n" * 50,
    "style/icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "i18n/en/shell.js": b"export default {}",
    "i18n/zh/shell.js": b"export default {}",
    "vendor/LICENSE.preact": b"MIT",
    "picture.png": bytes(range(256)),
    ".hidden": b"secret",
}


class Console:
    """Somebody who opens the page, or calls what it calls."""

    def __init__(self, service: Service, policy: dict[str, str]) -> None:
        self.service = service
        self._handler = behind_gateway(create(service, policy))

    def __call__(
        self, path: str, sent: dict[str, str] | None = None, context: dict[str, Any] | None = None, **query: str
    ) -> Answer:
        call = event("GET", path, headers=sent)
        # The gateway leads what it knows as the guarded path there, whatever a path reads like when it is decoded.
        for root in ("/console/api/", "/console/"):
            if path.startswith(root):
                call |= {"resource": f"{root}{{proxy+}}", "pathParameters": {"proxy": path.removeprefix(root)}}
                break
        call["requestContext"] |= {"stage": "prod", "apiId": "api", **(context or {})}
        call["queryStringParameters"] = query or None
        call["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()} or None
        return answer(self._handler(call, None))  # type: ignore[arg-type]  # Mangum reads nothing of the context


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page."""
    folder = tmp_path_factory.mktemp("web")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def console(store: ObjectStore, web: Path, moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """The console, on an event loop of its own: Mangum would leave the one that it makes open."""
    assert store.bucket == BUCKET
    environment = {"ENDPOINT_URL": moto, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
    for name, value in {**environment, "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    aws.client.cache_clear()
    with closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        policy = headers(("https://files.example",), tls=True)
        yield Console(Service(SETTINGS, "us-east-1", Assets(str(web))), policy)
        asyncio.set_event_loop(None)


def put_version(store: ObjectStore, name: str, number: int, *, report: bool = False, **verdict: Any) -> int:
    """A version as its validation leaves it in the registry; returns the bytes of its files."""
    files = {"model.onnx": b"m" * 1000 * number, "golden.json": b"{}"}
    if report:
        files["report.json"] = (ROOT / "model_artifacts" / REPORTED / "report.json").read_bytes()
    manifest = {
        "title": f"Model {name}",
        "task": "classification",
        "description": f"What {name} does.",
        "preprocess": {"kind": "tabular"},
        "postprocess": {},
        "files": {file: {"sha256": "0" * 64, "size": len(content)} for file, content in files.items()},
    }
    files["manifest.json"] = orjson.dumps(manifest)
    said = {"accepted": True, "at": f"2026-01-0{number}T00:00:00+00:00", "who": "ada", **verdict}
    for file, content in {**files, VERDICT: orjson.dumps(said)}.items():
        store.put_if_absent(key(name, number, file), content)
    return sum(record["size"] for record in manifest["files"].values())  # type: ignore[attr-defined]


def put_alias(store: ObjectStore, name: str, live: int, **fields: Any) -> None:
    """What serves of a model, with the object of its last change."""
    change = Change("promote", "ada", "it is better", "2026-01-05T00:00:00+00:00", None)
    known = {"generation": 1, "nonce": "n", "previous": None, "canary": None, "shadow": None, "digests": {}}
    alias = Alias(live=live, change=change, **{**known, **fields})
    store.put_if_absent(aliases.key(name), aliases.render(alias))
    entry = {"model": name, "generation": alias.generation, **change._asdict(), "after": {"live": live}}
    store.put_if_absent(f"{AUDIT}{name}/{alias.generation:08d}-n.json", json.dumps(entry).encode())


@pytest.fixture
def registry(store: ObjectStore) -> ObjectStore:
    """A registry with a model of three versions, and one that nobody has promoted."""
    put_version(store, "flowers", 1)
    put_version(store, "flowers", 2, report=True)
    put_version(store, "flowers", 3, ungated="a trial")
    put_alias(store, "flowers", 2, generation=4, previous=1, canary=Canary(3, 0.1), shadow=None)
    store.put_if_absent(retired_key("flowers", 1), b"{}")
    put_version(store, "draft", 1)
    store.put_if_absent(key("flowers", 9, "model.onnx"), b"an upload that a crash left")
    return store
