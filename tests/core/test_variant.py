"""Who is served by a canary."""

import json
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from functions.core.variant import share
from tests.conftest import ROOT

KEYS = [f"c6af9ac6-7b61-11e6-9a41-{number:012x}" for number in range(20_000)]
WEIGHTS = st.floats(0, 1)
SHARES = [0.285989795, 0.77781072, 0.96634745]
"""Of three callers, computed once: a release that gave others would move callers in a trial that runs."""


def test_a_tenth_of_the_callers_is_a_tenth() -> None:
    for keys in (
        KEYS,
        [str(number) for number in range(20_000)],
        [f"user-{number}@example" for number in range(20_000)],
    ):
        served = sum(share("plus", 2, key) < 0.1 for key in keys) / len(keys)
        assert 0.09 <= served <= 0.11


def test_the_shares_are_spread_evenly() -> None:
    counts = [0] * 20
    for key in KEYS:
        counts[int(share("plus", 2, key) * 20)] += 1
    # Chi-squared of 19 degrees of freedom: above 43.8 once in a thousand.
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 43.8


def test_shares_are_what_they_were_in_every_process() -> None:
    shares = "[share('plus', 2, str(number)) for number in range(50)]"
    code = f"import json; from functions.core.variant import share; print(json.dumps({shares}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [share("plus", 2, str(number)) for number in range(50)]


def test_shares_are_what_they_were_in_every_release() -> None:
    assert [round(share("plus", 2, key), 9) for key in ("", "a", "caller-1")] == SHARES


@given(st.text(), WEIGHTS, WEIGHTS)
def test_raising_the_weight_keeps_who_had_the_canary(key: str, first: float, second: float) -> None:
    found = share("plus", 2, key)
    assert 0 <= found < 1
    assert found == share("plus", 2, key)
    low, high = sorted((first, second))
    assert found >= low or found < high


def test_another_trial_begins_with_other_callers() -> None:
    first, second = ({key for key in KEYS if share("plus", version, key) < 0.1} for version in (2, 3))
    assert len(first & second) < 0.2 * len(first)
    other = {key for key in KEYS if share("other", 2, key) < 0.1}
    assert len(first & other) < 0.2 * len(first)
