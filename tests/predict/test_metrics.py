"""What the log line of a request says to CloudWatch of the version that answered, or did not."""

import time
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.catalog import Catalog
from functions.core.defects import Defect
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.core.telemetry import METRICS, NAMESPACE, dimensions
from functions.packaging.build import build
from functions.predict.entry import Entry
from functions.predict.exchange import LABELS, OTHER, Request, Response, count_labels, predictor_of
from functions.predict.routes import Route
from tests.core import graphs
from tests.core.releases import NAME
from tests.predict.calls import call
from tests.predict.trials import PREDICT, ZEROS, Function, failing, lines

ANSWERED = [
    "Requests", "Errors", "Latency", "BytesIn", "BytesOut", "BilledDuration", "Decode", "Preprocess", "Run", "Encode",
]  # fmt: skip
PARTS = ANSWERED[-4:]
TENSOR = b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [0, 0]}]}'


def extracted(line: dict[str, Any]) -> dict[str, tuple[float, str, list[list[str]]]]:
    """The metrics of a line as CloudWatch extracts them: value, unit and sets of dimensions."""
    found = {}
    for kind in line["_aws"]["CloudWatchMetrics"]:
        assert kind["Namespace"] == NAMESPACE
        assert {name for names in kind["Dimensions"] for name in names} <= line.keys()
        for metric in kind["Metrics"]:
            assert metric["Name"] not in found
            found[metric["Name"]] = (line[metric["Name"]], metric["Unit"], kind["Dimensions"])
    return found


