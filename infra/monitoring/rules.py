"""The one table of alarms: what is too much of what, for how long, and what that means. docs/guides/runbook.md has a
section for each, under the name of the rule.
"""

from dataclasses import dataclass

from infra.monitoring import subjects as of
from infra.monitoring.settings import MonitoringSettings
from infra.monitoring.subjects import Subject

MINUTE, FIVE_MINUTES, HOUR, DAY = 60, 300, 3600, 86_400
PAGE, TICKET = True, False
FINE, KEPT = "notBreaching", "ignore"
"""What no data means: nothing is wrong, or nothing has changed."""


@dataclass(frozen=True)
class Rule:
    """When an alarm of each subject of a kind goes off."""

    name: str
    """Its alarms' names end in it, and in the subject's; its section of the runbook has it as heading."""
    kind: str
    """Of subjects."""
    metric: str
    statistic: str
    period: int
    """Seconds."""
    breaches: int
    """So many periods ..."""
    periods: int
    """... of so many must be beyond the threshold."""
    threshold: float | str
    """From here on it is too much; a name is that of a setting; where the subject has a limit, a share of that."""
    wakes: bool
    """Whether somebody must look now; else on the next working day."""
    missing: str
    """FINE or KEPT."""
    why: str
    guards: bool = False
    """Whether it takes a deployment back."""
    enough: str = ""
    """The rule that counts whether a share is of enough: nobody is woken unless both are beyond their thresholds."""

    def limit(self, subject: Subject, settings: MonitoringSettings) -> float:
        """From where on it is too much of a subject."""
        if isinstance(self.threshold, str):
            return float(getattr(settings, self.threshold))
        return max(1.0, float(int(self.threshold * subject.limit))) if subject.limit else self.threshold


# fmt: off
RULES: tuple[Rule, ...] = (
    # What callers feel. No data is no caller: nothing is wrong.
    Rule("api-errors", of.API, "5XXError", "Average", MINUTE, 2, 3, 0.05, PAGE, FINE,
         "One answer of the gateway in twenty is a failure of ours.", guards=True, enough="api-failed-calls"),
    Rule("api-slow", of.API, "Latency", "p99", MINUTE, 3, 5, "latency_p99_ms", PAGE, FINE,
         "One caller in a hundred waits longer than the stage allows.", guards=True, enough="api-traffic"),
    # A share of two calls is no share: these tell nobody, and nobody is woken by the two above without them.
    Rule("api-failed-calls", of.PAGED, "5XXError", "Sum", FIVE_MINUTES, 1, 1, 10, TICKET, FINE,
         "Ten calls failed in five minutes: api-errors is of enough calls to wake somebody."),
    Rule("api-traffic", of.PAGED, "Count", "Sum", FIVE_MINUTES, 1, 1, 100, TICKET, FINE,
         "No fault: a hundred calls in five minutes are enough for api-slow to wake somebody."),
    Rule("api-refusals", of.API, "4XXError", "Average", FIVE_MINUTES, 3, 3, 0.5, TICKET, FINE,
         "Half of what is asked is refused: a client, a key or a limit is wrong."),
    Rule("crashes", of.SERVING, "Errors", "Sum", MINUTE, 2, 3, 1, PAGE, FINE,
         "A function that answers predictions ends without an answer: a defect, its memory or its time.", guards=True),
    Rule("throttles", of.SERVING, "Throttles", "Sum", MINUTE, 3, 5, 1, PAGE, FINE,
         "Callers find no environment: the function's cap or the account's is used up."),
    # What they do not feel yet.
    Rule("load-failures", of.STAGE, "LoadFailures", "Sum", FIVE_MINUTES, 1, 1, 1, TICKET, FINE,
         "A version that should serve does not load; the one before it goes on."),
    Rule("function-errors", of.OTHERS, "Errors", "Sum", FIVE_MINUTES, 1, 1, 1, TICKET, FINE,
         "A function ended without having done its work: a defect, its memory or its time."),
    Rule("function-throttles", of.OTHERS, "Throttles", "Sum", FIVE_MINUTES, 3, 3, 1, TICKET, FINE,
         "A function is called more often than it may run; what calls it tries again."),
    Rule("concurrency", of.CAPPED, "ConcurrentExecutions", "Maximum", MINUTE, 5, 5, 0.8, TICKET, FINE,
         "Four fifths of the environments that the function may have are busy."),
    Rule("account-concurrency", of.ACCOUNT, "ClaimedAccountConcurrency", "Maximum", MINUTE, 5, 5, 0.8, TICKET, FINE,
         "Four fifths of the environments that the account may have are busy or reserved."),
    # What models are asked and answer. Two hours of a day: a burst of one caller's like rows is no other world.
    Rule("drift", of.DRIFTING, "PsiMax", "Maximum", HOUR, 2, 24, "drift_psi", TICKET, FINE,
         "Some model is asked other data than it was evaluated on: `ortless drift` says which."),
    Rule("missing-values", of.DRIFTING, "MissingMax", "Maximum", HOUR, 2, 24, "drift_missing", TICKET, FINE,
         "Some model is asked without a value that its evaluation had: `ortless drift` says which."),
    Rule("out-of-range", of.DRIFTING, "OutOfRangeMax", "Maximum", HOUR, 2, 24, "drift_out_of_range", TICKET, FINE,
         "Some model is asked values that nobody expected of a feature: `ortless drift` says which."),
    # Files. A queue that nobody asks for anything is not measured: what it held it still holds.
    Rule("dead-letters", of.LETTERS, "ApproximateNumberOfMessagesVisible", "Maximum", FIVE_MINUTES, 1, 1, 1, TICKET,
         KEPT, "Something was tried until nobody would try it again; it is kept for 14 days."),
    Rule("job-age", of.JOBS, "ApproximateAgeOfOldestMessage", "Maximum", FIVE_MINUTES, 3, 3, 3600, TICKET, KEPT,
         "A file has waited for an hour."),
    Rule("machine-failures", of.MACHINE, "ExecutionsFailed", "Sum", FIVE_MINUTES, 1, 1, 1, TICKET, FINE,
         "A large file was not answered: pieces of it failed three times."),
    Rule("machine-timeouts", of.MACHINE, "ExecutionsTimedOut", "Sum", FIVE_MINUTES, 1, 1, 1, TICKET, FINE,
         "A large file was not answered within a day."),
    Rule("undelivered", of.TOPICS, "NumberOfNotificationsFailed", "Sum", FIVE_MINUTES, 1, 1, 1, TICKET, FINE,
         "Who should have been told was not: a function that rolls back, a webhook or a person."),
    Rule("daily-cost", of.STAGE, "EstimatedCost", "Sum", DAY, 1, 1, "daily_cost_usd", TICKET, FINE,
         "A day's answers cost more than the stage expects."),
)
"""Every alarm there is, but the one over those that wake somebody."""
COUNTS = frozenset(rule.enough for rule in RULES if rule.enough)
"""Names of those that only say whether another is of enough: they tell nobody by themselves."""
# fmt: on


def rule(name: str) -> Rule:
    """The rule of a name."""
    return next(each for each in RULES if each.name == name)
