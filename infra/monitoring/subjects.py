"""What there is to watch of a stage, by the names and dimensions that AWS keeps its metrics under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from infra.batch_pipeline import BatchPipeline
from infra.function import Function
from infra.stages import Stage

API, ACCOUNT, STAGE, JOBS, MACHINE, LETTERS, TOPICS, FUNCTIONS, SERVING, OTHERS, CAPPED = (
    *("api", "account", "stage", "jobs", "machine", "letters", "topics"),
    *("functions", "serving", "others", "capped"),
)
"""Kinds of subjects. Functions are those that answer callers and the others; some of the former have a cap."""
PAGED, DRIFTING = "paged", "drifting"
"""The API where one alarm stands over those that wake somebody; the stage where drift is watched."""
ANSWERS = "predict.handler"
"""The handler that answers predictions, in however many functions."""


@dataclass(frozen=True)
class Subject:
    """One thing with metrics."""

    label: str
    """As in "BatchDrop"; empty where there is only one of its kind."""
    namespace: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    limit: int = 0
    """How much of it there may be; 0: nobody knows."""


ANY = Subject("", "")
"""Of a kind for which the same is too much of each."""


@dataclass(frozen=True)
class Subjects:
    """All of a stage."""

    kinds: Mapping[str, Sequence[Subject]]
    logs: Sequence[str]
    """Names of the functions' log groups."""

    def __getitem__(self, kind: str) -> Sequence[Subject]:
        """Those of a kind; none where the stage has none, or keeps no metrics of them."""
        return self.kinds[kind]


def subjects(
    stage: Stage, functions: Sequence[Function], batch: BatchPipeline, topics: Mapping[str, sns.ITopic]
) -> Subjects:
    """What a stage has.

    Args:
        functions: every one of the stack.
        topics: those that people or functions are told by, under labels.
    """
    named = {label(function): function for function in functions}
    serving = {name: each for name, each in named.items() if each.work.module == ANSWERS}
    letters = {name: each.dead_letters for name, each in named.items() if each.dead_letters}
    own = [Subject("", f"ortless/{stage.name}")] if stage.monitoring.metrics != "none" else []
    api = [Subject("", "AWS/ApiGateway", {"ApiName": f"ortless-{stage.name}", "Stage": stage.name})]
    kinds: dict[str, list[Subject]] = {
        API: api,
        PAGED: api if stage.monitoring.page else [],
        ACCOUNT: [Subject("", "AWS/Lambda", limit=stage.monitoring.account_concurrency)],
        STAGE: own,
        DRIFTING: own if stage.drift.watch else [],
        JOBS: [_queue("", batch.line.queue)],
        MACHINE: [Subject("", "AWS/States", {"StateMachineArn": batch.machine.machine.state_machine_arn})],
        LETTERS: [_queue(name, queue) for name, queue in {"BatchFiles": batch.line.dead, **letters}.items()],
        TOPICS: [Subject(name, "AWS/SNS", {"TopicName": topic.topic_name}) for name, topic in topics.items()],
        FUNCTIONS: [_function(name, each) for name, each in named.items()],
        SERVING: [_function(name, each) for name, each in serving.items()],
        OTHERS: [_function(name, each) for name, each in named.items() if name not in serving],
        CAPPED: [
            _function(name, each, cap) for name, each in serving.items() if (cap := each.work.reserved_concurrency)
        ],
    }
    return Subjects(kinds, [each.log_group.log_group_name for each in named.values()])


def _function(name: str, function: Function, limit: int = 0) -> Subject:
    return Subject(name, "AWS/Lambda", {"FunctionName": function.function.function_name}, limit)


def _queue(name: str, queue: sqs.IQueue) -> Subject:
    return Subject(name, "AWS/SQS", {"QueueName": queue.queue_name})


def label(function: Function) -> str:
    """As in "BatchDrop" for Batch/Drop, and in "Own-iris-svm" for the function that a model has for itself."""
    path = function.node.path.removeprefix(Stack.of(function).node.path)
    return path.strip("/").replace("/", "-" if function.work.module == ANSWERS else "")
