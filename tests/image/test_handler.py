"""The image's handler, called as Lambda calls it, answers as the working tree's does."""

import base64
import io
import json
from typing import Any

import orjson
import pytest
from PIL import Image

from functions.core.golden import difference
from functions.core.settings import Settings
from functions.packaging.compressed import stand_ins
from functions.predict.entry import Entry
from tests.conftest import EVENTS, ROOT, SAMPLES, load_event
from tests.image.emulator import Emulator
from tests.image.sandbox import Sandbox
from tests.predict.calls import Answer, answer, event, untimed

pytestmark = pytest.mark.image

MODULES = (
    "fastapi", "mangum", "numpy.typing", "obstore.store", "obstore.exceptions", "onnxruntime", "opentelemetry.trace",
    "PIL.ImageOps", "pydantic", "tokenizers",
)  # fmt: skip


@pytest.fixture
def entry(settings: Settings) -> Entry:
    return Entry(settings)


def picture(kind: str) -> str:
    """The digit of the event, encoded in another format."""
    body = json.loads(base64.b64decode(load_event("rest_predict_digit")["body"]))
    drawn = Image.open(io.BytesIO(base64.b64decode(body["instances"][0]["image"]["b64"])))
    encoded = io.BytesIO()
    drawn.convert("L").save(encoded, kind)
    return base64.b64encode(encoded.getvalue()).decode()


def predict(emulator: Emulator, model: str, *instances: object) -> Any:
    body = orjson.dumps({"instances": instances})
    return answer(emulator.invoke(event("POST", f"/v1/models/{model}:predict", body))).body


def alike(emulator: Emulator, entry: Entry, asked: dict[str, Any]) -> Answer:
    """What the image answers, once it has been found to be what the working tree does."""
    found, expected = answer(emulator.invoke(asked)), answer(entry(asked, None))
    if "server-timing" in expected.headers:
        found, expected = (it._replace(headers=untimed(it.headers)) for it in (found, expected))
    assert found == expected
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("rest_*.json")))
def test_it_answers_an_event_as_the_working_tree_does(name: str, emulator: Emulator, entry: Entry) -> None:
    found = alike(emulator, entry, load_event(name))
    assert found.status == 200


@pytest.mark.parametrize("model", SAMPLES)
def test_every_sample_answers_its_golden_requests(model: str, emulator: Emulator) -> None:
    folder = ROOT / "model_artifacts" / model
    golden = json.loads((folder / stand_ins(folder).get("golden.json", "golden.json")).read_text())
    for case in golden["cases"]:
        found = predict(emulator, model, *case["request"]["instances"])
        assert difference(case["response"], found, golden["tolerance"], case["name"]) is None


@pytest.mark.parametrize("model", SAMPLES)
def test_every_sample_is_explained(model: str, emulator: Emulator, entry: Entry) -> None:
    golden = json.loads((ROOT / "model_artifacts" / model / "golden.json").read_text())
    instances = golden["cases"][0]["request"]["instances"][:1]
    body = orjson.dumps({"instances": instances, "parameters": {"budget": 64}})
    asked = event("POST", f"/v1/models/{model}:explain", body)
    found, expected = answer(emulator.invoke(asked)), answer(entry(asked, None))
    assert found.status == 200, found.body
    assert difference(expected.body, found.body, 1e-4, model) is None


def test_it_classifies_iris(emulator: Emulator) -> None:
    flower = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    predictions = predict(emulator, "iris-svm", flower)["predictions"]
    assert predictions[0]["label"] == "setosa"
    assert sum(predictions[0]["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_it_reads_pictures(kind: str, emulator: Emulator) -> None:
    predictions = predict(emulator, "digits-cnn", {"image": {"b64": picture(kind)}})["predictions"]
    assert [prediction["label"] for prediction in predictions] == ["5"]


def test_it_speaks_the_open_inference_protocol(emulator: Emulator, entry: Entry) -> None:
    tensor = {"name": "features", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}
    asked = event("POST", "/v2/models/iris-svm/infer", orjson.dumps({"inputs": [tensor]}))
    alike(emulator, entry, asked)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/v2/models/digits-cnn", "/v1/models", "/v2/health/ready"])
def test_it_documents_itself_and_its_models(path: str, emulator: Emulator, entry: Entry) -> None:
    assert alike(emulator, entry, event("GET", path)).status == 200


def test_an_error_has_its_code(emulator: Emulator) -> None:
    found = answer(emulator.invoke(event("GET", "/nowhere")))
    assert (found.status, found.body["code"]) == (404, "not_found")
    assert predict(emulator, "iris-svm", {"sepal_length": "long"})["code"] == "invalid_input"


def test_only_tmp_can_be_written_and_by_a_plain_user(box: Sandbox) -> None:
    code = "import os, pathlib as p; p.Path('/tmp/x').touch(); print(os.getuid()); p.Path({!r}).touch()"
    for path in ("/var/task/x", "/x", "/var/lang/x", "/dev/x"):
        done = box.run("python3", "-c", code.format(path))
        assert done.stdout == "1000\n"
        assert "Read-only file system" in done.stderr
    assert not box.run("sh", "-c", "! touch /var/task/x").returncode


def test_what_was_trimmed_is_missed_by_no_import(box: Sandbox) -> None:
    done = box.run("python3", "-W", "error", "-c", f"import {', '.join(MODULES)}; PIL.Image.init()")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("module", ["functions.core.errors", "fastapi.routing", "numpy.matlib"])
def test_a_traceback_names_where_the_file_lies(module: str, box: Sandbox) -> None:
    path = f"/var/task/{module.replace('.', '/')}.py"
    code = f"import importlib.util as u; print(u.find_spec({module!r}).loader.get_code({module!r}).co_filename)"
    assert box.run("python3", "-c", code).stdout == f"{path}\n"
