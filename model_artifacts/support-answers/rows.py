"""Write what the model is judged and compressed by: evaluation.jsonl, held-out questions as they are and as others
might type them, and calibration.jsonl, of the training. The label is the answer, or null where none is right.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from questions import DATA, OTHER, Split, seeded, splits, varied

HERE = Path(__file__).parent
PARTS = {"evaluation.jsonl": (("test", "told"), 9), "calibration.jsonl": (("training",), 0)}
"""Parts of the questions, and how many variations of each question; they are of the same words, so less than as many
new questions."""
CALIBRATION = 300


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def asked(split: Split, variations: int) -> Iterator[tuple[str, str | None]]:
    """Questions with their answers, each text once."""
    chance, known = seeded(2), set()
    for question in (*split.known, *split.other):
        answer = None if question.intent == OTHER else DATA["intents"][question.intent]["answer"]
        for one in (question, *(varied(question, chance) for _ in range(variations))):
            if one.text not in known:
                known.add(one.text)
                yield one.text, answer


def main() -> None:
    """Write both parts."""
    found = splits()
    for name, (parts, variations) in PARTS.items():
        rows = [row for part in parts for row in asked(found[part], variations)]
        write(name, rows if variations else seeded(3).sample(rows, CALIBRATION))


if __name__ == "__main__":
    main()
