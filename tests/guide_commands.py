"""The commands of a shell block, each as its words, those inside of `$(...)` too."""

import re
import shlex
from collections.abc import Iterator

ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
SEPARATORS = frozenset({"|", "||", "&&", ";", "&", "(", ")", "{", "}"})
KEYWORDS = frozenset({"if", "then", "else", "fi", "do", "done", "while", "!", "export"})


def commands(block: str) -> Iterator[list[str]]:
    """Every simple command of a block, without assignments, redirections and what stands around it.

    Raises:
        ValueError: a shell could not read it either.
    """
    for line in block.replace("\\\n", " ").splitlines():
        yield from _line(line)


def _line(line: str) -> Iterator[list[str]]:
    outer, inner = _apart(line)
    for each in inner:
        yield from _line(each)
    lexer = shlex.shlex(outer, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word in SEPARATORS or word == "()":
            if word == "()":
                words = []  # the name of a function that is defined here
            elif words := _plain(words):
                yield words
            words = []
        else:
            words.append(word)


def _plain(words: list[str]) -> list[str]:
    if words[:1] == ["export"] and all(word.isidentifier() for word in words[1:]):
        return []
    while words and (ASSIGNMENT.match(words[0]) or words[0] in KEYWORDS):
        words = words[1:]
    found: list[str] = []
    skip = False
    for word in words:
        if skip or word in (">", ">>", "<", "2>"):
            skip = not skip
        else:
            found.append(word)
    return found


def _apart(line: str) -> tuple[str, list[str]]:
    """The line with a word in place of each `$(...)`, and what stood inside."""
    inner: list[str] = []
    while (start := line.find("$(")) >= 0:
        depth, end = 1, start + 2
        while depth and end < len(line):
            depth += {"(": 1, ")": -1}.get(line[end], 0)
            end += 1
        inner.append(line[start + 2 : end - 1])
        line = f"{line[:start]}VALUE{line[end:]}"
    return line, inner
