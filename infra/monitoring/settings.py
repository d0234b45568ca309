"""What is watched of a stage, and who is told."""

from dataclasses import dataclass
from typing import Literal

from infra.setting import choice, flag, number, texts, whole


@dataclass(frozen=True)
class MonitoringSettings:
    """A dashboard, alarms with limits, and the metrics that both stand on. The runbook has a section for each alarm."""

    metrics: Literal["full", "totals", "none"] = choice("full", "full", "totals", "none")
    """How many metrics of its own the stage keeps, at 0.30 USD a month for each at first: `full`, all by model, version
    and code; `totals`, sums of models and of the stage, and by version what a canary is held against; `none`, the log
    has the values, and a canary is refused as nobody could watch it."""
    dashboard: bool = flag(True)
    """Whether there is a dashboard: 3 USD a month beyond an account's first three."""
    emails: tuple[str, ...] = texts("e-mail addresses", r"[^@\s]+@[^@\s]+\.[^@\s]+")
    """Who is told of every alarm, once each address has confirmed that it wants to hear of them."""
    pagers: tuple[str, ...] = texts("ARNs of SNS topics", r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d+:\S+")
    """Topics that `page`, the alarm over those that must wake somebody, is told as well; at most four."""
    page: bool = flag(True)
    """Whether one alarm stands over those that must wake somebody; without it, each of these tells by itself."""
    latency_p99_ms: int = whole(3000, 1, 30_000)
    """Milliseconds, at the gateway, that one request in a hundred may exceed."""
    daily_cost_usd: float = number(20, 0.01, 10_000_000)
    """US dollars that a day's answers may cost, as the functions estimate it."""
    drift_psi: float = number(0.2, 0.01, 100)
    """Population stability index of a feature from which on a model drifts: above 0.2 is another distribution."""
    drift_missing: float = number(0.1, 0.001, 1)
    """Share of 1 by which more rows may lack a feature's value than in the reference."""
    drift_out_of_range: float = number(0.1, 0.001, 1)
    """Share of 1 of the rows that may be outside what is expected of a feature."""
    account_concurrency: int = whole(1000, 10, 1_000_000)
    """Environments that the account may have at once in this region: its quota, 1,000 unless AWS says otherwise."""
