"""What a start leaves out, and that nothing misses it."""

import subprocess
import sys

from tests.conftest import ROOT

CODE = """
import gc, sys
from functions.core.start import begin, finish
begin()
assert not gc.isenabled()
import numpy, onnxruntime
finish()
assert gc.isenabled() and gc.get_freeze_count() > 10_000
assert not (numpy.ndarray.sum.__doc__ or '').strip(), "numpy's docstrings were attached all the same"
a = numpy.arange(6.0).reshape(2, 3)
assert (a @ a.T).tolist() == [[5.0, 14.0], [14.0, 50.0]]
assert numpy.linalg.norm(a) > 7 and a.astype("float16").argmax(axis=1).tolist() == [2, 2]
"""


def test_numpy_without_its_documentation_computes_as_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