def written(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = lines(capfd, "request")
    return line


def measures(line: dict[str, Any]) -> dict[str, Any]:
    return {key: line[key] for key in ("Model", "Version", "Requests", "Errors") if key in line}


@pytest.fixture
def function(store: ObjectStore, tmp_path: Path) -> Function:
    function = Function(store, tmp_path)
    for version in (1, 2):
        function.releases.publish(version)
    return function


def test_an_answer_is_metrics_of_its_version(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.point(1, canary=(2, 1.0))
    before = time.time() * 1000
    answered = function.call(caller="a")
    line = written(capfd)
    assert before - 1 <= line["_aws"]["Timestamp"] <= time.time() * 1000
    found = extracted(line)
    assert list(found) == ANSWERED
    assert {name: (unit, sets) for name, (_, unit, sets) in found.items()} == {
        name: (METRICS[name][0], dimensions(name)) for name in ANSWERED
    }
    assert measures(line) == {"Model": NAME, "Version": "2", "Requests": 1, "Errors": 0}
    assert (line["Latency"], line["model"]) == (line["ms"], "plus@2")
    assert (line["BytesIn"], line["BytesOut"]) == (len(ZEROS), len(orjson.dumps(answered.body)))
    assert line["BilledDuration"] == ceil(line["Latency"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PREDICT, ZEROS),
        (PREDICT, b'{"inputs": [[0, 0]]}'),
        (f"/v2/models/{NAME}/infer", TENSOR),
    ],
)
def test_the_parts_of_an_answer_are_its_latency_but_for_finding_the_model(
    function: Function, capfd: pytest.CaptureFixture[str], path: str, body: bytes
) -> None:
    function.releases.point(1)
    function.call(path, body)
    assert function.call(path, body).status == 200
    line = lines(capfd, "request")[-1]
    assert all(line[part] >= 0 for part in PARTS)
    assert 0 < sum(line[part] for part in PARTS) <= line["Latency"] + 0.004  # of the cut at a microsecond


def test_an_explanation_has_no_parts(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.point(1)
    assert function.call(PREDICT.replace("predict", "explain")).status == 200
    assert list(extracted(written(capfd))) == ANSWERED[:-4]


def test_an_answer_costs_its_time_times_memory_and_the_invocation(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path, gb_second_usd=0.5, invocation_usd=0.25, memory_mb=2048)
    function.releases.publish(1)
    function.releases.point(1)
    function.call()
    line = written(capfd)
    assert line["EstimatedCost"] == pytest.approx(line["BilledDuration"] / 1000 * 2 * 0.5 + 0.25)
    assert extracted(line)["EstimatedCost"][1:] == ("None", [["Model", "Version"], ["Model"], []])


def test_what_a_model_did_wrong_is_an_error_of_its_version(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    function.releases.publish(3, failing())
    function.releases.point(3)
    assert function.call().status == 400
    line = written(capfd)
    assert (line["code"], line["model"]) == ("model_failed", "plus@3")
    assert measures(line) == {"Model": NAME, "Version": "3", "Requests": 1, "Errors": 1}


def test_a_run_that_takes_too_long_is_an_error_of_its_version(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path, deadline_seconds=0.1)
    function.releases.publish(1, graphs.endless())
    function.releases.point(1)
    assert function.call(body=b'{"inputs": [1]}').status == 504
    assert measures(written(capfd)) == {"Model": NAME, "Version": "1", "Requests": 1, "Errors": 1}


def test_a_version_that_does_not_load_is_an_error_of_that_version(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    function.releases.damage(1)
    function.releases.point(1)
    assert function.call().status == 503
    line = written(capfd)
    assert (line["code"], line["model"]) == ("invalid_package", "plus@1")
    assert measures(line) == {"Model": NAME, "Version": "1", "Requests": 1, "Errors": 1}


@pytest.mark.parametrize(
    ("body", "code"), [(b"{", "invalid_json"), (b"{}", "invalid_input"), (b'{"instances": [[1]]}', "invalid_input")]
)
def test_what_a_caller_did_wrong_is_a_refusal_by_its_code_and_no_request(
    function: Function, capfd: pytest.CaptureFixture[str], body: bytes, code: str
) -> None:
    function.releases.point(1)
    assert function.call(body=body).status == 400
    line = written(capfd)
    sets: list[list[str]] = [["Model", "Version"], [], ["Model", "Version", "Code"]]
    assert extracted(line) == {"Refusals": (1, "Count", sets)}
    assert (line["Model"], line["Version"], line["Code"], line["model"]) == (NAME, "1", code, "plus@1")


def test_a_failure_is_an_error_by_its_code(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.publish(3, failing())
    function.releases.point(3)
    assert function.call().status == 400
    line = written(capfd)
    sets = [["Model", "Version"], ["Model"], [], ["Model", "Version", "Code"]]
    assert extracted(line)["Errors"] == (1, "Count", sets)
    assert line["Code"] == "model_failed"
    assert set(extracted(line)) == set(ANSWERED) - set(PARTS)


def test_a_version_that_only_a_caller_names_is_no_dimension(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    function.releases.point(1)
    function.call()
    lines(capfd, "request")
    function.store.out = True
    assert function.call(f"/v1/models/{NAME}/versions/7777:predict").status == 503
    line = written(capfd)
    assert measures(line) == {"Model": NAME, "Version": "none", "Requests": 1, "Errors": 1}
    assert function.call("/v1/models/made-up/versions/7777:predict").status in (404, 503)
    assert "_aws" not in written(capfd)


def test_a_defect_is_an_error_of_the_version_that_met_it(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(catalog: Catalog, request: Request, parameters: Mapping[str, str]) -> Response:
        predictor_of(catalog, request, parameters, None)
        raise ZeroDivisionError("what came")

    function.releases.point(2)
    route, head = Route("POST", "/broken/{name}", broken), Request("POST", "/broken/plus", {}, b"", "a")
    with pytest.raises(Defect, match=r"^ZeroDivisionError at functions/predict/service\.py:\d+$"):
        function.entry.service.answer(route, {"name": NAME}, head, lambda _limit: b"")
    line = written(capfd)
    assert (line["status"], line["code"], line["model"]) == (500, "internal", "plus@2")
    assert measures(line) == {"Model": NAME, "Version": "2", "Requests": 1, "Errors": 1}


def test_a_model_that_is_none_is_no_metric(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.point(1)
    assert function.call("/v1/models/nope:predict").status == 404
    assert function.call(f"/v1/models/{NAME}/versions/9:predict").status == 404
    assert [("_aws" in line, line["model"]) for line in lines(capfd, "request")] == [(False, ""), (False, "")]


def test_only_what_a_model_computes_is_a_metric(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.point(1)
    for path in ("/v1/models", f"/v1/models/{NAME}", f"/v2/models/{NAME}/ready", "/v2/health/live"):
        assert call(function.entry, "GET", path).status == 200
    assert [line for line in lines(capfd, "request") if "_aws" in line] == []


def test_a_kept_answer_counts_as_any_other_and_as_a_hit(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path)
    function.releases.publish(1, toml="[cache]\nmax_bytes = 100000\n")
    function.releases.point(1)
    assert [function.call().headers["x-cache"] for _ in range(2)] == ["miss", "hit"]
    missed, hit = lines(capfd, "request")
    assert [(line["Requests"], line["CacheHits"], line["CacheMisses"]) for line in (missed, hit)] == [
        (1, 0, 1), (1, 1, 0),
    ]  # fmt: skip
    assert [part in line for line in (missed, hit) for part in PARTS] == [True] * 4 + [False] * 4


def test_labels_are_counted_in_the_line_and_are_no_metric(entry: Entry, capfd: pytest.CaptureFixture[str]) -> None:
    golden = entry.service.catalog.model("iris-svm").package.read("golden.json")
    instances = [row for case in orjson.loads(golden)["cases"] for row in case["request"]["instances"]]
    answered = call(entry, "POST", "/v1/models/iris-svm:predict", {"instances": instances})
    said = [prediction["label"] for prediction in answered.body["predictions"]]
    line = written(capfd)
    assert line["labels"] == {label: said.count(label) for label in said}
    assert list(extracted(line)) == ANSWERED


def test_a_model_without_labels_has_none_in_the_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    build(graphs.source(tmp_path, NAME, graphs.plus(1)), tmp_path / "packages")
    call(Entry(Settings(packages=str(tmp_path / "packages"))), "POST", PREDICT, ZEROS)
    assert "labels" not in written(capfd)


def test_of_many_labels_the_most_frequent_are_counted_and_all_others_together() -> None:
    predictions = [{"label": f"label-{number}"} for number in range(30) for _ in range(40 - number)]
    counted = count_labels(predictions)
    assert counted is not None
    assert len(counted) == LABELS + 1
    assert (counted["label-0"], counted["label-19"], "label-20" in counted) == (40, 21, False)
    assert counted[OTHER] == sum(40 - number for number in range(20, 30))
    assert sum(counted.values()) == len(predictions)


@pytest.mark.parametrize("prediction", [1.0, [1.0], {"items": []}, {"label": [1]}, {"label": 0.5}, "a"])
def test_what_is_no_label_is_not_counted(prediction: Any) -> None:
    assert count_labels([prediction, prediction]) is None


@pytest.mark.parametrize(("label", "name"), [("a", "a"), (3, "3"), (None, "None")])
def test_labels_are_counted_by_name(label: Any, name: str) -> None:
    assert count_labels([{"label": label}]) == {name: 1}
    assert count_labels([{"label": label}] * 2) == {name: 2}
