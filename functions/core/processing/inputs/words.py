"""The words of a text, or of a pair of texts: what explanations attribute to."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Encoding

from functions.core.processing.inputs.parts import FEW, OCCLUSION
from functions.core.tensors import Array

Encode = Callable[[Sequence[Sequence[str]]], dict[str, Array]]


class Word(NamedTuple):
    """Where a word stands: in which of the texts, and its characters from `start` up to `end`."""

    field: int
    start: int
    end: int


class Words:
    """The words of one instance; a word that is left out is cut from its text."""

    method = OCCLUSION
    batch = FEW

    def __init__(self, encoding: Encoding, texts: Sequence[str], limit: int, encode: Encode) -> None:
        """Take texts apart.

        Args:
            encoding: of the texts; what it cut off is no part.
            limit: parts at most: where there are more words, neighbours stay together.
            encode: feeds of variants of the texts.
        """
        words = _words(encoding)
        groups = np.array_split(np.arange(len(words)), min(limit, len(words)))
        self._groups = [[words[index] for index in group] for group in groups]
        self._texts = texts
        self._encode = encode
        self.count = len(groups)

    def feeds(self, kept: Array) -> dict[str, Array]:
        """Feeds of the texts without the words of the groups that are not kept, [variants, tokens]."""
        return self._encode([self._cut(row) for row in kept])

    def document(self, values: Array) -> list[dict[str, Any]]:
        """Each group of words with its place, in characters of its text, and its value."""
        return [self._entry(group, value) for group, value in zip(self._groups, values.tolist(), strict=True)]

    def _cut(self, kept: Array) -> list[str]:
        texts = list(self._texts)
        for index in reversed(np.flatnonzero(~kept)):
            for word in reversed(self._groups[index]):
                text = texts[word.field]
                texts[word.field] = text[: word.start] + text[word.end :]
        return texts

    def _entry(self, group: Sequence[Word], value: float) -> dict[str, Any]:
        first, last = group[0], group[-1]
        end = last.end if last.field == first.field else len(self._texts[first.field])
        text = self._texts[first.field][first.start : end]
        field = {"field": ("text", "pair")[first.field]} if len(self._texts) == 2 else {}
        return {"text": text, **field, "start": first.start, "end": end, "value": value}


def _words(encoding: Encoding) -> list[Word]:
    words: dict[tuple[int, int], Word] = {}
    places = zip(encoding.sequence_ids, encoding.word_ids, encoding.offsets, strict=True)
    for field, number, (start, end) in places:
        if field is not None and number is not None:
            known = words.get((field, number), Word(field, start, end))
            words[field, number] = Word(field, known.start, end)
    return sorted(words.values())
