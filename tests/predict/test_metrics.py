"""What the log line of a request says to CloudWatch of the version that answered, or did not."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.catalog import Catalog
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.packaging.build import build
from functions.predict.entry import Entry
from functions.predict.exchange import LABELS, OTHER, Request, Response, count_labels, predictor_of
from functions.predict.routes import Route
from tests.core import graphs
from tests.core.releases import NAME
from tests.predict.calls import call
from tests.predict.trials import PREDICT, ZEROS, Function, failing, lines

FORMAT = [
    {
        "Namespace": "ortless",
        "Dimensions": [["Model", "Version"]],
        "Metrics": [
            {"Name": "Requests", "Unit": "Count"},
            {"Name": "Errors", "Unit": "Count"},
            {"Name": "Latency", "Unit": "Milliseconds"},
        ],
    }
]


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


def test_an_answer_is_three_metrics_of_its_version(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.point(1, canary=(2, 1.0))
    before = time.time() * 1000
    function.call(caller="a")
    line = written(capfd)
    assert before - 1 <= line["_aws"]["Timestamp"] <= time.time() * 1000
    assert line["_aws"]["CloudWatchMetrics"] == FORMAT
    assert measures(line) == {"Model": NAME, "Version": "2", "Requests": 1, "Errors": 0}
    assert (line["Latency"], line["model"]) == (line["ms"], "plus@2")


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


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"instances": [[1]]}'])
def test_what_a_caller_did_wrong_is_no_metric(
    function: Function, capfd: pytest.CaptureFixture[str], body: bytes
) -> None:
    function.releases.point(1)
    assert function.call(body=body).status == 400
    line = written(capfd)
    assert ("_aws" in line, measures(line), line["model"]) == (False, {}, "plus@1")


def test_a_defect_is_an_error_of_the_version_that_met_it(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(catalog: Catalog, request: Request, parameters: Mapping[str, str]) -> Response:
        predictor_of(catalog, request, parameters, None)
        raise ZeroDivisionError

    function.releases.point(2)
    route, head = Route("POST", "/broken/{name}", broken), Request("POST", "/broken/plus", {}, b"", "a")
    with pytest.raises(ZeroDivisionError):
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


def test_a_kept_answer_counts_as_any_other(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path)
    function.releases.publish(1, toml="[cache]\nmax_bytes = 100000\n")
    function.releases.point(1)
    assert [function.call().headers["x-cache"] for _ in range(2)] == ["miss", "hit"]
    assert [line["Requests"] for line in lines(capfd, "request")] == [1, 1]


def test_labels_are_counted_in_the_line_and_are_no_metric(entry: Entry, capfd: pytest.CaptureFixture[str]) -> None:
    golden = entry.service.catalog.model("iris-svm").package.read("golden.json")
    instances = [row for case in orjson.loads(golden)["cases"] for row in case["request"]["instances"]]
    answered = call(entry, "POST", "/v1/models/iris-svm:predict", {"instances": instances})
    said = [prediction["label"] for prediction in answered.body["predictions"]]
    line = written(capfd)
    assert line["labels"] == {label: said.count(label) for label in said}
    assert line["_aws"]["CloudWatchMetrics"] == FORMAT


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
