"""The benchmarks run, and what they promise holds."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cold_start, warm
from benchmarks.pictures import write_picture_model
from functions.packaging.build import build
from tests.conftest import ROOT


def test_a_cold_start_is_of_the_order_of_a_bare_handlers() -> None:
    medians = {row.name: row.median for row in cold_start.measure(rounds=5)}
    # The limits proper are for `make bench` on a quiet machine; this one only a real regression can cross.
    assert medians["ortless"] < 1.6 * medians["bare"]
    assert medians["ortless"] < 0.6 * medians["naive"]


def test_a_picture_sized_tensor_takes_a_fraction_of_what_the_naive_bundle_does(tmp_path: Path) -> None:
    build(write_picture_model(tmp_path), tmp_path / "packages")
    naive, *ours = warm.measure(*warm.PICTURE, tmp_path / "packages", rounds=1)
    assert max(row.median for row in ours) < 0.5 * naive.median


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_figure_is_within_its_limit() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
