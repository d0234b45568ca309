"""What the embedded cloud does not do as AWS does, of all that this stack asks of it; tests/local shows each."""

from typing import NamedTuple


class Difference(NamedTuple):
    """A feature, what becomes of it here, and what to do instead."""

    feature: str
    here: str
    instead: str


DIFFERENCES = (
    Difference(
        "alarms on metrics in the log (EMF), and metric math",
        "Lines become metrics, which set off no alarm; an alarm of a canary never goes off by itself.",
        "`aws cloudwatch set-alarm-state` sets it off: topic, function and rollback follow as on AWS.",
    ),
    Difference(
        "cloudwatch:DeleteAlarms for alarms of certain names",
        "A permission that names alarms does not hold, so that those of a canary that has ended stay.",
        "Nothing: an alarm undoes only the state that it was set for.",
    ),
    Difference(
        "dead-letter queues of functions that CloudFormation makes, and an alias' own number of retries",
        "What fails asynchronously is tried twice more within seconds and then gone.",
        "The function's log has each failure.",
    ),
    Difference(
        "the role of a state machine",
        "It is not asked: the machine calls what its definition names, with or without permission.",
        "The tests of the template hold the role to what each state needs.",
    ),
    Difference(
        "what callers have used of their plans",
        "Counts begin anew with the cloud, and are of plans that have a quota.",
        "Nothing: quotas begin anew as well.",
    ),
)
