"""What a handler tells of the data that it is asked: sketches of counts, and metrics of how far that drifted."""

import json
import subprocess
import sys
from itertools import islice
from typing import Any

import pytest

from functions.core.drift import watch as watching
from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.conftest import ROOT, SAMPLES
from tests.predict.calls import call

MODEL = "credit-risk"
Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def never_looks_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that may take all the time there is: what it counts does not hang on how busy the machine is."""
    monkeypatch.setattr(watching, "SHARE", float("inf"))


def rows(model: str, count: int) -> list[Any]:
    with (ROOT / "model_artifacts" / model / "evaluation.jsonl").open() as lines:
        return [json.loads(line)["instance"] for line in islice(lines, count)]


def ask(entry: Entry, model: str, instances: list[Any], at_once: int = 50) -> None:
    for start in range(0, len(instances), at_once):
        body = {"instances": instances[start : start + at_once]}
        assert call(entry, "POST", f"/v1/models/{model}:predict", body).status == 200


def warm(settings: Settings, model: str, **other: Any) -> Entry:
    """A handler that has answered twice: from then on it watches."""
    entry = Entry(settings._replace(**other))
    for _ in range(2):
        ask(entry, model, rows(model, 1))
    return entry


def told(capfdbinary: pytest.CaptureFixture[bytes]) -> Lines:
    return [json.loads(line) for line in capfdbinary.readouterr().err.splitlines() if b'"event":' in line]


def of(lines: Lines, event: str) -> Lines:
    return [line for line in lines if line["event"] == event]


def test_a_stable_stream_stays_below_the_threshold(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = warm(settings, MODEL)
    ask(entry, MODEL, rows(MODEL, 200))
    (sketch,) = of(lines := told(capfdbinary), "sketch")
    assert (sketch["Model"], sketch["Version"], sketch["PsiMax"]) == (MODEL, "0", 0)
    assert max(sketch["MissingMax"], sketch["OutOfRangeMax"]) <= 0.01
    assert {sum(each["counts"]) + each["missing"] for each in sketch["features"].values()} == {200}
    assert {line["Feature"] for line in of(lines, "drift")} == sketch["features"].keys()


def test_a_drifted_stream_is_above_it_and_says_which_feature(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = warm(settings, MODEL)
    poorer = [[row[0] * 0.5, *row[1:]] for row in rows(MODEL, 200)]
    ask(entry, MODEL, poorer)
    lines = told(capfdbinary)
    psi = {line["Feature"]: line["Psi"] for line in of(lines, "drift")}
    assert psi["annual_income"] > 0.2
    assert psi["term"] == 0
    (sketch,) = of(lines, "sketch")
    assert sketch["PsiMax"] == max(psi.values())
    assert sketch["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Model"], []]


def test_tensors_are_counted_as_instances_are(settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    given = rows(MODEL, 200)
    sketches = []
    for way in ("v1", "v2", "columns"):
        entry = warm(settings, MODEL)
        for start in range(0, 200, 50):
            some = given[start : start + 50]
            tensor = {"name": "features", "shape": [50, 10], "datatype": "FP32", "data": some}
            path, body = {
                "v1": (f"/v1/models/{MODEL}:predict", {"instances": some}),
                "columns": (f"/v1/models/{MODEL}:predict", {"inputs": some}),
                "v2": (f"/v2/models/{MODEL}/infer", {"inputs": [tensor]}),
            }[way]
            assert call(entry, "POST", path, body).status == 200
        (sketch,) = of(told(capfdbinary), "sketch")
        sketches.append(sketch["features"])
    assert sketches[0] == sketches[1] == sketches[2]


@pytest.mark.parametrize("model", SAMPLES)
def test_every_sample_is_watched_and_none_of_its_rows_fails_the_watch(
    model: str, settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = warm(settings, model, drift_rows=50, drift_features=100)
    given = rows(model, 60)
    ask(entry, model, given + given[: max(0, 60 - len(given))], at_once=5)
    lines = told(capfdbinary)
    assert of(lines, "drift_fault") == []
    sketch = of(lines, "sketch")[0]
    assert sketch["OutOfRangeMax"] <= 0.05
    reference = json.loads((ROOT / "model_artifacts" / model / "reference.json").read_text())
    assert sketch["features"].keys() == {feature["name"] for feature in reference["features"]}
    assert any(name.startswith("output:") for name in sketch["features"])


def test_no_line_is_about_fewer_than_fifty_rows(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = warm(settings, MODEL, drift_minutes=1)
    monkeypatch.setattr(watching, "time", lambda: 4e9)  # an hour of which is long over
    ask(entry, MODEL, rows(MODEL, 49), at_once=1)
    assert of(told(capfdbinary), "sketch") == []
    monkeypatch.setattr(watching, "time", lambda: 4e9 + 120)
    ask(entry, MODEL, rows(MODEL, 1))
    assert len(of(told(capfdbinary), "sketch")) == 1


def test_explanations_and_refused_requests_are_not_counted(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = warm(settings, MODEL, drift_rows=50)
    assert call(entry, "POST", f"/v1/models/{MODEL}:explain", {"instances": rows(MODEL, 1)}).status == 200
    assert call(entry, "POST", f"/v1/models/{MODEL}:predict", {"instances": [[-1] * 10] * 60}).status == 400
    assert of(told(capfdbinary), "sketch") == []


def test_a_share_of_the_requests_is_looked_at_where_the_stage_says_so(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = warm(settings, MODEL, drift_share=0.25)
    ask(entry, MODEL, rows(MODEL, 800), at_once=10)
    (sketch,) = of(told(capfdbinary), "sketch")
    assert sum(sketch["features"]["term"]["counts"]) == 200


def test_nothing_is_watched_where_the_stage_says_so(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = warm(settings, MODEL, drift_rows=0)
    ask(entry, MODEL, rows(MODEL, 300))
    assert of(lines := told(capfdbinary), "sketch") + of(lines, "drift") == []


def test_a_fault_of_the_watch_is_one_line_and_no_fault_of_an_answer(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = warm(settings, MODEL)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("it broke")

    monkeypatch.setattr("functions.core.drift.lines.emit", broken)
    ask(entry, MODEL, rows(MODEL, 600))
    (fault,) = of(told(capfdbinary), "drift_fault")
    assert fault["error"] == "ZeroDivisionError: it broke"


def test_an_environments_first_answer_waits_for_none_of_it(packages: object) -> None:
    code = (
        "import sys\nfrom functions.core.settings import Settings\nfrom functions.predict.entry import Entry\n"
        "from tests.predict.calls import call\n"
        f"entry = Entry(Settings(packages={str(packages)!r}))\n"
        "known = []\n"
        "for _ in range(2):\n"
        "    call(entry, 'POST', '/v1/models/iris-svm:predict', {'instances': [[5, 3, 1, 1]]})\n"
        "    known.append('functions.core.drift.watch' in sys.modules)\n"
        "print(known)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[False, True]\n"
