"""Which recipes are worth trying on a graph: ladders, each from what compresses most to what keeps answers best.

Those of `half`, of heads and of students are for those who ask for them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from toolchain.compression.distillation.proposals import proposals
from toolchain.compression.graph import Graph
from toolchain.compression.layers import convolutions, linears
from toolchain.compression.passes import merging
from toolchain.compression.passes.options import Value
from toolchain.compression.recipe import Recipe, Step, parse

ROUNDINGS = ("minmax", "percentile", "entropy")
SHARES = (0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
NEURONS = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75)
HEADS = (0.25, 0.5, 0.75)
QUANTIZING = {"smooth-int8", "dynamic-int8", "static-int8", "weight-only", "mixed-blocks"}
CORRECTED = " | correct-bias"
TIDYING = ("deduplicate", "compact")
"""Passes that close every recipe, where they apply; answers stay the same to the bit."""


class Ladder(NamedTuple):
    """Recipes of one kind; of a rung's alternatives the nearest to the original stands for it.

    Attributes:
        name: what they have in common.
        rungs: the first compresses most, the last answers best.
    """

    name: str
    rungs: tuple[tuple[Recipe, ...], ...]


def ladders(graph: Graph, usable: Sequence[str], *, calibrated: bool, first: str = "") -> list[Ladder]:
    """The ladders for a graph, the most promising first.

    Args:
        graph: the original.
        usable: names of the passes to take: those that are allowed, and that apply.
        calibrated: whether there are sample requests.
        first: the text that recipes of layers begin with.
    """
    last = " | embeddings" if "embeddings" in usable else ""
    count, convs = len(linears(graph)), len(convolutions(graph))
    folded = first
    if "merge" in usable:
        first, count = f"{first}merge | ", count - _merged(graph)
    rungs = _whole_numbers(first, last, count, convs, calibrated=calibrated)
    rungs["trees"] = [*([f"prune-trees(share={share})"] for share in SHARES), ["compact-trees"]]
    rungs["tables of embeddings"] = [[f"{folded}embeddings(bits=4)"], [f"{folded}embeddings"]]
    rungs["pruned neurons"] = [[f"prune-neurons(share={share})"] for share in reversed(NEURONS)]
    rungs["pruned heads"] = [[f"prune-heads(share={share})"] for share in reversed(HEADS)]
    rungs["16 bits"] = [["half"]]
    students = proposals(graph)
    rungs["students"] = [[text] for text in students]
    rungs["students in 8 bits"] = [
        [f"{text} | static-int8(method={method})" for method in ROUNDINGS] for text in students if "channels" in text
    ]
    rungs["folded"] = [["fold(level=extended)"], ["fold"]]
    rungs["tidied"] = [[name] for name in TIDYING[::-1]]
    made = [Ladder(name, _allowed(texts, usable)) for name, texts in rungs.items()]
    return [ladder for ladder in made if ladder.rungs]


def neighbours(recipe: Recipe, usable: Sequence[str]) -> dict[str, list[Recipe]]:
    """What a good recipe may become by one change, by the change; of several recipes each is bolder than the last."""
    core = [step for step in recipe.steps if step.name not in TIDYING]
    names = {step.name for step in core}
    found: dict[str, list[list[Step]]] = {}
    if names & QUANTIZING and "correct-bias" not in names:
        found["biases corrected"] = [[*core, Step("correct-bias")]]
    for index, step in enumerate(core):
        for change in _changes(step):
            found[f"{step.name} {', '.join(map(str, change))}"] = [
                [*core[:index], Step(step.name, change), *core[index + 1 :]]
            ]
    if names & QUANTIZING and "prune-neurons" not in names:
        found["neurons pruned"] = [[Step("prune-neurons", {"share": share}), *core] for share in NEURONS]
    if names & QUANTIZING and "prune-heads" not in names:
        found["heads pruned"] = [[Step("prune-heads", {"share": share}), *core] for share in HEADS]
    rows = {change: [Recipe(tuple(steps)) for steps in row] for change, row in found.items()}
    return {change: row for change, row in rows.items() if {step.name for step in row[0].steps} <= set(usable)}


def _changes(step: Step) -> list[dict[str, Value]]:
    if step.name == "embeddings" and not step.options:
        return [{"bits": 4}]
    share = step.options.get("share")
    if step.name == "prune-trees" and isinstance(share, float):
        return [{**step.options, "share": round(share + 0.05, 2)}] if share < 0.9 else []
    if step.name == "smooth-int8" and step.options.get("keep") and "block" not in step.options:
        return [{**step.options, "block": 128}, {**step.options, "bits": 4, "block": 32}]
    return []


def steps(count: int) -> list[int]:
    """0, 1, 2, 3, 5, 8 ... and the number itself: how many layers to treat better."""
    found, following = [0], 1
    while found[-1] < count:
        found.append(min(following, count))
        following = following + max(1, following // 2)
    return found


def _whole_numbers(first: str, last: str, count: int, convs: int, *, calibrated: bool) -> dict[str, list[list[str]]]:
    """Of so many linear layers and convolutions."""
    rungs: dict[str, list[list[str]]] = {}
    if calibrated and convs:
        rungs["computed in 8 bits"] = _static(first, count + convs, last)
    if calibrated and count:
        rungs |= _calibrated(first, last, count, convs)
    if count:
        rungs["8 bits"] = [[f"{first}dynamic-int8{last}"], [f"{first}dynamic-int8"], [f"{first}weight-only(bits=8)"]]
    return rungs


def _calibrated(first: str, last: str, count: int, convs: int) -> dict[str, list[list[str]]]:
    """Of linear layers, so many."""
    rungs: dict[str, list[list[str]]] = {}
    if convs:
        rungs["convolutions computed in 8 bits"] = [[f'{first}smooth-int8 | static-int8(operators=["Conv"]){last}']]
    kept = [f"smooth-int8(keep={keep}){last}" for keep in steps(count)]
    finer = [f"smooth-int8(block=32, keep={keep}){last}" for keep in sorted({count // 2, count})]
    mildest = [*finer, f"smooth-int8(block=32, keep={count})"] if last else finer
    rungs["smoothed, 8 bits"] = [[f"{first}{text}{end}" for end in ("", CORRECTED)] for text in (*kept, *mildest)]
    if not convs:
        rungs["computed in 8 bits"] = _static(first, count, last)
    rungs["4 bits by blocks"] = [[f"{first}mixed-blocks(keep={keep}){last}"] for keep in steps(count)]
    return rungs


def _static(first: str, count: int, last: str) -> list[list[str]]:
    keeps = [keep for keep in steps(count) if keep <= count // 2]
    rungs = []
    for keep in keeps:
        options = [f"keep={keep}, method={method}" if keep else f"method={method}" for method in ROUNDINGS]
        rungs.append([f"{first}static-int8({text}){end}{last}" for text in options for end in ("", CORRECTED)])
    return rungs


def _merged(graph: Graph) -> int:
    """How many layers fewer there are once those that share an input are one."""
    return sum(len(layers) - 1 for layers in merging.shared(graph))


def _allowed(texts: Iterable[Iterable[str]], usable: Sequence[str]) -> tuple[tuple[Recipe, ...], ...]:
    rungs = []
    for alternatives in texts:
        rung = tuple(
            recipe for recipe in map(parse, alternatives) if {step.name for step in recipe.steps} <= set(usable)
        )
        if rung:
            rungs.append(rung)
    return tuple(rungs)
