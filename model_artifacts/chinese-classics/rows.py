"""Write what the model is judged and compressed by: evaluation.jsonl, of held-out passages, and calibration.jsonl, of
the training passages. Takes the folder of fortunes-zh as train.py does.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from passages import Passage, bare, classics, sentences, split
from train import INSTALLED

HERE = Path(__file__).parent
CALIBRATION = 400


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def pieces(passages: list[Passage]) -> Iterator[tuple[str, str]]:
    """What the figures of CARD.md are of: sentences, the same without punctuation, and whole passages, each once."""
    known = set()
    for passage in passages:
        for sentence in sentences(passage.text):
            for text in (sentence, bare(sentence), passage.text):
                if text not in known:
                    known.add(text)
                    yield text, passage.label


def main() -> None:
    """Split as for training, and write both parts."""
    passages, _ = classics(Path(sys.argv[1]) if len(sys.argv) > 1 else INSTALLED)
    kept, held_out = split(passages, seed=0)
    write("evaluation.jsonl", pieces(held_out))
    seen = list(pieces(kept))
    chosen = np.random.default_rng(0).choice(len(seen), CALIBRATION, replace=False)
    write("calibration.jsonl", (seen[index] for index in chosen))


if __name__ == "__main__":
    main()
