"""A stage: what a person decides about one deployment, read from `stages` in cdk.json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from infra import prices
from infra.admission import Admission
from infra.backup import Backup
from infra.capture import Capture
from infra.combinations import check
from infra.console_cdn import ConsoleCdn
from infra.delivery_rights import Delivery
from infra.domain import Domain
from infra.drift_settings import DriftSettings
from infra.firewall import Firewall
from infra.monitoring.settings import MonitoringSettings
from infra.network import Network
from infra.own_function import MOST_THREADS, OwnFunction
from infra.private_access import PrivateAccess
from infra.setting import (
    MODEL,
    InvalidStage,
    choice,
    flag,
    group,
    groups,
    groups_of_models,
    number,
    read_settings,
    texts,
    whole,
)
from infra.shifts import SHIFTS
from infra.spending import Spending
from infra.tier import DEFAULT, Tier
from infra.workload import Workload

LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3653)
ANSWER_MARGIN_SECONDS = 4


@dataclass(frozen=True)
class Throttle:
    """What all callers together may ask of each method; the bound on what the open paths can cost."""

    rate: float = number(1000, 1, 10_000)
    """Requests per second, on average."""
    burst: int = whole(500, 1, 5000)
    """Requests at once, before the average counts."""


@dataclass(frozen=True)
class Stage:
    """The settings of one stage. What is not given has the default that stands here."""

    name: str

    packaging: Literal["image", "working-tree"] = choice("image", "image", "working-tree")
    """`image`: functions ship as container images. `working-tree`: the embedded cloud runs the sources as they are."""
    architecture: Literal["arm64", "x86_64"] = choice("arm64", "arm64", "x86_64")
    """Processor of the functions, and the platform their images are built for."""
    memory_mb: int = whole(1769, 128, 10_240)
    """Memory of the predict function, in MiB; AWS grants one vCPU per 1,769."""
    timeout_seconds: int = whole(29, 5, 29)
    """The predict function is stopped after this; a run is ended 4 s earlier, so that the caller hears why."""
    reserved_concurrency: int | None = whole(None, 1, 100_000)
    """Most environments at a time: the hard cap on cost, taken from the account's pool. null: no cap of its own."""
    threads: int | None = whole(None, 1, MOST_THREADS)
    """Threads that compute one run; null: as many as there are vCPUs in `memory_mb`."""
    snap_start: bool = flag(False)
    """Start from a snapshot taken after the models are loaded; needs packaging `image`."""
    provisioned_concurrency: int = whole(0, 0, 100_000)
    """Environments kept ready, and paid for, at all times; not together with snap_start."""

    auth: Literal["key", "iam", "both"] = choice("key", "key", "iam", "both")
    """What a caller shows: an API key, a signature of AWS IAM, or both."""
    open_docs: bool = flag(True)
    """Whether /docs and /openapi.json answer without that."""
    open_console: bool = flag(True)
    """Whether the console's page answers without that; what it reads always asks for it."""
    throttle: Throttle = field(default_factory=Throttle, metadata=group(Throttle))
    """What all callers together may ask for."""
    tiers: Mapping[str, Tier] = field(default_factory=lambda: {DEFAULT: Tier()}, metadata=groups(Tier, DEFAULT))
    """What one API key may ask for, by the names of tiers; `default` is one. Means nothing where auth is `iam`."""
    cors_origins: tuple[str, ...] = texts('origins such as "https://example.com", or "*"', r"\*|https?://[^\s/*'\"\\]+")
    """Origins whose pages may call the API from a browser."""

    models: tuple[str, ...] = texts("names of models: lower-case letters, digits, hyphens", MODEL)
    """The models to serve; empty: every model."""
    functions: Mapping[str, OwnFunction] = field(default_factory=dict, metadata=groups_of_models(OwnFunction))
    """Models with a function of their own, by name; `{}` under a name is enough. All others share one."""
    refresh_seconds: int = whole(30, 0, 86_400)
    """How long a function may serve before it looks for a newly promoted version."""

    validation_concurrency: int | None = whole(None, 1, 100_000)
    """Most uploads validated at a time, taken from the account's pool; null: no cap of their own."""

    batch_memory_mb: int = whole(1769, 1024, 10_240)
    """Memory of the functions that answer files, in MiB."""
    batch_concurrency: int = whole(10, 2, 1000)
    """Most environments that answer dropped files, and most that answer pieces of large ones: never more, so that
    real-time callers find some."""
    batch_reserved: bool = flag(True)
    """Take these from the account's pool, so that batch finds them, too; false where the pool is too small: a new
    account's has 10."""
    job_max_mb: int = whole(10_240, 1, 5_242_880)
    """Largest file that a job takes, in MiB."""
    job_retry_seconds: int = whole(15, 1, 900)
    """Seconds after which an announced file that could not be answered is tried again, doubled each time; five times
    in all."""
    job_retention_days: int = whole(30, 1, 3650)
    """How long dropped files and results are kept."""
    webhooks: tuple[str, ...] = texts('addresses such as "https://example.com/done"', r"https://[^\s/]+(/\S*)?")
    """Addresses that SNS tells of each job's end, once they have confirmed that they want to hear of it."""

    traffic_shifting: Literal["all-at-once", "canary-10-5m", "linear-10-1m"] = choice("all-at-once", *SHIFTS)
    """How callers get a newly deployed predict function: all at once; a tenth of them for five minutes; a tenth more
    each minute. Needs packaging `image`; not beside provisioned_concurrency, as an alias cannot have both."""
    delivery: Delivery = field(default_factory=Delivery, metadata=group(Delivery))
    """Which workflows on GitHub may deploy this stage."""
    backup: Backup = field(default_factory=Backup, metadata=group(Backup))
    """For how long the registry can be brought back, and where a copy of it is kept."""
    capture: Capture = field(default_factory=Capture, metadata=group(Capture))
    """Which requests are kept to look at later."""
    budget: Spending = field(default_factory=Spending, metadata=group(Spending))
    """What a month may cost before somebody is told."""
    drift: DriftSettings = field(default_factory=DriftSettings, metadata=group(DriftSettings))
    """How closely it is watched whether models are asked what they were evaluated on."""
    monitoring: MonitoringSettings = field(default_factory=MonitoringSettings, metadata=group(MonitoringSettings))
    """What is watched, and who is told of it."""

    tracing: bool = flag(False)
    """Whether X-Ray keeps traces of the API, the functions and the state machine; paid for by trace. Log lines name the
    trace of their request either way."""
    domain: Domain = field(default_factory=Domain, metadata=group(Domain))
    """The name that callers know the API by."""
    web_acl: Firewall = field(default_factory=Firewall, metadata=group(Firewall))
    """A firewall in front of the API."""
    private: PrivateAccess = field(default_factory=PrivateAccess, metadata=group(PrivateAccess))
    """An API that only a VPC reaches."""
    vpc: Network = field(default_factory=Network, metadata=group(Network))
    """The VPC, and whether functions run in it."""
    allowed: Admission = field(default_factory=Admission, metadata=group(Admission))
    """Whom the API lets in at all."""
    console_cdn: ConsoleCdn = field(default_factory=ConsoleCdn, metadata=group(ConsoleCdn))
    """CloudFront in front of the console."""
    customer_key: bool = flag(False)
    """Encrypt buckets, queues, topics, logs and what functions are told with a key of the account's own, renewed each
    year, instead of AWS's."""

    log_retention_days: int = choice(30, *LOG_RETENTION_DAYS)
    """How long logs are kept."""
    removal: Literal["retain", "destroy"] = choice("retain", "retain", "destroy")
    """What becomes of models and logs when the stack is deleted; a bucket must be empty to be destroyed."""

    @classmethod
    def read(cls, name: object, stages: object) -> Self:
        """The stage of that name.

        Raises:
            InvalidStage: there is no such stage, or one of its settings cannot be used.
        """
        if not isinstance(stages, Mapping) or name not in list(stages):
            known = ", ".join(stages) if isinstance(stages, Mapping) else "none is defined"
            raise InvalidStage("stage", f"the name of a stage ({known})", name)
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
            raise InvalidStage("stages", "names of lower-case letters, digits and hyphens, at most 31", name)
        stage = cls(name=name, **read_settings(cls, stages[name], f"stages.{name}"))
        check(stage)
        return stage

    @property
    def needs_key(self) -> bool:
        """Whether a caller shows an API key."""
        return self.auth != "iam"

    @property
    def needs_signature(self) -> bool:
        """Whether a caller signs with credentials of AWS IAM."""
        return self.auth != "key"

    @property
    def preload(self) -> bool:
        """Whether functions load their models before the first request, where nobody waits for it."""
        return self.snap_start or self.provisioned_concurrency > 0

    @property
    def deadline_seconds(self) -> int:
        """How long a run may take."""
        return self.timeout_seconds - ANSWER_MARGIN_SECONDS

    def apart(self, model: str) -> Self:
        """The stage as the function of a model that has its own sees it."""
        return replace(self, models=(model,), functions={}, **self.functions[model].given)

    @property
    def measuring(self) -> dict[str, object]:
        """What the environment of a function that writes or reads metrics tells it of them."""
        return {"metrics_namespace": f"ortless/{self.name}", "metrics": self.monitoring.metrics}

    @property
    def serving(self) -> dict[str, object]:
        """What the predict function's environment tells it of the stage."""
        larger = [model for model in self.functions if self.apart(model).memory_mb > self.memory_mb]
        return {
            **({"threads": self.threads} if self.threads else {}),
            **({"elsewhere": larger} if larger else {}),
            "models": self.models,
            "preload": self.preload,
            "refresh_seconds": self.refresh_seconds,
            "deadline_seconds": self.deadline_seconds,
            "cors_origins": self.cors_origins,
            **self.drift.serving,
            **prices.of_functions(self.architecture),
        }

    @property
    def predict(self) -> Workload:
        """Answers predictions."""
        return Workload(
            "predict.handler",
            self.memory_mb,
            self.timeout_seconds,
            reserved_concurrency=self.reserved_concurrency,
            snap_start=self.snap_start,
            provisioned_concurrency=self.provisioned_concurrency,
        )

    @property
    def validator(self) -> Workload:
        """Validates uploads: with all the time there is, and a disk for the largest of them twice."""
        cap = self.validation_concurrency
        return Workload("admin.validator", 3008, 900, disk_mb=10_240, retries=1, reserved_concurrency=cap)

    @property
    def drop(self) -> Workload:
        """Answers dropped files: ten small ones at a time, and a crash costs no more than half an hour."""
        return Workload("batch.handler", self.batch_memory_mb, 300, reserved_concurrency=self._batch_cap)

    @property
    def pieces(self) -> Workload:
        """Plans a large file and answers its pieces: with all the time there is, for the plan reads all of it."""
        return Workload("batch.distributed", self.batch_memory_mb, 900, reserved_concurrency=self._batch_cap)

    @property
    def _batch_cap(self) -> int | None:
        return self.batch_concurrency if self.batch_reserved else None
