"""What a function is told by its environment; the one place where the variables' names stand."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from functions.core.errors import InvalidSetting

PREFIX = "ORTLESS_"


class Settings(NamedTuple):
    """The settings of one function; each is the variable ORTLESS_<NAME>, lists are comma-separated."""

    # A dataclass would be the usual way; compiling its methods takes 2 ms of every start.

    packages: str = "/var/task/packages"
    """Directory of the model packages that ship with the function (version 0)."""
    model_bucket: str = ""
    """Bucket of the model registry; empty: only what ships with the function is served."""
    models: tuple[str, ...] = ()
    """Names of the models to serve; empty: every model."""
    elsewhere: tuple[str, ...] = ()
    """Models with a larger function of their own: here they may not fit, and load only when asked for."""
    preload: bool = False
    """Load the models while the function initializes: for snapshots and provisioned concurrency."""
    refresh_seconds: float = 30.0
    """The alias of a model is looked at no more often than this."""
    deadline_seconds: float = 25.0
    """A run that takes longer is terminated; below the gateway's 29 s so that the caller hears why."""
    max_body_bytes: int = 6 * 1024 * 1024
    """Largest request body, as Lambda limits a synchronous invocation."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the API; `*` for any."""

    validator: str = ""
    """Name of the function that validates uploads; for the admin API."""
    alarm_topic: str = ""
    """ARN of the topic that the alarms of canaries speak to; empty: a canary is watched by nobody."""
    alarm_prefix: str = "ortless"
    """What the names of those alarms begin with: permissions know them by it."""
    shadow_ms: int = 50
    """Milliseconds that asking a shadow version may add to an answer, as far as the runs before tell."""
    gb_second_usd: float = 0.0
    """US dollars for a gigabyte of a function's memory for a second; 0: what an answer costs is not estimated."""
    invocation_usd: float = 0.0
    """US dollars for an invocation."""

    drift_rows: int = 200
    """Rows from which on a sketch of a model's inputs and outputs is written to the log; 0: nothing is watched."""
    drift_minutes: int = 15
    """Minutes after which a sketch of fewer rows is written, if they are at least 50."""
    drift_share: float = 1.0
    """Share of the requests that are looked at."""
    drift_features: int = 20
    """Features of a model that have metrics of their own, the outputs first; all of them are in the log."""
    metrics_namespace: str = "ortless"
    """Where CloudWatch keeps the metrics of this stage."""
    metrics: str = "full"
    """How many metrics there are: full, totals or none."""

    capture_bucket: str = ""
    """Bucket that sampled requests are kept in; empty: none is."""
    capture_share: float = 0.0
    """Share of the requests that are kept, 0 to 1."""
    capture_models: tuple[str, ...] = ()
    """The models whose requests are kept; empty: every model's."""
    capture_redact: tuple[str, ...] = ()
    """Names of features, inputs and outputs whose values are never kept; dots lead into objects."""
    capture_bytes: int = 65_536
    """Bytes that is kept of a request and its answer at most: of larger ones only what they were."""

    input_bucket: str = ""
    """Bucket that files are dropped into; for batch."""
    output_bucket: str = ""
    """Bucket that claims, results and manifests of jobs are written to."""
    job_machine: str = ""
    """ARN of the state machine that answers large files; empty: every file is answered where it arrives."""
    job_queue: str = ""
    """URL of the queue that announces files; for who brings dead letters back."""
    dead_letters: str = ""
    """URL of the queue of announcements that could not be answered."""
    max_job_bytes: int = 10 * 1024**3
    """Largest file that is answered, as it was dropped."""
    retry_seconds: int = 15
    """Seconds after which an announcement that failed is tried again; twice as long each time, up to 15 minutes."""

    stage: str = ""
    """Name of the stage; for the console, which says so."""
    auth: str = "key"
    """What callers show: key, iam or both."""
    architecture: str = "arm64"
    """Processor of the functions: arm64 or x86_64."""
    predict_memory_mb: int = 1769
    """Memory of the predict function, in MiB: what an answer costs is estimated by it."""
    own_memory_mb: tuple[str, ...] = ()
    """The same of models with a function of their own, each as model=MiB."""

    threads: int = 0
    """Threads that compute one run; 0: as many as the function's memory comes with."""
    memory_mb: int = 1769
    """Memory of the function, in MiB; AWS grants one vCPU per 1,769."""
    cache: str = "/tmp/ortless"  # noqa: S108 - the one directory of a function that can be written
    """Where packages from the registry are kept."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "Settings":
        """Read the settings from environment variables.

        Raises:
            InvalidSetting: a variable's value has the wrong type.
        """
        given: dict[str, Any] = {}
        for name, default in cls._field_defaults.items():
            variable = PREFIX + name.upper()
            if variable in variables:
                given[name] = _parse(variable, variables[variable], default)
        lambda_memory = variables.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        if lambda_memory:
            given["memory_mb"] = _parse("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", lambda_memory, 0)
        return cls(**given)

    @property
    def intra_op_threads(self) -> int:
        """Threads that compute one run; unless told otherwise as many as the function's share of CPU can keep busy:
        memory / 1,769 MB, at least one."""
        return self.threads or max(1, round(self.memory_mb / 1769))


def environment(**values: object) -> dict[str, str]:
    """The environment variables that make `Settings.from_environment` read these values.

    Raises:
        TypeError: a keyword is not the name of a setting.
    """
    Settings(**values)  # type: ignore[arg-type]  # only to refuse names that are no setting
    return {PREFIX + name.upper(): _render(value) for name, value in values.items()}


def _parse(variable: str, text: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return type(default)(text)  # type: ignore[call-arg]  # int, float or str from its text
    except (KeyError, ValueError):
        kind = "true or false" if isinstance(default, bool) else f"a value of type {type(default).__name__}"
        raise InvalidSetting(variable, kind, text) from None


def _render(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return ",".join(str(part) for part in value)
    return str(value)
