"""A share of the requests is kept, with their answers, in a bucket; nobody who asks notices."""

import base64
import gzip
import json
import time
from typing import Any

import orjson
import pytest

from functions.core.errors import StoreUnavailable
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.predict.capturing import spool
from functions.predict.capturing.capture import Capture
from functions.predict.entry import Entry
from tests.conftest import BUCKET, ROOT
from tests.predict.calls import TRACE, event

LINEAR, IRIS = "/v1/models/linear-regression", "/v1/models/iris-svm"
INFER = "/v2/models/linear-regression/infer"
GONE = "Marked-Mustermann"
FEATURES = [{"name": "features", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}]


class Function:
    """A predict function that keeps requests in a bucket of moto's."""

    def __init__(self, store: ObjectStore, settings: Settings, **capturing: Any) -> None:
        given = settings._replace(**{"capture_share": 1.0, **capturing}, model_bucket="")
        self.entry = Entry(given)
        self.spool = spool.Spool(store)
        self.entry.service._capture = Capture(given, self.spool)
        self.store = store
        self.calls = 0

    def ask(self, path: str, body: Any, headers: dict[str, str] | None = None, method: str = "POST") -> Any:
        """The answer to a request of an id of its own."""
        self.calls += 1
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        made = event(method, path, content, headers)
        made["requestContext"]["requestId"] = f"request-{self.calls}"
        return self.entry(made, None)

    def kept(self) -> list[dict[str, Any]]:
        """Everything in the bucket, as records."""
        self.spool.flush()
        objects = self.store.tree("captured/")
        lines = [line for key in sorted(objects) for line in self._lines(key)]
        return sorted((json.loads(line) for line in lines), key=lambda record: int(record["id"].partition("-")[2]))

    def _lines(self, key: str) -> list[bytes]:
        return gzip.decompress(self.store.get(f"captured/{key}").body).splitlines()


@pytest.fixture
def function(store: ObjectStore, settings: Settings) -> Function:
    return Function(store, settings)


def content(record: dict[str, Any]) -> tuple[Any, Any]:
    return record["request"], record["response"]


def test_a_request_is_kept_with_what_was_answered(function: Function) -> None:
    function.ask(f"{LINEAR}:predict", {"instances": [[1, 2, 3], {"x1": 1, "x2": 2, "x3": 3}], "note": GONE})
    (record,) = function.kept()
    assert record.pop("time").startswith("20")
    assert record.pop("ms") > 0
    predictions = record["response"].pop("predictions")
    assert predictions == pytest.approx([1.8, 1.8], abs=1e-6)
    assert record == {
        "id": "request-1", "trace": TRACE, "model": "linear-regression", "version": "0", "kind": "predict",
        "status": 200, "code": "",
        "request": {"instances": [[1, 2, 3], {"x1": 1, "x2": 2, "x3": 3}]}, "response": {},
    }  # fmt: skip


def test_what_went_wrong_is_kept_without_content(function: Function) -> None:
    function.ask(f"{LINEAR}:predict", {"instances": [[GONE, 2, 3]]})
    function.ask(f"{LINEAR}:predict", b'{"instances": [' + GONE.encode())
    function.ask(f"/v1/models/{GONE.lower()}:predict", {"instances": [1]})
    function.ask(LINEAR, b"", method="GET")
    kept = function.kept()
    assert [(record["status"], record["code"]) for record in kept] == [(400, "invalid_input"), (400, "invalid_json")]
    assert all(not {"request", "response"} & record.keys() for record in kept)
    assert GONE not in json.dumps(kept)


def test_tensors_are_kept_as_they_came(function: Function) -> None:
    function.ask(INFER, {"id": GONE, "inputs": FEATURES, "parameters": {GONE: GONE}})
    ((asked, answered),) = map(content, function.kept())
    assert asked == {"inputs": FEATURES}
    (output,) = answered["outputs"]
    assert output.pop("data") == pytest.approx([1.8], abs=1e-6)
    assert output.keys() == {"name", "shape", "datatype"}


