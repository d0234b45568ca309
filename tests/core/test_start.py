"""What a start leaves out, and that nothing misses it."""

import subprocess
import sys

from tests.conftest import ROOT

CODE = """
import gc, sys
from functions.core.start import start
def load():
    assert not gc.isenabled()
    import numpy, onnxruntime
    return numpy
numpy = start(load)
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


def test_a_start_has_room_on_the_stack_at_every_depth() -> None:
    calls = """
import resource
from functions.core.start import start

def leaf(): pass

def load():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20_000): leaf()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def at(depth):
    return start(load) if depth == 0 else at(depth - 1)

print(max(at(depth) for depth in range(300)))
"""
    done = subprocess.run([sys.executable, "-c", calls], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000  # without it, some depth costs a fault at nearly each of the 20,000 calls
