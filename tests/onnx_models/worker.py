"""A process that runs a share of the cases: one line of JSON before each case, and one with its results after."""

import json
import sys
import tempfile
import warnings
from itertools import islice
from pathlib import Path

import numpy as np
from onnx.backend.test.runner import Runner

from tests.onnx_models import cases, plain, served
from tests.onnx_models.cases import Case


def _alone(case: Case) -> str:
    """Why ONNX Runtime alone does not answer as expected; empty if it does."""
    try:
        for (_, wanted), got in zip(case.data, plain.answers(case), strict=True):
            _compare(wanted, got, case)
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"[:300]
    return ""


def _ours(case: Case) -> str:
    """Why the code that ships does not; empty if it does, in bytes and, where that loses nothing, in JSON."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            predictor = served.load(case, Path(folder))
            names = served.names(case, predictor)
            for takes, wanted in case.data:
                _compare(wanted, served.answer(predictor, names, takes, binary=True), case)
                if served.has_json(takes) and served.has_json(wanted):
                    _compare(wanted, served.answer(predictor, names, takes, binary=False), case)
        except Exception as fault:
            return f"{type(fault).__name__}: {fault}"[:600]
    return ""


def _compare(wanted: object, got: object, case: Case) -> None:
    if wanted is None or got is None:
        assert wanted is got, f"expected {wanted} - got {got}"
    elif isinstance(wanted, list):
        assert isinstance(got, list)
        assert len(wanted) == len(got)
        for want, have in zip(wanted, got, strict=True):
            _compare(want, have, case)
    else:
        assert isinstance(wanted, np.ndarray)
        Runner.assert_similar_outputs([_text(wanted)], [got], case.rtol, case.atol)


def _text(array: np.ndarray) -> np.ndarray:
    """Strings as objects, which is how ONNX Runtime gives them."""
    return array.astype(object) if array.dtype.kind in "US" else array


def _say(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(first: int, step: int, skip: int) -> None:
    """Every `step`th case from `first` on, without the `skip` first of those."""
    warnings.simplefilter("ignore")
    for case in islice(cases.every(), first + skip * step, None, step):
        _say({"begins": case.name})
        alone = _alone(case)
        ours = "" if alone else _ours(case)
        _say({"name": case.name, "alone": alone, "ours": ours})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
