"""`ortless predict` against a real server of HTTP, behind which the predict handler answers."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.predict.calls import event
from tests.toolchain.test_cli import ortless

KEY = "a key"
PICTURE = "model_artifacts/digits-cnn/sample.png"
IRIS = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


class Gateway(BaseHTTPRequestHandler):
    """Hands a call to the predict handler as API Gateway does, if it comes with the key."""

    entry: Entry

    def do_POST(self) -> None:
        """Answer a call."""
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("x-api-key") != KEY:
            self._reply(403, {}, b'{"error": "The API wants a key", "code": "forbidden"}')
            return
        result = self.entry(event("POST", self.path, body, dict(self.headers)), None)
        content = result["body"].encode()
        if result["isBase64Encoded"]:
            content = base64.b64decode(content)
        self._reply(result["statusCode"], result["headers"], content)

    def _reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in ({"content-length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    """The address of such a server."""
    handler = type("Handler", (Gateway,), {"entry": Entry(settings)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def state(tmp_path: Path, url: str) -> str:
    """The state directory of a local cloud that is up."""
    (tmp_path / "endpoint.json").write_text(json.dumps({"api_url": url, "api_key": KEY}))
    return str(tmp_path)


def predicted(done: CompletedProcess[str]) -> object:
    """The predictions in JSON on stdout."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["predictions"]


@pytest.mark.parametrize("instance", ["[1, 2, 3]", '{"x1": 1, "x2": 2, "x3": 3}'])
def test_one_instance_in_json(url: str, instance: str) -> None:
    done = ortless("predict", "linear-regression", instance, "--url", url, "--key", KEY, "--json")
    assert predicted(done) == pytest.approx([1.8])


def test_a_picture(url: str) -> None:
    done = ortless("predict", "digits-cnn", PICTURE, "--url", f"{url}/", "--key", KEY)
    assert done.returncode == 0
    assert done.stderr == "digits-cnn@0\n"
    assert "5 " in done.stdout.replace("│", " ")
    assert "likeliest" in done.stdout


def test_several_instances_and_a_file_of_them(url: str, tmp_path: Path) -> None:
    variables = {"ORTLESS_URL": url, "ORTLESS_API_KEY": KEY}
    rows = json.dumps([[1, 2, 3], [0, 0, 0]])
    path = tmp_path / "rows.json"
    for content in (rows, f'{{"instances": {rows}}}'):
        path.write_text(content)
        for arguments in (("--file", str(path)), (str(path),)):
            done = ortless("predict", "linear-regression", *arguments, "--json", **variables)
            assert predicted(done) == pytest.approx([1.8, 0.1])
    done = ortless("predict", "linear-regression", "--instances", rows, **variables)
    assert "1.8" in done.stdout
    assert "0.1" in done.stdout


def test_the_local_cloud_is_known(state: str) -> None:
    done = ortless("predict", "iris-svm", json.dumps(IRIS), ORTLESS_STATE_DIR=state)
    assert "setosa 0.968" in done.stdout


def test_the_local_clouds_key_goes_nowhere_else(url: str, tmp_path: Path) -> None:
    (tmp_path / "endpoint.json").write_text(json.dumps({"api_url": "http://127.0.0.1:1", "api_key": KEY}))
    done = ortless("predict", "iris-svm", "[]", "--url", url, ORTLESS_STATE_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "error (api_refused): The API wants a key [403 forbidden]\nhint: give the API's key" in done.stderr


def test_a_refusal_is_told_in_the_apis_own_words(state: str) -> None:
    done = ortless("predict", "iris-svm", json.dumps(IRIS | {"petal_width": -1}), ORTLESS_STATE_DIR=state)
    assert (done.returncode, done.stdout) == (1, "")
    words = "Expected a number from 0 to 30 - got -1 - at `instances[0].petal_width`"
    assert done.stderr == f"error (api_refused): {words} [400 invalid_input]\n"
    unknown = ortless("predict", "nope/..", "[1]", ORTLESS_STATE_DIR=state)
    assert unknown.returncode == 1
    assert "404" in unknown.stderr


def test_where_there_is_no_api_it_is_said(tmp_path: Path) -> None:
    state = {"ORTLESS_STATE_DIR": str(tmp_path), "ORTLESS_URL": "", "ORTLESS_API_KEY": ""}
    nowhere = ortless("predict", "iris-svm", "[1]", **state)
    assert nowhere.returncode == 1
    assert "hint: give --url or ORTLESS_URL" in nowhere.stderr
    for url in ("http://127.0.0.1:1", "no address", "http://["):
        done = ortless("predict", "iris-svm", "[1]", "--url", url, **state)
        assert done.returncode == 1
        assert done.stderr.startswith("error (api_unreachable): ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("[1, 2",), "Expected JSON, or the path of a picture or of a JSON file - got '[1, 2'"),
        (("x" * 5000,), "Expected JSON, or the path of a picture"),
        (("--instances", '{"x1": 1}'), "Expected a list of instances in --instances"),
        (("--instances", "x"), "Expected JSON in --instances"),
        (("--file", "nowhere.json"), "Expected a file of JSON - got 'nowhere.json'"),
        (("model_artifacts/iris-svm/CARD.md",), "Expected JSON in model_artifacts/iris-svm/CARD.md"),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is(arguments: tuple[str, ...], message: str) -> None:
    done = ortless("predict", "iris-svm", *arguments, "--url", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.replace("\n", " ").startswith(f"error (unusable_input): {message}")
    assert "hint: " in done.stderr


@pytest.mark.parametrize("arguments", [(), ("[1]", "--instances", "[1]")])
def test_one_way_of_giving_instances_is_chosen(arguments: tuple[str, ...]) -> None:
    done = ortless("predict", "iris-svm", *arguments)
    assert done.returncode == 2
    assert "give one instance, or --instances, or --file" in done.stderr
