"""The verb that says what traffic costs and how long it waits, before there is any."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from toolchain import console
from toolchain.verbs import quantities
from toolchain.verbs.options import MODELS, AsJson, Models

if TYPE_CHECKING:
    from toolchain.planning.basis import Basis
    from toolchain.planning.pricing import Traffic
    from toolchain.planning.sizing import Terms
    from toolchain.planning.timings import Timings

WARM, COLD = "20ms", "400ms"


def plan(
    *,
    rps: Annotated[float, typer.Option(min=1e-6, help="Requests per second, on average.")] = 10.0,
    payload: Annotated[str, typer.Option(metavar="SIZE", help="Of a request, like 2kB; measured with --package.")] = "",
    answer: Annotated[str, typer.Option(metavar="SIZE", help="Of an answer; measured with --package.")] = "",
    memory: Annotated[str, typer.Option(metavar="MB,MB", help="Sizes to compare; six from 512 to 3538.")] = "",
    latency: Annotated[str, typer.Option(metavar="TIME", help="Within which answers must be, like 50ms.")] = "",
    percentile: Annotated[float, typer.Option(min=1, max=99.99, help="Of answers that must.")] = 95.0,
    package: Annotated[
        str, typer.Option(metavar="PACKAGE", help="Time this model's name or folder, here and now.")
    ] = "",
    warm: Annotated[str, typer.Option(metavar="TIME", help="Of an answer on one vCPU, where nothing is timed.")] = WARM,
    cold: Annotated[str, typer.Option(metavar="TIME", help="Of a start with its first answer, likewise.")] = COLD,
    parallel: Annotated[float, typer.Option(min=0, max=1, help="Part of an answer that threads share.")] = 0.0,
    trace: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Simulate this traffic: .jsonl or .csv of time [, duration_ms | count]."),
    ] = None,
    account: Annotated[bool, typer.Option("--account", help="What one account serves, and where it stops.")] = False,
    architecture: Annotated[
        Literal["arm64", "x86_64"] | None, typer.Option(help="To price; arm64, or where --package is timed.")
    ] = None,
    models_served: Annotated[int, typer.Option("--served", min=1, help="Models that are served.")] = 1,
    kept: Annotated[int | None, typer.Option("--provisioned", min=1, help="Environments to keep ready.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Environments that there may be at a time.")] = 1000,
    row: Annotated[str, typer.Option(metavar="TIME", help="Of a row of a file, in batch; for --account.")] = "0.05ms",
    idle: Annotated[str, typer.Option(metavar="TIME-TIME", help="How long AWS keeps an idle environment.")] = "5m-15m",
    platform: Annotated[str, typer.Option(metavar="TIME", help="Of AWS' own, in a start.")] = "250ms",
    restore: Annotated[str, typer.Option(metavar="TIME", help="Of a start from a snapshot.")] = "300ms",
    rounds: Annotated[int, typer.Option(min=1, help="Starts that --package times at each size.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulation: the same seed, the same answer.")] = 0,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with plots.")] = None,
    models: Models = MODELS,
    json: AsJson = False,
) -> None:
    """Say what traffic costs and how long it waits, for each size and way to start; exits with 1 if none serves it."""
    from toolchain.planning.sizing import Terms

    terms = Terms(
        share=percentile / 100,
        within_ms=quantities.duration(latency, "--latency") if latency else None,
        platform_ms=quantities.milliseconds(platform, "--platform"),
        restore_ms=quantities.milliseconds(restore, "--restore"),
        idle=quantities.seconds_between(idle, "--idle"),
        kept=kept,
        concurrency=concurrency,
    )
    basis = _basis(package, models, _sizes(memory), warm, cold, parallel, rounds)
    traffic = basis.traffic(rps, _size(payload, "--payload"), _size(answer, "--answer"), models_served)
    if account:
        _account(traffic, basis.usual, quantities.duration(row, "--row"), concurrency, as_json=json)
        return
    document = _plan(traffic, terms, basis, basis.architecture(architecture), trace, seed)
    if html:
        _write(html, document)
    _show(document, as_json=json)
    if document["choice"] is None:
        raise typer.Exit(1)


def _size(text: str, option: str) -> float | None:
    return quantities.size(text, option) if text else None


def _sizes(text: str) -> list[int]:
    from toolchain.planning.quotas import LEAST_MEMORY_MB, MOST_MEMORY_MB
    from toolchain.planning.sizing import SIZES

    return quantities.memory(text, "--memory", LEAST_MEMORY_MB, MOST_MEMORY_MB) if text else list(SIZES)


def _basis(package: str, models: Path, sizes: list[int], warm: str, cold: str, parallel: float, rounds: int) -> "Basis":
    from toolchain.checkup import folder_of
    from toolchain.planning.basis import assumed, measured

    if not package:
        given = (quantities.duration(warm, "--warm"), quantities.milliseconds(cold, "--cold"))
        return assumed(*given, sizes, parallel)
    folder = folder_of(package, models)
    with console.messages.status(f"Timing {folder.name}") as status:
        return measured(
            folder, sizes, parallel, rounds, lambda size: status.update(f"Timing {folder.name} with {size} MB")
        )


def _plan(
    traffic: "Traffic", terms: "Terms", basis: "Basis", architecture: str, trace: Path | None, seed: int
) -> dict[str, Any]:
    from toolchain.planning import document, replay, sizing, traces

    if trace is None:
        found = sizing.options(traffic, basis.timings, architecture, terms, peak_mb=basis.peak_mb)
        return document.plan(traffic, terms, basis.timings, found, basis.notes)
    read = traces.read(trace, seed)
    same = replay.of(read, traffic)
    with console.messages.status(f"Simulating {len(read.arrivals):,} requests"):
        replayed = replay.replays(read, same, basis.timings, architecture, terms, seed=seed, peak_mb=basis.peak_mb)
    return document.replay(same, terms, basis.timings, replayed, basis.notes)


def _account(traffic: "Traffic", found: "Timings", row_ms: float, concurrency: int, *, as_json: bool) -> None:
    from toolchain.planning import account, tables

    limits = account.limits(found, account.Batch(row_ms), concurrency)
    needs = account.needs(traffic, found, concurrency)
    if as_json:
        console.data({"limits": [limit._asdict() for limit in limits], "needs": needs})
        return
    _print(tables.limits(limits), tables.needs(needs))


def _write(path: Path, document: dict[str, Any]) -> None:
    from toolchain.planning import page
    from toolchain.planning.errors import Unplannable

    try:
        path.write_text(page.render(document, shlex.join(["ortless", *sys.argv[1:]])), "utf-8")
    except OSError as fault:
        raise Unplannable("a file that can be written", fault.strerror or os.fspath(path), f"look at {path}") from None
    console.note(f"The page is {path}")


def _show(document: dict[str, Any], *, as_json: bool) -> None:
    from toolchain.planning import tables

    if as_json:
        console.data(document)
        return
    happened = [tables.trace(document)] if "trace" in document else []
    _print(tables.options(document), *happened, tables.bill(document), tables.architectures(document))
    for text in tables.words(document):
        console.note(text)


def _print(*found: "list[dict[str, str]]") -> None:
    from rich.console import Console

    from toolchain.planning import tables

    for rows in found:
        Console().print(tables.grid(rows), "")
