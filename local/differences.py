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
        "alarms over alarms, and on metric math, in a template",
        "CloudFormation refuses both: the local stage has no `page`, and no alarm of the stack needs math.",
        "Each alarm tells the topic by itself (`monitoring.page` is false).",
    ),
    Difference(
        "which of its dimensions an alarm is on",
        "An alarm is judged by all metrics of its name, whatever their dimensions, and at PutMetricData only.",
        "`make dashboard` draws each metric by its dimensions; the runbook's alarms are for AWS.",
    ),
    Difference(
        "metrics of SQS, Step Functions, SNS, and of concurrency",
        "They are not kept; calls of functions that come from queues and state machines are not counted.",
        "`make dashboard` says so where one is asked for (`local/dashboard/kept.py`).",
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
        "deployments of an API",
        "What a path leads to holds as soon as CloudFormation has made it, not with the next deployment.",
        "Nothing: a path is made after, and goes before, all that it leads to; a test moves models meanwhile.",
    ),
    Difference(
        "the role of a state machine",
        "It is not asked: the machine calls what its definition names, with or without permission.",
        "The tests of the template hold the role to what each state needs.",
    ),
    Difference(
        "permissions to change API keys by their tags",
        "Conditions on tags of API Gateway do not hold for anyone.",
        "The local operator may change every key.",
    ),
    Difference(
        "permissions on provisioned concurrency",
        "To ask for it takes `lambda:GetFunction`, which shows more than that.",
        "The local operator has it, and the stack's policies do not.",
    ),
    Difference(
        "budgets in a template",
        "A stack with a budget is refused: CloudFormation does not know the resource.",
        "The local stage has none; the tests of the template look at the others'.",
    ),
    Difference(
        "CodeDeploy, which shifts traffic",
        "A stack with a deployment group is refused: CloudFormation does not know the resource.",
        "The local stage gives a new version to all callers at once; a stage that shifts has to ship images.",
    ),
    Difference(
        "the replication of a bucket in a template",
        "It is let go: nothing is copied.",
        "S3 of the embedded cloud copies where it is told by its own API, as a test does.",
    ),
    Difference(
        "rights to a customer's key of KMS, and such a key for buckets and topics of a template",
        "The key is made, queues and logs name it; buckets and topics do not, and nobody is asked for rights to it.",
        "S3's own API gives buckets the key, as a test does; the tests of the template hold every role to it.",
    ),
    Difference(
        "AWS WAF before an API, and its log",
        "A stack that puts a web ACL before an API is refused: CloudFormation knows neither association nor logging.",
        "The local stage has none; the tests of the template look at the others'.",
    ),
    Difference(
        "a VPC: private APIs, functions in subnets",
        "Endpoints and groups are made and lead nowhere; an API that is private answers everybody who has its address.",
        "The API's resource policy is weighed, and the tests of the template hold it to the endpoints.",
    ),
    Difference(
        "a security group's rule that is a resource of its own (`vpc.endpoints`)",
        "A stack with one is refused: CloudFormation does not know `AWS::EC2::SecurityGroupIngress`.",
        "Groups whose rules stand in them are made; the tests of the template look at the others'.",
    ),
    Difference(
        "addresses in a resource policy",
        "The address of a request that nobody signed is not known to it: whoever names addresses refuses everybody.",
        "The local stage names none; the tests of the template look at the others'.",
    ),
    Difference(
        "a domain name's own path, TLS and DNS",
        "The name answers by its Host header alone, and a function is told the stage's path, as if there was no name.",
        "Events of the tests say what AWS says; the console's page finds its files by the stage's address.",
    ),
    Difference(
        "what callers have used of their plans",
        "Counts begin anew with the cloud, and are of plans that have a quota.",
        "Nothing: quotas begin anew as well.",
    ),
)
