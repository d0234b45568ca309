"""A plan in the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from toolchain.planning.account import Limit
from toolchain.planning.words import count, dollars, milliseconds, share, sparkline

Plan = Mapping[str, Any]
STYLES = {"cheapest": "bold green"}


def options(plan: Plan) -> list[dict[str, str]]:
    """A row for each size and way to start."""
    return [_option(option, plan) for option in plan["options"]]


def _option(option: Plan, plan: Plan) -> dict[str, str]:
    row = {
        "MB": f"{option['memory_mb']}",
        "start": option["start"],
        "$/million": f"{option['dollars_per_million']:.2f}",
        "$/month": f"{option['dollars_per_month']:.{0 if option['dollars_per_month'] >= 1000 else 2}f}",
        "kept $": f"{option['kept_ready_dollars_per_month']:.2f}" if option["kept_ready"] else "-",
        "cold": share(option["cold_start_share"]),
        "a start": milliseconds(option["cold_start_ms"]),
        f"{within(plan)} ms": f"{option['latency_ms']:.0f}"
        if option["latency_ms"] >= 100
        else f"{option['latency_ms']:.3g}",
    }
    if "outcomes" in option:
        row["refused"] = count(option["refused_requests"])
    return row | {"": option["refused"] or ("cheapest" if _same(option, plan["choice"]) else "")}


def within(plan: Plan) -> str:
    """The percentile that answers are judged by, as p95."""
    return f"p{plan['assumptions']['latency_share'] * 100:g}"


def bill(plan: Plan) -> list[dict[str, str]]:
    """A row for each thing that is paid for, of the option that is chosen; or else of the first."""
    option = plan["choice"] or plan["options"][0]
    total = option["dollars_per_month"]
    requests = plan["traffic"]["requests_per_month"]
    rows = [(name, amount) for name, amount in sorted(option["lines"].items(), key=lambda line: -line[1])]
    return [
        {
            "for": name,
            "a month": dollars(amount),
            "a million requests": dollars(amount / requests * 1e6),
            "share": share(amount / total),
        }
        for name, amount in [*rows, ("all", total)]
    ]


def architectures(plan: Plan) -> list[dict[str, str]]:
    """A row for each architecture."""
    found = plan["architectures"]
    return [
        {
            "architecture": name,
            "a million, if as fast": dollars(found[name]["dollars_per_million_if_as_fast"]),
            "Lambda a month, if as fast": dollars(found[name]["lambda_dollars_per_month_if_as_fast"]),
            "measured": "yes" if found[name]["measured"] else "no",
        }
        for name in ("arm64", "x86_64")
    ]


def trace(plan: Plan) -> list[dict[str, str]]:
    """What happened, a line of blocks for each thing."""
    stretches = plan["trace"]["stretches"]
    fields = ("requests", "busy", "environments", "cold", "refused")
    return [
        {
            "over time": name,
            "most": count(max(stretch[name] for stretch in stretches)),
            "": sparkline([stretch[name] for stretch in stretches]),
        }
        for name in fields
    ]


def words(plan: Plan) -> Iterator[str]:
    """What must be known beside the tables."""
    prices, taken = plan["prices"], plan["assumptions"]
    ratio = plan["architectures"]["arm64_may_take"]
    yield f"arm64 costs less as long as it takes less than {ratio:.2f} times as long as x86_64: measure it on both."
    yield (
        f"List prices of {prices['priced_on']}, {prices['region']}, no free tier. Assumed: a start needs "
        f"{milliseconds(taken['platform_ms'])} of AWS' own, a restore {milliseconds(taken['restore_ms'])}; an idle "
        f"environment is kept {taken['idle_seconds'][0]:g} to {taken['idle_seconds'][1]:g} s, none longer than "
        f"{taken['environment_age_seconds']:g} s."
    )
    yield from plan["notes"]


def limits(found: Sequence[Limit]) -> list[dict[str, str]]:
    """A row for each thing that an account serves."""
    return [
        {"one account": each.what, "at most": count(each.value), "by": each.quota, "then": each.then} for each in found
    ]


def needs(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each thing that some traffic needs."""
    instances = found["managed_instances"]
    rows = (
        ("concurrent executions, with some to spare", count(found["concurrent_executions"])),
        ("requests a second at the gateway", count(found["gateway_rps"])),
        ("accounts or regions, with no quota raised", count(found["accounts_as_they_are"])),
        ("seconds to grow to that from nothing", f"{found['seconds_to_grow']:g}"),
        ("custom metrics", count(found["metrics"])),
        ("Lambda on demand", f"{dollars(found['lambda_dollars_per_month'])} a month"),
        (
            f"or Managed Instances, {instances['instance']}, half of them busy (estimated)",
            f"{instances['instances']}, {dollars(instances['dollars_per_month'])} a month",
        ),
    )
    return [{f"{found['rps']:g} requests a second need": what, "": value} for what, value in rows]


def grid(rows: Sequence[Mapping[str, str]]) -> Table:
    """Rows without lines between them, so that many columns fit; numbers stand at the right."""
    shown = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name in rows[0]:
        numbers = all(row[name][:1].isdigit() or row[name][:1] in ("$", "-") for row in rows)
        shown.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(value, STYLES.get(value, "")) for value in row.values()))
    return shown


def _same(option: Plan, choice: Plan | None) -> bool:
    return choice is not None and all(option[name] == choice[name] for name in ("memory_mb", "start"))
