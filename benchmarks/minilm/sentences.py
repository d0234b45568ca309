"""English sentences from Debian's package fortunes, tokenized; the same ones on every machine with that package."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

FORTUNES = Path("/usr/share/games/fortunes")
SHORTEST, LONGEST = 30, 200
"""Characters."""
MOST_TOKENS = 128


def sentences(count: int) -> list[str]:
    """So many different texts of one line, in an order drawn once. Raises SystemExit with a hint where there are none.

    A fortune is a paragraph between lines of %; what stands behind `--` names the author and is left out.
    """
    found: dict[str, None] = {}
    for path in sorted(FORTUNES.glob("*")):
        if path.suffix or path.is_symlink():
            continue
        for fortune in path.read_text(errors="ignore").split("\n%\n"):
            text = re.sub(r"\s+", " ", fortune.split("\t\t--")[0]).strip()
            if SHORTEST < len(text) < LONGEST:
                found[text] = None
    if len(found) < count:
        raise SystemExit(f"{FORTUNES} has too few texts\nhint: on Debian and Ubuntu, apt install fortunes")
    drawn = list(found)
    random.Random(0).shuffle(drawn)  # noqa: S311 - an order, no secret
    return drawn[:count]


class Encoding:
    """Texts as the model's tensors."""

    def __init__(self, tokenizer: Path) -> None:
        """Read the tokenizer's file."""
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)

    def feeds(self, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
        """input_ids, attention_mask and token_type_ids: int64, (texts, tokens of the longest)."""
        rows = [row.ids for row in self._tokenizer.encode_batch(list(texts))]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, : len(row)], mask[index, : len(row)] = row, 1
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
