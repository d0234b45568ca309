"""Simulates readers: which book of the catalogue each of them read after which, by taste, habit and chance."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

CATALOGUE = Path(__file__).parent / "items.json"
SHORTEST, LONGEST = 2, 60  # books of a reader
FAME = 2.2  # each degree of fame, of five, makes a book so many times as likely to be picked
FADING = 0.8  # what is left of the pull of an author or a series after another book
STRAY = 0.05  # share of books that have nothing to do with the reader: presents, schools


class Catalogue(NamedTuple):
    """The books, by index."""

    names: list[str]
    genres: list[str]
    genre: np.ndarray  # [books, genres]: 1 for the genres of a book
    author: np.ndarray  # [books]: index of the author, 0 where nobody knows the name
    series: np.ndarray  # [books]: index of the series, 0 for none
    before: np.ndarray  # [books]: the book before in its series, -1 for none
    fame: np.ndarray  # [books]: weights


class Past(NamedTuple):
    """What readers have read, changed in place."""

    last: np.ndarray  # [readers]: the book read last, -1 for none
    unread: np.ndarray  # [readers, books]: 1 or 0
    authors: np.ndarray  # [readers, authors]: how strongly they come to mind
    series: np.ndarray  # [readers, series]: the same


class Readers(NamedTuple):
    """What makes readers differ, each [readers] but for the taste."""

    taste: np.ndarray  # [readers, genres], sums to 1
    mood: np.ndarray  # how much of the next choice of genre is that of the last book
    loyalty: np.ndarray  # chance that an author is wanted who was read before, a recent one more likely
    persistence: np.ndarray  # chance that a series goes on, when it is the last book's
    crowd: np.ndarray  # how much fame counts, against no difference between books


def catalogue() -> Catalogue:
    """The books of items.json."""
    books: list[dict[str, Any]] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    genres = sorted({genre for book in books for genre in book["genres"]})
    series = [book.get("series", "") for book in books]
    follows = [bool(name) and name == before for name, before in zip(series, ["", *series[:-1]], strict=True)]
    authors = ["" if book["author"] == "Anonymous" else book["author"] for book in books]
    fame = FAME ** np.array([book["fame"] for book in books], float)
    return Catalogue(
        names=[f"{book['title']} - {book['author']}" for book in books],
        genres=genres,
        genre=np.array([[genre in book["genres"] for genre in genres] for book in books], float),
        author=np.unique(authors, return_inverse=True)[1],
        series=np.unique(series, return_inverse=True)[1],
        before=np.where(follows, np.arange(len(books)) - 1, -1),
        fame=fame / fame.sum(),
    )


def drawn(generator: np.random.Generator, books: Catalogue, count: int) -> Readers:
    """Readers: a few genres each, commoner ones more often; some loyal, some not."""
    popular = books.genre.T @ books.fame
    taste = generator.gamma(0.25 * popular / popular.mean(), size=(count, len(books.genres))) + 1e-4
    return Readers(
        taste=taste / taste.sum(1, keepdims=True),
        mood=generator.beta(2, 4, count),
        loyalty=generator.beta(1.2, 4, count),
        persistence=generator.beta(2, 1.5, count),
        crowd=generator.beta(4, 1.5, count),
    )


def chances(books: Catalogue, readers: Readers, past: Past) -> np.ndarray:
    """How probable each book is as the next one, [readers, books]."""
    shares = books.genre / books.genre.sum(1, keepdims=True)
    mood = np.where(past.last >= 0, readers.mood, 0)[:, None]
    wanted = mood * shares[past.last] + (1 - mood) * readers.taste
    crowd = readers.crowd[:, None]
    liked = (crowd * books.fame + (1 - crowd) / len(books.names)) * past.unread
    by_genre = liked * ((wanted / (liked @ books.genre).clip(1e-12)) @ books.genre.T)
    found = (1 - STRAY) * normalised(by_genre) + STRAY * normalised(past.unread)
    by_author = liked * past.authors[:, books.author] * (books.author > 0)
    share = readers.loyalty[:, None] * (by_author.sum(1, keepdims=True) > 0)
    found = (1 - share) * found + share * normalised(by_author)
    begun = past.unread * (1 - past.unread[:, books.before]) * (books.before >= 0)
    pending = begun * past.series[:, books.series]
    share = readers.persistence[:, None] * pending.max(1, keepdims=True).clip(max=1)
    return (1 - share) * found + share * normalised(pending)


def note(books: Catalogue, past: Past, readers: np.ndarray, picked: np.ndarray) -> None:
    """Let readers, by index, have read the books that they picked."""
    past.last[readers], past.unread[readers, picked] = picked, 0
    for memory, groups in ((past.authors, books.author), (past.series, books.series)):
        memory[readers] *= FADING
        memory[readers, groups[picked]] += 1


def normalised(weights: np.ndarray) -> np.ndarray:
    """The same weights, each row adding up to 1, where there is anything to add."""
    return weights / weights.sum(1, keepdims=True).clip(1e-12)


def histories(generator: np.random.Generator, books: Catalogue, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Indices of the books of each reader in the order of reading, and the chances that the last one was drawn from."""
    found, ceilings = [], []
    for start in range(0, count, 2000):
        size = min(2000, count - start)
        readers = drawn(generator, books, size)
        lengths = np.exp(generator.uniform(np.log(SHORTEST), np.log(LONGEST + 1), size)).astype(int)
        groups = (books.author.max() + 1, books.series.max() + 1)
        memory = (np.zeros((size, group)) for group in groups)
        past = Past(np.full(size, -1), np.ones((size, len(books.names))), *memory)
        read, ceiling = np.zeros((size, LONGEST), int), np.zeros((size, len(books.names)), np.float32)
        for step in range(LONGEST):
            active = np.flatnonzero(lengths > step)
            some = (type(table)(*(values[active] for values in table)) for table in (readers, past))
            odds = chances(books, *some)
            picked = (odds.cumsum(1) < generator.random((len(active), 1))).sum(1).clip(max=len(books.names) - 1)
            read[active, step] = picked
            note(books, past, active, picked)
            final = lengths[active] == step + 1
            ceiling[active[final]] = odds[final]
        found += [row[:length] for row, length in zip(read, lengths, strict=True)]
        ceilings.append(ceiling)
    return found, np.concatenate(ceilings)
