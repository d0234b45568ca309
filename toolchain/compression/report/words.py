"""Numbers of a report as people read them."""

import math
from typing import Any

UNKNOWN = "-"


def figure(value: float | None) -> str:
    """A metric."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return f"{value + 0.0:.4g}"  # 0 where it is -0


def ratio(before: float | None, after: float | None) -> str:
    """How many times less."""
    if _is_unknown(before) or _is_unknown(after) or not before or not after:
        return UNKNOWN
    return f"{before / after:.2f}"


def bytes_of(size: float) -> str:
    """A size, in the decimal unit that suits it."""
    for unit, factor in (("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}" if size < 1000 * factor else f"{size / factor:.0f} {unit}"
    return f"{size:.0f} B"


def drop_of(row: dict[str, Any]) -> str:
    """How much a figure dropped, with its interval."""
    if _is_unknown(row["drop"]):
        return UNKNOWN
    if _is_unknown(row["drop_low"]) or _is_unknown(row["drop_high"]):
        return f"drop {row['drop']:.3g}"
    return f"drop {row['drop']:.3g} ({row['drop_low']:.3g} to {row['drop_high']:.3g})"


def recipe_of(report: dict[str, Any]) -> str:
    """What ships, by its recipe."""
    return str(report["chosen"]["recipe"]) or "the original"


def sentence(report: dict[str, Any]) -> str:
    """What came of it, for somebody who reads nothing else."""
    found, gate = report["evaluations"][report["architecture"]], report["gate"]
    if not report["chosen"]["recipe"]:
        return f"The original model ships: none of {len(report['tried'])} recipes was better and passed."
    size, times = found["bytes"], {side: found["latency"][side]["ms_1"] for side in ("original", "compressed")}
    text = f"The model that ships has {size['compressed'] / size['original'] * 100:.0f} % of the original's size"
    if times["original"] and times["compressed"]:
        text += f" and takes {times['compressed'] / times['original'] * 100:.0f} % of its time"
    row = next((row for row in found["figures"] if row["metric"] == gate["metric"]), None)
    if row is None or _is_unknown(row["drop_high"]):
        return f"{text}."
    worst = max(row["drop_high"], 0.0)
    return f"{text}. At worst (95 %), {gate['metric']} is worse by {worst:.3g}; {gate['max_drop']:.3g} is allowed."


def milliseconds(value: float | None) -> str:
    """A time."""
    return UNKNOWN if _is_unknown(value) else f"{value:.3g} ms"


def _is_unknown(value: float | None) -> bool:
    """NaN, which is null in JSON."""
    return value is None or math.isnan(value)


def summary(report: dict[str, Any]) -> str:
    """What came of a compression, in a few lines."""
    stopped = f" ({report['stopped']})" if report["stopped"] else ""
    samples = report["data"]["calibration"] or {"shared": 0}
    seen = ""
    if samples["shared"]:
        seen = f"\n{samples['shared']} rows of {samples['file']} are rows to judge by as well: figures may flatter"
    tried = f"{len(report['tried'])} recipes tried{stopped}; ships: {recipe_of(report)}"
    return f"{tried}{seen}\nhint: `ortless report {report['model']} --open` shows why the others lost"


def rows(judged: dict[str, Any], names: tuple[str, str]) -> list[dict[str, str]]:
    """Size, times and figures of two models, for a table."""
    size, times = judged["bytes"], judged["latency"]
    found = [_row("size", names, bytes_of(size["original"]), bytes_of(size["compressed"]), _times(size))]
    for field, what in (("ms_1", "1 row"), ("ms_32", "32 rows")):
        pair = {side: times[side][field] for side in ("original", "compressed")}
        shown = (milliseconds(pair["original"]), milliseconds(pair["compressed"]))
        found.append(_row(what, names, *shown, _times(pair)))
    for each in judged["figures"]:
        found.append(_row(each["metric"], names, figure(each["original"]), figure(each["value"]), drop_of(each)))
    return found


def _row(what: str, names: tuple[str, str], before: str, after: str, change: str) -> dict[str, str]:
    return {"": what, names[0]: before, names[1]: after, "change": change}


def _times(pair: dict[str, float | None]) -> str:
    return f"{ratio(pair['original'], pair['compressed'])} x less"
