"""The section of CARD.md that says what compression did to the model."""

from collections.abc import Iterator
from typing import Any

from toolchain.compression.report.words import bytes_of, drop_of, figure, ratio, recipe_of

BEGIN, END = "<!-- compression:begin -->", "<!-- compression:end -->"


def with_section(text: str, report: dict[str, Any]) -> str:
    """The card with this report's section, in the place of the one before, or at the end."""
    section = f"{BEGIN}\n{_section(report)}\n{END}"
    head, end, after = text.rpartition(END)
    before, begin, _ = head.rpartition(BEGIN)  # the nearest one: what else stands before it is the owner's
    if begin and end:
        return f"{before}{section}{after}"
    return f"{text.rstrip()}\n\n{section}\n"


def _section(report: dict[str, Any]) -> str:
    return "\n".join(_lines(report))


def _lines(report: dict[str, Any]) -> Iterator[str]:
    gate, data = report["gate"], report["data"]["evaluation"]
    chosen = report["chosen"]["recipe"]
    yield f"**Compression.** `{report['command']}` chose {f'`{recipe_of(report)}`' if chosen else 'the original'}."
    yield (
        f"Measured on {data['rows']} rows of {data['file']}; {gate['metric']} may drop by {gate['max_drop']:.4g}, "
        f"and the agreement with the original must be {gate['agreement']:.4g}, at the bad ends of 95 % intervals."
    )
    yield ""
    for judged in report["evaluations"].values():
        yield from _table(judged)
        yield ""
    yield "Figures hold for the architecture that they were taken on; all of them, and what lost: report.json."


def _table(judged: dict[str, Any]) -> Iterator[str]:
    size, times = judged["bytes"], judged["latency"]
    verdict = "passes" if judged["passes"] else f"does not pass: {judged['reason']}"
    yield f"On {judged['architecture']} ({judged['machine']['processor']}), one thread, it {verdict}."
    yield ""
    yield "| | original | ships | |"
    yield "| --- | --- | --- | --- |"
    yield (
        f"| size | {bytes_of(size['original'])} | {bytes_of(size['compressed'])} "
        f"| {ratio(size['original'], size['compressed'])} x smaller |"
    )
    ships = judged["compiled_bytes"]
    yield (
        f"| compiled, as it ships | {bytes_of(ships['original'])} | {bytes_of(ships['compressed'])} "
        f"| {ratio(ships['original'], ships['compressed'])} x smaller |"
    )
    for field, what in (("ms_1", "1 row"), ("ms_32", "32 rows")):
        before, after = times["original"][field], times["compressed"][field]
        if before is not None and after is not None:
            yield f"| {what} | {before:.3g} ms | {after:.3g} ms | {ratio(before, after)} x faster |"
    for row in judged["figures"]:
        yield f"| {row['metric']} | {figure(row['original'])} | {figure(row['value'])} | {drop_of(row)} |"
