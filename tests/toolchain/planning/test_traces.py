"""Traffic from files, and what is said of files that are none."""

from pathlib import Path

import numpy as np
import pytest

from toolchain.planning import traces
from toolchain.planning.errors import UnusableTrace
from toolchain.planning.traces import Trace


def trace(tmp_path: Path, text: str) -> Trace:
    path = tmp_path / "trace"
    path.write_text(text)
    return traces.read(path)


def test_moments_are_brought_into_order(tmp_path: Path) -> None:
    assert trace(tmp_path, "time\n3\n1.5\n2\n").arrivals.tolist() == [1.5, 2, 3]
    assert trace(tmp_path, '{"time": 3}\n\n{"time": 1.5}\n').arrivals.tolist() == [1.5, 3]


def test_durations_stay_with_their_moments(tmp_path: Path) -> None:
    found = trace(tmp_path, "id,time,duration_ms\na,3,30\nb,1,10\n")
    assert found.durations is not None
    assert (found.arrivals.tolist(), found.durations.tolist()) == ([1, 3], [0.01, 0.03])


def test_dates_are_read_with_and_without_a_zone(tmp_path: Path) -> None:
    found = trace(tmp_path, '{"time": "1970-01-01T00:01:00Z"}\n{"time": "1970-01-01 01:02:00+01:00"}\n{"time": 180}')
    assert found.arrivals.tolist() == [60, 120, 180]
    assert trace(tmp_path, "time\n1970-01-01T00:00:05\n").arrivals.tolist() == [5]


def test_counts_are_spread_over_their_intervals(tmp_path: Path) -> None:
    found = trace(tmp_path, "time,count\n0,100\n60,0\n120,50\n")
    assert found.durations is None
    assert np.histogram(found.arrivals, [0, 60, 120, 180])[0].tolist() == [100, 0, 50]
    assert np.array_equal(found.arrivals, trace(tmp_path, "time,count\n0,100\n60,0\n120,50\n").arrivals)


def test_an_interval_that_has_no_line_had_no_requests(tmp_path: Path) -> None:
    found = trace(tmp_path, "time,count\n0,10\n60,10\n120,10\n600,10\n")
    assert np.histogram(found.arrivals, [0, 60, 120, 180, 600, 660])[0].tolist() == [10, 10, 10, 0, 10]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expected a header with time, and duration_ms or count - got '' - at {path}:1"),
        ("time\n", "Expected requests - got an empty file - at {path}"),
        ("seconds\n1\n", "Expected a header with time, and duration_ms or count - got 'seconds' - at {path}:1"),
        ("time\nnow\n", "Expected seconds or an ISO 8601 date as time - got 'now' - at {path}:2"),
        ("time\nnan\n", "Expected seconds or an ISO 8601 date as time - got 'nan' - at {path}:2"),
        ("time,duration_ms\n1,-2\n", "Expected a number from 0 as duration_ms - got '-2' - at {path}:2"),
        ("time,duration_ms\n1\n", "Expected 2 values - got 1 - at {path}:2"),
        ('{"time": 1}\n{"at": 2}\n', "at {path}:2"),
        ('{"time": 1}\n[\n', "Expected an object such as {{\"time\": 0.25}} - got '[' - at {path}:2"),
        ('{"time": 1, "duration_ms": 2}\n{"time": 1}\n', "Expected duration_ms in every line, or in none"),
        ("time,count\n0,5\n", "Expected two or more intervals whose times rise"),
        ("time,count\n0,5\n0,5\n", "Expected two or more intervals whose times rise"),
        ("time,count\n0,5e9\n1,5\n", "Expected at most 50000000 requests - got 5000000005"),
    ],
)
def test_what_is_not_understood_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UnusableTrace) as fault:
        trace(tmp_path, text)
    assert words.format(path=tmp_path / "trace") in str(fault.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableTrace, match="No such file"):
        traces.read(tmp_path / "none")
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    with pytest.raises(UnusableTrace, match="Expected a text file"):
        traces.read(tmp_path / "picture")
