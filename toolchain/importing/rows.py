"""calibration.jsonl and evaluation.jsonl of an imported model's samples: no row is in both."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from functions.core.errors import brief
from functions.packaging.gate import CALIBRATION, DATA
from toolchain.importing.contract import Imported, Samples
from toolchain.importing.errors import InvalidSamples

CALIBRATED = 256
"""Rows for calibration at most, and a fifth of all."""
EVALUATED = 5000
FEWEST = 10
"""Rows from which some are set aside for calibration."""


def files(samples: Samples) -> dict[str, bytes]:
    """The content of both files by name; the second alone where the samples are few, none where they are made up."""
    count = len(samples.instances)
    if not samples.file or count < 2:
        return {}
    drawn = np.random.default_rng(0).permutation(count)
    aside = min(CALIBRATED, count // 5) if count >= FEWEST else 0
    complete = [at for at in drawn[:aside].tolist() if not _has_gap(samples.instances[at])]
    parts = {
        CALIBRATION: samples.at(sorted(complete)),
        DATA: samples.at(sorted(drawn[aside : aside + EVALUATED].tolist())),
    }
    return {name: _lines(part) for name, part in parts.items() if len(part.instances) > 1}


def labelled(samples: Samples, imported: Imported, postprocess: Mapping[str, Any]) -> Samples:
    """The samples with labels as the model's answers have them.

    Raises:
        InvalidSamples: one is no label of the model, or no number.
    """
    if samples.labels is None:
        return samples
    labels = [
        _label(label, imported, postprocess, place) for label, place in zip(samples.labels, samples.places, strict=True)
    ]
    return samples._replace(labels=labels)


def _label(label: Any, imported: Imported, postprocess: Mapping[str, Any], place: str) -> Any:
    known: Sequence[str] = postprocess.get("labels", ())
    if known:
        found = _known(label, known) or _by_index(label, known)
        if found is None:
            raise InvalidSamples(f"the label of {place}", f"one of {brief(list(known))}", brief(label))
        return found
    if imported.task == "classification":
        return label
    try:
        if isinstance(label, dict):
            numbers = [float(value) for value in label.values()]
            names = [value["name"] for value in postprocess.get("values", ())]
            return dict(zip(names, numbers, strict=True)) if len(names) == len(numbers) else numbers
        return [float(value) for value in label] if isinstance(label, list) else float(label)
    except (TypeError, ValueError):
        raise InvalidSamples(f"the label of {place}", "a number", brief(label)) from None


def _known(label: Any, known: Sequence[str]) -> str | None:
    """A label as the model writes it: 1, 1.0 and "1" are the same."""
    text = str(label)
    if text in known:
        return text
    for form in (text.removesuffix(".0"), {"true": "True", "false": "False"}.get(text.lower(), "")):
        if form in known:
            return form
    return None


def _by_index(label: Any, known: Sequence[str]) -> str | None:
    """A label by its index, where the model has only numbers and the user has named them."""
    text = str(label).removesuffix(".0")
    return known[int(text)] if text.isdecimal() and int(text) < len(known) else None


def _has_gap(instance: Any) -> bool:
    """Calibration takes no NaN, which gaps become."""
    return isinstance(instance, dict) and any(value is None for value in instance.values())


def _lines(samples: Samples) -> bytes:
    labels = samples.labels
    rows = [
        {"instance": instance} | ({} if labels is None else {"label": labels[index]})
        for index, instance in enumerate(samples.instances)
    ]
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)
