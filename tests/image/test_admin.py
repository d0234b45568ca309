"""The admin image: what is in it, and its three handlers, called as Lambda calls them, over a registry on moto."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from benchmarks.image_size import measure
from functions.admin.uploads import state
from functions.core.settings import environment
from functions.core.store import ObjectStore
from tests.admin.hostile_files import FILES as HOSTILE
from tests.admin.hostile_graphs import RULES
from tests.admin.submissions import Files, accepted, graph, submit
from tests.admin.test_rollback import message
from tests.conftest import BUCKET, ROOT
from tests.image.buildah import configuration, container
from tests.image.emulator import Emulator
from tests.image.sandbox import Sandbox
from tests.predict.calls import Answer, answer, event

pytestmark = pytest.mark.image

RAW, GZIPPED = 141.0, 45.2
"""MB that the dependencies may weigh: 5 % more than they did when this was set."""
NEVER_SHIPS = {"toolchain", "infra", "local", "tests", "predict", "packages", "model_artifacts", "aws_cdk", "pip"}
HANDLERS = ("handler", "validator", "rollback")
WHO = "arn:aws:iam::123456789012:user/ada"
TOPIC = "arn:aws:sns:us-east-1:123456789012:canaries"
SAMPLE = "iris-svm"
NAME = "plus"


@pytest.fixture(scope="module")
def settings_of_image(admin_image: str) -> dict[str, Any]:
    """What the image says about how it is run."""
    config: dict[str, Any] = configuration(admin_image)["config"]
    return config


@pytest.fixture(scope="module")
def task(admin_image: str) -> Iterator[Path]:
    """Where the image has its code."""
    with container(admin_image) as (_, mounted):
        yield mounted / "var/task"


@pytest.fixture(scope="module")
def sandbox(task: Path, settings_of_image: dict[str, Any]) -> Sandbox:
    """Where its commands run."""
    return Sandbox(task.parents[1], settings_of_image)


class Functions:
    """The image's functions over one registry, each in an environment of its own."""

    def __init__(self, sandbox: Sandbox, entry_point: list[str], endpoint: str, folder: Path) -> None:
        aws = {"ENDPOINT_URL": endpoint, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
        settings = environment(model_bucket=BUCKET, validator="validator", alarm_topic=TOPIC, alarm_prefix="test")
        aws["DEFAULT_REGION"] = aws["REGION"]  # Lambda sets both
        self._variables = {f"AWS_{name}": value for name, value in aws.items()} | settings
        self._sandbox, self._entry_point, self._folder = sandbox, entry_point, folder

    @contextmanager
    def running(self, name: str) -> Iterator[Emulator]:
        """One of them, waiting for events."""
        emulator = Emulator(self._folder / name)
        command = (*self._entry_point, f"functions.admin.{name}.handler")
        size = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008"}
        with emulator.over(self._sandbox, command, **self._variables, **size):
            yield emulator


@pytest.fixture
def functions(
    sandbox: Sandbox, settings_of_image: dict[str, Any], moto: str, store: ObjectStore, tmp_path: Path
) -> Functions:
    """The functions over an empty registry."""
    assert store.bucket == BUCKET
    return Functions(sandbox, settings_of_image["Entrypoint"], moto, tmp_path)


def ask(api: Emulator, method: str, path: str, body: Any = None) -> Answer:
    """An answer of the admin API."""
    call = event(method, path, b"" if body is None else orjson.dumps(body), {"Content-Type": "application/json"})
    call["requestContext"]["identity"] = {"userArn": WHO, "sourceIp": "127.0.0.1"}
    return answer(api.invoke(call))


def upload(api: Emulator, name: str, files: Files) -> str:
    """Upload a model's folder to where the API says; the number of the upload."""
    declared = {file: {"sha256": sha256(content).hexdigest(), "size": len(content)} for file, content in files.items()}
    granted = ask(api, "POST", f"/admin/models/{name}/uploads", {"files": declared})
    assert granted.status == 201, granted.body
    for file, content in files.items():
        where = granted.body["urls"][file]
        assert httpx.put(where["url"], content=content, headers=where["headers"]).status_code == 200
    number: str = granted.body["upload"]
    return number


def sample() -> Files:
    """The folder of a sample model, as its owner has it; without what is not for the function."""
    folder = ROOT / "model_artifacts" / SAMPLE
    wanted = ("model.toml", "model.onnx", "golden.json", "CARD.md", "report.json", "reference.json")
    return {name: (folder / name).read_bytes() for name in wanted if (folder / name).exists()}


def test_its_dependencies_are_within_their_budget(task: Path) -> None:
    weighed = measure(task).total
    assert (50 < weighed.raw <= RAW, weighed.gzipped <= GZIPPED) == (True, True), weighed


def test_it_holds_the_lifecycle_and_nothing_of_the_other_functions(task: Path) -> None:
    held = sorted(path.name for path in (task / "functions").iterdir())
    assert held == ["__init__.py", "__pycache__", "admin", "core", "packaging", "rest"]
    assert {path.name for folder in (task, task / "functions") for path in folder.iterdir()} & NEVER_SHIPS == set()


def test_its_user_is_not_root_and_its_command_is_the_api(settings_of_image: dict[str, Any]) -> None:
    assert (settings_of_image["User"], settings_of_image["Cmd"]) == ("1000:1000", ["functions.admin.handler.handler"])


def test_everyone_may_read_what_it_holds(task: Path) -> None:
    assert [path for path in task.rglob("*") if path.stat().st_mode & 0o444 != 0o444] == []


@pytest.mark.parametrize("name", HANDLERS)
def test_every_handler_is_there_and_the_folder_of_the_code_stays_as_it_is(name: str, sandbox: Sandbox) -> None:
    code = f"import functions.admin.{name} as m, sys; print(callable(m.handler), *sys.version_info[:2])"
    aws = ("AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1")
    done = sandbox.run(*aws, "python3", "-c", code)
    assert (done.stdout, done.returncode) == ("True 3 13\n", 0), done.stderr


def test_an_empty_registry_is_an_answer_in_json_and_what_there_is_not_is_an_error_with_its_code(
    functions: Functions,
) -> None:
    with functions.running("handler") as api:
        found = ask(api, "GET", "/admin/models")
        assert (found.status, found.body) == (200, {"models": []})
        missing = ask(api, "GET", "/admin/models/nope")
        assert (missing.status, sorted(missing.body)) == (404, ["code", "error"])


def test_a_sample_is_uploaded_validated_promoted_and_described(functions: Functions) -> None:
    with functions.running("handler") as api, functions.running("validator") as validator:
        number = upload(api, SAMPLE, sample())
        assert validator.tell({"upload": number, "model": SAMPLE}) is None
        found = ask(api, "GET", f"/admin/models/{SAMPLE}/uploads/{number}").body
        assert (found["state"], found["version"]) == ("accepted", 1), found
        assert all(check["ok"] for check in found["verdict"]["checks"])
        promoted = ask(api, "POST", f"/admin/models/{SAMPLE}:promote", {"version": 1, "why": "the first"})
        assert (promoted.status, promoted.body["live"]) == (200, 1)
        (listed,) = ask(api, "GET", "/admin/models").body["models"]
        assert (listed["model"], listed["live"], listed["versions"]) == (SAMPLE, 1, 1)
        described = ask(api, "GET", f"/admin/models/{SAMPLE}/versions/1").body
        fetched = {file["name"]: httpx.get(file["url"]).content for file in described["files"]}
        assert {file["name"]: file["sha256"] for file in described["files"]} == {
            name: sha256(content).hexdigest() for name, content in fetched.items()
        }
        (change,) = ask(api, "GET", f"/admin/models/{SAMPLE}/history").body["changes"]
        assert (change["who"], change["why"]) == (WHO, "the first")


def test_hostile_uploads_are_refused_by_the_check_that_is_there_for_them_and_nothing_is_published(
    functions: Functions, store: ObjectStore
) -> None:
    with functions.running("validator") as validator:
        for name in ("sparse_initializer", "loop_of_2_62", "wrong_types"):
            hostile = (HOSTILE | RULES)[name]
            number = submit(graph(hostile.make()), store)
            assert validator.tell({"upload": number.id, "model": NAME}) is None
            found = state(number, store)
            failed = found["verdict"]["checks"][-1]
            assert (found["state"], failed["check"], failed["ok"]) == ("refused", hostile.check, False)
            assert hostile.reason in failed["detail"]
        assert validator.tell({"upload": submit(accepted() | {"golden.json": b"{"}, store).id, "model": NAME}) is None
    assert store.names("packages/") == []


def test_an_alarm_takes_back_a_canary(functions: Functions, store: ObjectStore) -> None:
    with functions.running("handler") as api, functions.running("validator") as validator:
        for amount in (1, 2):
            assert validator.tell({"upload": submit(accepted(amount), store).id, "model": NAME}) is None
        assert ask(api, "POST", f"/admin/models/{NAME}:promote", {"version": 1}).status == 200
        tried = ask(api, "POST", f"/admin/models/{NAME}:canary", {"version": 2, "weight": 0.1})
        assert (tried.status, tried.body["canary"]) == (200, {"version": 2, "weight": 0.1})
        with functions.running("rollback") as rollback:
            assert rollback.tell(message(f"test-canary-{NAME}-g2-errors")) is None
        alias = ask(api, "GET", f"/admin/models/{NAME}").body["alias"]
        assert (alias["live"], alias["canary"]) == (1, None)