def test_bytes_of_tensors_are_kept_in_base64(function: Function) -> None:
    import numpy as np

    data = np.array([[1, 2, 3]], "<f4").tobytes()
    tensor = {"name": "features", "shape": [1, 3], "datatype": "FP32", "parameters": {"binary_data_size": len(data)}}
    head = orjson.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}})
    function.ask(INFER, head + data, {"inference-header-content-length": str(len(head))})
    function.ask(INFER, data, {"inference-header-content-length": "0"})
    (asked, answered), (raw, _) = map(content, function.kept())
    b64 = base64.b64encode(data).decode()
    assert asked == {"inputs": [{"name": "features", "shape": [1, 3], "datatype": "FP32", "b64": b64}]}
    assert np.frombuffer(base64.b64decode(answered["outputs"][0]["b64"]), "<f4") == pytest.approx([1.8], abs=1e-6)
    assert raw["inputs"][0]["b64"] == b64


def test_of_large_tensors_the_shape_is_kept_and_of_large_json_the_size(store: ObjectStore, settings: Settings) -> None:
    import numpy as np

    function = Function(store, settings, capture_bytes=1000)
    data = np.zeros((100, 3), "<f4").tobytes()
    tensor = {"name": "features", "shape": [100, 3], "datatype": "FP32", "parameters": {"binary_data_size": len(data)}}
    head = orjson.dumps({"inputs": [tensor]})
    function.ask(INFER, head + data, {"inference-header-content-length": str(len(head))})
    body = {"instances": [[1, 2, 3]] * 500}
    function.ask(f"{LINEAR}:predict", body)
    (asked, _), (large, answered) = map(content, function.kept())
    kept = {"name": "features", "shape": [100, 3], "datatype": "FP32", "bytes": 1200}
    assert asked in ({"inputs": [kept]}, {"omitted_bytes": len(head) + len(data)})
    assert large == {"omitted_bytes": len(orjson.dumps(body))}
    assert answered.keys() == {"omitted_bytes"}


def test_columns_and_explanations_are_kept(function: Function) -> None:
    function.ask(f"{LINEAR}:predict", {"inputs": {"features": [[1, 2, 3]]}})
    function.ask(f"{IRIS}:explain", {"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": {"seed": 3}})
    (columns, outputs), (asked, explained) = map(content, function.kept())
    assert columns == {"inputs": {"features": [[1, 2, 3]]}}
    assert outputs.keys() == {"outputs"}
    assert asked == {"instances": [[5.1, 3.5, 1.4, 0.2]], "parameters": {"seed": 3}}
    assert explained["explanations"][0]["attributions"].keys() == {
        "sepal_length", "sepal_width", "petal_length", "petal_width"
    }  # fmt: skip


def test_what_is_redacted_is_in_no_byte_of_the_bucket(store: ObjectStore, settings: Settings) -> None:
    function = Function(store, settings, capture_redact=("x2", "features", "petal_width", "image"))
    marked = 1.8275364
    function.ask(f"{LINEAR}:predict", {"instances": [[1, marked, 3], {"x1": 1, "x2": marked, "x3": 3}]})
    function.ask(f"{LINEAR}:predict", {"inputs": {"features": [[1, marked, 3]]}})
    function.ask(INFER, {"inputs": [FEATURES[0] | {"data": [1, marked, 3]}]})
    function.ask(f"{IRIS}:explain", {"instances": [[5.1, 3.5, 1.4, marked]]})
    picture = base64.b64encode((ROOT / "model_artifacts/digits-cnn/sample.png").read_bytes()).decode()
    function.ask("/v1/models/digits-cnn:predict", {"instances": [{"image": {"b64": picture}}]})
    kept = function.kept()
    assert [record["status"] for record in kept] == [200] * 5
    text = json.dumps(kept)
    assert "1.8275" not in text
    assert picture[:60] not in text
    assert '"redacted"' in text


def test_the_share_is_drawn_from_the_ids_alone(settings: Settings) -> None:
    ids = [f"{number:08x}-ac1b-4f7a" for number in range(20_000)]
    drawn = [Capture(settings._replace(capture_share=share, capture_bucket=BUCKET)) for share in (0.0, 0.1, 0.5, 1.0)]
    none, tenth, half, every = ({each for each in ids if one.takes(each)} for one in drawn)
    assert (len(none), len(every)) == (0, len(ids))
    assert len(tenth) == pytest.approx(2000, abs=150)  # 3.5 standard deviations
    assert len(half) == pytest.approx(10_000, abs=250)
    assert tenth < half
    assert not Capture(settings._replace(capture_share=1.0)).takes("")


