"""Processes are held to their share of a processor, in whichever way this machine allows."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolchain.planning import shares
from toolchain.planning.shares import DutyCycle, Quota, Share, Streams, share

BUSY = "import time; end = time.time() + 1.2\nwhile time.time() < end: pass\nprint(time.process_time())"


@pytest.fixture
def streams(tmp_path: Path) -> Streams:
    (tmp_path / "in").write_bytes(b"asked")
    return Streams(tmp_path / "in", tmp_path / "out", tmp_path / "errors")


def used(held: Share, streams: Streams) -> float:
    """Seconds of a processor that a loop of 1.2 seconds gets."""
    assert held.run([sys.executable, "-c", BUSY], {}, streams, 30) == 0
    return float(streams.out.read_text())


def test_the_best_way_there_is_holds_a_process_to_its_share(streams: Streams) -> None:
    with share(0.3) as held:
        assert held.means in ("cgroup v1 quota", "cgroup v2 quota", DutyCycle.means)
        assert used(held, streams) < 1.2 * 0.3 * 1.35


def test_stopping_and_continuing_holds_a_process_to_its_share(streams: Streams) -> None:
    assert used(DutyCycle(0.3), streams) < 1.2 * 0.3 * 1.5


def test_where_no_group_can_be_made_processes_are_stopped(tmp_path: Path, streams: Streams) -> None:
    with share(0.5, tmp_path / "none") as held:
        assert held.means == DutyCycle.means
    with share(0.5, tmp_path) as held:  # a folder that is no control group
        assert held.means == DutyCycle.means
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    assert streams.read.exists()


def test_a_quota_is_written_as_each_version_of_groups_takes_it(tmp_path: Path, streams: Streams) -> None:
    second = tmp_path / "second"
    second.mkdir()
    (second / "cpu.max").write_text("max 100000")
    assert Quota(second, 0.25).means == "cgroup v2 quota"
    assert (second / "cpu.max").read_text() == "5000 20000"
    first = tmp_path / "first"
    first.mkdir()
    assert Quota(first, 2.0).means == "cgroup v1 quota"
    assert (first / "cpu.cfs_quota_us").read_text() == "40000"
    assert (first / "cpu.cfs_period_us").read_text() == "20000"
    assert Quota(second, 2.0).run(["sh", "-c", "cat; echo told >&2"], {"PATH": "/usr/bin:/bin"}, streams, 10) == 0
    assert (streams.out.read_text(), streams.errors.read_text()) == ("asked", "told\n")
    assert (second / "cgroup.procs").read_text().strip().isdigit(), "who runs, joined before it began"


@pytest.mark.parametrize("made", [lambda _: DutyCycle(0.5), lambda folder: Quota(folder, 0.5)], ids=["duty", "quota"])
def test_a_command_is_told_when_it_started(tmp_path: Path, streams: Streams, made: object) -> None:
    held: Share = made(tmp_path)  # type: ignore[operator]
    before = time.time_ns()
    held.run(["sh", "-c", "echo $0"], {"PATH": "/usr/bin:/bin"}, streams, 10)
    assert before - 1e7 <= int(streams.out.read_text()) <= time.time_ns()


@pytest.mark.parametrize("made", [lambda _: DutyCycle(0.5), lambda folder: Quota(folder, 0.5)], ids=["duty", "quota"])
def test_a_command_that_takes_too_long_is_ended(tmp_path: Path, streams: Streams, made: object) -> None:
    held: Share = made(tmp_path)  # type: ignore[operator]
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(subprocess.TimeoutExpired):
        held.run([sys.executable, "-c", code], {"PATH": "/usr/bin:/bin"}, streams, 1.5)
    assert not Path(f"/proc/{streams.out.read_text().strip()}/cmdline").exists()


def test_a_group_is_gone_afterwards() -> None:
    with share(0.5):
        pass
    mine = f"ortless-{os.getpid()}-*"
    assert [*shares.CGROUPS.glob(mine), *shares.CGROUPS.glob(f"*/{mine}")] == []
