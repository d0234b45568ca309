"""Verbs that make a model small and fast, and say what is left of its answers."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolchain import console
from toolchain.verbs.options import MODELS, AsJson, Models

if TYPE_CHECKING:
    from functions.packaging.gate import Gate
    from toolchain.compression.search.searching import Progress

UNITS = {"s": 1, "m": 60, "h": 3600, "": 1}
Folder = Annotated[str, typer.Argument(metavar="PACKAGE", help="A model's name, or the path of its folder.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws of rows: the same seed, the same answer.")]
Results = Annotated[
    Path, typer.Option("--cache", help="Folder for results, by content: a second run goes on where one stopped.")
]
Rounds = Annotated[int, typer.Option(min=1, help="Fresh processes for each model and number of rows that is timed.")]
ROUNDS = 5
CACHE = Path("~/.cache/ortless/compress")


def compress(
    package: Folder,
    *,
    max_drop: Annotated[
        str | None, typer.Option(metavar="DROP", help="Of the metric, in its unit: 0.5% or 0.005.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="size, latency or cost.")] = None,
    time: Annotated[str | None, typer.Option(metavar="TIME", help="Begin nothing new after 90s, 10m or 1h.")] = None,
    passes: Annotated[str, typer.Option(metavar="NAMES", help="Only these: merge,half,...")] = "",
    seed: Seed = 0,
    rounds: Rounds = ROUNDS,
    cache: Results = CACHE,
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Find the smallest or fastest model that still tells the truth; it ships in the place of model.onnx."""
    from toolchain.checkup import folder_of
    from toolchain.compression.compressing import compress as compressed
    from toolchain.compression.report.document import Run
    from toolchain.compression.report.words import summary

    folder = folder_of(package, models)
    named = _passes(passes)
    run = Run(
        command=_command(package, max_drop, target, time, passes, seed),
        gate=_gate(folder, max_drop, target),
        passes=named,
        seconds=None if time is None else seconds(time),
        seed=seed,
    )
    with _Bar() as bar:
        outcome = compressed(folder, run, cache, bar.tell, rounds)
    if outcome.found.fault:
        console.note(f"A second run begins anew: {outcome.found.fault}")
    report = outcome.report
    _show(report["evaluations"][report["architecture"]], report, summary(report), as_json=json)


def evaluate(
    package: Folder,
    *,
    record: Annotated[bool, typer.Option("--record", help="Write it into report.json, for this architecture.")] = False,
    seed: Seed = 0,
    rounds: Rounds = ROUNDS,
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Judge what ships beside model.onnx, on evaluation.jsonl; 1 when it does not pass the gate of model.toml."""
    from toolchain.checkup import folder_of
    from toolchain.compression.evaluating import evaluate as evaluated

    judged = evaluated(folder_of(package, models), seed, rounds, recorded=record)
    _show(judged, judged, "", as_json=json)


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A model's name or folder; its rows are asked.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one that answers the same.")],
    *,
    seed: Seed = 0,
    rounds: Rounds = ROUNDS,
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Two packages beside each other: size, time and quality, on the rows of the first."""
    from toolchain.checkup import folder_of
    from toolchain.compression.evaluation.comparison import compare as compared
    from toolchain.compression.report.words import rows

    found = compared(folder_of(first, models), folder_of(second, models), seed, rounds)
    if json:
        console.data(found)
    else:
        sizes, latencies = (
            dict(zip(("original", "compressed"), found[of], strict=True)) for of in ("bytes", "latency")
        )
        names = (f"A, {found['packages'][0]}", f"B, {found['packages'][1]}")
        console.table(rows({"bytes": sizes, "latency": latencies, "figures": found["figures"]}, names))


def report(
    package: Folder,
    *,
    show: Annotated[bool, typer.Option("--open", help="In a browser.")] = False,
    models: Models = MODELS,
) -> None:
    """Say where the page of a compression is, which is made anew from report.json if it is not there."""
    from toolchain.checkup import folder_of
    from toolchain.compression.report import files

    path = files.page_of(folder_of(package, models))
    typer.echo(str(path))
    if show:
        import webbrowser

        webbrowser.open(path.as_uri())


def share(text: str, option: str) -> float:
    """A number, or one in per cent. Raises BadParameter."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)", text.strip())
    if not found:
        raise typer.BadParameter(f"expected a number like 0.005, or 0.5% - got {text!r}", param_hint=option)
    return float(found[1]) / (100 if found[2] else 1)


def seconds(text: str) -> float:
    """A time. Raises BadParameter."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not found:
        raise typer.BadParameter(f"expected a time like 90s, 10m or 1h - got {text!r}", param_hint="--time")
    return float(found[1]) * UNITS[found[2]]


def _gate(folder: Path, max_drop: str | None, target: str | None) -> "Gate":
    from functions.packaging import source
    from functions.packaging.gate import TARGETS, Gate

    gate = source.read(folder).compress or Gate()
    if max_drop is not None:
        gate = gate._replace(max_drop=share(max_drop, "--max-drop"))
    if target is not None:
        if target not in TARGETS:
            raise typer.BadParameter(f"expected {', '.join(TARGETS)} - got {target!r}", param_hint="--target")
        gate = gate._replace(target=target)
    return gate


def _passes(text: str) -> tuple[str, ...]:
    from toolchain.compression.passes.table import PASSES

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in PASSES]:
        raise typer.BadParameter(f"expected some of {', '.join(PASSES)} - got {unknown[0]!r}", param_hint="--passes")
    return names


def _command(package: str, max_drop: str | None, target: str | None, time: str | None, passes: str, seed: int) -> str:
    options = {"max-drop": max_drop, "target": target, "time": time, "passes": passes, "seed": seed or None}
    given = [word for name, value in options.items() if value for word in (f"--{name}", str(value))]
    return shlex.join(["ortless", "compress", package, *given])


def _show(judged: dict[str, Any], document: dict[str, Any], words: str, *, as_json: bool) -> None:
    from toolchain.compression.report.words import rows

    if as_json:
        console.data(document)
    else:
        console.table(rows(judged, ("original", "ships")))
        if words:
            console.note(words)
    if not judged["passes"]:
        console.note(f"It does not pass: {judged['reason']}")
        raise typer.Exit(1)


class _Bar:
    """How far the search is, and the best so far; not there where nobody looks."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        messages = console.messages
        self._bar = Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal)

    def __enter__(self) -> "_Bar":
        self._bar.start()
        self._task = self._bar.add_task("asking the original", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, progress: "Progress") -> None:
        """Show where the search is."""
        from rich.markup import escape

        from toolchain.compression.report.words import bytes_of, milliseconds

        best = progress.best
        known = f"best {bytes_of(best.bytes)}, {milliseconds(best.ms_1)}; " if best else ""
        text = f"{known}[dim]{escape(progress.recipe)}[/]"
        self._bar.update(self._task, completed=progress.done, total=progress.expected, description=text)
