"""A search that ends early, or begins where another one stopped."""

from pathlib import Path

import pytest

from tests.toolchain.compression import networks
from tests.toolchain.compression.search.judges import SAME, CosineJudge, judge, large
from toolchain.compression.search.contract import Quality
from toolchain.compression.search.searching import Limits, Progress, search


def test_a_second_run_resumes_without_judging_anything_again(tmp_path: Path) -> None:
    model = large()
    first, second = judge(model, 0.02), judge(model, 0.02)
    runs = [
        search(model.SerializeToString(), one, networks.requests(model), folder=tmp_path) for one in (first, second)
    ]
    assert repr(runs[0]) == repr(runs[1])
    assert len(first.judged) > 3
    assert (second.judged, second.timed) == ([], [])


def test_other_data_or_another_gate_is_judged_anew(tmp_path: Path) -> None:
    model = large()
    search(model.SerializeToString(), judge(model, 0.02), networks.requests(model), folder=tmp_path)
    other = judge(model, 0.02)
    other.digest = "another gate"
    search(model.SerializeToString(), other, networks.requests(model), folder=tmp_path)
    assert len(other.judged) > 3


def test_an_interrupted_search_keeps_what_it_found_and_goes_on_from_there(tmp_path: Path) -> None:
    class Interrupted(CosineJudge):
        def evaluate(self, model: bytes) -> Quality:
            if len(self.judged) == 3:
                raise KeyboardInterrupt
            return super().evaluate(model)

    model = large()
    requests = networks.requests(model)
    broken = Interrupted(model, requests, 0.02, lambda _: SAME)
    found = search(model.SerializeToString(), broken, requests, folder=tmp_path)
    assert found.stopped == "interrupted"
    assert found.chosen is not None
    whole, again = judge(model, 0.02), judge(model, 0.02)
    right = search(model.SerializeToString(), whole, requests)
    resumed = search(model.SerializeToString(), again, requests, folder=tmp_path)
    assert repr(resumed) == repr(right)
    assert len(again.judged) == len(whole.judged) - 3


def test_nothing_is_begun_after_the_time_is_over() -> None:
    model = large()
    ticks = iter(range(100))
    limits = Limits(seconds=3)
    one = judge(model, 0.02)
    found = search(model.SerializeToString(), one, networks.requests(model), limits, clock=lambda: float(next(ticks)))
    assert found.stopped == "time"
    assert found.chosen is not None
    assert len([tried for tried in found.tried if tried.passes]) <= 3


def test_progress_tells_what_is_tried_and_the_best_so_far() -> None:
    model = large()
    told: list[Progress] = []
    found = search(model.SerializeToString(), judge(model, 0.02), networks.requests(model), progress=told.append)
    assert [entry.done for entry in told] == list(range(len(told)))
    assert all(entry.done < entry.expected for entry in told)
    assert told[0].best is None
    assert told[-1].best == found.measured


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model = networks.matmul()
    requests = networks.requests(model)
    found = search(model.SerializeToString(), judge(model, 0.02), requests, folder=tmp_path / "file")
    assert found.chosen is not None
    assert found.fault.startswith("results are not kept: ")


@pytest.mark.parametrize("shortage", [MemoryError("no room"), OSError(28, "No space left on device")])
def test_what_failed_for_want_of_memory_or_disk_is_tried_again_by_the_next_run(
    tmp_path: Path, shortage: Exception
) -> None:
    class Short(CosineJudge):
        def evaluate(self, model: bytes) -> Quality:
            if self.judged:
                raise shortage
            return super().evaluate(model)

    model = large()
    requests = networks.requests(model)
    short = Short(model, requests, 0.02, lambda _: SAME)
    found = search(model.SerializeToString(), short, requests, folder=tmp_path)
    assert found.chosen is None
    assert f"{type(shortage).__name__}: {shortage}" in {tried.refused for tried in found.tried}
    again = search(model.SerializeToString(), judge(model, 0.02), requests, folder=tmp_path)
    assert repr(again) == repr(search(model.SerializeToString(), judge(model, 0.02), requests))
