"""Subprocesses of one step: their words on failure, their end on interruption."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from local.commands import run
from local.errors import CommandFailed
from local.processes import Process
from local.signals import Interrupted, held, raised

SLEEPER = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("pids.new").write_text(f"{os.getpid()} {child.pid}")
os.rename("pids.new", "pids")
time.sleep(60)
"""


def test_output_is_returned_and_noise_is_not(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text("import sys; print('data'); print('noise', file=sys.stderr)")
    assert run("The step", ["step"], tmp_path, {}) == "data\n"


def test_failure_ends_with_what_was_printed_last(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text("import sys; print('first\\n' * 100); sys.exit('the reason')")
    with pytest.raises(CommandFailed, match=r"^The step failed with exit code 1:\n(first\n)+\nthe reason$") as failure:
        run("The step", ["step"], tmp_path, {})
    assert str(failure.value).count("first") < 30


def test_interruption_ends_the_process_and_its_children(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER)

    def interrupt() -> None:
        while not (tmp_path / "pids").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with raised(), pytest.raises(Interrupted):
        run("Sleeping", ["sleeper"], tmp_path, {})
    thread.join()
    processes = [Process.of(int(pid)) for pid in (tmp_path / "pids").read_text().split()]
    deadline = time.monotonic() + 5
    while any(process.alive() for process in processes):
        assert time.monotonic() < deadline


def test_signals_are_held_and_then_delivered() -> None:
    reached = []

    def hold() -> None:
        with held(deliver=True):
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with raised(), pytest.raises(Interrupted, match="SIGINT"):
        hold()
    assert reached == ["the end"]


def test_signals_while_stopping_are_forgotten() -> None:
    with raised(), held(deliver=False):
        signal.raise_signal(signal.SIGINT)