def test_models_that_are_not_meant_are_not_kept(store: ObjectStore, settings: Settings) -> None:
    function = Function(store, settings, capture_models=("iris-svm",))
    function.ask(f"{LINEAR}:predict", {"instances": [[1, 2, 3]]})
    function.ask(f"{IRIS}:predict", {"instances": [[5.1, 3.5, 1.4, 0.2]]})
    assert [record["model"] for record in function.kept()] == ["iris-svm"]


def test_many_requests_are_one_object_named_by_model_version_hour_and_environment(function: Function) -> None:
    for _ in range(spool.LINES):
        function.ask(f"{LINEAR}:predict", {"instances": [[1, 2, 3]]})
    deadline = time.monotonic() + 10
    while not (names := list(function.store.tree("captured/"))):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (name,) = names
    hour = time.strftime("%Y/%m/%d/%H", time.gmtime())
    assert name.startswith(f"linear-regression/0/{hour}/")
    assert name.endswith("-1.jsonl.gz")
    assert len(function.kept()) == spool.LINES


def test_what_has_waited_is_written_by_the_next_request(store: ObjectStore) -> None:
    now = 0.0
    waiting = spool.Spool(store, lambda: now)
    waiting.add(("m", "1"), b"{}\n")
    waiting.turn()
    assert store.tree("captured/") == {}
    now = spool.SECONDS
    waiting.turn()
    waiting.flush()
    assert len(store.tree("captured/")) == 1


def test_a_bucket_that_fails_fails_no_request_and_is_told_of_once(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    class Down(ObjectStore):
        def put_if_absent(self, key: str, body: bytes) -> None:  # noqa: ARG002
            raise StoreUnavailable(key, "no route to host")

    function = Function(Down(BUCKET), settings)
    for _ in range(3):
        assert function.ask(f"{LINEAR}:predict", {"instances": [[1, 2, 3]]})["statusCode"] == 200
        function.spool.flush()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    failed = [line for line in lines if line["event"] == "capture_failed"]
    assert failed == [{"event": "capture_failed", "code": "store_unavailable", "records": 1, "trace": TRACE}]


def test_a_slow_bucket_holds_a_request_no_longer_than_agreed() -> None:
    class Slow(ObjectStore):
        def put_if_absent(self, key: str, body: bytes) -> None:  # noqa: ARG002
            time.sleep(1)

    waiting = spool.Spool(Slow(BUCKET))
    for _ in range(spool.LINES):
        waiting.add(("m", "1"), b"{}\n")
    began = time.perf_counter()
    waiting.turn()
    held = time.perf_counter() - began
    assert spool.WAIT <= held < 0.5
    waiting.add(("m", "1"), b"{}\n" * 10)
    began = time.perf_counter()
    for _ in range(spool.LINES):
        waiting.add(("m", "1"), b"{}\n")
        waiting.turn()  # a write is under way: nobody waits for a second one
    assert time.perf_counter() - began < 0.5
    waiting.flush()


def test_there_is_room_for_so_much_and_no_more() -> None:
    waiting = spool.Spool(ObjectStore(BUCKET))
    for _ in range(10):
        waiting.add(("m", "1"), b"x" * (spool.ROOM // 4))
    assert waiting._bytes <= spool.ROOM
    assert waiting._dropped == 6


def test_keeping_a_request_takes_a_fraction_of_a_millisecond(function: Function) -> None:
    body = {"instances": [[1, 2, 3]]}
    times = []
    service = function.entry.service
    plain, service._capture = service._capture, None
    for each in (None, plain):
        service._capture = each
        for _ in range(100):
            function.ask(f"{LINEAR}:predict", body)
        began = time.perf_counter()
        for _ in range(90):
            function.ask(f"{LINEAR}:predict", body)
        times.append((time.perf_counter() - began) / 90)
    assert times[1] - times[0] < 1e-3
