"""A plan as JSON, from which tables and page are made."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolchain.planning.prices import ARCHITECTURES, break_even, dated
from toolchain.planning.pricing import MILLION, Traffic, bill
from toolchain.planning.replay import Replay
from toolchain.planning.sizing import Option, Terms, cheapest
from toolchain.planning.timings import SCALED, Timings

OVER_AND_OVER = "A month is the trace over and over, the starts at its beginning included."


def plan(
    traffic: Traffic, terms: Terms, measured: Sequence[Timings], found: Sequence[Option], notes: Sequence[str]
) -> dict[str, Any]:
    """A plan for steady traffic."""
    choice = cheapest(found)
    return {
        "traffic": traffic._asdict() | {"requests_per_month": round(traffic.month)},
        "assumptions": _assumptions(terms),
        "timings": [_timings(each) for each in measured],
        "options": [_option(option) for option in found],
        "choice": choice and _option(choice),
        "architectures": _architectures(traffic, choice or found[0], measured[0].architecture),
        "prices": dated(),
        "notes": list(notes),
    }


def replay(
    traffic: Traffic, terms: Terms, measured: Sequence[Timings], found: Sequence[Replay], notes: Sequence[str]
) -> dict[str, Any]:
    """A plan for a trace; with what happened, by the option that is chosen."""
    plans = plan(traffic, terms, measured, [each.option for each in found], [*notes, OVER_AND_OVER])
    best = cheapest([each.option for each in found])
    shown = next(each for each in found if best is None or each.option is best)
    outcome = shown.outcome
    for option, each in zip(plans["options"], found, strict=True):
        option |= {"outcomes": each.outcome.by_outcome, "refused_requests": each.outcome.refused}
        option["p99_ms"] = round(each.outcome.latency(0.99) * 1000, 3)
    return plans | {
        "trace": {
            "seconds": round(outcome.seconds, 3),
            "requests": outcome.requests,
            "option": _option(shown.option),
            "stretches": [stretch._asdict() for stretch in outcome.stretches],
        }
    }


def _assumptions(terms: Terms) -> dict[str, Any]:
    return {
        "platform_ms": terms.platform_ms,
        "restore_ms": terms.restore_ms,
        "idle_seconds": list(terms.idle),
        "environment_age_seconds": terms.age,
        "concurrency": terms.concurrency,
        "latency_share": terms.share,
        "within_ms": terms.within_ms,
    }


def _timings(found: Timings) -> dict[str, Any]:
    ordered = found.warm
    at = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * part))] for name, part in (("p50", 0.5), ("p95", 0.95))
    }
    return {
        "memory_mb": found.memory_mb,
        "warm_ms": {name: round(value, 3) for name, value in at.items()},
        "init_ms": round(found.init, 3),
        "first_ms": round(found.first, 3),
        "basis": found.basis,
        "architecture": found.architecture or None,
        "means": found.means if found.basis != SCALED else "",
        "samples": len(ordered),
    }


def _option(option: Option) -> dict[str, Any]:
    work = option.work
    ready = option.lines.get("Lambda: kept ready", 0.0)
    return {
        "memory_mb": work.memory_mb,
        "architecture": work.architecture,
        "start": work.start,
        "basis": option.basis,
        "dollars_per_million": round(option.million, 4),
        "dollars_per_month": round(option.month, 4),
        "kept_ready": work.kept,
        "kept_ready_dollars_per_month": round(ready, 4),
        "cold_start_share": float(f"{work.cold:.4g}"),
        "p50_ms": round(option.p50_ms, 3),
        "latency_ms": round(option.latency_ms, 3),
        "cold_start_ms": round(option.cold_start_ms, 3),
        "busy": round(option.busy, 4),
        "environments": round(work.environments + work.kept, 3),
        "lines": {name: round(amount, 4) for name, amount in option.lines.items()},
        "refused": option.refused or None,
    }


def _architectures(traffic: Traffic, option: Option, measured_on: str) -> dict[str, Any]:
    """What each architecture would cost if it took as long; only times taken on one say whether it does."""
    rows: dict[str, Any] = {}
    for name in ARCHITECTURES:
        lines = bill(traffic, option.work._replace(architecture=name))
        rows[name] = {
            "dollars_per_million_if_as_fast": round(sum(lines.values()) / traffic.month * MILLION, 4),
            "lambda_dollars_per_month_if_as_fast": round(_lambda(lines), 4),
            "measured": name == measured_on,
        }
    return rows | {
        "arm64_may_take": round(break_even(), 4),
        "start": option.work.start,
        "memory_mb": option.work.memory_mb,
    }


def _lambda(lines: Mapping[str, float]) -> float:
    return sum(amount for name, amount in lines.items() if name.startswith("Lambda"))
