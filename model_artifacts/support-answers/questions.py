"""The questions of questions.json: what trains and what is held out, and variations of them as others might type."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

DATA = json.loads((Path(__file__).parent / "questions.json").read_text(encoding="utf-8"))
LANGUAGES = ("en", "zh")
OTHER = -1
VALIDATION, TEST = 2, 4  # paraphrases of each intent in each language that are held out
OPENED, CLOSED, REWORDED, MISTYPED, SHORTENED = 0.35, 0.3, 0.35, 0.4, 0.25  # how often a question is altered so
QUESTION_MARKS = "?\N{FULLWIDTH QUESTION MARK}"
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

Phrases = dict[str, dict[str, list[str]]]
"""By language and kind."""


class Question(NamedTuple):
    """A text, its language, and the index of its intent; OTHER for a question about something else."""

    text: str
    language: str
    intent: int


class Split(NamedTuple):
    """Questions that have an answer, and questions about other things."""

    known: list[Question]
    other: list[Question]


def splits() -> dict[str, Split]:
    """Training, validation and test: paraphrases drawn at random, other things by topic; and the told questions."""
    names = ("validation", "test", "training")
    found = {name: Split([], []) for name in (*names, "told")}
    generator = seeded(0)
    for intent, entry in enumerate(DATA["intents"]):
        for language in LANGUAGES:
            texts = generator.sample(entry[language], len(entry[language]))
            ends = (0, VALIDATION, VALIDATION + TEST, len(texts))
            for name, start, end in zip(names, ends[:-1], ends[1:], strict=True):
                found[name].known.extend(Question(text, language, intent) for text in texts[start:end])
            found["told"].known.extend(Question(text, language, intent) for text in entry["told"][language])
    for name in names:
        for topic in DATA["out_of_scope"][name].values():
            found[name].other.extend(Question(text, code, OTHER) for code in LANGUAGES for text in topic[code])
    return found


def texts_of(questions: Sequence[Question]) -> list[str]:
    """The texts of questions."""
    return [question.text for question in questions]


def seeded(seed: int) -> random.Random:
    """A source of chance that gives the same each time."""
    return random.Random(seed)  # noqa: S311 - no secret depends on it


def plain(text: str) -> str:
    """A text without case, spaces and punctuation: what makes it the same as another."""
    return re.sub(r"\W", "", text.lower())


def phrasebook(hidden: set[str]) -> list[Phrases]:
    """Phrases of every intent and, at OTHER, of other things; without those that are a question in `hidden`."""
    return [
        {
            language: {kind: [text for text in texts if plain(text) not in hidden] for kind, texts in kinds.items()}
            for language, kinds in entry["phrases"].items()
        }
        for entry in (*DATA["intents"], DATA["out_of_scope"])
    ]


def bare(phrases: list[Phrases], *, others: bool = False) -> list[Question]:
    """Phrases as questions of their intents; with `others`, also those of other things."""
    return [
        Question(text, language, intent)
        for intent, entry in zip((*range(len(DATA["intents"])), OTHER), phrases, strict=True)
        if others or intent != OTHER
        for language, kinds in entry.items()
        for texts in kinds.values()
        for text in texts
    ]


def composed(phrases: list[Phrases], intent: int, language: str, chance: random.Random) -> Question:
    """A question of one phrase of an intent, in one of the sentences that carry such a phrase."""
    kinds = phrases[intent][language]
    (kind,) = chance.choices(list(kinds), [len(texts) for texts in kinds.values()])
    carrier = chance.choice(DATA["carriers"][language][kind])
    return Question(carrier.format(chance.choice(kinds[kind])), language, intent)


def varied(question: Question, chance: random.Random) -> Question:
    """A question with some of the alterations."""
    language = question.language
    text = reworded(question, chance) if chance.random() < REWORDED else question.text
    if chance.random() < SHORTENED:
        text = shortened(text, language, chance)
    if chance.random() < MISTYPED:
        text = mistyped(text, chance)
    if chance.random() < OPENED:
        text = chance.choice(DATA["openers"][language]) + text
    if chance.random() < CLOSED:
        text = text.rstrip(QUESTION_MARKS) + chance.choice(DATA["closers"][language])
    return question._replace(text=text)


def reworded(question: Question, chance: random.Random) -> str:
    """A text with one of its words replaced by another of the same use."""
    low = question.text.lower()
    edge = r"\b" if question.language == "en" else ""
    groups = [group for group in DATA["synonyms"][question.language] if any(word in low for word in group)]
    if not groups:
        return question.text
    group = chance.choice(groups)
    pattern = "|".join(re.escape(word) for word in sorted(group, key=len, reverse=True))
    return re.sub(f"{edge}({pattern}){edge}", chance.choice(group), low)


def shortened(text: str, language: str, chance: random.Random) -> str:
    """A text without one of its words; in Chinese, of its characters."""
    parts = text.split() if language == "en" else list(text)
    if len(parts) > 3:
        del parts[chance.randrange(len(parts))]
    return (" " if language == "en" else "").join(parts)


def mistyped(text: str, chance: random.Random) -> str:
    """A text with one slip: a letter or character missed, swapped or doubled, or a key hit beside."""
    places = [place for place, letter in enumerate(text[:-1]) if letter.isalpha()]
    if len(places) < 3:
        return text
    place = chance.choice(places)
    before, letter, after = text[:place], text[place], text[place + 1 :]
    row = next((row for row in KEYBOARD if letter.lower() in row), letter)
    beside = row[min(max(row.find(letter.lower()) + chance.choice((-1, 1)), 0), len(row) - 1)]
    slips = (before + after, before + after[0] + letter + after[1:], before + letter * 2 + after)
    return chance.choice((*slips, before + beside + after))
