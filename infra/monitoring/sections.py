"""The sections of the dashboard that every stage has: what callers meet, and what AWS runs for them."""

from collections.abc import Iterator

from infra.monitoring import subjects as of
from infra.monitoring.rules import DAY, FIVE_MINUTES, rule
from infra.monitoring.settings import MonitoringSettings
from infra.monitoring.subjects import Subjects
from infra.monitoring.widgets import Metric, Widget, graph, log, metric, text

PERCENTILES = ("p50", "p95", "p99")
STARTS = (
    'filter @type = "REPORT" | stats count() as calls, count(@initDuration) as starts, avg(@initDuration) as init_ms, '
    "max(@initDuration) as longest_init_ms, max(@maxMemoryUsed / 1000 / 1000) as most_mb by @log | sort starts desc"
)


class Sections:
    """Each is a generator of widgets, a header of words first."""

    def __init__(self, subjects: Subjects, settings: MonitoringSettings) -> None:
        self._of, self._settings = subjects, settings

    def traffic(self) -> Iterator[Widget]:
        """What is asked, and what comes of it."""
        yield text("## Traffic\nWhat callers ask, and what the gateway and the models answer.")
        (api,) = self._of[of.API]
        yield graph("Requests at the gateway", "requests", [metric(api, "Count", "Sum", "requests")])
        refused = metric(api, "4XXError", "Sum", "refused (4xx, throttled ones too)")
        yield graph("Refused and failed", "answers", [refused, metric(api, "5XXError", "Sum", "failed (5xx)")])
        shares = [metric(api, "5XXError", "Average", "failed"), metric(api, "4XXError", "Average", "refused")]
        yield graph("Share of answers", "share of 1", shares, limits=[self._limit("api-errors")])
        for stage in self._of[of.STAGE]:
            yield graph(
                "What models answered",
                "requests",
                [metric(stage, name, "Sum", name.lower()) for name in ("Requests", "Errors", "Refusals")],
            )
        for stage in self._of[of.STAGE]:
            failed = [metric(stage, "LoadFailures", "Sum", "versions")]
            limit = self._limit("load-failures")
            yield graph(
                "Versions that should serve and did not load", "versions", failed, period=FIVE_MINUTES, limits=[limit]
            )
        throttled = [metric(each, "Throttles", "Sum") for each in self._of[of.SERVING]]
        yield graph("Throttled: no environment was free", "calls", throttled, limits=[self._limit("throttles")])
        failed = [metric(each, "Errors", "Sum") for each in self._of[of.SERVING]]
        yield graph("Functions that ended without an answer", "calls", failed, limits=[self._limit("crashes")])

    def latency(self) -> Iterator[Widget]:
        """How long callers wait, and for what."""
        yield text("## Latency\nHow long a caller waits at the gateway, and what of that is the function.")
        (api,) = self._of[of.API]
        slow = self._limit("api-slow")
        yield graph("Gateway", "milliseconds", self._percentiles(api, "Latency"), limits=[slow])
        yield graph("Function, as the gateway waits", "milliseconds", self._percentiles(api, "IntegrationLatency"))
        for stage in self._of[of.STAGE]:
            yield graph("From event to answer, in the function", "milliseconds", self._percentiles(stage, "Latency"))
        for each in self._of[of.SERVING]:
            yield graph(f"Billed: {each.label}", "milliseconds", self._percentiles(each, "Duration"))

    def starts(self) -> Iterator[Widget]:
        """Environments that started while a caller waited."""
        yield text("## Cold starts\nEnvironments that started while a caller waited, and for what it waited.")
        for stage in self._of[of.STAGE]:
            counted = metric(stage, "ColdStarts", "Sum", "cold starts")
            yield graph("Cold starts", "environments", [counted])
            phases = [metric(stage, f"Cold{phase}", "Average", phase.lower()) for phase in ("Import", "Load")]
            yield graph("Phases of a cold start, on average", "milliseconds", phases, stacked=True)
            worst = [metric(stage, f"Cold{phase}", "Maximum", phase.lower()) for phase in ("Import", "Load")]
            yield graph("Phases of a cold start, the longest", "milliseconds", worst)

    def concurrency(self) -> Iterator[Widget]:
        """Environments at once, against how many there may be."""
        yield text("## Concurrency\nEnvironments at once, against how many there may be.")
        capped = self._of[of.CAPPED]
        caps = [(f"cap of {each.label}", float(each.limit)) for each in capped]
        used = [metric(each, "ConcurrentExecutions", "Maximum") for each in self._of[of.FUNCTIONS]]
        yield graph("By function", "environments", used, width=12, limits=caps)
        (account,) = self._of[of.ACCOUNT]
        claimed = metric(account, "ClaimedAccountConcurrency", "Maximum", "busy or reserved")
        busy = metric(account, "ConcurrentExecutions", "Maximum", "busy")
        quota = [("quota", float(account.limit)), self._limit("account-concurrency", of.ACCOUNT)]
        yield graph("The account", "environments", [claimed, busy], width=12, limits=quota)

    def functions(self) -> Iterator[Widget]:
        """Every function, whatever calls it."""
        yield text(
            "## Functions\nEvery one of the stack. The last table is a query of their logs: it costs by what it reads."
        )
        every = self._of[of.FUNCTIONS]
        for title, unit, name, statistic in (
            ("Calls", "calls", "Invocations", "Sum"),
            ("Errors", "calls", "Errors", "Sum"),
            ("Throttles", "calls", "Throttles", "Sum"),
            ("Duration, p95", "milliseconds", "Duration", "p95"),
        ):
            yield graph(title, unit, [metric(each, name, statistic) for each in every], period=FIVE_MINUTES, width=6)
        yield log("Starts of environments, and memory", self._of.logs, STARTS)

    def files(self) -> Iterator[Widget]:
        """What waits, what came of it, and what nobody could answer."""
        yield text("## Files\nWhat waits in the queue, what came of it, and what nobody could answer.")
        (queue,) = self._of[of.JOBS]
        held = {"Visible": "waiting", "NotVisible": "being answered", "Delayed": "to be tried again"}
        backlog = [metric(queue, f"ApproximateNumberOfMessages{kind}", "Maximum", it) for kind, it in held.items()]
        yield graph("Backlog", "files", backlog, period=FIVE_MINUTES, stacked=True)
        age = [metric(queue, "ApproximateAgeOfOldestMessage", "Maximum", "oldest")]
        yield graph("Age of the oldest", "seconds", age, period=FIVE_MINUTES, limits=[self._limit("job-age")])
        dead = [metric(it, "ApproximateNumberOfMessagesVisible", "Maximum") for it in self._of[of.LETTERS]]
        limit = self._limit("dead-letters")
        yield graph("Dead letters", "messages", dead, period=FIVE_MINUTES, limits=[limit])
        for stage in self._of[of.STAGE]:
            jobs = [metric(stage, "Jobs", "Sum", "ended"), metric(stage, "JobFailures", "Sum", "of these, refused")]
            yield graph("Files that ended", "files", jobs, period=FIVE_MINUTES)
            rows = [metric(stage, "Rows", "Sum", "answered"), metric(stage, "RowErrors", "Sum", "of these, refused")]
            yield graph("Rows", "rows", rows, period=FIVE_MINUTES)
        (machine,) = self._of[of.MACHINE]
        ends = {"Started": "started", "Succeeded": "done", "Failed": "failed", "TimedOut": "timed out",
                "Aborted": "cancelled"}  # fmt: skip
        runs = [metric(machine, f"Executions{kind}", "Sum", label) for kind, label in ends.items()]
        limit = self._limit("machine-failures")
        yield graph("Large files: the state machine", "executions", runs, period=FIVE_MINUTES, limits=[limit])
        told = [metric(each, "NumberOfNotificationsFailed", "Sum") for each in self._of[of.TOPICS]]
        yield graph("Messages that did not arrive", "messages", told, period=FIVE_MINUTES,
                    limits=[self._limit("undelivered")])  # fmt: skip

    def cost(self) -> Iterator[Widget]:
        """What answers cost by day."""
        for stage in self._of[of.STAGE]:
            yield text("## Cost\nWhat a day's answers cost, as the functions estimate it: docs/concepts/telemetry.md.")
            spent = [metric(stage, "EstimatedCost", "Sum", "all models")]
            limit = self._limit("daily-cost")
            yield graph("A day", "US dollars", spent, period=DAY, width=12, limits=[limit], days=14)

    def _limit(self, name: str, kind: str = "") -> tuple[str, float]:
        found = rule(name)
        subjects = self._of[kind] if kind else ()
        limit = found.limit(subjects[0], self._settings) if subjects else found.limit(of.ANY, self._settings)
        return f"alarm {name}", limit

    def _percentiles(self, subject: of.Subject, name: str) -> list[Metric]:
        return [metric(subject, name, percentile, percentile) for percentile in PERCENTILES]
