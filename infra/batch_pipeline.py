"""Batch: a file in one bucket becomes results in another, whatever its size and however often it is announced."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import job_access as files
from infra import registry_access as registry
from infra.function import Function
from infra.job_buckets import JobBuckets, tell_queue, tell_topic
from infra.job_endings import NAMES, JobEndings
from infra.job_machine import JobMachine
from infra.job_queue import JobQueue
from infra.model_store import ModelStore
from infra.stages import Stage
from infra.workload import JOBS


class BatchPipeline(Construct):
    """Files -> queue -> a function that answers small ones and hands large ones to a state machine -> results."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, models: ModelStore, page_origins: Sequence[str]
    ) -> None:
        super().__init__(scope, name)
        self.buckets = JobBuckets(self, "Buckets", stage=stage, page_origins=page_origins)
        self.line = JobQueue(self, "Files", work=stage.drop)
        self.endings = JobEndings(self, "Endings", stage=stage)
        told = self._told(stage, models)
        work = Function(self, "Work", stage=stage, work=stage.pieces, settings=told)
        self.machine = JobMachine(
            self, "Large", stage=stage, work=work, seconds=stage.pieces.timeout_seconds, results=self.buckets.output
        )
        machine = {"job_machine": self.machine.machine.state_machine_arn}
        retries = {"retry_seconds": stage.job_retry_seconds}
        drop = Function(self, "Drop", stage=stage, work=stage.drop, settings=told | machine | retries)
        queues = {"job_queue": self.line.queue.queue_url, "dead_letters": self.line.dead.queue_url}
        self.jobs = Function(
            self,
            "Jobs",
            stage=stage,
            work=JOBS,
            settings=told | machine | queues | {"cors_origins": stage.cors_origins},
        )

        tell_queue(self.buckets.input, self.line.queue.queue_arn, after=self.line.permission)
        tell_topic(self.buckets.output, self.endings.topic.topic_arn, NAMES, after=self.endings.permission)
        self.line.feed(drop, concurrency=stage.batch_concurrency)
        self._grant(drop, work, models)
        self.workers = (drop, work)
        """The functions that answer rows."""
        self.functions = (drop, work, self.jobs)
        """Every one."""

    def grant_use(self, grantee: iam.ManagedPolicy) -> None:
        """Let a person drop files and read their results."""
        self.buckets.input.grant(grantee, files.OPERATOR_FILES)
        self.buckets.output.grant(grantee, files.OPERATOR)

    @property
    def outputs(self) -> dict[str, str]:
        """What scripts need to know, by its name among the stack's outputs."""
        return {
            "InputBucket": self.buckets.input.bucket_name,
            "OutputBucket": self.buckets.output.bucket_name,
            "JobQueueUrl": self.line.queue.queue_url,
            "DeadLettersUrl": self.line.dead.queue_url,
            "JobTopicArn": self.endings.topic.topic_arn,
            "JobMachineArn": self.machine.machine.state_machine_arn,
        }

    def _told(self, stage: Stage, models: ModelStore) -> dict[str, object]:
        return {
            "model_bucket": models.bucket.bucket_name,
            "models": stage.models,
            "input_bucket": self.buckets.input.bucket_name,
            "output_bucket": self.buckets.output.bucket_name,
            "max_job_bytes": stage.job_max_mb * 2**20,
            **stage.measuring,
        }

    def _grant(self, drop: Function, work: Function, models: ModelStore) -> None:
        for function, results in ((drop, files.DROP), (work, files.WORK)):
            models.grant(function.role, registry.PREDICT)
            self.buckets.input.grant(function.role, files.READ_FILES)
            self.buckets.output.grant(function.role, results)
        models.grant(self.jobs.role, registry.PREDICT)
        self.buckets.input.grant(self.jobs.role, files.JOBS_FILES)
        self.buckets.output.grant(self.jobs.role, files.JOBS)
        self.machine.grant_start(drop.role)
        self.machine.grant_manage(self.jobs.role)
        self.line.grant_redrive(self.jobs.role)
