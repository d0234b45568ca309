"""Text, or a pair of texts -> the token tensors of a BERT-like model, by a Hugging Face tokenizer file."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.volume import check_rows
from functions.core.processing.inputs.words import Words
from functions.core.tensors import DATATYPES, Array, TensorSpec

LONGEST = 16_384
"""Tokens that `max_length` can ask for at most."""
WORD = 100
"""Characters of the longest word that WordPiece reads: what is beyond `max_length` such words cannot matter."""
TEXTS_AT_ONCE = 256
"""Texts that are encoded together: an encoding weighs far more than the numbers that are taken from it."""


class Text:
    """An instance is a text, or {"text": ...}; of a pair, {"text": ..., "pair": ...}."""

    def __init__(self, declaration: Declaration) -> None:
        self._fields = ("text", "pair") if declaration.flag("pair", False) else ("text",)
        self._tokenizer = _tokenizer(declaration)
        self._special = self._tokenizer.num_special_tokens_to_add(len(self._fields) == 2)
        self._max_length = declaration.whole("max_length", 512, self._special + 1, LONGEST)
        self._longest = declaration.choice("padding", ("longest", "max_length"), "longest") == "longest"
        self._truncation = declaration.choice("truncation", ("end", "start", "refuse"), "end")
        if self._truncation != "refuse":
            direction = "right" if self._truncation == "end" else "left"
            self._tokenizer.enable_truncation(self._max_length, direction=direction)
        self._strict = declaration.choice("unknown", ("accept", "refuse"), "accept") == "refuse"
        self.unknown = self._tokenizer.token_to_id(getattr(self._tokenizer.model, "unk_token", None) or "")
        self.pad = declaration.whole("pad", self._tokenizer.token_to_id("[PAD]") or 0, 0, 2**31 - 1)
        self._ids = _token_tensor(declaration, "ids", "input_ids")
        self._mask = _token_tensor(declaration, "mask", "attention_mask", required=False)
        self._types = _token_tensor(declaration, "types", "token_type_ids", required=False)

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds of shape [len(instances), tokens]."""
        pairs = [self._read(instance, f"{path}[{index}]") for index, instance in enumerate(instances)]
        return self._feeds(pairs, path, check=True)

    def schema(self) -> dict[str, Any]:
        """A text, or an object of it."""
        texts = {field: {"type": "string", "minLength": 1} for field in self._fields}
        whole = {"type": "object", "required": list(texts), "properties": texts, "additionalProperties": False}
        return whole if len(texts) == 2 else {"anyOf": [texts["text"], whole]}

    def parts(self, instance: object, path: str, limit: int) -> Words:
        """The words, neighbours together where there are more than `limit`."""
        texts = self._read(instance, path)
        (encoding,) = self._encodings([texts])
        self._check(encoding, texts, path)
        # Of its variants some are empty or unknown.
        return Words(encoding, texts, limit, lambda variants: self._feeds(variants, path, check=False))

    def _feeds(self, texts: Sequence[Sequence[str]], path: str, *, check: bool) -> dict[str, Array]:
        rows: list[Array] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            some = texts[start : start + TEXTS_AT_ONCE]
            for index, encoding in enumerate(self._encodings(some), start):
                if check:
                    self._check(encoding, texts[index], f"{path}[{index}]")
                rows.append(np.array((encoding.ids, encoding.type_ids)))
        width = max(row.shape[1] for row in rows) if self._longest else self._max_length
        check_rows(len(rows), 8 * width, path)
        ids = np.full((len(rows), width), self.pad)
        types, mask = np.zeros_like(ids), np.zeros_like(ids)
        for index, row in enumerate(rows):
            extent = row.shape[1]
            ids[index, :extent], types[index, :extent] = row
            mask[index, :extent] = 1
        tensors = ((self._ids, ids), (self._mask, mask), (self._types, types))
        return {spec.name: value.astype(DATATYPES[spec.datatype].dtype) for spec, value in tensors if spec}

    def _encodings(self, texts: Sequence[Sequence[str]]) -> list[Encoding]:
        readable = [tuple(map(self._readable, fields)) for fields in texts]
        if len(readable) == 1:  # a single text is not worth the threads that a batch starts
            first, *second = readable[0]
            return [self._tokenizer.encode(first, second[0] if second else None)]
        inputs = readable if len(self._fields) == 2 else [text for (text,) in readable]
        return self._tokenizer.encode_batch(inputs)

    def _readable(self, text: str) -> str:
        characters = WORD * self._max_length
        if len(text) <= characters or self._truncation == "refuse":
            return text
        return text[:characters] if self._truncation == "end" else text[-characters:]

    def _read(self, instance: object, path: str) -> tuple[str, ...]:
        if type(instance) is dict:
            if instance.keys() != set(self._fields):
                expected = f"an object of {' and '.join(self._fields)}"
                raise InvalidInput(path, expected, brief(list(instance)))
            found = [(instance[field], f"{path}.{field}") for field in self._fields]
        elif len(self._fields) == 1:
            found = [(instance, path)]
        else:
            raise InvalidInput(path, 'an object {"text": ..., "pair": ...}', brief(instance))
        for text, at in found:
            if type(text) is not str or not text:
                raise InvalidInput(at, "a text", brief(text))
            if self._truncation == "refuse" and len(text) > WORD * self._max_length:
                raise InvalidInput(at, f"a text of at most {WORD * self._max_length} characters", f"{len(text)}")
        return tuple(text for text, _ in found)

    def _check(self, encoding: Encoding, texts: Sequence[str], path: str) -> None:
        """Refuse a text that is too long, or has tokens that the model does not know where the package says so."""
        ids = encoding.ids
        if len(ids) > self._max_length:
            raise InvalidInput(path, f"at most {self._max_length} tokens", f"{len(ids)}")
        if self._strict and self.unknown in ids:
            index = ids.index(self.unknown)
            field = encoding.sequence_ids[index] or 0
            start, end = encoding.offsets[index]
            got = f"{brief(texts[field][start:end])} at character {start}"
            raise InvalidInput(f"{path}.{self._fields[field]}", "tokens that the model knows", got)


def _tokenizer(declaration: Declaration) -> Tokenizer:
    content = declaration.file("tokenizer")
    try:
        tokenizer = Tokenizer.from_buffer(content)
    except Exception as fault:  # the library raises nothing narrower
        declaration.refuse("tokenizer", f"a tokenizer file ({fault})", declaration.table.get("tokenizer"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _token_tensor(declaration: Declaration, field: str, default: str, *, required: bool = True) -> TensorSpec | None:
    spec = declaration.tensor(field, default) if required else declaration.tensor_at(field, default)
    if spec and (spec.datatype not in ("INT64", "INT32") or len(spec.shape) != 2):
        declaration.refuse(field, "a tensor INT64 or INT32 of shape [rows, tokens]", list(spec))
    return spec
