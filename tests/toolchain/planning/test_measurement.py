"""A package is timed through the handler that ships, in processes of its own; what is found names its conditions."""

import json
from pathlib import Path

import pytest

from functions.core.errors import InvalidPackage
from tests.conftest import ROOT
from tests.core import graphs
from toolchain.compression.report.machine import architecture
from toolchain.planning import basis, timings
from toolchain.planning.errors import NotMeasured, Unplannable
from toolchain.planning.measurement import Measured, measure

LINEAR = ROOT / "model_artifacts" / "linear-regression"
TOO_LARGE = 10_240


@pytest.fixture(scope="module")
def linear() -> Measured:
    return measure(LINEAR, [256, 1769], rounds=2)


def test_every_size_is_timed_cold_and_warm(linear: Measured) -> None:
    assert [found.memory_mb for found in linear.timings] == [256, 1769]
    for found in linear.timings:
        assert (found.basis, found.architecture) == (timings.MEASURED, architecture())
        assert len(found.warm) > 100
        assert 0 < found.warm[0] <= found.warm[-1]
        assert 10 < found.init < 60_000
    assert linear.timings[0].init > 150, "no start of numpy and ONNX Runtime is that fast on a seventh of a processor"


def test_what_a_request_is_comes_with_it(linear: Measured) -> None:
    golden = json.loads((LINEAR / "golden.json").read_bytes())
    assert linear.request_bytes == len(json.dumps(golden["cases"][0]["request"], separators=(",", ":")))
    assert 10 < linear.answer_bytes < 200
    assert 200 < linear.log_bytes < 2000
    assert 20 < linear.peak_mb < 400


def test_sizes_beyond_the_machine_are_scaled_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    found = basis.measured(LINEAR, [1769, TOO_LARGE], 0.5, 1)
    assert [(each.memory_mb, each.basis) for each in found.timings] == [(1769, "measured"), (TOO_LARGE, "scaled")]
    assert any("10240 MB come with more processors than there are here" in note for note in found.notes)
    assert any(f"Timed on {architecture()}, and true of no other" in note for note in found.notes)


def test_times_of_one_architecture_are_never_another_ones(linear: Measured) -> None:
    found = basis.Basis(linear.timings, [])
    other = {"x86_64": "arm64", "arm64": "x86_64"}[architecture()]
    assert found.architecture(None) == found.architecture(architecture()) == architecture()
    with pytest.raises(Unplannable, match=f"Expected times of {other} - got times taken here, on {architecture()}"):
        found.architecture(other)


def test_only_sizes_beyond_the_machine_cannot_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    with pytest.raises(NotMeasured, match="more processors than this machine has"):
        measure(LINEAR, [TOO_LARGE])


def test_a_model_without_golden_requests_cannot_be_measured(tmp_path: Path) -> None:
    folder = graphs.source(tmp_path, "plus", graphs.plus(1))
    with pytest.raises(NotMeasured, match=r"plus could not be measured: it has no golden\.json"):
        measure(folder, [1769])


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPackage):
        measure(tmp_path, [1769])
