"""What a month of traffic costs, line by line, at list prices and without any free tier."""

import math
from typing import NamedTuple

from toolchain.planning.prices import price, tiered
from toolchain.planning.quotas import MONTH_SECONDS

ON_DEMAND, SNAP_START, PROVISIONED = "on demand", "SnapStart", "provisioned"
STARTS = (ON_DEMAND, SNAP_START, PROVISIONED)
MILLION = 1_000_000
GB = 1024**3

LOG_BYTES = 2000
"""What a request leaves in logs: the function's line, up to 1,200; Lambda's START, END and REPORT, 400; the gateway's
access log, 400; CloudWatch counts 26 bytes per line on top, which is within these."""
STAGE_METRICS, METRICS = 16, 8 + 19
"""Custom metrics of a stage, and of each model with a version on top, at most, where a stage keeps them in full and no
drift of single features; CloudWatch bills each for the hours in which it comes."""
GETS_OF_A_START = 8
"""Reads of the registry by a new environment: alias, manifest, and the package's files where they are not baked in."""
REFRESH_SECONDS = 30.0
"""How often an environment looks at a model's alias at most; the stage's `refresh_seconds`."""
SNAPSHOT_LEAST_SECONDS = 3 * 3600.0
"""For which a snapshot is paid at least."""


class Traffic(NamedTuple):
    """What comes in and goes out."""

    rps: float
    """Requests per second, on average."""
    request_bytes: float = 1000
    answer_bytes: float = 1000
    models: int = 1
    """Models that are served, each in one version; every one has metrics and an alias of its own."""
    log_bytes: float = LOG_BYTES

    @property
    def month(self) -> float:
        """Requests of a month."""
        return self.rps * MONTH_SECONDS

    @property
    def metrics(self) -> int:
        """Custom metrics that it leaves."""
        return STAGE_METRICS + self.models * METRICS


class Work(NamedTuple):
    """What functions do in a month for that traffic."""

    memory_mb: int
    architecture: str
    start: str
    billed_ms: float
    """Of an answer that finds its environment ready."""
    cold_ms: float
    """Billed of a start: initialization and the first answer; of a snapshot's, that answer."""
    cold: float
    """Share of requests that start an environment."""
    environments: float
    """That are there at a time, on average, without those kept ready."""
    kept: int = 0
    """Environments that are kept ready."""
    spilled: float = 1.0
    """Share of requests that those kept ready do not answer."""


def bill(traffic: Traffic, work: Work) -> dict[str, float]:
    """US dollars of a month by what they are for; without storage of models, which costs what S3 costs."""
    lines = {
        "API Gateway": tiered("gateway_request_tiers", traffic.month),
        "Lambda: requests": traffic.month * price("invocation"),
        "Lambda: time": _time(traffic, work),
        "Lambda: cold starts": _cold_starts(traffic, work),
        "Lambda: kept ready": _kept_ready(work),
        "Lambda: snapshots": _snapshots(traffic, work),
        "logs": _logs(traffic.month * traffic.log_bytes / GB),
        "metrics": traffic.metrics * price("metric_month") * -math.expm1(-traffic.rps * 3600),
        "S3": _registry(traffic, work),
        "data out": tiered("transfer_out_gb_tiers", traffic.month * traffic.answer_bytes / GB),
    }
    return {name: dollars for name, dollars in lines.items() if dollars}


def _logs(gb: float) -> float:
    """As they come, and kept for a month."""
    return tiered("log_gb_tiers", gb) + gb * price("log_gb_month")


def _gb_seconds(work: Work, count: float, ms: float) -> float:
    return count * ms / 1000 * work.memory_mb / 1024


def _time(traffic: Traffic, work: Work) -> float:
    warm = traffic.month * (1 - work.cold)
    ready = traffic.month * (1 - work.spilled) if work.kept else 0.0
    own = _gb_seconds(work, ready, work.billed_ms) * price("provisioned_duration_gb_second", work.architecture)
    return own + tiered("gb_second_tiers", _gb_seconds(work, warm - ready, work.billed_ms), work.architecture)


def _cold_starts(traffic: Traffic, work: Work) -> float:
    gb_seconds = _gb_seconds(work, traffic.month * work.cold, work.cold_ms)
    return gb_seconds * price("gb_second", work.architecture)


def _kept_ready(work: Work) -> float:
    gb = work.kept * work.memory_mb / 1024
    return gb * MONTH_SECONDS * price("provisioned_gb_second", work.architecture)


def _snapshots(traffic: Traffic, work: Work) -> float:
    if work.start != SNAP_START:
        return 0.0
    restored = traffic.month * work.cold * price("restored_gb")
    return work.memory_mb / 1024 * (MONTH_SECONDS * price("snapshot_gb_second") + restored)


def _registry(traffic: Traffic, work: Work) -> float:
    looks = min((work.environments + work.kept) * traffic.models / REFRESH_SECONDS, traffic.rps) * MONTH_SECONDS
    return (looks + traffic.month * work.cold * GETS_OF_A_START) * price("s3_get")
