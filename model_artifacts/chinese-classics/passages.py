"""The text: passages of Chinese classics from the files of Debian's package fortunes-zh."""

# ruff: noqa: RUF001  (Chinese punctuation is meant)

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

LABELS = ["Analects", "Daodejing", "Caigentan", "Zengguang", "Tang poem", "Song ci"]
BOOKS = {"论语": "Analects", "道德经": "Daodejing", "菜根谭": "Caigentan", "增广贤文": "Zengguang"}
FIRST_OF_SONG = "王禹"  # the lyrics are in order of time; so the file spells Wang Yucheng, the first poet of the Song


class Passage(NamedTuple):
    """A saying, a chapter or a poem."""

    label: str
    text: str


def fortunes(file: Path) -> Iterator[str]:
    """The entries of a file of fortunes, without the codes that colour them."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", file.read_text(encoding="utf-8"))
    return (entry.strip("\n") for entry in re.split(r"(?m)^%", text) if entry.strip())


def joined(lines: str) -> str:
    """Lines as one text, without remarks on characters that the file lacks."""
    return re.sub(r"\s|（.*?）|［.*?］|□", "", lines).replace("「", "“").replace("」", "”")


def poems(file: Path) -> list[str]:
    """Poems of a file in which the title and the author come first; a preface, if any, ends at an empty line."""
    bodies = (re.split(r"(?m)^.*作者[:：].*$", entry, maxsplit=1)[-1] for entry in fortunes(file))
    return [joined(re.split(r"\n\s*\n", body.strip())[-1]) for body in bodies]


def classics(folder: Path) -> tuple[list[Passage], list[str]]:
    """The passages with their labels, and the lyrics (ci) that are older than the Song."""
    found, lyrics = [Passage("Tang poem", poem) for poem in poems(folder / "tang300")], []
    for entry in fortunes(folder / "chinese"):
        body, _, last = entry.rpartition("\n")
        saying = re.fullmatch(r" *--\s*《(.+?)》(?!序说|孟子法).*", last)
        lyric = re.fullmatch(r" {6}--\s*(\S+?)《.*", last)
        if saying and saying[1] in BOOKS:
            found.append(Passage(BOOKS[saying[1]], joined(body.split("\n\n")[0])))
        elif lyric:
            lyrics.append((lyric[1], joined(body)))
    song = [author for author, _ in lyrics].index(FIRST_OF_SONG)
    return found + [Passage("Song ci", text) for _, text in lyrics[song:]], [text for _, text in lyrics[:song]]


def bare(text: str) -> str:
    """A text without punctuation."""
    return re.sub(r"\W", "", text)


def sentences(text: str, shortest: int = 10) -> list[str]:
    """The sentences of a text, short ones together with the next up to at least 10 characters."""
    pieces = [""]
    for sentence in re.findall(r"[^。！？；]+[。！？；]*[”’》]*", text):
        if len(bare(pieces[-1])) >= shortest:
            pieces.append("")
        pieces[-1] += sentence
    if len(pieces) > 1 and len(bare(pieces[-1])) < shortest:
        pieces[-2:] = ["".join(pieces[-2:])]
    return pieces


def families(passages: list[Passage], run: int = 8) -> list[list[int]]:
    """Passages by index; those that share 8 characters in a row, as repeated or quoted ones do, are together."""
    family: dict[int, list[int]] = {}
    first: dict[str, int] = {}
    for index, passage in enumerate(passages):
        family[index] = [index]
        text = bare(passage.text)
        for start in range(max(1, len(text) - run + 1)):
            other = family[first.setdefault(text[start : start + run], index)]
            if other is not family[index]:
                other.extend(family[index])
                family.update(dict.fromkeys(family[index], other))
    return list({id(members): members for members in family.values()}.values())


def split(passages: list[Passage], seed: int, parts: int = 5) -> tuple[list[Passage], list[Passage]]:
    """Four fifths of the families to learn from, and one fifth held out, label by label."""
    order = np.random.default_rng(seed)
    kept: list[Passage] = []
    held_out: list[Passage] = []
    groups = families(passages)
    for label in LABELS:
        ours = [group for group in groups if passages[group[0]].label == label]
        for place, index in enumerate(order.permutation(len(ours))):
            (held_out if place % parts == 0 else kept).extend(passages[member] for member in ours[index])
    return kept, held_out
