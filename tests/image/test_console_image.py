"""The console's image: what is in it, and its handler, called as Lambda calls it, over a registry on moto."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.image_size import measure
from functions.core.settings import environment
from functions.core.store import ObjectStore
from tests.conftest import BUCKET
from tests.image.buildah import configuration, container
from tests.image.emulator import Emulator
from tests.image.sandbox import Sandbox
from tests.predict.calls import answer, event

pytestmark = pytest.mark.image

RAW, GZIPPED = 39.5, 13.3
"""MB that the dependencies may weigh: 5 % more than they did when this was set."""
NEVER_SHIPS = {
    *("toolchain", "infra", "local", "tests", "predict", "admin", "batch", "packaging", "packages", "model_artifacts"),
    *("numpy", "onnxruntime", "onnx", "PIL", "tokenizers", "pyarrow", "pip"),
}


@pytest.fixture(scope="module")
def settings_of_image(console_image: str) -> dict[str, Any]:
    """What the image says about how it is run."""
    config: dict[str, Any] = configuration(console_image)["config"]
    return config


@pytest.fixture(scope="module")
def task(console_image: str) -> Iterator[Path]:
    """Where the image has its code."""
    with container(console_image) as (_, mounted):
        yield mounted / "var/task"


@pytest.fixture
def console(
    task: Path, settings_of_image: dict[str, Any], moto: str, store: ObjectStore, tmp_path: Path
) -> Iterator[Emulator]:
    """The image's handler, waiting for calls."""
    emulator = Emulator(tmp_path / "log")
    aws = {"ENDPOINT_URL": moto, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
    variables = {f"AWS_{name}": value for name, value in aws.items()} | {"AWS_DEFAULT_REGION": "us-east-1"}
    command = (*settings_of_image["Entrypoint"], *settings_of_image["Cmd"])
    box = Sandbox(task.parents[1], settings_of_image)
    with emulator.over(box, command, **variables, **environment(model_bucket=store.bucket, stage="test")):
        yield emulator


def test_its_dependencies_are_within_their_budget(task: Path) -> None:
    weighed = measure(task).total
    assert (10 < weighed.raw <= RAW, weighed.gzipped <= GZIPPED) == (True, True), weighed


def test_it_holds_the_page_and_what_reads_the_registry_and_nothing_of_the_other_functions(task: Path) -> None:
    held = sorted(path.name for path in (task / "functions").iterdir())
    assert held == ["__init__.py", "__pycache__", "console", "core", "rest"]
    assert {path.name for folder in (task, task / "functions") for path in folder.iterdir()} & NEVER_SHIPS == set()
    assert (task / "functions" / "console" / "web" / "index.html").is_file()


def test_its_user_is_not_root_and_its_command_is_the_page(settings_of_image: dict[str, Any]) -> None:
    assert (settings_of_image["User"], settings_of_image["Cmd"]) == ("1000:1000", ["functions.console.handler.handler"])


def test_everyone_may_read_what_it_holds(task: Path) -> None:
    assert [path for path in task.rglob("*") if path.stat().st_mode & 0o444 != 0o444] == []


def guarded(path: str) -> dict[str, object]:
    """What the gateway says of a path behind the key."""
    return {"resource": "/console/api/{proxy+}", "pathParameters": {"proxy": path}}


def test_the_page_the_registry_and_the_metrics_are_answered(console: Emulator) -> None:
    assert BUCKET == "models"
    page = answer(console.invoke(event("GET", "/console")))
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'<base href="/prod/console/"' in page.body
    listed = answer(console.invoke(event("GET", "/console/api/models") | guarded("models")))
    assert (listed.status, listed.body) == (200, {"models": []})
    asked = {
        "queryStringParameters": {"model": "unheard-of"},
        "multiValueQueryStringParameters": {"model": ["unheard-of"]},
    }
    active = answer(console.invoke(event("GET", "/console/api/activity") | guarded("activity") | asked))
    assert (active.status, active.body["models"], len(active.body["times"])) == (200, [], 60)
