"""Recipes: passes in a row, as text, and carried out.

`merge | smooth-int8(keep=3) | embeddings(bits=8)`: names of passes, in their order, with the options that differ from
the defaults. A value is JSON (3, 0.5, true, "text", ["a", "b"]) or a bare word.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from toolchain.compression.calibration import Calibration, load
from toolchain.compression.errors import InvalidRecipe, NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.passes.options import Value, configured
from toolchain.compression.passes.table import PASSES

REVISION = 2
"""Counts up when a pass does something else under the same text, so that results kept by digest are not used again."""

NAME = re.compile(r"\s*([a-z0-9-]+)\s*")
KEY = re.compile(r"\s*([a-z_0-9]+)\s*=\s*")
WORD = re.compile(r"(?!(?:true|false|null)\b)[A-Za-z][\w.-]*")


@dataclass(frozen=True)
class Step:
    """One pass with its options.

    Raises:
        InvalidRecipe: there is no such pass, or it has no such option, or the option takes no such value.
    """

    name: str
    options: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in PASSES:
            raise InvalidRecipe(f"there is no pass {self.name!r}; there are {', '.join(PASSES)}")
        configured(PASSES[self.name].options, self.options, self.name)

    def __str__(self) -> str:
        if not self.options:
            return self.name
        return f"{self.name}({', '.join(f'{key}={_text(self.options[key])}' for key in sorted(self.options))})"

    def __hash__(self) -> int:
        return hash(str(self))


@dataclass(frozen=True)
class Recipe:
    """Steps in a row; without any, the model stays as it is."""

    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return " | ".join(str(step) for step in self.steps)

    @property
    def digest(self) -> str:
        """SHA-256 of what the recipe does: the same text, the same passes, the same digest."""
        return hashlib.sha256(f"{REVISION}\n{self}".encode()).hexdigest()

    @property
    def needs_calibration(self) -> bool:
        """Whether one of the passes looks at sample requests."""
        return any(PASSES[step.name].calibration for step in self.steps)

    @property
    def needs_labels(self) -> bool:
        """Whether one of the passes looks at labels."""
        return any(PASSES[step.name].labels for step in self.steps)


class Outcome(NamedTuple):
    """What a recipe made: the file's content, and what each pass says it did."""

    model: bytes
    notes: tuple[str, ...]


def parse(text: str) -> Recipe:
    """Read a recipe's text; an empty one has no steps.

    Raises:
        InvalidRecipe: the text is not of that form, or as `Step`.
    """
    steps, position = [], 0
    while text[position:].strip():
        step, position = _step(text, position)
        steps.append(step)
        rest = text[position:].lstrip()
        if not rest:
            break
        if rest[0] != "|" or not rest[1:].strip():
            raise InvalidRecipe(f"after {step} expected '|' and another pass, got {rest[:30]!r}")
        position = len(text) - len(rest) + 1
    return Recipe(tuple(steps))


def apply(recipe: Recipe, model: bytes, calibration: Calibration | None = None) -> Outcome:
    """Carry a recipe out. The same recipe on the same model and requests gives the same bytes.

    Args:
        recipe: the passes.
        model: an ONNX file's content, with all its tensors.
        calibration: sample requests, for passes that need them.

    Raises:
        NotApplicable: a pass cannot take the model, or ONNX Runtime does not take what the passes made of it.
    """
    graph = Graph.of(model)
    names = graph.inputs, graph.outputs
    for step in recipe.steps:
        graph = _applied(step, graph, calibration)
        graph.sweep()
    if (graph.inputs, graph.outputs) != names:
        raise NotApplicable("the passes changed what the graph takes or gives", str(recipe))
    load(graph.model)
    return Outcome(graph.bytes() if recipe.steps else model, tuple(graph.notes))


def _applied(step: Step, graph: Graph, calibration: Calibration | None) -> Graph:
    entry = PASSES[step.name]
    if entry.calibration and calibration is None:
        raise NotApplicable("it needs sample requests to calibrate with, and there are none", step.name)
    if reason := entry.applies(graph):
        raise NotApplicable(reason, step.name)
    before = len(graph.notes)
    try:
        made = entry.run(graph, configured(entry.options, step.options, step.name), calibration)
    except NotApplicable as fault:
        raise NotApplicable(fault.reason, step.name) from None
    made.notes[before:] = [f"{step.name}: {note}" for note in made.notes[before:]]
    return made


def _step(text: str, position: int) -> tuple[Step, int]:
    if not (found := NAME.match(text, position)):
        raise InvalidRecipe(f"expected the name of a pass, got {text[position : position + 30]!r}")
    name, position = found[1], found.end()
    options: dict[str, Value] = {}
    if text[position : position + 1] != "(":
        return Step(name), position
    position += 1
    while not (closing := re.compile(r"\s*\)").match(text, position)):
        key, value, position = _option(text, position, name)
        if key in options:
            raise InvalidRecipe(f"{name} is given {key} twice")
        options[key] = value
        if separator := re.compile(r"\s*,").match(text, position):
            position = separator.end()
        elif not re.compile(r"\s*\)").match(text, position):
            raise InvalidRecipe(f"after {name}'s {key} expected ',' or ')', got {text[position : position + 30]!r}")
    return Step(name, options), closing.end()


def _option(text: str, position: int, name: str) -> tuple[str, Value, int]:
    if not (found := KEY.match(text, position)):
        raise InvalidRecipe(f"{name} expected option=value, got {text[position : position + 30]!r}")
    position = found.end()
    if word := WORD.match(text, position):
        return found[1], word[0], word.end()
    try:
        value, end = json.JSONDecoder().raw_decode(text, position)
    except json.JSONDecodeError:
        got = text[position : position + 30]
        raise InvalidRecipe(f"{name}'s {found[1]} expected a word or JSON, got {got!r}") from None
    return found[1], tuple(value) if isinstance(value, list) else value, end


def _text(value: Any) -> str:
    if isinstance(value, str) and WORD.fullmatch(value):
        return value
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
